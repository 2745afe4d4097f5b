// @vitest-environment node
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { publish } from "./publish.ts";

function folder(at: string, content: string): string {
  mkdirSync(at, { recursive: true });
  writeFileSync(join(at, "manifest.json"), content);
  return at;
}

test("a finished build takes the place of the one being served", () => {
  const root = mkdtempSync(join(tmpdir(), "publish-"));
  const served = folder(join(root, "static", "dist"), "old");
  writeFileSync(join(served, "gone.js"), "");

  publish(folder(join(root, "built"), "new"), served);

  expect(readdirSync(served)).toEqual(["manifest.json"]);
  expect(readFileSync(join(served, "manifest.json"), "utf8")).toBe("new");
  expect(readdirSync(root)).toEqual(["static"]);
});

test("the first build makes the folder", () => {
  const root = mkdtempSync(join(tmpdir(), "publish-"));

  publish(folder(join(root, "built"), "new"), join(root, "static", "dist"));

  expect(readdirSync(join(root, "static", "dist"))).toEqual(["manifest.json"]);
});

test("assets of the last day stay for pages and servers that know only them", () => {
  const root = mkdtempSync(join(tmpdir(), "publish-"));
  const served = folder(join(root, "static", "dist"), "old");
  const built = folder(join(root, "built"), "new");
  for (const [at, name] of [[served, "main-old.js"], [served, "main-ancient.js"], [built, "main-new.js"]] as const) {
    mkdirSync(join(at, "assets"), { recursive: true });
    writeFileSync(join(at, "assets", name), name);
  }
  const twoDaysAgo = new Date(Date.now() - 48 * 60 * 60 * 1000);
  utimesSync(join(served, "assets", "main-ancient.js"), twoDaysAgo, twoDaysAgo);

  publish(built, served);

  expect(readdirSync(join(served, "assets")).sort()).toEqual(["main-new.js", "main-old.js"]);
  expect(readFileSync(join(served, "manifest.json"), "utf8")).toBe("new");
});
