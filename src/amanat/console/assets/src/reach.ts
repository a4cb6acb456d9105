// How wide something is on the map: metres of the ground, as pixels at whatever zoom.
//
// Law: what is drawn is as wide as it is said to be, also where the map is far away; a thin line then shows where it is.

import type { ExpressionSpecification, LayerSpecification } from "maplibre-gl";

const METRES_PER_PIXEL = 78_271.517; // at the equator, at zoom 0 with tiles of 512 pixels
const FARTHEST = 22;

/** So many pixels of radius at zoom 0 is so many metres, at a latitude. */
export function atZoomNothing(metres: number, lat: number): number {
  return metres / (METRES_PER_PIXEL * Math.cos((lat * Math.PI) / 180));
}

/** What reaches `reach` pixels at zoom 0, `times` that, at the map's own zoom. */
function grown(times: number): ExpressionSpecification {
  const most = 2 ** FARTHEST * times;
  return ["interpolate", ["exponential", 2], ["zoom"], 0, ["*", ["get", "reach"], times], FARTHEST, ["*", ["get", "reach"], most]];
}

/** The layers of a source whose features have `reach` (`atZoomNothing`) and, where they are not all alike, `ink`. */
export function layers(source: string, ink: string | ExpressionSpecification): LayerSpecification[] {
  const only = (type: string): ExpressionSpecification => ["==", ["geometry-type"], type];
  return [
    { id: `${source}-area`, type: "fill", source, filter: only("Polygon"), paint: { "fill-color": ink, "fill-opacity": 0.2 } },
    {
      id: `${source}-way`, type: "line", source, filter: only("LineString"),
      layout: { "line-cap": "round", "line-join": "round" },
      paint: { "line-color": ink, "line-opacity": 0.2, "line-width": grown(2) },
    },
    { id: `${source}-round`, type: "circle", source, filter: only("Point"), paint: { "circle-color": ink, "circle-opacity": 0.2, "circle-radius": grown(1) } },
    { id: `${source}-line`, type: "line", source, filter: ["!=", ["geometry-type"], "Point"], paint: { "line-color": ink, "line-width": 2.5 } },
    { id: `${source}-point`, type: "circle", source, filter: only("Point"), paint: { "circle-color": ink, "circle-radius": 4 } },
  ];
}
