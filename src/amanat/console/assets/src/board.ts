// The map of all: what the rows of a table say, drawn, each with its row's number.
//
// Law: the table has it all without this file. What is drawn is what its rows hold, and is drawn again when they change.

import type { GeoJSONSource, Marker } from "maplibre-gl";

import { inDigits } from "./clocks";
import { open } from "./map";
import { atZoomNothing, layers } from "./reach";
import type { Region } from "./region";

const SOURCE = "board";

interface Told {
  readonly number: number;
  readonly layer: string;
  readonly metres: number;
  readonly exercise: boolean;
}
type Drawn = GeoJSON.Feature<GeoJSON.Point | GeoJSON.LineString | GeoJSON.Polygon, Told>;

/** Which ink a layer has; its number and its row's words say the same. */
const INKS: Readonly<Record<string, string>> = {
  warnings: "--late", incidents: "--late", works: "--soon", notices: "--act", clarifications: "--soon", measures: "--good", meetings: "--good", tracks: "--soon", calls: "--quiet",
};

/** Open the map of all, or take it away again. */
export async function board(asked: HTMLElement): Promise<void> {
  const table = document.getElementById(asked.dataset["board"] ?? "");
  const opened = await open(asked);
  if (opened === null || table === null) return;
  const { region, frame, drawing } = opened;
  region.addSource(SOURCE, { type: "geojson", data: collection([]) });
  const pairs = Object.entries(INKS).flatMap(([layer, ink]) => [layer, drawing.colour(asked, ink)]);
  for (const each of layers(SOURCE, ["match", ["get", "layer"], ...pairs, drawing.colour(asked, "--ink")] as never)) region.addLayer(each);
  let drawn: Drawn[] = [];
  let numbers: Marker[] = [];
  const show = (): void => {
    drawn = rows(table);
    void region.getSource<GeoJSONSource>(SOURCE)?.setData(collection(drawn));
    for (const each of numbers) each.remove();
    numbers = drawn.map((each) => {
      const [lon, lat] = middle(each);
      const made = drawing.mark(region, { lat, lon, says: inDigits(each.properties.number) }, `number ${each.properties.layer}`);
      made.getElement().addEventListener("click", () => row(table, each)?.querySelector<HTMLElement>("a")?.focus());
      return made;
    });
    frame.dataset["drawn"] = String(drawn.length);
  };
  const go = (those: Drawn[]): void => fit(region, those);
  show();
  go(drawn.filter((each) => each.id === asked.dataset["focus"]));
  frame.querySelector("[data-do=all]")?.addEventListener("click", () => go(drawn));
  const seen = new MutationObserver(() => {
    if (frame.isConnected) show();
    else seen.disconnect();
  });
  seen.observe(table, { childList: true, subtree: true, attributes: true, attributeFilter: ["data-feature"] });
  table.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-shows]") : null;
    const found = drawn.find((each) => each.id === button?.dataset["shows"]);
    if (found === undefined || !frame.isConnected) return;
    go([found]);
    frame.scrollIntoView({ block: "nearest" });
    const told = frame.querySelector("[data-told]");
    if (told !== null) told.textContent = row(table, found)?.querySelector(".what")?.textContent ?? "";
  });
}

function rows(table: HTMLElement): Drawn[] {
  return [...table.querySelectorAll<HTMLElement>("[data-feature]")].map((each) => JSON.parse(each.dataset["feature"] ?? "") as Drawn);
}

function row(table: HTMLElement, of: Drawn): HTMLElement | undefined {
  return [...table.querySelectorAll<HTMLElement>("tr")].find((each) => each.id === `f-${of.id}`);
}

/** What is drawn: each as wide as it is there. */
function collection(drawn: Drawn[]): GeoJSON.FeatureCollection {
  const features = drawn.map((each) => {
    const { layer, metres } = each.properties;
    return { type: "Feature" as const, geometry: each.geometry, properties: { layer, reach: atZoomNothing(metres, middle(each)[1]) } };
  });
  return { type: "FeatureCollection", features };
}

function corners({ geometry }: Drawn): GeoJSON.Position[] {
  return geometry.type === "Point" ? [geometry.coordinates] : geometry.type === "Polygon" ? (geometry.coordinates[0] ?? []) : geometry.coordinates;
}

function middle(of: Drawn): [number, number] {
  const [west, south, east, north] = box([of]);
  return [(west + east) / 2, (south + north) / 2];
}

/** West, south, east and north of all that is drawn, as wide as it is. */
function box(those: Drawn[]): [number, number, number, number] {
  const all = those.flatMap((each) => {
    const around = each.properties.metres / 111_000;
    return corners(each).flatMap(([x = 0, y = 0]) => [[x - around, y - around], [x + around, y + around]]);
  });
  const [xs, ys] = [all.map(([x = 0]) => x), all.map(([, y = 0]) => y)];
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

function fit(region: Region, those: Drawn[]): void {
  if (those.length > 0) region.fitBounds(box(those), { padding: 40, maxZoom: 12, animate: false });
}
