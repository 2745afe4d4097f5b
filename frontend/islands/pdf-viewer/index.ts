/**
 * A PDF to read: pages drawn as they come into sight, thumbnails, zoom, search, numbered marks, or its text reflowed.
 *
 *     <div data-island="pdf-viewer" data-src="/renditions/12/pdf/" data-page-url="/renditions/12/pages/{page}.png" data-pages="3"
 *          data-marks='[{"page":0,"x0":100,"y0":700,"x1":260,"y1":716,"label":"2","tone":"warn","title":"Ký hiệu"}]'
 *          data-title="Công văn 2418/BKHCN-CĐSQG">
 *       <a href="…">Tải tệp về</a>                     (what stands here without JavaScript)
 *     </div>
 *
 * Boxes are PDF points from the lower left corner, pages count from 0 (`{page}` in the address too). Scripts inside the PDF never
 * run. If the PDF or a page of it cannot be drawn, the server's page pictures are shown. F2 in a field with `data-field-no`
 * shows its mark; `viewer:marks` with new marks replaces them; a press on a mark dispatches `viewer:mark-pressed` with its label.
 */
import * as pdfjs from "pdfjs-dist";
import workerUrl from "pdfjs-dist/build/pdf.worker.min.mjs?url";
import "./pdf-viewer.css";
import { element } from "../../icon";
import type { Unmount } from "../../islands";
import { Finder } from "./finder";
import { drawMarks, markOfField, type Mark } from "./marks";
import { paintSheet } from "./painting";
import { A4, clearSheet, newSheet, pictureOf, sizeSheet, type Sheet } from "./sheet";
import { TextView } from "./text-view";
import { Thumbnails } from "./thumbnails";
import { tool, Toolbar } from "./toolbar";

pdfjs.GlobalWorkerOptions.workerSrc = workerUrl;

export type { Mark } from "./marks";

const RESOURCES = `${import.meta.env.BASE_URL}pdf/`;
const ZOOM_STEP = 1.2;
const ZOOM_LEAST = 0.4;
const ZOOM_MOST = 4;
const GAP = 16;

export async function mount(root: HTMLElement): Promise<Unmount> {
  const viewer = new Viewer(root);
  await viewer.start();
  return () => viewer.stop();
}

class Viewer {
  private readonly abort = new AbortController();
  private readonly scroller = element("div", { class: "desk-s viewer-pages", tabindex: "0", role: "region", "aria-label": "Các trang" });
  private readonly sheets: Sheet[] = [];
  private readonly toolbar: Toolbar;
  private readonly thumbs: Thumbnails;
  private readonly finder: Finder;
  private readonly text = new TextView((number) => this.read("pages", number));
  private readonly seen: IntersectionObserver;
  private readonly pageUrl: string | undefined;
  private document: pdfjs.PDFDocumentProxy | null = null;
  private task: pdfjs.PDFDocumentLoadingTask | null = null;
  private zoom = 1;
  /** The shape of a page while nothing is there to be drawn. */
  private readonly waiting = element("div", { class: "a4 page-skel viewer-waiting", "aria-hidden": "true" });
  private marks: Mark[];
  private sizing: ResizeObserver | null = null;

  constructor(private readonly root: HTMLElement) {
    const { signal } = this.abort;
    this.marks = JSON.parse(root.dataset["marks"] ?? "[]") as Mark[];
    this.pageUrl = root.dataset["pageUrl"];
    this.seen = new IntersectionObserver((entries) => this.inSight(entries), { root: this.scroller, rootMargin: "600px 0px" });
    this.thumbs = new Thumbnails(this.pageUrl, (number) => this.goTo(number), signal);
    this.toolbar = new Toolbar({
      thumbs: () => this.toggleThumbs(),
      find: () => this.openFinder(),
      step: (by) => this.goTo(this.current() + by),
      goTo: (number) => this.goTo(number),
      zoom: (by) => this.setZoom(by === "fit" ? 1 : by === "in" ? this.zoom * ZOOM_STEP : this.zoom / ZOOM_STEP),
      read: (as) => this.read(as, this.current()),
    }, root.dataset["download"] ?? root.dataset["src"], signal);
    this.finder = new Finder(this.sheets, () => this.document, (number) => this.goTo(number), () => this.scroller.focus(),
      tool("x", "Đóng tìm kiếm", () => this.finder.close(), signal), signal);
  }

