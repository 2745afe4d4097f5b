/** "Dạng chữ": the text layer page by page in letters that fit the screen. The pictures of the pages stay what counts. */
import type { PDFDocumentProxy } from "pdfjs-dist";
import { element, icon } from "../../icon";
import { paragraphsOf } from "./reflow";

const BASE_PX = 17;
const NOTE = "Chữ đọc từ lớp chữ của tệp để xem trên màn hình nhỏ: bảng, dấu, chữ ký và số, ngày điền sau khi ký không hiện ở đây, thứ tự có thể khác. Trang ảnh mới là văn bản.";

export class TextView {
  readonly box = element("div", { class: "viewer-text", tabindex: "0", role: "region", "aria-label": "Nội dung dạng chữ", hidden: "" });
  private readonly seen: IntersectionObserver;
  private pdf: PDFDocumentProxy | null = null;

  constructor(private readonly seePage: (number: number) => void) {
    this.seen = new IntersectionObserver((entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        this.seen.unobserve(entry.target);
        void this.read(entry.target as HTMLElement);
      }
    }, { root: this.box, rootMargin: "800px" });
  }

  /** Shows the text from page `number` on; called again when the pages are known. */
  show(pages: number, pdf: PDFDocumentProxy | null, number: number): void {
    this.box.hidden = false;
    if (pages && !this.box.childElementCount) {
      this.pdf = pdf;
      this.box.append(element("p", { class: "note viewer-text-note", role: "note" }, icon("info-circle"), element("span", { class: "grow" }, NOTE)));
      for (let page = 1; page <= pages; page += 1) {
        const part = element("section", { class: "viewer-text-page", "data-text-page": String(page), "aria-label": `Trang ${page}` }, element("h2", { class: "s12 t3" }, `Trang ${page}`));
        this.box.append(part);
        this.seen.observe(part);
      }
    }
    if (number > 1) this.goTo(number);
  }

  hide(): void {
    this.box.hidden = true;
  }

  stop(): void {
    this.seen.disconnect();
  }

  zoom(by: number): void {
    this.box.style.setProperty("--viewer-text", `${Math.round(BASE_PX * Math.min(2, Math.max(0.8, by)))}px`);
  }

  current(): number {
    const top = this.box.scrollTop + 48;
    const parts = [...this.box.querySelectorAll<HTMLElement>("[data-text-page]")];
    return Number(parts.findLast((part) => part.offsetTop <= top)?.dataset["textPage"] ?? 1);
  }

  goTo(number: number): void {
    const part = this.box.querySelector<HTMLElement>(`[data-text-page="${number}"]`);
    if (part) this.box.scrollTo({ top: number > 1 ? part.offsetTop : 0 });
  }

  private async read(part: HTMLElement): Promise<void> {
    const number = Number(part.dataset["textPage"]);
    const paragraphs = this.pdf ? await textOf(this.pdf, number) : [];
    if (paragraphs.length) {
      part.append(...paragraphs.map((text) => element("p", {}, text)));
      return;
    }
    const button = element("button", { type: "button", class: "btn btn-line btn-sm" }, "Xem trang");
    button.addEventListener("click", () => this.seePage(number));
    part.append(element("p", { class: "t2" }, "Trang này không có lớp chữ, thường là bản quét."), button);
  }
}

async function textOf(pdf: PDFDocumentProxy, number: number): Promise<string[]> {
  const content = await (await pdf.getPage(number)).getTextContent();
  return paragraphsOf(
    content.items.flatMap((item) => {
      if (!("str" in item)) return [];
      const [, , , , x, y] = item.transform as number[];
      return [{ str: item.str, x: x ?? 0, y: y ?? 0, width: item.width, height: item.height }];
    }),
  );
}
