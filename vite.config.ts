import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { iconSprite } from "./frontend/icon-sprite.ts";
import { pdfResources } from "./frontend/pdf-resources.ts";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  base: "/static/dist/",
  publicDir: false,
  plugins: [
    iconSprite(here("frontend/icons.json"), here("node_modules/@tabler/icons/icons/outline")),
    pdfResources(here("node_modules/pdfjs-dist")),
  ],
  build: {
    outDir: "eoffice/web/static/dist",
    emptyOutDir: true,
    manifest: "manifest.json",
    target: "es2022",
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1500,
    rollupOptions: { input: { main: here("frontend/main.ts") } },
  },
  test: {
    environment: "jsdom",
    include: ["frontend/**/*.test.ts"],
    restoreMocks: true,
  },
});
