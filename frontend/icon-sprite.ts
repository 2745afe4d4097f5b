/** Builds `icons.svg`, one sprite of the outline icons named in `icons.json`; id = icon name. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";

export function spriteOf(names: readonly string[], folder: string): string {
  const symbols = [...new Set(names)].sort().map((name) => symbolOf(name, readFileSync(join(folder, `${name}.svg`), "utf8")));
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>`;
}

/** Strokes come from the using element (`.icon` in the theme), so one sprite serves both themes. */
export function symbolOf(name: string, source: string): string {
  const body = source.slice(source.indexOf(">", source.indexOf("<svg")) + 1, source.lastIndexOf("</svg>"));
  const paths = body.replace(/<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*\/>/, "").replace(/\s+/g, " ").trim();
  return `<symbol id="${name}" viewBox="0 0 24 24">${paths}</symbol>`;
}

export function iconSprite(listFile: string, folder: string): Plugin {
  return {
    name: "icon-sprite",
    apply: "build",
    buildStart() {
      this.addWatchFile(listFile);
    },
    generateBundle() {
      const names = JSON.parse(readFileSync(listFile, "utf8")) as string[];
      this.emitFile({ type: "asset", fileName: "icons.svg", source: spriteOf(names, folder) });
    },
  };
}
