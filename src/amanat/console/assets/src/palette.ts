// The palette (Ctrl-K): places, acts and records by what one types, in the combobox pattern of WAI-ARIA's practices guide.
//
// Law: what it lists stands in the page or comes from the node; here are no words.

import { open } from "./keys";

const WAIT = 200;
const AT_LEAST = 2;
const MOST = 8;
const NAME = /^([a-z][a-z0-9-]*):([0-9a-f]{8}-[0-9a-f-]{27})$/;

/** Make the palette work, where the page has one. */
export function palette(): void {
  const dialog = document.querySelector<HTMLDialogElement>("#palette");
  const input = dialog?.querySelector<HTMLInputElement>("[role=combobox]");
  const list = dialog?.querySelector<HTMLElement>("[role=listbox]");
  if (!dialog || !input || !list) return;
  const found = records(list);
  const choose = (option: Element | undefined | null): void => {
    list.querySelectorAll("[aria-selected=true]").forEach((each) => each.setAttribute("aria-selected", "false"));
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) input.setAttribute("aria-activedescendant", option.id);
    else input.removeAttribute("aria-activedescendant");
  };
  const show = (): void => {
    filter(list, input.value);
    choose(shown(list)[0]);
    dialog.querySelector<HTMLElement>(".nothing")!.hidden = shown(list).length > 0;
  };
  input.addEventListener("input", () => {
    show();
    found(input.value.trim(), show);
  });
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
    found("", show);
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
  for (const option of list.querySelectorAll<HTMLElement>("[role=option]:not([data-record])")) {
    const says = option.textContent.toLocaleLowerCase();
    option.hidden = !asked.every((word) => says.includes(word));
  }
}

/** Return what asks the node for records with these words, a moment after the last of them was typed. */
function records(list: HTMLElement): (words: string, then: () => void) => void {
  let timer = 0;
  let asked = "";
  const put = (options: HTMLElement[]): void => {
    list.querySelectorAll("[data-record]").forEach((each) => each.remove());
    list.append(...options);
  };
  return (words, then): void => {
    asked = words;
    clearTimeout(timer);
    const named = NAME.exec(words);
    put(named === null ? [] : [option(`/record/${named[1]}/${named[2]}`, words, 0)]);
    if (named !== null) return then();
    if (words.length < AT_LEAST) return;
    timer = setTimeout(() => {
      void search(words).then((options) => {
        if (words !== asked) return;
        put(options);
        then();
      });
    }, WAIT);
  };
}

async function search(words: string): Promise<HTMLElement[]> {
  const answer = await fetch(`/records?${new URLSearchParams({ text: words }).toString()}`).catch(() => null);
  if (!answer?.ok || answer.redirected) return [];
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const links = [...page.querySelectorAll<HTMLAnchorElement>("main [data-item] a[href^='/record/']")].slice(0, MOST);
  return links.map((link, at) => option(link.getAttribute("href") ?? "", link.textContent, at));
}

function option(href: string, says: string, at: number): HTMLElement {
  const made = document.createElement("li");
  made.id = `palette-record-${at}`;
  made.setAttribute("role", "option");
  made.setAttribute("aria-selected", "false");
  made.dataset["href"] = href;
  made.dataset["record"] = "";
  made.dir = "auto";
  made.textContent = says;
  return made;
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
