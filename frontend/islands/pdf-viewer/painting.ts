/** Draws one page of the PDF on its sheet; what pdf.js cannot draw comes as the server's picture. */
import * as pdfjs from "pdfjs-dist";
import { element } from "../../icon";
import { pictureOf, type Sheet } from "./sheet";

export interface Painting {
  width: number;
  /** Where the server draws pages, if anywhere. */
  pageUrl: string | undefined;
  /** The true size of the page became known. */
  resized: (sheet: Sheet) => void;
  /** The text of the page lies over its picture. */
  lettered: (sheet: Sheet, spans: HTMLElement[]) => void;
}

export async function paintSheet(pdf: pdfjs.PDFDocumentProxy, sheet: Sheet, painting: Painting): Promise<void> {
  let cancelled = false;
  let rendering: pdfjs.RenderTask | null = null;
  sheet.drawn = {
    cancel: () => {
      cancelled = true;
      rendering?.cancel();
    },
  };
  const page = await pdf.getPage(sheet.number);
  if (cancelled) return;
  const whole = page.getViewport({ scale: 1 });
  if (Math.abs(whole.height / whole.width - sheet.size.height / sheet.size.width) > 0.001) {
    sheet.size = { width: whole.width, height: whole.height };
    painting.resized(sheet);
  }
  const viewport = page.getViewport({ scale: painting.width / whole.width });
  if (!sheet.box.querySelector(".viewer-picture")) {
    const canvas = canvasFor(viewport, Math.min(window.devicePixelRatio || 1, 2));
    const context = canvas.getContext("2d");
    if (!context) return;
    const ratio = canvas.width / viewport.width;
    rendering = page.render({ canvasContext: context, viewport, transform: [ratio, 0, 0, ratio, 0, 0] });
    let isWhole = true;
    try {
      await rendering.promise;
      isWhole = !lostPictures(page);
    } catch (error) {
      if (error instanceof pdfjs.RenderingCancelledException) return;
      if (!(error instanceof Error)) throw error;
      isWhole = false;
    }
    if (cancelled) return;
    sheet.box.classList.remove("page-skel");
    if (isWhole || !painting.pageUrl) sheet.box.prepend(canvas);
    else sheet.box.prepend(pictureOf(painting.pageUrl, sheet.number, `Trang ${sheet.number}`));
    if (!isWhole) tellLost(sheet, painting.pageUrl);
  }
  await letterSheet(page, viewport, sheet, painting, () => cancelled);
}

/**
 * Whether a picture of the page could not be decoded, which leaves a white place and no error: JPEG 2000 needs WebAssembly,
 * and the house's pages allow no such code.
 */
export function lostPictures(page: { objs: Iterable<unknown>; commonObjs: Iterable<unknown> }): boolean {
  for (const objects of [page.objs, page.commonObjs]) {
    for (const entry of objects) if (Array.isArray(entry) && entry[1] === null) return true;
  }
  return false;
}

function tellLost(sheet: Sheet, pageUrl: string | undefined): void {
  sheet.box.dataset["drawnBy"] = pageUrl ? "server" : "nobody";
  if (pageUrl) return;
  sheet.box.append(element("p", { class: "note viewer-lost", role: "status" }, "Trang có ảnh mà trình duyệt không vẽ được. Tệp vẫn nguyên vẹn; tải về để xem đủ."));
}

function canvasFor(viewport: pdfjs.PageViewport, ratio: number): HTMLCanvasElement {
  return element("canvas", { width: String(Math.floor(viewport.width * ratio)), height: String(Math.floor(viewport.height * ratio)), "aria-hidden": "true" });
}

/** Selectable, searchable and readable text over the picture. */
async function letterSheet(page: pdfjs.PDFPageProxy, viewport: pdfjs.PageViewport, sheet: Sheet, painting: Painting, cancelled: () => boolean): Promise<void> {
  const content = await page.getTextContent();
  if (cancelled()) return;
  const layer = element("div", { class: "textLayer" });
  layer.style.setProperty("--scale-factor", String(viewport.scale));
  const text = new pdfjs.TextLayer({ textContentSource: content, container: layer, viewport });
  await text.render();
  if (cancelled()) return;
  sheet.texts = text.textContentItemsStr;
  sheet.box.querySelector(":scope > .textLayer")?.remove();
  sheet.box.append(layer);
  painting.lettered(sheet, text.textDivs);
}
