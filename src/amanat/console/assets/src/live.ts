// Pages that stay up to date: when something happens, the parts that it concerns are taken from the node again and put
// in place; when the link drops, the page says since when, and on its return what came meanwhile.
//
// Law: nothing that a reader holds is taken away: focus, scrolling, what is open, and what is being typed.

import { Idiomorph } from "idiomorph/htmx";

import { inDigits, onClock } from "./clocks";
import { BY_ITSELF, listen, type Listener } from "./stream";

const FIELDS = "input:not([type=hidden]), select, textarea";

/** Attributes that say what stands in a field. */
const HELD: ReadonlySet<string> = new Set(["value", "checked", "selected"]);

/** Pages of five hundred officers do not all ask in the same moment, and none asks more often than it can be read. */
const SPREAD = 800;
const AT_MOST_EVERY = 3_000;

/** A part that waits for nobody (`data-at-once`): so soon, and so often at most. */
const AT_ONCE = 50;
const AT_ONCE_AT_MOST_EVERY = 250;

/** Keep the page up to date that was made at an event's number. */
export function live(made: number): void {
  const soon = refresher(":not([data-at-once])", (last) => {
    return Math.max(100, last + AT_MOST_EVERY - performance.now()) + Math.random() * SPREAD;
  });
  const atOnce = refresher("[data-at-once]", (last) => {
    return Math.max(AT_ONCE, last + AT_ONCE_AT_MOST_EVERY - performance.now());
  });
  function bring(selector: string): void {
    atOnce(selector);
    soon(selector);
  }
  let down = false;
  let came = 0;
  const shell = document.getElementById("shell");
  const madeAtRest = "rests" in (shell?.dataset ?? {});
  let resting = madeAtRest;
  const listener: Listener = {
    told(type): void {
      if (down && type === "accepted") came += 1;
      bring(`[data-live~="${type}"]`);
    },
    caughtUp(): void {
      if (!down) return;
      down = false;
      if (came > 0) notice("returned", { count: inDigits(came) });
      else notice("");
      bring("[data-live]");
    },
    /** What was shown is covered, for whoever sits down there; what was typed stays. */
    rests(now): void {
      const [covers, woke] = [now && !madeAtRest, resting && !now];
      resting = now;
      shell?.classList.toggle("covered", covers);
      if (covers && document.querySelector('#notice [href^="/prove"]') === null) notice("rests");
      if (!woke) return;
      notice("");
      bring("[data-live]");
    },
    missed(): void {
      down = false;
      notice("missed");
    },
    stands(standing, since): void {
      if (standing === "over") notice("over");
      if (standing !== "down" || down) return;
      [down, came] = [true, 0];
      notice("down", { time: onClock(since) });
    },
  };
  listen(made, listener);
  document.addEventListener("amanat:due", () => bring("[data-live]"));
  addEventListener("pageshow", ({ persisted }) => persisted && bring("[data-live]"));
  count();
}

/** Return what takes such parts from the node again: together, and only while somebody can see them, or hear. */
function refresher(which: string, pause: (last: number) => number): (selector: string) => void {
  const wanted = new Set<string>();
  let last = -AT_MOST_EVERY;
  let asked = false;

  function soon(): void {
    if (asked || due().length === 0) return;
    asked = true;
    setTimeout(() => void now(), pause(last));
  }

  /** The parts that are wanted; in a tab that nobody sees only those that are short, and asked for by themselves. */
  function due(): HTMLElement[] {
    const parts = [...wanted].map((id) => document.getElementById(id)).filter((part) => part !== null);
    return parts.filter((part) => !document.hidden || part.dataset["from"] !== undefined);
  }

  async function now(): Promise<void> {
    last = performance.now();
    const free = due().filter((part) => !typedInto(part));
    free.forEach((part) => wanted.delete(part.id));
    // What failed waits for what happens next: that the link is back, at the latest.
    const done = await taken(free);
    if (!done) free.forEach((part) => wanted.add(part.id));
    asked = false;
    if (done) soon();
  }

  document.addEventListener("visibilitychange", soon);
  return (selector): void => {
    document.querySelectorAll(`:is(${selector})${which}`).forEach((part) => wanted.add(part.id));
    soon();
  };
}

/** Whether somebody changed a field since the page was made. */
function changed(field: Element): boolean {
  if (field instanceof HTMLInputElement) return field.value !== field.defaultValue || field.checked !== field.defaultChecked;
  if (field instanceof HTMLTextAreaElement) return field.value !== field.defaultValue;
  const all = field instanceof HTMLOptionElement ? [...(field.closest("select")?.options ?? [])] : [];
  return (all.find((each) => each.defaultSelected) ?? all[0])?.selected === false;
}

function typedInto(part: Element): boolean {
  const focused = document.activeElement;
  return focused !== null && part.contains(focused) && focused.matches(FIELDS);
}

/** Put the parts in place as the node has them now; return whether it gave them all. */
async function taken(parts: HTMLElement[]): Promise<boolean> {
  const addresses = new Set(parts.map(address));
  const done = await Promise.all([...addresses].map((from) => put(from, parts.filter((part) => address(part) === from))));
  return done.every((each) => each);
}

/** Where a part is asked for: by itself where it names that. A page that shows a whole record names another to ask,
 * which has its live parts alone: else to ask again would be to look again. */
function address(part: HTMLElement): string {
  return part.dataset["from"] ?? (document.getElementById("shell")?.dataset["again"] || location.href);
}

async function put(from: string, parts: HTMLElement[]): Promise<boolean> {
  const answer = await fetch(from, { headers: { Accept: "text/html", ...BY_ITSELF } }).catch(() => null);
  if (!answer?.ok || answer.redirected) return false;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of parts) {
    const fresh = page.getElementById(part.id);
    if (fresh !== null) Idiomorph.morph(part, fresh, { ignoreActiveValue: true, restoreFocus: true, callbacks });
  }
  count();
  document.dispatchEvent(new Event("amanat:taken"));
  return true;
}

const callbacks = {
  /** What a reader opened stays open, and what was typed or chosen stays so until it is sent. */
  beforeAttributeUpdated: (name: string, node: Element): boolean => name !== "open" && !(HELD.has(name) && changed(node)),
  afterNodeAdded(node: Node): void {
    if (node instanceof Element && node.matches("[data-item]")) node.classList.add("is-new");
  },
};

/** Say in the title how many records wait to be read; what rings says so before it (`ring.ts`). */
function count(): void {
  const waits = document.querySelector<HTMLElement>("[data-count]")?.dataset["count"];
  const [, rings = "", title = ""] = /^(☎[^☎]*☎ |☎ )?(?:\(.*?\) )?(.*)$/s.exec(document.title) ?? [];
  const shown = `${rings}${waits ? `(${waits}) ` : ""}${title}`;
  if (document.title !== shown) document.title = shown;
}

/** Show a notice by its name, with its places filled in; none for "". */
function notice(name: string, filled: Record<string, string> = {}): void {
  const template = document.querySelector<HTMLTemplateElement>(`template[data-notice="${name}"]`);
  const shown = template === null ? [] : [template.content.cloneNode(true)];
  const place = document.getElementById("notice");
  place?.replaceChildren(...shown);
  for (const [slot, text] of Object.entries(filled)) {
    place?.querySelectorAll(`[data-slot="${slot}"]`).forEach((each) => (each.textContent = text));
  }
}
