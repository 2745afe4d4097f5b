/** Puts a finished build in the place of the one being served, so that no page meets a half-written folder. */
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import type { Plugin } from "vite";

/** Renames `built` to `served`; what was served before is removed afterwards. Both lie on one file system. */
export function publish(built: string, served: string): void {
  const old = `${built}-old-${process.pid}`;
  mkdirSync(dirname(served), { recursive: true });
  rmSync(old, { recursive: true, force: true });
  if (existsSync(served)) renameSync(served, old);
  renameSync(built, served);
  rmSync(old, { recursive: true, force: true });
}

export function published(built: string, served: string): Plugin {
  let failed = false;
  return {
    name: "published",
    apply: "build",
    buildEnd(error) {
      failed = error !== undefined;
    },
    closeBundle() {
      if (!failed && existsSync(built)) publish(built, served);
    },
  };
}
