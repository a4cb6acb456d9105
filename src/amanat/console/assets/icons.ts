// One file of all icons that pages show, taken from Lucide; a page shows one by its name: `icons.svg#inbox`.
//
// Law: an icon never says alone what it means: words stand beside it, or are read out for it.

import { readFileSync } from "node:fs";

import type { Plugin } from "vite";

const SHOWN = [
  "bell", "chevron-right", "chevron-up", "chevrons-up", "circle-check", "circle-dashed", "circle-pause", "circle-x", "clock-alert", "download", "eye",
  "file-check", "file-text", "files", "handshake", "history", "hourglass", "key-round", "keyboard", "languages",
  "layers", "list-checks", "log-out", "map", "mic", "minus", "pencil", "phone", "phone-call", "plus", "printer",
  "repeat", "scroll-text", "search", "send", "settings", "shield", "square", "stamp", "triangle-alert", "undo-2",
  "unplug", "user-check", "user-x", "users", "zap",
] as const;

// What a browser shows beside the page's title: two sides, and one thing held between them.
const SIGN = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="6" fill="#1d4f73"/>\
<path d="M9 7v18M23 7v18" stroke="#fff" stroke-width="3" stroke-linecap="round"/><circle cx="16" cy="16" r="3.5" fill="#fff"/></svg>
`;

/** Lay the icons into one file, which the manifest lists as `icons.svg`. */
export function icons(): Plugin {
  return {
    name: "icons",
    generateBundle(): void {
      const symbols = SHOWN.map((name) => symbol(name, readFileSync(`node_modules/lucide-static/icons/${name}.svg`, "utf8")));
      const source = `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`;
      this.emitFile({ type: "asset", name: "icons.svg", originalFileName: "icons.svg", source });
      this.emitFile({ type: "asset", name: "favicon.svg", originalFileName: "favicon.svg", source: SIGN });
    },
  };
}

/** Lines and their width are the page's affair (components.css). */
function symbol(name: string, svg: string): string {
  const drawn = /<svg[^>]*>(.*)<\/svg>/s.exec(svg)?.[1];
  if (drawn === undefined) throw new Error(`${name}.svg is no drawing`);
  return `<symbol id="${name}" viewBox="0 0 24 24">${drawn.replaceAll(/\s+/g, " ").trim()}</symbol>`;
}
