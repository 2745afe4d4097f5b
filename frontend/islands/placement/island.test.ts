import { expect, test } from "vitest";
import { mount } from "./index";

const BOX = { page: 0, x0: 300, y0: 100, x1: 400, y1: 150 };

function mounted(extra = ""): HTMLElement {
  const pages = JSON.stringify([{ page: 0, src: "/0.png", width: 595, height: 842 }, { page: 1, src: "/1.png", width: 595, height: 842 }]);
  document.body.innerHTML = `<form><div data-island="placement" ${extra}></div></form>`;
  const root = document.querySelector<HTMLElement>("[data-island]")!;
  root.dataset["pages"] = pages;
  root.dataset["boxes"] = JSON.stringify([{ name: "signature_1", label: "Chữ ký", kind: "signature", box: BOX }]);
  mount(root);
  return root;
}

function press(root: HTMLElement, key: string, more: KeyboardEventInit = {}): void {
  root.querySelector("[data-place]")!.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, ...more }));
}

function kept(root: HTMLElement): unknown {
  return JSON.parse(root.querySelector<HTMLInputElement>('input[name="place-signature_1"]')!.value);
}

test("arrow keys move by a point, with shift by ten", () => {
  const root = mounted();
  press(root, "ArrowRight");
  press(root, "ArrowUp", { shiftKey: true });
  expect(kept(root)).toEqual({ page: 0, x0: 301, y0: 110, x1: 401, y1: 160 });
});

test("control and arrows change the size", () => {
  const root = mounted();
  press(root, "ArrowDown", { ctrlKey: true });
  expect(kept(root)).toEqual({ ...BOX, y0: 99 });
});

test("page down moves the box to the next page and back space returns it", () => {
  const root = mounted();
  press(root, "PageDown");
  expect(kept(root)).toEqual({ ...BOX, page: 1 });
  press(root, "Backspace");
  expect(kept(root)).toEqual(BOX);
});

test("a locked board cannot be changed", () => {
  const root = mounted("data-locked");
  press(root, "ArrowRight");
  expect(kept(root)).toEqual(BOX);
});

test("a box that is only suggested is sent once somebody has moved it", () => {
  const root = mounted();
  root.dataset["boxes"] = JSON.stringify([{ name: "signature_1", label: "Chữ ký", kind: "signature", box: BOX, suggested: true }]);
  mount(root);
  expect(root.querySelector<HTMLInputElement>('input[name="place-signature_1"]')!.value).toBe("");
  press(root, "ArrowRight");
  expect(kept(root)).toEqual({ ...BOX, x0: 301, x1: 401 });
});
