// What was done is told once: a page that is loaded anew, or kept among one's bookmarks, does not say it again.

/** Take what was done out of the page's address. */
export function once(): void {
  const address = new URL(location.href);
  if (!address.searchParams.has("done")) return;
  address.searchParams.delete("done");
  history.replaceState(history.state, "", address);
}
