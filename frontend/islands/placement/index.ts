/**
 * Places of number, date, signatures and seal on page pictures: dragged, or moved by keys, or sent to another page.
 *
 *     <div data-island="placement"
 *          data-pages='[{"page":0,"src":"/…/pages/0.png","width":595.3,"height":841.9}]'
 *          data-boxes='[{"name":"signature_1","label":"Chữ ký: Lê Thị Minh Nguyệt","kind":"signature","box":{"page":0,"x0":…}}]'></div>
 *
 * Every box writes a hidden input `place-<name>` with the JSON of `core.geometry.Box`: points, lower left corner, pages from 0.
 * Keys on a box: arrows 1 point (Shift 10), Ctrl+arrows size, Page Up/Down other page, Backspace back to where it was proposed.
 * A box with `"suggested": true` writes nothing until it is moved. `data-locked` shows the boxes without letting them move. Dispatches `places:changed`.
 */
import "./placement.css";
import { element, icon } from "../../icon";
import type { Unmount } from "../../islands";
import { moved, placeByShare, resized, shareOf, type Box, type PageSize } from "../pdf-viewer/geometry";

interface Page extends PageSize {
  page: number;
  src: string;
}
export interface Place {
  name: string;
  label: string;
  kind: string;
  box: Box;
  /** Only a default while the place is still searched for: not sent until somebody touches it. */
  suggested?: boolean;
}

export function mount(root: HTMLElement): Unmount {
  const board = new Board(root);
  board.draw();
  return () => board.stop();
}

class Board {
  private readonly abort = new AbortController();
  private readonly pages: Page[];
  private readonly proposed: Map<string, Box>;
  private readonly places: Map<string, Place>;
  private readonly sheets = new Map<number, HTMLElement>();
  private readonly inputs = new Map<string, HTMLInputElement>();
  private readonly numbers = new Map<string, HTMLElement>();
  private readonly boxes = new Map<string, HTMLElement>();
  private readonly say = element("p", { class: "s13 t2", role: "status" });
  private readonly locked: boolean;

  constructor(private readonly root: HTMLElement) {
    this.pages = JSON.parse(root.dataset["pages"] ?? "[]") as Page[];
    const places = JSON.parse(root.dataset["boxes"] ?? "[]") as Place[];
    this.places = new Map(places.map((one) => [one.name, one]));
    this.proposed = new Map(places.map((one) => [one.name, one.box]));
    this.locked = root.hasAttribute("data-locked");
  }

  draw(): void {
    this.root.classList.add("placement");
    const desk = element("div", { class: "desk-s placement-desk" });
    for (const page of this.pages) {
      const picture = element("img", { src: page.src, alt: `Trang ${page.page + 1}`, draggable: "false" });
      const sheet = element("div", { class: "a4 placement-page page-skel", "data-page": String(page.page) }, picture);
      // Its size is known before its picture has come: the boxes stand right from the start.
      sheet.style.aspectRatio = `${page.width} / ${page.height}`;
      picture.addEventListener("load", () => sheet.classList.remove("page-skel"), { once: true, signal: this.abort.signal });
      this.sheets.set(page.page, sheet);
      desk.append(sheet);
    }
    const list = element("ul", { class: "placement-list" });
    for (const place of this.places.values()) {
      const input = element("input", { type: "hidden", name: `place-${place.name}` });
      this.inputs.set(place.name, input);
      this.boxes.set(place.name, this.drawBox(place));
      list.append(this.listRow(place), input);
    }
    const keys = "Kéo ô trên trang, hoặc chọn ô rồi dùng phím mũi tên (Shift: nhanh hơn, Ctrl: đổi cỡ, Page Up/Down: sang trang).";
    this.root.replaceChildren(desk, element("div", { class: "placement-side" }, ...(this.locked ? [] : [element("p", { class: "hint" }, keys)]), list, this.say));
    for (const name of this.places.keys()) this.show(name);
  }

  stop(): void {
    this.abort.abort();
    this.root.replaceChildren();
  }

  private drawBox(place: Place): HTMLElement {
    const box = element("div", { class: `place-box place-${place.kind}`, tabindex: "0", role: "group", "data-place": place.name, "aria-label": place.label },
      element("span", { class: "place-name" }, place.label));
    if (this.locked) return box;
    const grip = element("span", { class: "place-grip", "aria-hidden": "true" });
    box.append(grip);
    const on = { signal: this.abort.signal };
    box.addEventListener("pointerdown", (event) => this.drag(place.name, event, event.target === grip), on);
    box.addEventListener("keydown", (event) => this.key(place.name, event), on);
    return box;
  }

