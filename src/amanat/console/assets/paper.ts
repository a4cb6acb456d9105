// The script's fonts as a typesetter reads them: a WOFF is a TrueType font with each table compressed apart (W3C, WOFF 1.0).

import { readFileSync } from "node:fs";
import { inflateSync } from "node:zlib";

import type { Plugin } from "vite";

const FONTS = ["noto-naskh-arabic", "noto-nastaliq-urdu"];
const WEIGHTS = [400, 700];

const WOFF_HEADER = 44;
const WOFF_ENTRY = 20;
const HEADER = 12;
const ENTRY = 16;

/** Lay the fonts that pages are shown in beside them once more, for documents on paper. */
export function paper(): Plugin {
  return {
    name: "paper",
    generateBundle(): void {
      for (const font of FONTS) {
        for (const weight of WEIGHTS) {
          const path = `node_modules/@fontsource/${font}/files/${font}-arabic-${weight}-normal.woff`;
          this.emitFile({ type: "asset", fileName: `${font}-${weight}.ttf`, source: unpacked(readFileSync(path)) });
        }
      }
    },
  };
}

/** The font within a WOFF, its tables in the same order and each at a multiple of four. */
function unpacked(woff: Buffer): Buffer {
  const count = woff.readUInt16BE(12);
  const log = Math.floor(Math.log2(count));
  const head = Buffer.alloc(HEADER + count * ENTRY);
  woff.copy(head, 0, 4, 8);
  head.writeUInt16BE(count, 4);
  head.writeUInt16BE(2 ** log * 16, 6);
  head.writeUInt16BE(log, 8);
  head.writeUInt16BE(count * 16 - 2 ** log * 16, 10);
  const pieces: Buffer[] = [head];
  let offset = head.length;
  for (let at = 0; at < count; at += 1) {
    const entry = WOFF_HEADER + at * WOFF_ENTRY;
    const [begins, packed, length] = [4, 8, 12].map((field) => woff.readUInt32BE(entry + field)) as [number, number, number];
    const written = woff.subarray(begins, begins + packed);
    const table = packed < length ? inflateSync(written) : written;
    woff.copy(head, HEADER + at * ENTRY, entry, entry + 4);
    woff.copy(head, HEADER + at * ENTRY + 4, entry + 16, entry + 20);
    head.writeUInt32BE(offset, HEADER + at * ENTRY + 8);
    head.writeUInt32BE(length, HEADER + at * ENTRY + 12);
    pieces.push(table, Buffer.alloc(-length & 3));
    offset += length + (-length & 3);
  }
  return Buffer.concat(pieces);
}
