/** Puts pdf.js's stand-ins for fonts that a PDF does not embed, and its character maps, beside the bundle. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";

const FOLDERS = ["standard_fonts", "cmaps"];

export function pdfResources(folder: string): Plugin {
  return {
    name: "pdf-resources",
    apply: "build",
    generateBundle() {
      for (const part of FOLDERS) {
        for (const name of readdirSync(join(folder, part))) {
          this.emitFile({ type: "asset", fileName: `pdf/${part}/${name}`, source: readFileSync(join(folder, part, name)) });
        }
      }
    },
  };
}
