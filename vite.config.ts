import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { iconSprite } from "./frontend/icon-sprite.ts";
import { pdfResources } from "./frontend/pdf-resources.ts";
import { published } from "./frontend/publish.ts";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  base: "/static/dist/",
  publicDir: false,
  plugins: [
    iconSprite(here("frontend/icons.json"), here("node_modules/@tabler/icons/icons/outline")),
    pdfResources(here("node_modules/pdfjs-dist")),
    published(here("build/front-dist"), here("eoffice/web/static/dist")),
  ],
  build: {
    outDir: "build/front-dist",
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