  private listRow(place: Place): HTMLLIElement {
    const numbers = element("span", { class: "num s12 t3" });
    this.numbers.set(place.name, numbers);
    const row = element("li", {}, element("span", { class: "grow b5" }, place.label), numbers);
    if (this.locked) return row;
    const find = element("button", { type: "button", class: "btn btn-quiet btn-sm btn-ic", "aria-label": `Tới ô ${place.label}` }, icon("eye", true));
    find.addEventListener("click", () => this.boxes.get(place.name)?.focus(), { signal: this.abort.signal });
    const reset = element("button", { type: "button", class: "btn btn-quiet btn-sm btn-ic", "aria-label": `Đưa ô ${place.label} về chỗ đề nghị` }, icon("restore", true));
    reset.addEventListener("click", () => this.reset(place.name), { signal: this.abort.signal });
    row.append(find, reset);
    return row;
  }

  private pageOf(name: string): Page | undefined {
    return this.pages.find((one) => one.page === this.places.get(name)?.box.page);
  }

  private show(name: string): void {
    const place = this.places.get(name);
    const page = this.pageOf(name);
    const box = this.boxes.get(name);
    const input = this.inputs.get(name);
    if (!place || !page || !box || !input) return;
    this.sheets.get(page.page)?.append(box);
    placeByShare(box, shareOf(place.box, page));
    input.value = place.suggested ? "" : JSON.stringify(place.box);
    const numbers = this.numbers.get(name);
    if (numbers) numbers.textContent = `trang ${page.page + 1}, ${Math.round(place.box.x0 / 2.835)} × ${Math.round((page.height - place.box.y1) / 2.835)} mm`;
  }

  private change(name: string, box: Box): void {
    const place = this.places.get(name);
    if (!place) return;
    place.box = box;
    place.suggested = false;
    this.show(name);
    this.inputs.get(name)?.dispatchEvent(new Event("change", { bubbles: true }));
    this.root.dispatchEvent(new CustomEvent("places:changed", { bubbles: true, detail: { name, box } }));
  }

  private reset(name: string): void {
    const box = this.proposed.get(name);
    if (box) this.change(name, { ...box });
    this.say.textContent = "Đã về chỗ đề nghị.";
  }

  private drag(name: string, event: PointerEvent, sizing: boolean): void {
    const page = this.pageOf(name);
    const place = this.places.get(name);
    const sheet = page ? this.sheets.get(page.page) : undefined;
    if (!page || !place || !sheet || event.button !== 0) return;
    event.preventDefault();
    const target = this.boxes.get(name);
    target?.focus();
    target?.setPointerCapture(event.pointerId);
    const scale = page.width / sheet.getBoundingClientRect().width;
    const start = { x: event.clientX, y: event.clientY, box: place.box };
    const stop = new AbortController();
    const move = (now: PointerEvent): void => {
      const dx = (now.clientX - start.x) * scale;
      const dy = -(now.clientY - start.y) * scale;
      this.change(name, sizing ? resized(start.box, dx, dy, page) : moved(start.box, dx, dy, page));
    };
    target?.addEventListener("pointermove", move, { signal: stop.signal });
    for (const end of ["pointerup", "pointercancel"] as const) target?.addEventListener(end, () => stop.abort(), { signal: stop.signal });
  }

  private key(name: string, event: KeyboardEvent): void {
    const page = this.pageOf(name);
    const place = this.places.get(name);
    if (!page || !place || event.altKey || event.metaKey) return;
    const step = event.shiftKey ? 10 : 1;
    const arrow = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] }[event.key];
    if (arrow) {
      const [dx, dy] = arrow as [number, number];
      this.change(name, event.ctrlKey ? resized(place.box, dx, dy, page) : moved(place.box, dx, dy, page));
    } else if (event.key === "PageUp" || event.key === "PageDown") {
      const next = this.pages[this.pages.indexOf(page) + (event.key === "PageDown" ? 1 : -1)];
      if (next) {
        this.change(name, moved({ ...place.box, page: next.page }, 0, 0, next));
        this.say.textContent = `${place.label}: sang trang ${next.page + 1}.`;
        this.boxes.get(name)?.focus();
      }
    } else if (event.key === "Backspace") {
      this.reset(name);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }
}
