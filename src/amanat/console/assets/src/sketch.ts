// A sketch on the map: points, paths and areas, handed over as GeoJSON, and as the picture that the officer saw.
//
// Law: what is handed over is what was drawn and nothing else: no name, no time and no machine stands in it.

import type { GeoJSONSource } from "maplibre-gl";

import { hand, named } from "./handed";
import { open } from "./map";
import type { Region } from "./region";

type Form = "point" | "line" | "area";
type Drawn = { readonly form: Form; readonly corners: [number, number][] };

const DECIMALS = 5;
const SOURCE = "sketch";
/** So many corners an area has at the least, and a path. */
const LEAST = { point: 1, line: 2, area: 3 } as const;

/** Open the map of a field for files, to be drawn on; or take it away again. */
export async function sketch(asked: HTMLElement): Promise<void> {
  const opened = await open(asked);
  const field = document.getElementById(asked.dataset["fills"] ?? "");
  if (opened === null || !(field instanceof HTMLInputElement)) return;
  const { region, frame, drawing } = opened;
  layers(region, drawing.colour(asked, "--late"));
  let drawn: Drawn[] = [];
  let form: Form = "point";
  const show = (): void => {
    void region.getSource<GeoJSONSource>(SOURCE)?.setData(geojson(drawn, false));
    frame.dataset["corners"] = String(drawn.reduce((sum, each) => sum + each.corners.length, 0));
  };
  const choose = (chosen: Form): void => {
    form = chosen;
    drawn = [...drawn, { form, corners: [] }].filter((each, place, all) => each.corners.length > 0 || place === all.length - 1);
    for (const each of ["point", "line", "area"]) {
      frame.querySelector(`[data-do=${each}]`)?.setAttribute("aria-pressed", String(each === form));
    }
  };
  const add = ({ lng, lat }: { lng: number; lat: number }): void => {
    if (form === "point") choose("point");
    drawn.at(-1)?.corners.push([Number(lng.toFixed(DECIMALS)), Number(lat.toFixed(DECIMALS))]);
    show();
  };
  const acts: Record<string, () => void> = {
    point: () => choose("point"),
    line: () => choose("line"),
    area: () => choose("area"),
    add: () => add(region.getCenter()),
    back: () => {
      while (drawn.length > 1 && drawn.at(-1)?.corners.length === 0) drawn.pop();
      drawn.at(-1)?.corners.pop();
      form = drawn.at(-1)?.form ?? form;
      show();
    },
    done: () => void done(region, drawn, field).then((handed) => handed && asked.querySelector(".map-frame")?.remove()),
  };
  for (const [name, act] of Object.entries(acts)) frame.querySelector(`[data-do=${name}]`)?.addEventListener("click", act);
  region.doubleClickZoom.disable();
  region.on("click", (event) => add(event.lngLat));
  choose("point");
}

/** Hand over what was drawn, or say that nothing was. */
async function done(region: Region, drawn: Drawn[], field: HTMLInputElement): Promise<boolean> {
  const whole = geojson(drawn, true);
  if (whole.features.length === 0) return false;
  const text = new File([JSON.stringify(whole)], named("sketch", "geojson"), { type: "application/geo+json" });
  const picture = await pictured(region);
  hand(field, picture === null || !field.multiple ? [text] : [text, new File([picture], named("sketch", "png"), { type: "image/png" })]);
  return true;
}

/** What the officer sees, taken while it is drawn: afterwards the canvas is empty. */
function pictured(region: Region): Promise<Blob | null> {
  return new Promise((taken) => {
    region.once("render", () => region.getCanvas().toBlob(taken, "image/png"));
    region.triggerRepaint();
  });
}

/** The drawing as GeoJSON (RFC 7946); what has too few corners yet is shown as what it has, and not handed over. */
function geojson(drawn: Drawn[], whole: boolean): GeoJSON.FeatureCollection {
  const features = drawn.flatMap(({ form, corners }): GeoJSON.Feature[] => {
    const enough = corners.length >= LEAST[form];
    const geometry: GeoJSON.Geometry =
      form === "area" && enough
        ? { type: "Polygon", coordinates: [turned([...corners])] }
        : form !== "point" && corners.length > 1
          ? { type: "LineString", coordinates: corners }
          : { type: "Point", coordinates: corners[0] ?? [] };
    return corners.length === 0 || (whole && !enough) ? [] : [{ type: "Feature", properties: {}, geometry }];
  });
  return { type: "FeatureCollection", features };
}

/** A closed ring that turns left (RFC 7946, 3.1.6). */
function turned(corners: [number, number][]): [number, number][] {
  const area = corners.reduce((sum, [x, y], place) => {
    const [x2, y2] = corners[(place + 1) % corners.length] ?? [x, y];
    return sum + (x * y2 - x2 * y);
  }, 0);
  const left = area < 0 ? corners.reverse() : corners;
  return left[0] === undefined ? left : [...left, left[0]];
}

function layers(region: Region, ink: string): void {
  region.addSource(SOURCE, { type: "geojson", data: geojson([], false) });
  region.addLayer({ id: "sketch-area", type: "fill", source: SOURCE, filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": ink, "fill-opacity": 0.2 } });
  region.addLayer({ id: "sketch-line", type: "line", source: SOURCE, filter: ["!=", ["geometry-type"], "Point"], paint: { "line-color": ink, "line-width": 3 } });
  region.addLayer({ id: "sketch-point", type: "circle", source: SOURCE, paint: { "circle-color": ink, "circle-radius": 4 } });
}
