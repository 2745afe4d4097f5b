/** The line for finding words, and the places found. */
import type { PDFDocumentProxy } from "pdfjs-dist";
import { element } from "../../icon";
import { findHits, type Hit } from "./finding";
import type { Sheet } from "./sheet";

export class Finder {
  readonly box = element("form", { class: "viewer-find", role: "search", hidden: "" });
  private readonly words = element("input", { class: "form-control", type: "search", "aria-label": "Tìm trong văn bản", placeholder: "Tìm trong văn bản", "data-never-keep": "" });
  private readonly found = element("span", { class: "s12 t2", role: "status" });
  private hits: Hit[] = [];
  private hit = -1;

  constructor(
    private readonly sheets: readonly Sheet[],
    private readonly pdf: () => PDFDocumentProxy | null,
    private readonly goTo: (number: number) => void,
    private readonly closed: () => void,
    closer: HTMLElement,
    signal: AbortSignal,
  ) {
    this.box.append(this.words, this.found, element("button", { class: "btn btn-line btn-sm", type: "submit" }, "Tìm tiếp"), closer);
    this.box.addEventListener("submit", (event) => {
      event.preventDefault();
      event.stopPropagation();
      void this.findNext();
    }, { signal });
    this.box.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.close();
    }, { signal });
    this.words.addEventListener("input", () => (this.hits = []), { signal });
  }

  open(): void {
    this.box.hidden = false;
    this.words.focus();
    this.words.select();
  }

  close(): void {
    this.box.hidden = true;
    this.hits = [];
    for (const sheet of this.sheets) sheet.box.querySelectorAll(".hit").forEach((one) => one.classList.remove("hit", "hit-now"));
    this.closed();
  }

  paint(sheet: Sheet, spans: readonly HTMLElement[]): void {
    for (const span of spans) span.classList.remove("hit", "hit-now");
    this.hits.forEach((hit, index) => {
      if (hit.page !== sheet.number - 1) return;
      for (const item of hit.items) spans[item]?.classList.add("hit", ...(index === this.hit ? ["hit-now"] : []));
    });
  }

  private async findNext(): Promise<void> {
    if (!this.hits.length) {
      this.found.textContent = "Đang tìm";
      await this.findAll();
      this.hit = -1;
    }
    if (!this.hits.length) {
      this.found.textContent = "Không thấy";
      return;
    }
    this.hit = (this.hit + 1) % this.hits.length;
    const hit = this.hits[this.hit];
    this.found.textContent = `${this.hit + 1} / ${this.hits.length}`;
    const sheet = hit ? this.sheets[hit.page] : undefined;
    if (!hit || !sheet) return;
    for (const one of this.sheets) if (one.box.querySelector(".textLayer")) this.paint(one, [...one.box.querySelectorAll<HTMLElement>(".textLayer > span[role], .textLayer > span")]);
    const now = sheet.box.querySelector(".hit-now");
    if (now) now.scrollIntoView({ block: "center" });
    else this.goTo(sheet.number);
  }

  private async findAll(): Promise<void> {
    const words = this.words.value;
    this.hits = [];
    const pdf = this.pdf();
    for (const sheet of this.sheets) {
      if (!sheet.texts && pdf) {
        const content = await (await pdf.getPage(sheet.number)).getTextContent();
        sheet.texts = content.items.flatMap((item) => ("str" in item ? [item.str] : []));
      }
      this.hits.push(...findHits(sheet.number - 1, sheet.texts ?? [], words));
    }
  }
}
