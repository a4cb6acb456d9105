// A shape drawn on the map: each place pointed at is a line of the text field, and each line that has degrees is drawn.
//
// Law: the text field says it all, and is all that is sent. A line that a map cannot read (a name, the grid) is kept.

import type { GeoJSONSource, LngLatLike, Marker } from "maplibre-gl";

import { inDigits } from "./clocks";
import { open } from "./map";
import { atZoomNothing, layers } from "./reach";
import type { Region } from "./region";

const SOURCE = "drawn";
const DECIMALS = 5;
const NORTHMOST = 90;
const EASTMOST = 180;
/** Metres: what says more, or less than none, the node refuses, and no reach of it is drawn. */
const MOST_REACH = 100_000;
/** Pixels that the cursor goes by one press of an arrow, and by one with Shift. */
const STEP = 16;
const SMALL = 2;
/** Pixels from the edge of the map at which it goes along with the cursor. */
const EDGE = 32;
const ARROWS: Readonly<Record<string, [number, number]>> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

type Place = { readonly lat: number; readonly lon: number };

interface Fields {
  readonly form: HTMLSelectElement;
  readonly places: HTMLTextAreaElement;
  readonly metres: HTMLInputElement;
}

/** Open the map beside the fields of a shape, or take it away again. */
export async function draw(asked: HTMLElement): Promise<void> {
  const set = asked.closest<HTMLElement>("[data-draws]");
  const form = set?.querySelector<HTMLSelectElement>("[data-form]");
  const places = set?.querySelector<HTMLTextAreaElement>("[data-places]");
  const metres = set?.querySelector<HTMLInputElement>("[data-metres]");
  if (!form || !places || !metres) return;
  const opened = await open(asked);
  if (opened === null) return;
  const { region, frame, drawing } = opened;
  region.addSource(SOURCE, { type: "geojson", data: drawn([], "point", 0) });
  for (const each of layers(SOURCE, drawing.colour(asked, "--late"))) region.addLayer(each);
  region.doubleClickZoom.disable();
  const board = new Board(region, frame, drawing, { form, places, metres });
  board.listens(() => {
    frame.remove();
    asked.querySelector<HTMLElement>(":scope > button")?.focus();
  });
  board.show();
  board.fit();
  region.getCanvas().focus();
}

/** The map while it is drawn on: what stands in the fields, where the cursor is, and the marks of places. */
class Board {
  private marks: Marker[] = [];
  private cursor: Marker | null = null;
  private readonly until = new AbortController();

  constructor(
    private readonly region: Region,
    private readonly frame: HTMLElement,
    private readonly drawing: typeof import("./region"),
    private readonly fields: Fields,
  ) {}

  /** Let hands do what the buttons and the fields say; `close` takes the map away. */
  listens(close: () => void): void {
    const { region, frame, fields } = this;
    const given = { signal: this.until.signal };
    for (const each of [fields.form, fields.places, fields.metres]) {
      each.addEventListener("input", () => (frame.isConnected ? this.show() : this.until.abort()), given);
    }
    region.on("click", (event) => {
      const on = event.originalEvent.target;
      if (!(on instanceof Element && on.closest(".on-map-mark.corner"))) this.add(event.lngLat.lat, event.lngLat.lng);
    });
    region.keyboard.disable();
    region.getCanvas().addEventListener("keydown", (event) => {
      if (event.key === "Escape") close();
      else if (!this.pressed(event)) return;
      event.preventDefault();
      event.stopPropagation();
    });
    const at = (what: string, does: () => void): void => frame.querySelector(`[data-do=${what}]`)?.addEventListener("click", does);
    at("add", () => this.addHere());
    at("back", () => this.back());
    at("close", close);
  }

  /** Draw what stands in the fields, and say what that is. */
  show(): void {
    const { region, fields, drawing, frame } = this;
    const found = this.lines().map(read);
    const those = found.filter((each) => each !== null);
    void region.getSource<GeoJSONSource>(SOURCE)?.setData(drawn(those, fields.form.value, reach(fields.metres.value)));
    for (const each of this.marks) each.remove();
    this.marks = found.flatMap((place, line) => (place === null ? [] : [this.corner(place, line, drawing)]));
    frame.dataset["corners"] = String(those.length);
    this.tell(those.length, found.length - those.length);
  }

  /** Show all that is drawn already. */
  fit(): void {
    const those = this.lines().map(read).filter((each) => each !== null);
    if (those.length === 0) return;
    const [lats, lons] = [those.map(({ lat }) => lat), those.map(({ lon }) => lon)];
    const around = reach(this.fields.metres.value) / 111_000 + 0.01;
    const within = (degrees: number, most: number): number => Math.max(-most, Math.min(most, degrees));
    const corner = (pick: (...all: number[]) => number, way: number): LngLatLike => [
      within(pick(...lons) + way, EASTMOST),
      within(pick(...lats) + way, NORTHMOST),
    ];
    this.region.fitBounds([corner(Math.min, -around), corner(Math.max, around)], { padding: 32, maxZoom: 13, animate: false });
  }

