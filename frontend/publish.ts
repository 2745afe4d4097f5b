/** Puts a finished build in the place of the one being served, so that no page meets a half-written folder. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Plugin } from "vite";

const KEPT_MS = 24 * 60 * 60 * 1000;

/**
 * Renames `built` to `served`; what was served before is removed afterwards. Both lie on one file system.
 *
 * A server that runs meanwhile read its manifest when it started, and pages that are open ask for their own parts later:
 * assets of the last day stay beside the new ones. Their names carry a hash of their content, so none is replaced.
 */
export function publish(built: string, served: string): void {
  const old = `${built}-old-${process.pid}`;
  mkdirSync(dirname(served), { recursive: true });
  rmSync(old, { recursive: true, force: true });
  keepAssets(join(served, "assets"), join(built, "assets"));
  if (existsSync(served)) renameSync(served, old);
  renameSync(built, served);
  rmSync(old, { recursive: true, force: true });
}

function keepAssets(from: string, to: string): void {
  if (!existsSync(from) || !existsSync(to)) return;
  for (const name of readdirSync(from)) {
    const { atime, mtime } = statSync(join(from, name));
    if (existsSync(join(to, name)) || Date.now() - mtime.getTime() > KEPT_MS) continue;
    copyFileSync(join(from, name), join(to, name));
    utimesSync(join(to, name), atime, mtime);
  }
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
