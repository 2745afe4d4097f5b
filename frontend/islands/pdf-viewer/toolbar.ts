/** The bar over the pages. */
import { element, icon } from "../../icon";

export interface Acts {
  thumbs: () => void;
  find: () => void;
  step: (by: 1 | -1) => void;
  goTo: (number: number) => void;
  zoom: (by: "in" | "out" | "fit") => void;
  read: (as: "pages" | "text") => void;
}

export function tool(name: string, label: string, act: () => void, signal: AbortSignal, more: Record<string, string> = {}): HTMLButtonElement {
  const button = element("button", { class: "btn btn-quiet btn-sm btn-ic", type: "button", "aria-label": label, title: label, ...more }, icon(name));
  button.addEventListener("click", act, { signal });
  return button;
}

export class Toolbar {
  readonly bar: HTMLElement;
  private readonly place = element("input", { class: "viewer-place num", type: "text", inputmode: "numeric", "aria-label": "Trang", value: "1", "data-never-keep": "" });
  private readonly total = element("span", { class: "num" });
  private readonly ways: HTMLButtonElement[];

  constructor(acts: Acts, download: string | undefined, signal: AbortSignal) {
    const way = (as: "pages" | "text", words: string): HTMLButtonElement => {
      const button = element("button", { type: "button", class: "viewer-way", "data-way": as, "aria-pressed": String(as === "pages") }, words);
      button.addEventListener("click", () => acts.read(as), { signal });
      return button;
    };
    this.ways = [way("pages", "Trang"), way("text", "Dạng chữ")];
    this.place.addEventListener("change", () => acts.goTo(Number(this.place.value)), { signal });
    this.bar = element("div", { class: "desk-t viewer-bar", role: "toolbar", "aria-label": "Xem văn bản" },
      tool("layout-sidebar", "Trang thu nhỏ", acts.thumbs, signal, { "aria-pressed": "false", "data-thumbs": "", "data-desk": "" }),
      tool("search", "Tìm trong văn bản", acts.find, signal),
      element("span", { class: "viewer-ways", role: "group", "aria-label": "Cách đọc" }, ...this.ways),
      element("span", { class: "grow" }),
      tool("chevron-up", "Trang trước", () => acts.step(-1), signal, { "data-key": "previous", "data-desk": "", "data-wide": "" }),
      element("span", { class: "row-x viewer-count" }, this.place, this.total),
      tool("chevron-down", "Trang sau", () => acts.step(1), signal, { "data-key": "next", "data-desk": "", "data-wide": "" }),
      element("span", { class: "grow" }),
      tool("zoom-out", "Thu nhỏ", () => acts.zoom("out"), signal, { "data-key": "zoom-out" }),
      tool("arrow-autofit-width", "Vừa khung", () => acts.zoom("fit"), signal, { "data-key": "zoom-reset", "data-desk": "", "data-wide": "" }),
      tool("zoom-in", "Phóng to", () => acts.zoom("in"), signal, { "data-key": "zoom-in" }));
    if (download) this.bar.append(element("a", { class: "btn btn-quiet btn-sm btn-ic", href: download, download: "", "aria-label": "Tải về", title: "Tải về", "data-desk": "" }, icon("download")));
  }

  showTotal(pages: number): void {
    this.total.textContent = `/ ${pages}`;
  }

  showPlace(number: number): void {
    if (document.activeElement !== this.place) this.place.value = String(number);
  }

  showWay(as: "pages" | "text"): void {
    for (const button of this.ways) button.setAttribute("aria-pressed", String(button.dataset["way"] === as));
  }

  showThumbs(shown: boolean): void {
    this.bar.querySelector("[data-thumbs]")?.setAttribute("aria-pressed", String(shown));
  }
}
