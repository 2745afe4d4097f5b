/**
 * A PDF to read: pages drawn as they come into sight, thumbnails, zoom, search, numbered marks.
 *
 *     <div data-island="pdf-viewer" data-src="/renditions/12/pdf/" data-page-url="/renditions/12/pages/{page}.png" data-pages="3"
 *          data-marks='[{"page":0,"x0":100,"y0":700,"x1":260,"y1":716,"label":"2","tone":"warn","title":"Ký hiệu"}]'
 *          data-title="Công văn 2418/BKHCN-CĐSQG">
 *       <a href="…">Tải tệp về</a>                     (what stands here without JavaScript)
 *     </div>
 *
 * Boxes are PDF points from the lower left corner, pages count from 0 (`{page}` in the address too). Scripts inside the PDF never
 * run. If the PDF cannot be drawn, the server's page pictures are shown. F2 in a field with `data-field-no` shows its mark;
 * `viewer:marks` with new marks replaces them; a press on a mark dispatches `viewer:mark-pressed` with its label.
 */
import * as pdfjs from "pdfjs-dist";
import workerUrl from "pdfjs-dist/build/pdf.worker.min.mjs?url";
import "./pdf-viewer.css";
import { element, icon } from "../../icon";
import type { Unmount } from "../../islands";
import { findHits, type Hit } from "./finding";
import { placeByShare, shareOf, type Box, type PageSize } from "./geometry";

pdfjs.GlobalWorkerOptions.workerSrc = workerUrl;

const RESOURCES = `${import.meta.env.BASE_URL}pdf/`;

export interface Mark extends Box {
  label: string;
  tone?: "" | "warn" | "bad";
  title?: string;
}
const ZOOM_STEP = 1.2;
const ZOOM_LEAST = 0.4;
const ZOOM_MOST = 4;
const GAP = 16;
const THUMB_WIDTH = 96;

export async function mount(root: HTMLElement): Promise<Unmount> {
  const viewer = new Viewer(root);
  await viewer.start();
  return () => viewer.stop();
}

interface Sheet {
  number: number;
  box: HTMLElement;
  size: PageSize;
  drawn: { cancel: () => void } | null;
  texts: string[] | null;
}

class Viewer {
  private readonly abort = new AbortController();
  private readonly scroller = element("div", { class: "desk-s viewer-pages", tabindex: "0", role: "region", "aria-label": "Các trang" });
  private readonly thumbs = element("div", { class: "viewer-thumbs", hidden: "" });
  private readonly place = element("input", { class: "viewer-place num", type: "text", inputmode: "numeric", "aria-label": "Trang", value: "1", "data-never-keep": "" });
  private readonly total = element("span", { class: "num" });
  private readonly finder = element("form", { class: "viewer-find", role: "search", hidden: "" });
  private readonly words = element("input", { class: "form-control", type: "search", "aria-label": "Tìm trong văn bản", placeholder: "Tìm trong văn bản", "data-never-keep": "" });
  private readonly found = element("span", { class: "s12 t2", role: "status" });
  private readonly sheets: Sheet[] = [];
  private readonly seen: IntersectionObserver;
  private document: pdfjs.PDFDocumentProxy | null = null;
  private task: pdfjs.PDFDocumentLoadingTask | null = null;
  private zoom = 1;
  private marks: Mark[];
  private hits: Hit[] = [];
  private hit = -1;
  private sizing: ResizeObserver | null = null;

  constructor(private readonly root: HTMLElement) {
    this.marks = JSON.parse(root.dataset["marks"] ?? "[]") as Mark[];
    this.seen = new IntersectionObserver((entries) => this.inSight(entries), { root: this.scroller, rootMargin: "600px 0px" });
  }

  async start(): Promise<void> {
    const { root } = this;
    root.classList.add("viewer");
    root.replaceChildren(this.toolbar(), this.finder, element("div", { class: "viewer-body" }, this.thumbs, this.scroller));
    this.listen();
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
    this.sizing?.disconnect();
    for (const sheet of this.sheets) sheet.drawn?.cancel();
    void this.task?.destroy();
    this.root.replaceChildren();
  }

