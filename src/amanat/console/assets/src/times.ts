// What a time that is typed is on the other sides' clocks and in UTC: shown beside its field before it is sent.
//
// Law: the node alone reads what was typed (`slots.py`); what cannot be read here is shown nothing of. The clocks are those
// in the page's bar, our own the first of them.

import { inDigits, nodeNow } from "./clocks";

const MINUTE = 60_000;
const TYPED = /^(?:(\d{4}-\d\d-\d\d) )?(\d?\d):(\d\d)$/;

/** Show beside each field of a time what is typed in it, on all other clocks. */
export function times(): void {
  for (const field of document.querySelectorAll<HTMLInputElement>("input[data-time]")) {
    const beside = field.closest("label")?.nextElementSibling;
    if (!(beside instanceof HTMLOutputElement)) continue;
    const show = (): void => void (beside.textContent = told(field.value));
    field.addEventListener("input", show);
    show();
  }
}

function told(typed: string): string {
  const [own, ...others] = [...document.querySelectorAll<HTMLElement>(".clocks [data-clock]")];
  if (own === undefined) return "";
  const here = zone(own);
  const at = read(typed, here);
  if (at === null) return "";
  const texts = others.map((clock) => {
    const there = wall(at, zone(clock));
    const day = dayOf(there) === dayOf(wall(at, here)) ? "" : `${dayOf(there)} `;
    if (zone(clock) === "UTC") return `${day}${timeOf(there)}Z`;
    return `${clock.closest("li")?.querySelector(".code")?.textContent ?? ""} ${inDigits(`${day}${timeOf(there)}`)}`;
  });
  return [...new Set(texts)].join(" · ");
}

/** The moment that was typed, by a zone's clock; null for what is none, or not whole yet. */
function read(typed: string, timeZone: string): number | null {
  const found = TYPED.exec(ascii(typed).trim().replace("T", " "));
  if (found === null) return null;
  const [, day = dayOf(wall(nodeNow(), timeZone)), hour = "", minute = ""] = found;
  const meant = Date.parse(`${day}T${hour.padStart(2, "0")}:${minute}Z`);
  if (Number.isNaN(meant)) return null;
  const near = meant - (wall(meant, timeZone) - meant);
  return meant - (wall(near, timeZone) - near); // once more, as a zone may change its clocks between the two
}

/** What a zone's clock shows at a moment, as the moment at which UTC's shows the same. */
function wall(at: number, timeZone: string): number {
  const moment = Math.floor(at / MINUTE) * MINUTE;
  const parts = { year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric" } as const;
  const format = new Intl.DateTimeFormat("en-GB", { timeZone, hourCycle: "h23", ...parts });
  const of = Object.fromEntries(format.formatToParts(moment).map(({ type, value }) => [type, Number(value)]));
  return Date.UTC(of["year"] ?? 0, (of["month"] ?? 1) - 1, of["day"], of["hour"], of["minute"]);
}

const dayOf = (moment: number): string => new Date(moment).toISOString().slice(0, 10);
const timeOf = (moment: number): string => new Date(moment).toISOString().slice(11, 16);
const zone = (clock: HTMLElement): string => clock.dataset["clock"] ?? "UTC";

/** Digits of Arabic and Persian keyboards as those of ASCII. */
function ascii(text: string): string {
  return text.replaceAll(/[\u0660-\u0669\u06f0-\u06f9]/g, (digit) => String(digit.charCodeAt(0) & 15));
}