  private lines(): string[] {
    return this.fields.places.value.split("\n").filter((each) => each.trim() !== "");
  }

  private write(lines: string[]): void {
    this.fields.places.value = lines.join("\n");
    this.fields.places.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /** A place more; a point has one alone. */
  private add(lat: number, lon: number): void {
    const line = written({ lat, lon });
    this.write(this.fields.form.value === "point" ? [line] : [...this.lines(), line]);
  }

  private addHere(): void {
    const { lat, lng } = this.cursor?.getLngLat() ?? this.region.getCenter();
    this.add(lat, lng);
  }

  private back(): void {
    this.write(this.lines().slice(0, -1));
  }

  private corner(place: Place, line: number, drawing: typeof import("./region")): Marker {
    const made = drawing.mark(this.region, { ...place, says: inDigits(line + 1) }, "corner").setDraggable(true);
    made.on("dragend", () => {
      const { lat, lng } = made.getLngLat();
      this.write(this.lines().map((each, at) => (at === line ? written({ lat, lon: lng }) : each)));
    });
    return made;
  }

  /** Whether a key does something here, done. */
  private pressed(event: KeyboardEvent): boolean {
    const arrow = ARROWS[event.key];
    if (event.ctrlKey || event.altKey || event.metaKey) return false;
    if (arrow !== undefined) this.move(arrow, event.shiftKey ? SMALL : STEP);
    else if (event.key === "Enter") this.addHere();
    else if (event.key === "Backspace") this.back();
    else if (event.key === "+" || event.key === "-") this.zoom(event.key === "+" ? 1 : -1);
    else return false;
    return true;
  }

  private zoom(by: number): void {
    this.region.jumpTo({ center: this.cursor?.getLngLat() ?? this.region.getCenter(), zoom: this.region.getZoom() + by });
  }

  private move([right, down]: [number, number], by: number): void {
    const { region } = this;
    this.cursor ??= this.drawing.mark(region, { lat: region.getCenter().lat, lon: region.getCenter().lng, says: "" }, "cursor");
    const at = region.project(this.cursor.getLngLat());
    const to = region.unproject([at.x + right * by, at.y + down * by]);
    this.cursor.setLngLat(to);
    const { clientWidth, clientHeight } = region.getCanvas();
    const off = at.x < EDGE || at.y < EDGE || at.x > clientWidth - EDGE || at.y > clientHeight - EDGE;
    if (off) region.jumpTo({ center: to });
    this.show();
  }

  private tell(count: number, unread: number): void {
    const { lat, lng } = this.cursor?.getLngLat() ?? this.region.getCenter();
    const says: Record<string, string> = { count: inDigits(count), unread: inDigits(unread), at: written({ lat, lon: lng }) };
    for (const slot of this.frame.querySelectorAll<HTMLElement>("[data-slot]")) slot.textContent = says[slot.dataset["slot"] ?? ""] ?? "";
    const kept = this.frame.querySelector<HTMLElement>("[data-unread]");
    if (kept !== null) kept.hidden = unread === 0;
  }
}

/** The degrees of a line, as the map writes them; of anything else the node makes what it is. */
function read(line: string): Place | null {
  const found = /^\s*(-?\d{1,2}(?:\.\d+)?)\s*,\s*(-?\d{1,3}(?:\.\d+)?)\s*$/.exec(line);
  if (found === null) return null;
  const place = { lat: Number(found[1]), lon: Number(found[2]) };
  return Math.abs(place.lat) > NORTHMOST || Math.abs(place.lon) > EASTMOST ? null : place;
}

function reach(typed: string): number {
  const metres = Number(typed);
  return metres > 0 && metres <= MOST_REACH ? metres : 0;
}

function written({ lat, lon }: Place): string {
  return `${lat.toFixed(DECIMALS)}, ${lon.toFixed(DECIMALS)}`;
}

/** The shape so far: what has too few places yet for its form is drawn as what it has. */
function drawn(places: Place[], form: string, metres: number): GeoJSON.FeatureCollection {
  const along = places.map(({ lat, lon }): GeoJSON.Position => [lon, lat]);
  const first = along[0];
  if (first === undefined) return { type: "FeatureCollection", features: [] };
  const geometry: GeoJSON.Geometry =
    form === "area" && along.length > 2
      ? { type: "Polygon", coordinates: [[...along, first]] }
      : form !== "point" && along.length > 1
        ? { type: "LineString", coordinates: along }
        : { type: "Point", coordinates: first };
  const reaches = form === "area" ? 0 : atZoomNothing(metres, places[0]?.lat ?? 0);
  return { type: "FeatureCollection", features: [{ type: "Feature", geometry, properties: { reach: reaches } }] };
}
