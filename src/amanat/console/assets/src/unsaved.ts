// What was typed and not saved: the browser asks before the page is left.

/** Watch the forms that say so (`data-asks`); what is pressed in them sends all of it, and asks nothing. */
export function unsaved(): void {
  let typed = false;
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-asks]")) {
    typed ||= form.dataset["asks"] === "typed"; // it came back with what was wrong
    form.addEventListener("input", () => (typed = true));
    form.addEventListener("submit", () => (typed = false));
  }
  addEventListener("beforeunload", (event) => {
    if (typed) event.preventDefault();
  });
}
