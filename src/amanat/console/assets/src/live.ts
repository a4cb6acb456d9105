// Pages that stay up to date: when something happens, the parts that it concerns are taken from the node again and put
// in place; when the link drops, the page says since when, and on its return what came meanwhile.
//
// Law: nothing that a reader holds is taken away: focus, scrolling, what is open, and what is being typed.

import { Idiomorph } from "idiomorph/htmx";

import { inDigits, onClock } from "./clocks";
import { BY_ITSELF, listen, type Listener } from "./stream";

const FIELDS = "input:not([type=hidden]), select, textarea";

/** Pages of five hundred officers do not all ask in the same moment, and none asks more often than it can be read. */
const SPREAD = 800;
const AT_MOST_EVERY = 3_000;

/** Keep the page up to date that was made at an event's number. */
export function live(made: number): void {
  const bring = refresher();
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

/** Return what takes parts from the node again: soon, together, and only while somebody can see them. */
function refresher(): (selector: string) => void {
  const wanted = new Set<string>();
  let last = -AT_MOST_EVERY;
  let asked = false;

  function soon(): void {
    if (asked || wanted.size === 0 || document.hidden) return;
    asked = true;
    const wait = Math.max(100, last + AT_MOST_EVERY - performance.now()) + Math.random() * SPREAD;
    setTimeout(() => void now(), wait);
  }

  async function now(): Promise<void> {
    last = performance.now();
    const parts = [...wanted].map((id) => document.getElementById(id)).filter((part) => part !== null);
    const free = parts.filter((part) => !typedInto(part));
    wanted.clear();
    parts.filter((part) => !free.includes(part)).forEach((part) => wanted.add(part.id));
    // What failed waits for what happens next: that the link is back, at the latest.
    const done = free.length === 0 || (await taken(free));
    if (!done) free.forEach((part) => wanted.add(part.id));
    asked = false;
    if (done) soon();
  }

  document.addEventListener("visibilitychange", soon);
  return (selector): void => {
    document.querySelectorAll(selector).forEach((part) => wanted.add(part.id));
    soon();
  };
}

function typedInto(part: Element): boolean {
  const focused = document.activeElement;
  return focused !== null && part.contains(focused) && focused.matches(FIELDS);
}

/** Put the parts in place as the node has them now; return whether it gave them. A page that shows a whole record
 * names another to ask, which has its live parts alone: else to ask again would be to look again. */
async function taken(parts: HTMLElement[]): Promise<boolean> {
  const again = document.getElementById("shell")?.dataset["again"] || location.href;
  const answer = await fetch(again, { headers: { Accept: "text/html", ...BY_ITSELF } }).catch(() => null);
  if (!answer?.ok || answer.redirected) return false;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of parts) {
    const fresh = page.getElementById(part.id);
    if (fresh !== null) Idiomorph.morph(part, fresh, { ignoreActiveValue: true, restoreFocus: true, callbacks });
  }
  count();
  return true;
}

const callbacks = {
  /** What a reader opened stays open. */
  beforeAttributeUpdated: (name: string): boolean => name !== "open",
  afterNodeAdded(node: Node): void {
    if (node instanceof Element && node.matches("[data-item]")) node.classList.add("is-new");
  },
};

/** Say in the title how many records wait to be read. */
function count(): void {
  const waits = document.querySelector<HTMLElement>("[data-count]")?.dataset["count"];
  const title = document.title.replace(/^\(.*?\) /, "");
  document.title = waits ? `(${waits}) ${title}` : title;
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