  async start(): Promise<void> {
    const { root } = this;
    root.classList.add("viewer");
    root.replaceChildren(this.toolbar.bar, this.finder.box, element("div", { class: "viewer-body" }, this.thumbs.box, this.scroller, this.text.box));
    this.listen();
    this.scroller.append(this.waiting);
    const src = root.dataset["src"];
    if (!src) return this.showPictures();
    this.task = pdfjs.getDocument({
      url: src,
      isEvalSupported: false,
      enableXfa: false,
      withCredentials: true,
      disableAutoFetch: true,
      standardFontDataUrl: `${RESOURCES}standard_fonts/`,
      cMapUrl: `${RESOURCES}cmaps/`,
    });
    try {
      this.document = await this.task.promise;
    } catch (error) {
      if (this.abort.signal.aborted) return;
      if (!(error instanceof Error)) throw error;
      this.showPictures();
      return;
    }
    await this.lay(this.document);
  }

  stop(): void {
    this.abort.abort();
    this.seen.disconnect();
    this.text.stop();
    this.sizing?.disconnect();
    for (const sheet of this.sheets) sheet.drawn?.cancel();
    void this.task?.destroy();
    this.root.replaceChildren();
  }

  private listen(): void {
    const on = { signal: this.abort.signal };
    this.scroller.addEventListener("scroll", () => this.showPlace(), { ...on, passive: true });
    this.text.box.addEventListener("scroll", () => this.showPlace(), { ...on, passive: true });
    this.scroller.addEventListener("wheel", (event) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      this.setZoom(this.zoom * (event.deltaY < 0 ? ZOOM_STEP : 1 / ZOOM_STEP));
    }, { ...on, passive: false });
    this.root.addEventListener("viewer:marks", (event) => {
      this.marks = (event as CustomEvent<{ marks: Mark[] }>).detail.marks;
      this.drawMarks();
    }, on);
    document.addEventListener("keydown", (event) => {
      if (event.key === "F2") this.showFieldsMark(event);
      else if (event.ctrlKey && event.code === "KeyF" && this.root.contains(document.activeElement)) {
        event.preventDefault();
        this.openFinder();
      }
    }, on);
    let width = 0;
    this.sizing = new ResizeObserver(() => {
      const now = this.scroller.clientWidth;
      if (!now || Math.abs(now - width) < 2) return;
      width = now;
      this.resize();
    });
    this.sizing.observe(this.scroller);
  }

  private async lay(pdf: pdfjs.PDFDocumentProxy): Promise<void> {
    const view = (await pdf.getPage(1)).getViewport({ scale: 1 });
    this.waiting.remove();
    for (let number = 1; number <= pdf.numPages; number += 1) this.addSheet(number, { width: view.width, height: view.height });
    this.finishLaying();
  }

  private addSheet(number: number, size: Sheet["size"]): Sheet {
    const sheet = newSheet(number, size);
    this.sheets.push(sheet);
    this.scroller.append(sheet.box);
    return sheet;
  }

  private finishLaying(): void {
    this.toolbar.showTotal(this.sheets.length);
    this.resize();
    this.drawMarks();
    for (const sheet of this.sheets) this.seen.observe(sheet.box);
    if (this.scroller.hidden) this.text.show(this.sheets.length, this.document, 1);
    this.root.dispatchEvent(new CustomEvent("viewer:ready", { bubbles: true, detail: { pages: this.sheets.length } }));
  }

  /** Page pictures made by the server, when the browser cannot draw the PDF itself. */
  private showPictures(): void {
    const pages = Number(this.root.dataset["pages"] ?? 0);
    this.waiting.remove();
    if (!this.pageUrl) return this.showNothing();
    for (let number = 1; number <= (pages || 1); number += 1) this.addPicture(number, this.pageUrl, !pages);
    this.finishLaying();
  }

  /** One page as the server draws it; where nobody said how many there are, the next is asked for when this one has come. */
  private addPicture(number: number, pageUrl: string, goesOn: boolean): Sheet {
    const sheet = this.addSheet(number, A4);
    const picture = pictureOf(pageUrl, number, `Trang ${number}`);
    picture.addEventListener("load", () => {
      sheet.size = { width: A4.width, height: (A4.width * picture.naturalHeight) / picture.naturalWidth };
      sizeSheet(sheet, this.pageWidth());
      this.drawMarks();
      if (!goesOn || this.abort.signal.aborted) return;
      sizeSheet(this.addPicture(number + 1, pageUrl, true), this.pageWidth());
      this.toolbar.showTotal(number);
    }, { once: true });
    if (goesOn) picture.addEventListener("error", () => this.endPictures(sheet), { once: true });
    sheet.box.append(picture);
    return sheet;
  }

  /** The server has no such page: the one before was the last, or there is nothing to show. */
  private endPictures(sheet: Sheet): void {
    sheet.box.remove();
    this.sheets.splice(this.sheets.indexOf(sheet), 1);
    if (!this.sheets.length) this.showNothing();
  }

  private showNothing(): void {
    this.scroller.append(element("div", { class: "empty" }, element("h2", {}, "Chưa xem được văn bản ở đây"), element("p", {}, "Tệp gốc vẫn an toàn. Tải tệp về để xem.")));
  }

  private pageWidth(): number {
    const room = Math.max(240, this.scroller.clientWidth - 2 * GAP);
    return Math.min(room, 900) * this.zoom;
  }

  private resize(): void {
    const at = this.scroller.scrollTop > 0 ? this.current() : 1;
    for (const sheet of this.sheets) {
      sizeSheet(sheet, this.pageWidth());
      clearSheet(sheet);
    }
    // The observer tells only about changes; pages that stay in sight are asked for again.
    for (const sheet of this.sheets) {
      this.seen.unobserve(sheet.box);
      this.seen.observe(sheet.box);
    }
    if (at > 1) this.goTo(at);
  }

  private setZoom(zoom: number): void {
    this.zoom = Math.min(ZOOM_MOST, Math.max(ZOOM_LEAST, zoom));
    this.text.zoom(this.zoom);
    if (!this.scroller.hidden) this.resize();
  }

  private inSight(entries: IntersectionObserverEntry[]): void {
    for (const entry of entries) {
      const sheet = this.sheets[Number((entry.target as HTMLElement).dataset["page"]) - 1];
      if (!sheet || !this.document) continue;
      if (entry.isIntersecting && !sheet.drawn) void this.draw(this.document, sheet);
      else if (!entry.isIntersecting) clearSheet(sheet);
    }
  }

  private draw(pdf: pdfjs.PDFDocumentProxy, sheet: Sheet): Promise<void> {
    return paintSheet(pdf, sheet, {
      width: this.pageWidth(),
      pageUrl: this.pageUrl,
      resized: (changed) => {
        sizeSheet(changed, this.pageWidth());
        this.drawMarks();
      },
      lettered: (lettered, spans) => this.finder.paint(lettered, spans),
    });
  }

  private current(): number {
    if (this.scroller.hidden) return this.text.current();
    const middle = this.scroller.scrollTop + this.scroller.clientHeight / 2;
    const at = this.sheets.findLast((sheet) => sheet.box.offsetTop <= middle);
    return at?.number ?? 1;
  }

  private showPlace(): void {
    const number = this.current();
    this.toolbar.showPlace(number);
    this.thumbs.showPlace(number);
  }

  private goTo(number: number): void {
    const sheet = this.sheets[Math.min(this.sheets.length, Math.max(1, Math.round(number) || 1)) - 1];
    if (!sheet) return;
    if (this.scroller.hidden) this.text.goTo(sheet.number);
    else this.scroller.scrollTo({ top: sheet.box.offsetTop - GAP });
    this.showPlace();
  }

  /** Pages as they are, or their text; the reader stays on the same page. */
  private read(as: "pages" | "text", number: number): void {
    this.toolbar.showWay(as);
    this.scroller.hidden = as === "text";
    if (as === "text") this.text.show(this.sheets.length, this.document, number);
    else {
      this.text.hide();
      this.resize();
      this.goTo(number);
    }
  }

  private toggleThumbs(): void {
    this.toolbar.showThumbs(this.thumbs.toggle(this.sheets.length, this.document));
    this.showPlace();
  }

  private openFinder(): void {
    if (this.scroller.hidden) this.read("pages", this.current());
    this.finder.open();
  }

  private drawMarks(): void {
    drawMarks(this.root, this.sheets, this.marks);
  }

  private showFieldsMark(event: KeyboardEvent): void {
    const mark = markOfField(this.root);
    if (!mark) return;
    event.preventDefault();
    if (this.scroller.hidden) this.read("pages", this.current());
    mark.scrollIntoView({ block: "center" });
    mark.classList.add("mark-now");
    setTimeout(() => mark.classList.remove("mark-now"), 1500);
  }
}
