import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Selection, type Choice } from "./chosen";
import { fold } from "./fold";
import { mount } from "./index";

const CN: Choice = { kind: "unit", id: 4, name: "Ban Công nghệ", detail: "TXG", path: "/1/4/" };
const VP: Choice = { kind: "unit", id: 5, name: "Văn phòng Tập đoàn", detail: "TXG", path: "/1/5/" };
const NGHIA: Choice = { kind: "person", id: 9, name: "Đỗ Hữu Nghĩa", detail: "Trưởng ban", path: "/1/4/" };

test("a second lead takes the place of the first, who becomes support", () => {
  const selection = new Selection("roles");

  expect(selection.toggle(CN, "lead")).toBeNull();
  const moved = selection.toggle(VP, "lead");

  expect(moved?.name).toBe("Ban Công nghệ");
  expect(selection.toJson()).toBe('[{"kind":"unit","id":5,"role":"lead"},{"kind":"unit","id":4,"role":"support"}]');
  expect(selection.summary()).toBe("1 chủ trì, 1 phối hợp");
});

test("the same role again takes the choice out", () => {
  const selection = new Selection("roles");
  selection.toggle(CN, "support");
  selection.toggle(CN, "support");
  expect(selection.all).toEqual([]);
});

test("single mode keeps one", () => {
  const selection = new Selection("single");
  selection.toggle(CN, "informed");
  selection.toggle(NGHIA, "informed");
  expect(selection.toJson()).toBe('[{"kind":"person","id":9}]');
});

test("a unit and a person with the same number are different", () => {
  const selection = new Selection("multi");
  selection.toggle(CN, "informed");
  selection.toggle({ ...NGHIA, id: 4 }, "informed");
  expect(selection.all.length).toBe(2);
});

test("folding drops tones and the bar of đ", () => {
  expect(fold("  Đặng  Thuỳ ")).toBe("dang thuy");
});

// The API is an outside system to the island: one small stand-in that speaks its true shapes.
beforeEach(() => {
  vi.stubGlobal("fetch", (url: string) => {
    const body = url.endsWith("/units/0/children") ? [CN, VP] : url.endsWith("/units/4/children") ? [NGHIA] : url.includes("q=nghia") ? [NGHIA] : [];
    return Promise.resolve(new Response(JSON.stringify(body), { status: 200, headers: { "Content-Type": "application/json" } }));
  });
});
afterEach(() => vi.unstubAllGlobals());

async function mounted(): Promise<HTMLElement> {
  document.body.innerHTML = `<form><div data-island="people-picker" data-mode="roles" data-name="to" data-label="Nơi nhận"></div></form>`;
  const root = document.querySelector<HTMLElement>("[data-island]")!;
  await mount(root);
  return root;
}

test("keys 1 and 2 give roles, the right arrow opens a branch", async () => {
  const root = await mounted();
  const first = root.querySelector<HTMLElement>('[role="treeitem"]')!;

  first.dispatchEvent(new KeyboardEvent("keydown", { key: "1", code: "Digit1", bubbles: true }));
  first.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", code: "ArrowRight", bubbles: true }));
  await vi.waitFor(() => expect(root.querySelector('[aria-level="2"]')).not.toBeNull());

  expect(root.querySelector<HTMLInputElement>('input[name="to"]')?.value).toBe('[{"kind":"unit","id":4,"role":"lead"}]');
  expect(first.getAttribute("aria-expanded")).toBe("true");
  expect(first.getAttribute("aria-selected")).toBe("true");
});

test("moving the lead is said aloud", async () => {
  const root = await mounted();
  const [one, two] = [...root.querySelectorAll<HTMLElement>('[role="treeitem"]')];

  one!.querySelector<HTMLElement>('[data-role="lead"]')!.click();
  two!.querySelector<HTMLElement>('[data-role="lead"]')!.click();

  await vi.waitFor(() => expect(root.querySelector(".pick-say")?.textContent).toBe("Chủ trì chuyển sang Văn phòng Tập đoàn. Ban Công nghệ thành phối hợp."));
});
