/** The column of small pages; each is drawn when it comes into sight. */
import type { PDFDocumentProxy } from "pdfjs-dist";
import { element } from "../../icon";
import { lostPictures } from "./painting";
import { pictureOf } from "./sheet";

const WIDTH = 96;

export class Thumbnails {
  readonly box = element("div", { class: "viewer-thumbs", hidden: "" });

  constructor(private readonly pageUrl: string | undefined, private readonly goTo: (number: number) => void, private readonly signal: AbortSignal) {}

  /** Shows or hides the column; true when it is shown. */
  toggle(pages: number, pdf: PDFDocumentProxy | null): boolean {
    this.box.hidden = !this.box.hidden;
    if (!this.box.hidden && !this.box.childElementCount) this.fill(pages, pdf);
    return !this.box.hidden;
  }

  showPlace(number: number): void {
    this.box.querySelectorAll("button").forEach((one, index) => one.setAttribute("aria-current", String(index + 1 === number)));
  }

  private fill(pages: number, pdf: PDFDocumentProxy | null): void {
    const lazily = new IntersectionObserver((entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        lazily.unobserve(entry.target);
        void this.draw(entry.target as HTMLElement, pdf);
      }
    }, { root: this.box, rootMargin: "300px" });
    this.signal.addEventListener("abort", () => lazily.disconnect());
    for (let number = 1; number <= pages; number += 1) {
      const button = element("button", { type: "button", class: "viewer-thumb", "data-thumb": String(number), "aria-label": `Trang ${number}` },
        element("span", { class: "viewer-thumb-page" }), element("span", { class: "num s12" }, String(number)));
      button.addEventListener("click", () => this.goTo(number));
      this.box.append(button);
      lazily.observe(button);
    }
  }

  private async draw(button: HTMLElement, pdf: PDFDocumentProxy | null): Promise<void> {
    const number = Number(button.dataset["thumb"]);
    const place = button.querySelector(".viewer-thumb-page");
    const picture = this.pageUrl ? pictureOf(this.pageUrl, number, "") : null;
    if (!pdf) return picture ? place?.replaceChildren(picture) : undefined;
    const page = await pdf.getPage(number);
    const viewport = page.getViewport({ scale: WIDTH / page.getViewport({ scale: 1 }).width });
    const canvas = element("canvas", { width: String(Math.floor(viewport.width)), height: String(Math.floor(viewport.height)), "aria-hidden": "true" });
    const context = canvas.getContext("2d");
    if (!context) return;
    await page.render({ canvasContext: context, viewport }).promise;
    place?.replaceChildren(picture && lostPictures(page) ? picture : canvas);
  }
}
