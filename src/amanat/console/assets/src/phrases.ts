// The phrasebook as one types: what the search on a call finds, at once and in any of its languages, once a browser has it.
//
// Law: the same is found without this file, by the node. The book is asked for when one goes to the field, and kept for as
// long as the window is there: over a slow line nobody waits for what nobody looks for.

const MOST = 12;
const FIELD = "input[data-phrases]";
const NARROW = "(max-width: 45rem)";

// As `amanat.party.folding` has it: signs, then letters that other keyboards have for the same word.
const SIGNS: Record<string, string> = { "\u066b": ".", "\u060c": ",", "\u061b": ";", "\u2032": "'", "\u2019": "'" };
const SAME: Record<string, string> = {
  "\u064a": "\u06cc",
  "\u0649": "\u06cc",
  "\u0643": "\u06a9",
  "\u0629": "\u0647",
  "\u06c1": "\u0647",
  "\u06d5": "\u0647",
};

/** Make the search of phrases find while one types, where the page has one. */
export function phrases(): void {
  const field = document.querySelector<HTMLInputElement>(FIELD);
  const list = document.getElementById("found");
  const none = document.getElementById("found-none");
  if (field === null || list === null || none === null) return;
  let book: HTMLElement[] | undefined;
  const show = (): void => {
    const asked = folded(field.value).split(/\s+/).filter(Boolean);
    if (book === undefined || asked.length === 0) return;
    const found = best(book, asked).map((each) => lead(each, field.dataset["leads"] ?? ""));
    list.replaceChildren(...found);
    list.hidden = found.length === 0;
    none.hidden = found.length > 0;
    if (matchMedia(NARROW).matches) field.scrollIntoView({ block: "start" }); // what is found stands below it
  };
  const bring = async (): Promise<void> => {
    book ??= await brought(field.dataset["phrases"] ?? "");
    show();
  };
  field.addEventListener("focus", () => void bring(), { once: true });
  field.addEventListener("input", show);
  field.form?.addEventListener("submit", (event) => {
    const first = list.querySelector<HTMLAnchorElement>("a[href][data-typed]");
    if (first === null) return; // the node searches
    event.preventDefault();
    first.click();
  });
  for (const part of [field, list]) part.addEventListener("keydown", (event) => arrow(event, field, list));
  if (document.activeElement === field) void bring();
}

/** Move through what was found; back in the field from its first. */
function arrow(event: KeyboardEvent, field: HTMLElement, list: HTMLElement): void {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const all = [field, ...list.querySelectorAll<HTMLElement>("a[href], button")];
  const here = all.findIndex((each) => each === document.activeElement);
  const next = all[here + (event.key === "ArrowDown" ? 1 : -1)];
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
}

/** Return the phrases in which all words stand: first those in which each begins a word. */
function best(book: HTMLElement[], asked: string[]): HTMLElement[] {
  const ranked = book.flatMap((each) => {
    const texts = (each.dataset["words"] ?? "").split("\n").filter((text) => asked.every((word) => text.includes(word)));
    if (texts.length === 0) return [];
    const begins = texts.some((text) => asked.every((word) => ` ${text}`.includes(` ${word}`)));
    return [{ each, rank: begins ? 0 : 1 }];
  });
  return ranked.sort((one, other) => one.rank - other.rank).slice(0, MOST).map(({ each }) => each);
}

function lead(phrase: HTMLElement, leads: string): Node {
  const line = phrase.cloneNode(true) as HTMLElement;
  const link = line.querySelector("a");
  delete line.dataset["words"];
  link?.setAttribute("href", `${leads}${phrase.dataset["phrase"] ?? ""}#compose`);
  link?.setAttribute("data-typed", "");
  return line;
}

/** Return the book as this window kept it, else as the node has it; nothing where it does not answer. */
async function brought(path: string): Promise<HTMLElement[] | undefined> {
  let text = sessionStorage.getItem(path);
  if (text === null) {
    const answer = await fetch(path, { headers: { Accept: "text/html" } }).catch(() => null);
    if (!answer?.ok || answer.redirected) return undefined;
    text = await answer.text();
    keep(path, text);
  }
  const lines = new DOMParser().parseFromString(text, "text/html").querySelectorAll<HTMLElement>("li[data-phrase]");
  for (const line of lines) {
    // The node folds the languages that are not in sight; those that are stand in the line itself.
    const shown = [...line.querySelectorAll("[data-text]")].map((each) => folded(each.textContent));
    line.dataset["words"] = [line.dataset["words"] ?? "", ...shown].join("\n");
  }
  return [...lines];
}

function keep(path: string, text: string): void {
  try {
    sessionStorage.setItem(path, text);
  } catch {
    // Where nothing more can be kept, it is asked for again on the next page.
  }
}

/** A text as it is searched for: no case, no vowel signs or joiners, one letter for each keyboard's own. */
function folded(text: string): string {
  const seen = text.normalize("NFKC").replaceAll(/./gsu, (letter) => SIGNS[letter] ?? letter);
  const plain = seen.replaceAll(/\p{Cf}/gu, "").toLowerCase().normalize("NFKD");
  return plain.replaceAll(/./gsu, (letter) => SAME[letter] ?? letter).replaceAll(/\p{Mn}/gu, "").trim();
}
