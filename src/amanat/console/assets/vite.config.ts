// How the console's scripts, styles and fonts are built: names that hold their content's hash, and each also compressed.
//
// Law: the same sources give the same bytes on whatever machine, since the wheel that carries them is compared by its hash.

import { existsSync, readFileSync } from "node:fs";
import { brotliCompressSync, constants } from "node:zlib";

import { gzipSync } from "fflate";
import { defineConfig, type Plugin } from "vite";

import { icons } from "./icons.ts";
import made from "./package.json" with { type: "json" };
import { paper } from "./paper.ts";

// Fonts are compressed already.
const COMPRESSES = /\.(css|m?js|svg)$/;

/** Lay the compressed forms beside each file. Node's own gzip is not used: its output depends on the processor. */
function compressed(): Plugin {
  return {
    name: "compressed",
    generateBundle: {
      order: "post",
      handler(_options, bundle): void {
        for (const [fileName, part] of Object.entries(bundle)) {
          if (!COMPRESSES.test(fileName)) continue;
          const content = Buffer.from(part.type === "chunk" ? part.code : part.source);
          const params = { [constants.BROTLI_PARAM_SIZE_HINT]: content.length };
          this.emitFile({ type: "asset", fileName: `${fileName}.br`, source: brotliCompressSync(content, { params }) });
          this.emitFile({ type: "asset", fileName: `${fileName}.gz`, source: gzipSync(content, { level: 9, mtime: 0 }) });
        }
      },
    },
  };
}

/** Lay beside the files the terms of the packages they were made of, as the fonts' licence asks. */
function terms(): Plugin {
  return {
    name: "terms",
    generateBundle(): void {
      const texts = Object.entries(made.dependencies).map(
        ([name, version]) => `${name} ${version}\n\n${readFileSync(licence(name), "utf8").trim()}\n`,
      );
      this.emitFile({ type: "asset", fileName: "licenses.txt", source: texts.join(`\n${"-".repeat(80)}\n\n`) });
    },
  };
}

function licence(name: string): string {
  const plain = `node_modules/${name}/LICENSE`;
  return existsSync(plain) ? plain : `${plain}.txt`;
}

export default defineConfig({
  base: "/static/",
  publicDir: false,
  build: {
    outDir: "../static",
    emptyOutDir: true,
    assetsDir: "",
    manifest: "manifest.json",
    // The first of each that know light-dark(): what is older would be served three times the style.
    target: ["chrome123", "firefox120", "safari17.5"],
    // The Content-Security-Policy lets no font and no script stand in an address.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The map, which a page loads when an officer asks for it.
    chunkSizeWarningLimit: 1200,
    rolldownOptions: {
      input: ["src/console.ts", "src/console.css", "src/design.css"],
      // htmx names eval; the page's configuration of it and the Content-Security-Policy both forbid it.
      checks: { eval: false, pluginTimings: false },
    },
  },
  plugins: [icons(), paper(), compressed(), terms()],
});
