// Buttons that print the page they stand on: without a script they stay hidden, and the browser's own menu prints it.

/** Show them, and let them print. */
export function prints(): void {
  for (const button of document.querySelectorAll<HTMLElement>("[data-prints]")) {
    button.hidden = false;
    button.addEventListener("click", () => { print(); });
  }
}
