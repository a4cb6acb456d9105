// The palette (Ctrl-K): places and acts by what one types, in the combobox pattern of WAI-ARIA's practices guide, then a
// search of records for it, and last what ends something.
//
// Law: what ends something is never chosen beforehand. What it lists stands in the page; here are no words. The node is
// asked when one goes there, not while one types: each list of records that it gives is a look at the persons in them, and
// is noted.

import { open } from "./keys";

const NAME = /^([a-z][a-z0-9-]*):([0-9a-f]{8}-[0-9a-f-]{27})$/;

/** Make the palette work, where the page has one. */
export function palette(): void {
  const dialog = document.querySelector<HTMLDialogElement>("#palette");
  const input = dialog?.querySelector<HTMLInputElement>("[role=combobox]");
  const list = dialog?.querySelector<HTMLElement>("[role=listbox]");
  if (!dialog || !input || !list) return;
  const choose = (option: Element | undefined | null): void => {
    list.querySelectorAll("[aria-selected=true]").forEach((each) => each.setAttribute("aria-selected", "false"));
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) input.setAttribute("aria-activedescendant", option.id);
    else input.removeAttribute("aria-activedescendant");
  };
  const show = (): void => {
    const typed = input.value.trim();
    filter(list, typed);
    lead(list, typed);
    choose(shown(list).find((each) => !("ends" in each.dataset)));
    dialog.querySelector<HTMLElement>(".nothing")!.hidden = shown(list).length > 0;
  };
  input.addEventListener("input", show);
  input.addEventListener("keydown", (event) => {
    const options = shown(list);
    const at = options.findIndex((each) => each.getAttribute("aria-selected") === "true");
    if (event.key === "ArrowDown") choose(options[(at + 1) % options.length]);
    else if (event.key === "ArrowUp") choose(options.at(at - 1 < 0 ? -1 : at - 1));
    else if (event.key === "Enter") take(dialog, options[at]);
    else return;
    event.preventDefault();
  });
  list.addEventListener("click", ({ target }) => {
    if (target instanceof Element) take(dialog, target.closest<HTMLElement>("[role=option]"));
  });
  // Emptied when it is left, and not when it is opened: whoever types at once loses nothing.
  const begin = (): void => {
    input.value = "";
    show();
  };
  dialog.addEventListener("close", begin);
  begin();
}

function shown(list: HTMLElement): HTMLElement[] {
  return [...list.querySelectorAll<HTMLElement>("[role=option]:not([hidden])")];
}

/** Leave those in whose words, translated or English, all that was typed stands. */
function filter(list: HTMLElement, typed: string): void {
  const asked = typed.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  for (const option of list.querySelectorAll<HTMLElement>("[role=option]:not([data-typed])")) {
    const says = option.textContent.toLocaleLowerCase();
    option.hidden = !asked.every((word) => says.includes(word));
  }
}

/** Let the last line search records for what was typed; a record's own name leads to it. */
function lead(list: HTMLElement, typed: string): void {
  const search = list.querySelector<HTMLElement>("[data-typed]");
  if (search === null) return;
  const [, party, id] = NAME.exec(typed) ?? [];
  search.hidden = typed === "";
  search.dataset["href"] =
    party && id ? `/record/${party}/${id}` : `/records?${new URLSearchParams({ text: typed }).toString()}`;
  for (const slot of search.querySelectorAll("[data-slot=text]")) slot.textContent = typed;
}

/** Go where an option leads, or do what it does. */
function take(dialog: HTMLDialogElement, option: HTMLElement | null | undefined): void {
  const { href, act } = option?.dataset ?? {};
  if (href === undefined && act === undefined) return;
  dialog.close();
  if (href !== undefined) location.assign(href);
  else if (act === "print") print();
  else if (act === "sign-out") document.querySelector<HTMLFormElement>("form[action='/sign-out']")?.requestSubmit();
  else open(act ?? "");
}
