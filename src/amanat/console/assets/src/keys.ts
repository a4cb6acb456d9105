// The console by keyboard: where to go, moving in lists, searching, and the sheet that lists all of it.
//
// Law: nothing happens while somebody types, or with a key that a browser or a reader has for itself; and who wants none of
// it switches it off (WCAG 2.2, 2.1.4).

const KEPT = "amanat-keys";
const GOING = 1_500;
const ITEMS = "main [data-item]";
const PRESSED = "a[href], button, summary";
const FIRST = "a[href], button, input:not([type=hidden]), select, textarea";

/** Listen to keys for as long as the page is there. */
export function keys(): void {
  let going = 0;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey && !event.altKey && !event.shiftKey && letter(event) === "k") {
      event.preventDefault();
      return open("palette");
    }
    if (event.ctrlKey || event.metaKey || event.altKey || !on() || busy()) return;
    const pressed = letter(event);
    if (performance.now() < going) {
      going = 0;
      const place = document.querySelector<HTMLAnchorElement>(`.rail [data-key="${CSS.escape(pressed)}"]`);
      if (place !== null) event.preventDefault();
      return place?.click();
    }
    if (pressed === "g") going = performance.now() + GOING;
    else if (act(pressed)) event.preventDefault();
  });
  own();
  for (const button of document.querySelectorAll<HTMLElement>("[data-opens]")) {
    button.hidden = false;
    button.addEventListener("click", () => open(button.dataset["opens"] ?? ""));
  }
  const choice = document.querySelector<HTMLInputElement>("#keys [name=keys]");
  if (choice === null) return;
  choice.checked = on();
  choice.addEventListener("change", () => localStorage.setItem(KEPT, choice.checked ? "on" : "off"));
}

/** Close one's own menu by Escape, or by what is pressed beside it. */
function own(): void {
  const menu = document.querySelector<HTMLDetailsElement>("details.own");
  if (menu === null) return;
  menu.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary")?.focus();
  });
  document.addEventListener("click", ({ target }) => {
    if (target instanceof Node && !menu.contains(target)) menu.open = false;
  });
}

/** Open a dialog of the page. */
export function open(id: string): void {
  const dialog = document.getElementById(id);
  if (dialog instanceof HTMLDialogElement && !dialog.open) dialog.showModal();
}

/** Do what a key stands for; return whether it stands for anything. */
function act(pressed: string): boolean {
  switch (pressed) {
    case "j":
      return move(1);
    case "k":
      return move(-1);
    case "o":
      return press();
    case "/":
      return search();
    case "?":
      open("keys");
      return true;
    default:
      return goTo(pressed);
  }
}

/** Follow the link of a page that has this key, or go to the first of what its part has: nothing is rung or said so. */
function goTo(pressed: string): boolean {
  const named = `main [data-key="${CSS.escape(pressed)}"]`;
  const item = document.activeElement?.closest(ITEMS);
  const found = item?.querySelector<HTMLElement>(named) ?? document.querySelector<HTMLElement>(named);
  if (found === null) return false;
  if (found.matches("a[href]")) found.click();
  else found.querySelector<HTMLElement>(FIRST)?.focus();
  return true;
}

function move(by: 1 | -1): boolean {
  const items = [...document.querySelectorAll<HTMLElement>(ITEMS)];
  const here = items.findIndex((item) => item.contains(document.activeElement));
  const next = items[here === -1 ? (by === 1 ? 0 : items.length - 1) : here + by];
  if (next === undefined) return false;
  const inside = next.querySelector<HTMLElement>(PRESSED);
  if (inside === null) next.tabIndex = -1;
  (inside ?? next).focus();
  next.scrollIntoView({ block: "nearest" });
  return true;
}

function press(): boolean {
  const focused = document.activeElement;
  if (!(focused instanceof HTMLElement) || focused.closest(ITEMS) === null) return false;
  focused.click();
  return true;
}

function search(): boolean {
  const field = document.querySelector<HTMLInputElement>("main [type=search]");
  if (field === null) open("palette");
  else field.focus();
  return true;
}

/** The Latin letter of a key, also where the keyboard is set to Urdu, Pashto or Dari. */
function letter(event: KeyboardEvent): string {
  if (/^[\x21-\x7e]$/.test(event.key)) return event.key.toLowerCase();
  if (event.code === "Slash") return event.shiftKey ? "?" : "/";
  return /^Key([A-Z])$/.exec(event.code)?.[1]?.toLowerCase() ?? "";
}

function on(): boolean {
  return localStorage.getItem(KEPT) !== "off";
}

function busy(): boolean {
  const focused = document.activeElement;
  const types = focused instanceof HTMLElement && (focused.isContentEditable || focused.matches("input, select, textarea"));
  return types || document.querySelector("dialog[open]") !== null;
}
