// Clocks and lengths of time that go on: each minute, by the node's clock, in the zones and with the digits of the page.
//
// Law: a page shows what the node would show at that minute (`calendars.py`), and asks the node where words would change.

const MINUTE = 60_000;
const UNITS = [["day", 1440], ["hour", 60], ["minute", 1]] as const;

/** By how much the node's clock is ahead of this machine's, in milliseconds. */
let ahead = 0;

/** Let all clocks and lengths of the page go on, beginning with the moment at which the node made it. */
export function tick(made: string): void {
  ahead = Date.parse(made) - Date.now();
  let shown = Date.now() + ahead;
  const next = (): void => {
    setTimeout(() => {
      const now = Date.now() + ahead;
      show(now);
      if (anyBetween(shown, now) || day(shown) !== day(now)) document.dispatchEvent(new Event("amanat:due"));
      shown = now;
      next();
    }, MINUTE - ((Date.now() + ahead) % MINUTE));
  };
  next();
  document.addEventListener("visibilitychange", () => document.hidden || show(Date.now() + ahead));
}

/** Show every clock and every length as they are now (milliseconds). */
export function show(now: number): void {
  for (const clock of document.querySelectorAll<HTMLElement>("[data-clock]")) {
    write(clock, at(now, clock.dataset["clock"] ?? "UTC"));
  }
  for (const length of document.querySelectorAll<HTMLElement>("[data-moment]")) {
    write(length, lasting(Math.abs(now - moment(length)), length.closest(".beside") ? "in-english" : "shell"));
  }
}

/** Return what the node's clock shows now (milliseconds). */
export function nodeNow(): number {
  return Date.now() + ahead;
}

/** Return a moment of this machine's clock (milliseconds) as the own party's clock shows it. */
export function onClock(since: number): string {
  const own = document.querySelector<HTMLElement>("[data-clock]")?.dataset["clock"];
  return at(since + ahead, own ?? "UTC");
}

/** The day on the own party's clock: when another begins, the page's words for days change. */
function day(now: number): string {
  const timeZone = document.querySelector<HTMLElement>("[data-clock]")?.dataset["clock"] ?? "UTC";
  return new Intl.DateTimeFormat("en-GB", { timeZone }).format(now);
}

/** Return a text with the digits of the page's language. */
export function inDigits(text: string | number, kept = "shell"): string {
  const digits = [...words("digits", kept)];
  return String(text).replaceAll(/\d/g, (digit) => digits[Number(digit)] ?? digit);
}

function at(now: number, timeZone: string): string {
  const format = new Intl.DateTimeFormat("en-GB", { timeZone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  return inDigits(format.format(now));
}

/** The two largest units, rounded down: `calendars.duration`; in the words that the page keeps of a language. */
function lasting(length: number, kept: string): string {
  let left = Math.floor(length / MINUTE);
  const counts = UNITS.map(([name, minutes]) => {
    const count = Math.floor(left / minutes);
    left %= minutes;
    return { name, count };
  });
  const first = counts.findIndex(({ count }) => count > 0);
  const [larger, smaller] = first === -1 ? counts.slice(-1) : counts.slice(first, first + 2);
  if (larger === undefined) return "";
  if (smaller === undefined || smaller.count === 0) return unit(larger.name, larger.count, kept);
  const both = [larger, smaller].map(({ name, count }) => unit(name, count, kept));
  return words("joined", kept).replaceAll(/[01]/g, (place) => both[Number(place)] ?? "");
}

/** The node gives each unit in three forms: for none, for one, and for more. */
function unit(name: string, count: number, kept: string): string {
  const form = words(name, kept).split("|")[Math.min(count, 2)] ?? "";
  return form.replace("#", inDigits(count, kept));
}

function words(name: string, kept: string): string {
  return document.getElementById(kept)?.dataset[name] ?? "";
}

function anyBetween(before: number, now: number): boolean {
  const lengths = [...document.querySelectorAll<HTMLElement>("[data-moment]")];
  return lengths.some((length) => before < moment(length) && moment(length) <= now);
}

function moment(length: HTMLElement): number {
  return Date.parse(length.dataset["moment"] ?? "");
}

function write(place: HTMLElement, text: string): void {
  if (place.textContent !== text) place.textContent = text;
}