  private toolbar(): HTMLElement {
    const tool = (name: string, label: string, act: () => void, more: Record<string, string> = {}): HTMLButtonElement => {
      const button = element("button", { class: "btn btn-quiet btn-sm btn-ic", type: "button", "aria-label": label, title: label, ...more }, icon(name));
      button.addEventListener("click", act, { signal: this.abort.signal });
      return button;
    };
    const bar = element("div", { class: "desk-t viewer-bar", role: "toolbar", "aria-label": "Xem văn bản" },
      tool("layout-sidebar", "Trang thu nhỏ", () => this.toggleThumbs(), { "aria-pressed": "false", "data-thumbs": "", "data-desk": "" }),
      tool("search", "Tìm trong văn bản", () => this.openFinder()),
      element("span", { class: "grow" }),
      tool("chevron-up", "Trang trước", () => this.goTo(this.current() - 1), { "data-key": "previous", "data-desk": "" }),
      element("span", { class: "row-x viewer-count" }, this.place, this.total),
      tool("chevron-down", "Trang sau", () => this.goTo(this.current() + 1), { "data-key": "next", "data-desk": "" }),
      element("span", { class: "grow" }),
      tool("zoom-out", "Thu nhỏ", () => this.setZoom(this.zoom / ZOOM_STEP), { "data-key": "zoom-out" }),
      tool("arrow-autofit-width", "Vừa khung", () => this.setZoom(1), { "data-key": "zoom-reset", "data-desk": "" }),
      tool("zoom-in", "Phóng to", () => this.setZoom(this.zoom * ZOOM_STEP), { "data-key": "zoom-in" }));
    const src = this.root.dataset["download"] ?? this.root.dataset["src"];
    if (src) bar.append(element("a", { class: "btn btn-quiet btn-sm btn-ic", href: src, download: "", "aria-label": "Tải về", title: "Tải về" }, icon("download")));
    this.finder.append(this.words, this.found,
      element("button", { class: "btn btn-line btn-sm", type: "submit" }, "Tìm tiếp"),
      tool("x", "Đóng tìm kiếm", () => this.closeFinder()));
    return bar;
  }

