// The map: lines of the region, drawn by MapLibre from what lies beside this file. Loaded when an officer asks for it.
//
// Law: nothing is fetched from anywhere but the node, and every boundary is dashed: it is drawn as others report it
// (Natural Earth, public domain), and settles nothing.

import { Map as Region, Marker, setWorkerUrl, type LngLatLike, type StyleSpecification } from "maplibre-gl";
import worker from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";
import looks from "maplibre-gl/dist/maplibre-gl.css?url";

import lines from "./region.json";

export type { Region };

/** What a page shows on it: where, and what it is called. */
export interface Mark {
  readonly lat: number;
  readonly lon: number;
  readonly says: string;
}

const MIDDLE: LngLatLike = [69.2, 33.6];
const WIDE = 5.5;
const NEAR = 10;
const METRES_PER_PIXEL = 78_271.517; // at the equator, at zoom 0 with tiles of 512 pixels

setWorkerUrl(worker);

/** Draw the map into an element, around a place where there is one. */
export async function drawn(host: HTMLElement, at: Mark | null, title: string): Promise<Region> {
  await styled();
  const region = new Region({
    container: host,
    style: style(host),
    center: at === null ? MIDDLE : [at.lon, at.lat],
    zoom: at === null ? WIDE : NEAR,
    minZoom: 4,
    maxZoom: 15,
    maxBounds: [[56, 25], [80, 42]],
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    fadeDuration: 0,
    locale: { "Map.Title": title },
  });
  region.touchZoomRotate.disableRotation();
  region.keyboard.disableRotation();
  return new Promise((ready) => region.once("load", () => ready(region)));
}

/** Set a mark with its words on the map. */
export function mark(region: Region, place: Mark, kind: string): Marker {
  const element = document.createElement("span");
  element.className = `on-map-mark ${kind}`;
  const says = document.createElement("bdi");
  says.textContent = place.says;
  element.append(says);
  return new Marker({ element, anchor: "center" }).setLngLat([place.lon, place.lat]).addTo(region);
}

/** How exactly a finger points on the map as it is now, in metres: some eight pixels. */
export function exactly(region: Region): number {
  const metres = finger(region.getCenter().lat) / 2 ** region.getZoom();
  const power = 10 ** Math.floor(Math.log10(metres));
  return Math.min(Math.max(Math.ceil(metres / power) * power, 1), 100_000);
}

/** How near the map is where a finger points to within so many metres. */
export function zoomFor(lat: number, metres: number): number {
  return Math.ceil(10 * Math.log2(finger(lat) / metres)) / 10;
}

/** Metres beneath a finger at zoom 0. */
function finger(lat: number): number {
  return 8 * METRES_PER_PIXEL * Math.cos((lat * Math.PI) / 180);
}

/** Load the library's style once, as a file: the page's policy lets none stand in a script. */
function styled(): Promise<unknown> {
  if (document.querySelector(`link[href="${looks}"]`) !== null) return Promise.resolve();
  const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href: looks });
  const loaded = new Promise((ready) => link.addEventListener("load", ready));
  document.head.prepend(link);
  return loaded;
}

function style(host: HTMLElement): StyleSpecification {
  const line = (what: string, ink: string, width: number, dash?: number[]): StyleSpecification["layers"][number] => ({
    id: what,
    type: "line",
    source: "lines",
    filter: ["==", ["get", "what"], what],
    paint: { "line-color": ink, "line-width": width, ...(dash === undefined ? {} : { "line-dasharray": dash }) },
  });
  return {
    version: 8,
    sources: { lines: { type: "geojson", data: lines as GeoJSON.FeatureCollection } },
    layers: [
      { id: "ground", type: "background", paint: { "background-color": colour(host, "--panel") } },
      line("province", colour(host, "--rule"), 1),
      line("country", colour(host, "--edge"), 1.5, [4, 3]),
      line("disputed", colour(host, "--edge"), 1, [1, 3]),
      line("line", colour(host, "--ink"), 2.5, [3, 2]),
    ],
  };
}

/** What a colour of the page's is now, in light or in dark: the map knows numbers only. */
export function colour(host: HTMLElement, name: string): string {
  const probe = document.createElement("span");
  probe.style.color = `var(${name})`;
  host.append(probe);
  const now = getComputedStyle(probe).color;
  probe.remove();
  return now;
}
