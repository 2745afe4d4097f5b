/** One page of the viewer: its box on the screen, its size in points, what is drawn on it. */
import { element } from "../../icon";
import type { PageSize } from "./geometry";

export const A4: PageSize = { width: 595.28, height: 841.89 };

export interface Sheet {
  number: number;
  box: HTMLElement;
  size: PageSize;
  drawn: { cancel: () => void } | null;
  texts: string[] | null;
}

export function newSheet(number: number, size: PageSize): Sheet {
  const box = element("div", { class: "a4 viewer-page page-skel", "data-page": String(number), role: "group", "aria-label": `Trang ${number}` });
  return { number, box, size, drawn: null, texts: null };
}

export function sizeSheet(sheet: Sheet, width: number): void {
  sheet.box.style.width = `${width}px`;
  sheet.box.style.height = `${(width * sheet.size.height) / sheet.size.width}px`;
}

/** Takes the drawing off, the marks stay; a picture of the server stays too, it costs nothing to keep. */
export function clearSheet(sheet: Sheet): void {
  if (!sheet.drawn) return;
  sheet.drawn.cancel();
  sheet.drawn = null;
  sheet.box.querySelectorAll(":scope > :is(canvas, .textLayer)").forEach((one) => one.remove());
}

/** The server's picture of a page (`{page}` in the address counts from 0). */
export function pictureOf(address: string, number: number, alt: string): HTMLImageElement {
  const picture = element("img", { class: "viewer-picture", src: address.replace("{page}", String(number - 1)), alt, loading: "lazy" });
  picture.addEventListener("load", () => picture.closest(".page-skel")?.classList.remove("page-skel"), { once: true });
  return picture;
}