  private listen(): void {
    const on = { signal: this.abort.signal };
    this.place.addEventListener("change", () => this.goTo(Number(this.place.value)), on);
    this.scroller.addEventListener("scroll", () => this.showPlace(), { ...on, passive: true });
    this.scroller.addEventListener("wheel", (event) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      this.setZoom(this.zoom * (event.deltaY < 0 ? ZOOM_STEP : 1 / ZOOM_STEP));
    }, { ...on, passive: false });
    this.finder.addEventListener("submit", (event) => {
      event.preventDefault();
      event.stopPropagation();
      void this.findNext();
    }, on);
    this.finder.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.closeFinder();
    }, on);
    this.words.addEventListener("input", () => (this.hits = []), on);
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
      if (Math.abs(now - width) < 2) return;
      width = now;
      this.resize();
    });
    this.sizing.observe(this.scroller);
  }

  private async lay(pdf: pdfjs.PDFDocumentProxy): Promise<void> {
    const view = (await pdf.getPage(1)).getViewport({ scale: 1 });
    for (let number = 1; number <= pdf.numPages; number += 1) this.addSheet(number, { width: view.width, height: view.height });
    this.finishLaying();
  }

  private addSheet(number: number, size: PageSize): Sheet {
    const box = element("div", { class: "a4 viewer-page", "data-page": String(number), role: "group", "aria-label": `Trang ${number}` });
    const sheet: Sheet = { number, box, size, drawn: null, texts: null };
    this.sheets.push(sheet);
    this.scroller.append(box);
    return sheet;
  }

  private finishLaying(): void {
    this.total.textContent = `/ ${this.sheets.length}`;
    this.resize();
    this.drawMarks();
    for (const sheet of this.sheets) this.seen.observe(sheet.box);
    this.root.dispatchEvent(new CustomEvent("viewer:ready", { bubbles: true, detail: { pages: this.sheets.length } }));
  }

  /** Page pictures made by the server, when the browser cannot draw the PDF itself. */
  private showPictures(): void {
    const url = this.root.dataset["pageUrl"];
    const pages = Number(this.root.dataset["pages"] ?? 0);
    if (!url || !pages) {
      this.scroller.append(element("div", { class: "empty" }, element("h2", {}, "Chưa xem được văn bản ở đây"), element("p", {}, "Tệp gốc vẫn an toàn. Tải tệp về để xem.")));
      return;
    }
    for (let number = 1; number <= pages; number += 1) {
      const sheet = this.addSheet(number, { width: 595.28, height: 841.89 });
      const picture = element("img", { src: url.replace("{page}", String(number - 1)), alt: `Trang ${number}`, loading: "lazy" });
      picture.addEventListener("load", () => {
        sheet.size = { width: 595.28, height: (595.28 * picture.naturalHeight) / picture.naturalWidth };
        this.size(sheet);
        this.drawMarks();
      });
      sheet.box.append(picture);
    }
    this.finishLaying();
  }

  private pageWidth(): number {
    const room = Math.max(240, this.scroller.clientWidth - 2 * GAP);
    return Math.min(room, 900) * this.zoom;
  }

  private size(sheet: Sheet): void {
    const width = this.pageWidth();
    sheet.box.style.width = `${width}px`;
    sheet.box.style.height = `${(width * sheet.size.height) / sheet.size.width}px`;
  }

  private resize(): void {
    const at = this.scroller.scrollTop > 0 ? this.current() : 1;
    for (const sheet of this.sheets) {
      this.size(sheet);
      this.clear(sheet);
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
    this.resize();
  }

  private inSight(entries: IntersectionObserverEntry[]): void {
    for (const entry of entries) {
      const sheet = this.sheets[Number((entry.target as HTMLElement).dataset["page"]) - 1];
      if (!sheet || !this.document) continue;
      if (entry.isIntersecting && !sheet.drawn) void this.draw(this.document, sheet);
      else if (!entry.isIntersecting) this.clear(sheet);
    }
  }

  private clear(sheet: Sheet): void {
    if (!sheet.drawn) return;
    sheet.drawn.cancel();
    sheet.drawn = null;
    sheet.box.querySelectorAll(":scope > :is(canvas, .textLayer)").forEach((one) => one.remove());
  }

  private async draw(pdf: pdfjs.PDFDocumentProxy, sheet: Sheet): Promise<void> {
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
      this.size(sheet);
      this.drawMarks();
    }
    const scale = this.pageWidth() / whole.width;
    const viewport = page.getViewport({ scale });
    const ratio = Math.min(window.devicePixelRatio || 1, 2);
    const canvas = element("canvas", { width: String(Math.floor(viewport.width * ratio)), height: String(Math.floor(viewport.height * ratio)), "aria-hidden": "true" });
    const context = canvas.getContext("2d");
    if (!context) return;
    rendering = page.render({ canvasContext: context, viewport, transform: [ratio, 0, 0, ratio, 0, 0] });
    try {
      await rendering.promise;
    } catch (error) {
      if (error instanceof pdfjs.RenderingCancelledException) return;
      throw error;
    }
    if (cancelled) return;
    sheet.box.prepend(canvas);
    await this.drawText(page, viewport, sheet, () => cancelled);
  }

  /** Selectable, searchable and readable text over the picture. */
  private async drawText(page: pdfjs.PDFPageProxy, viewport: pdfjs.PageViewport, sheet: Sheet, cancelled: () => boolean): Promise<void> {
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
    this.paintHits(sheet, text.textDivs);
  }

  private current(): number {
    const middle = this.scroller.scrollTop + this.scroller.clientHeight / 2;
    const at = this.sheets.findLast((sheet) => sheet.box.offsetTop <= middle);
    return at?.number ?? 1;
  }

  private showPlace(): void {
    if (document.activeElement !== this.place) this.place.value = String(this.current());
    const number = this.current();
    this.thumbs.querySelectorAll("button").forEach((one, index) => one.setAttribute("aria-current", String(index + 1 === number)));
  }

  private goTo(number: number): void {
    const sheet = this.sheets[Math.min(this.sheets.length, Math.max(1, Math.round(number) || 1)) - 1];
    if (!sheet) return;
    this.scroller.scrollTo({ top: sheet.box.offsetTop - GAP });
    this.showPlace();
  }

  private toggleThumbs(): void {
    this.thumbs.hidden = !this.thumbs.hidden;
    this.root.querySelector("[data-thumbs]")?.setAttribute("aria-pressed", String(!this.thumbs.hidden));
    if (this.thumbs.hidden || this.thumbs.childElementCount) return;
    const lazily = new IntersectionObserver((entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        lazily.unobserve(entry.target);
        void this.drawThumb(entry.target as HTMLElement);
      }
    }, { root: this.thumbs, rootMargin: "300px" });
    this.abort.signal.addEventListener("abort", () => lazily.disconnect());
    for (const sheet of this.sheets) {
      const button = element("button", { type: "button", class: "viewer-thumb", "data-thumb": String(sheet.number), "aria-label": `Trang ${sheet.number}` },
        element("span", { class: "viewer-thumb-page" }), element("span", { class: "num s12" }, String(sheet.number)));
      button.addEventListener("click", () => this.goTo(sheet.number));
      this.thumbs.append(button);
      lazily.observe(button);
    }
    this.showPlace();
  }

  private async drawThumb(button: HTMLElement): Promise<void> {
    const number = Number(button.dataset["thumb"]);
    const place = button.querySelector(".viewer-thumb-page");
    const url = this.root.dataset["pageUrl"];
    if (!this.document) {
      if (url) place?.append(element("img", { src: url.replace("{page}", String(number - 1)), alt: "" }));
      return;
    }
    const page = await this.document.getPage(number);
    const viewport = page.getViewport({ scale: THUMB_WIDTH / page.getViewport({ scale: 1 }).width });
    const canvas = element("canvas", { width: String(Math.floor(viewport.width)), height: String(Math.floor(viewport.height)), "aria-hidden": "true" });
    const context = canvas.getContext("2d");
    if (!context) return;
    await page.render({ canvasContext: context, viewport }).promise;
    place?.replaceChildren(canvas);
  }

  private openFinder(): void {
    this.finder.hidden = false;
    this.words.focus();
    this.words.select();
  }

  private closeFinder(): void {
    this.finder.hidden = true;
    this.hits = [];
    this.root.querySelectorAll(".hit").forEach((one) => one.classList.remove("hit", "hit-now"));
    this.scroller.focus();
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
    for (const one of this.sheets) if (one.box.querySelector(".textLayer")) this.paintHits(one, [...one.box.querySelectorAll<HTMLElement>(".textLayer > span[role], .textLayer > span")]);
    const now = sheet.box.querySelector(".hit-now");
    if (now) now.scrollIntoView({ block: "center" });
    else this.goTo(sheet.number);
  }

  private async findAll(): Promise<void> {
    const words = this.words.value;
    this.hits = [];
    for (const sheet of this.sheets) {
      if (!sheet.texts && this.document) {
        const content = await (await this.document.getPage(sheet.number)).getTextContent();
        sheet.texts = content.items.flatMap((item) => ("str" in item ? [item.str] : []));
      }
      this.hits.push(...findHits(sheet.number - 1, sheet.texts ?? [], words));
    }
  }

  private paintHits(sheet: Sheet, spans: HTMLElement[]): void {
    for (const span of spans) span.classList.remove("hit", "hit-now");
    this.hits.forEach((hit, index) => {
      if (hit.page !== sheet.number - 1) return;
      for (const item of hit.items) spans[item]?.classList.add("hit", ...(index === this.hit ? ["hit-now"] : []));
    });
  }

  private drawMarks(): void {
    this.root.querySelectorAll(".mark").forEach((one) => one.remove());
    for (const mark of this.marks) {
      const sheet = this.sheets[mark.page];
      if (!sheet) continue;
      const drawn = element("button", { type: "button", class: `mark ${mark.tone ?? ""}`, "data-mark": mark.label, title: mark.title ?? "", "aria-label": `Dấu ${mark.label}: ${mark.title ?? ""}` }, element("b", {}, mark.label));
      placeByShare(drawn, shareOf(mark, sheet.size));
      drawn.addEventListener("click", () => {
        document.querySelector<HTMLElement>(`[data-field-no="${CSS.escape(mark.label)}"]`)?.focus();
        this.root.dispatchEvent(new CustomEvent("viewer:mark-pressed", { bubbles: true, detail: { label: mark.label } }));
      });
      sheet.box.append(drawn);
    }
  }

  private showFieldsMark(event: KeyboardEvent): void {
    const number = (document.activeElement as HTMLElement | null)?.dataset["fieldNo"];
    const mark = number ? this.root.querySelector<HTMLElement>(`[data-mark="${CSS.escape(number)}"]`) : null;
    if (!mark) return;
    event.preventDefault();
    mark.scrollIntoView({ block: "center" });
    mark.classList.add("mark-now");
    setTimeout(() => mark.classList.remove("mark-now"), 1500);
  }
}
