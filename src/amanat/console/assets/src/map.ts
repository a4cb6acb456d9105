// Places on a map: one is pointed at, and its numbers stand in the field that they are typed in; or one is looked at.
//
// Law: the map fills in what the field takes by keyboard, and knows nothing more. Nothing of it is loaded before an
// officer asks for it, since it is heavier than all else a page has.

import { inDigits } from "./clocks";
import type { Mark, Region } from "./region";

type Drawing = typeof import("./region");

/** Metres: what is pointed at is told at least so exactly, but for what may be told coarsely only. */
const WORST = 1_000;

/** Let buttons for a map open it: each stands in an element with `data-map`, beside a template of the map's parts. */
export function maps(): void {
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-map] > button") : null;
    const asked = button?.closest<HTMLElement>("[data-map]");
    if (!asked) return;
    if ("sketch" in asked.dataset) void import("./sketch").then(({ sketch }) => sketch(asked));
    else if ("draw" in asked.dataset) void import("./draw").then(({ draw }) => draw(asked));
    else if ("board" in asked.dataset) void import("./board").then(({ board }) => board(asked));
    else void open(asked);
  });
}

/** Draw the map beneath the button that asks for it, or take it away again. Null where it was taken away. */
export async function open(asked: HTMLElement): Promise<{ region: Region; frame: HTMLElement; drawing: Drawing } | null> {
  const shown = asked.querySelector(":scope > .map-frame");
  if (shown !== null) {
    shown.remove();
    return null;
  }
  const frame = asked.querySelector("template")?.content.firstElementChild?.cloneNode(true);
  if (!(frame instanceof HTMLElement)) return null;
  asked.append(frame);
  const host = frame.querySelector<HTMLElement>(".map");
  if (host === null) return null;
  const drawing = await import("./region");
  const field = document.getElementById(asked.dataset["fills"] ?? "");
  const at = place(asked) ?? typed(field);
  const region = await drawing.drawn(host, at, host.dataset["title"] ?? "");
  host.dataset["drawn"] = "";
  frame.querySelector("[data-coming]")?.remove();
  for (const each of marks(asked)) drawing.mark(region, each, "known");
  moves(region, frame);
  if (field instanceof HTMLInputElement && !("sketch" in asked.dataset)) points(region, frame, field, drawing, at);
  else if (at !== null) drawing.mark(region, at, "here");
  return { region, frame, drawing };
}

/** What is pointed at stands in the field, with as many decimals as it is worth, and how exactly it was pointed at.
 *
 * Before anything is taken the map says how exactly one points on it; from too far away it comes nearer, and takes nothing. */
function points(region: Region, frame: HTMLElement, field: HTMLInputElement, drawing: Drawing, at: Mark | null): void {
  let here = at === null ? null : drawing.mark(region, at, "here");
  const nearer = frame.querySelector<HTMLElement>("[data-nearer]");
  const tell = (): void => {
    const metres = inDigits(drawing.exactly(region));
    for (const slot of frame.querySelectorAll("[data-slot=metres]")) slot.textContent = metres;
  };
  const coarse = frame.closest("[data-coarse]") !== null;
  const fill = ({ lat, lng }: { lat: number; lng: number }): void => {
    const far = !coarse && drawing.exactly(region) > WORST;
    if (nearer !== null) nearer.hidden = !far;
    if (far) return void region.jumpTo({ center: [lng, lat], zoom: drawing.zoomFor(lat, WORST) });
    const metres = drawing.exactly(region);
    const decimals = Math.min(Math.max(Math.ceil(Math.log10(555_000 / metres)), 0), 5);
    field.value = `${lat.toFixed(decimals)}, ${lng.toFixed(decimals)} ±${metres} m`;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    here?.remove();
    here = drawing.mark(region, { lat, lon: lng, says: "" }, "here");
  };
  region.on("click", (event) => fill(event.lngLat));
  region.on("zoomend", tell);
  tell();
  frame.querySelector("[data-do=middle]")?.addEventListener("click", () => fill(region.getCenter()));
}

/** Buttons for what fingers and wheels do otherwise. */
function moves(region: Region, frame: HTMLElement): void {
  frame.querySelector("[data-do=in]")?.addEventListener("click", () => region.jumpTo({ zoom: region.getZoom() + 1 }));
  frame.querySelector("[data-do=out]")?.addEventListener("click", () => region.jumpTo({ zoom: region.getZoom() - 1 }));
}

/** What the page knows to be where: places that it shows, and those that it offers for the field. */
function marks(asked: HTMLElement): Mark[] {
  const known = [...document.querySelectorAll<HTMLElement>("[data-spot]")].filter((each) => each !== asked);
  return known.map(place).filter((each) => each !== null);
}

function place(element: HTMLElement): Mark | null {
  const { lat, lon, says } = element.dataset;
  return lat && lon ? { lat: Number(lat), lon: Number(lon), says: says ?? "" } : null;
}

/** The degrees that stand in the field already, as it fills them in; anything else the node reads. */
function typed(field: HTMLElement | null): Mark | null {
  const found = field instanceof HTMLInputElement ? /^(-?\d+\.?\d*), (-?\d+\.?\d*)( |$)/.exec(field.value) : null;
  return found === null ? null : { lat: Number(found[1]), lon: Number(found[2]), says: "" };
}
