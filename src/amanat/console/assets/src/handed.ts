// Files that a page made itself, put into the field that they are handed in by, as if an officer had chosen them.

/** Put a file into a field for files, beside what is there of it where it takes several. */
export function hand(field: HTMLInputElement, files: File[]): void {
  const all = new DataTransfer();
  if (field.multiple) for (const held of field.files ?? []) all.items.add(held);
  for (const file of files) all.items.add(file);
  field.files = all.files;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.dispatchEvent(new Event("change", { bubbles: true }));
}

/** Name a file by what it is and this machine's time: voice-20261124-093000.webm. */
export function named(what: string, suffix: string): string {
  const now = new Date();
  const parts = [now.getFullYear(), now.getMonth() + 1, now.getDate(), now.getHours(), now.getMinutes(), now.getSeconds()];
  const [year, month, day, hour, minute, second] = parts.map((part) => String(part).padStart(2, "0"));
  return `${what}-${year}${month}${day}-${hour}${minute}${second}.${suffix}`;
}
