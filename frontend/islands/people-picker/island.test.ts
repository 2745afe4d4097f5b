import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Selection, type Choice } from "./chosen";
import { startFormKeeper } from "../../shell/form-keeper";
import { fold } from "./fold";
import { mount } from "./index";

const CN: Choice = { kind: "unit", id: 4, name: "Ban Công nghệ", mark: "CN", detail: "TXG", path: "/1/4/" };
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

test("opening a page with recipients is no change; choosing one is", async () => {
  const changed = vi.fn();
  document.addEventListener("change", changed);
  document.body.innerHTML = `<form><div data-island="people-picker" data-mode="multi" data-name="to" data-label="Nơi nhận" data-chosen='[{"kind":"unit","id":4,"name":"Ban Công nghệ"}]'></div></form>`;
  const root = document.querySelector<HTMLElement>("[data-island]")!;
  await mount(root);
  expect(root.querySelector<HTMLInputElement>('input[name="to"]')?.value).toBe('[{"kind":"unit","id":4}]');
  expect(changed).not.toHaveBeenCalled();

  root.querySelector<HTMLElement>("[data-remove]")!.click();
  document.removeEventListener("change", changed);
  expect(changed).toHaveBeenCalledOnce();
});

test("moving the lead is said aloud", async () => {
  const root = await mounted();
  const [one, two] = [...root.querySelectorAll<HTMLElement>('[role="treeitem"]')];

  one!.querySelector<HTMLElement>('[data-role="lead"]')!.click();
  two!.querySelector<HTMLElement>('[data-role="lead"]')!.click();

  await vi.waitFor(() => expect(root.querySelector(".pick-say")?.textContent).toBe("Chủ trì chuyển sang Văn phòng Tập đoàn. Ban Công nghệ thành phối hợp."));
});

test("an answer that comes after a choice does not drown what the choice said", async () => {
  const root = await mounted();
  const [one, two] = [...root.querySelectorAll<HTMLElement>('[role="treeitem"]')];
  const search = root.querySelector<HTMLInputElement>('[type="search"]')!;
  one!.querySelector<HTMLElement>('[data-role="lead"]')!.click();

  search.value = "van";
  search.dispatchEvent(new Event("input", { bubbles: true }));
  two!.querySelector<HTMLElement>('[data-role="lead"]')!.click();

  await vi.waitFor(() => expect([...root.querySelectorAll('[role="treeitem"]')]).not.toContain(two));
  expect(root.querySelector(".pick-say")?.textContent).toBe("Chủ trì chuyển sang Văn phòng Tập đoàn. Ban Công nghệ thành phối hợp.");
});

test("Enter proposes support where the lead is not on offer", async () => {
  document.body.innerHTML = `<form><div data-island="people-picker" data-mode="roles" data-roles="support,informed" data-name="to" data-label="Nơi nhận"></div></form>`;
  const root = document.querySelector<HTMLElement>("[data-island]")!;
  await mount(root);

  root.querySelector<HTMLInputElement>("input[type=search]")!.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
  root.querySelectorAll<HTMLElement>('[role="treeitem"]')[1]!.dispatchEvent(new KeyboardEvent("keydown", { key: "1", code: "Digit1", bubbles: true }));

  expect(root.querySelector('[data-role="lead"]')).toBeNull();
  expect(root.querySelector<HTMLInputElement>('input[name="to"]')?.value).toBe('[{"kind":"unit","id":4,"role":"support"}]');
});

test("chosen recipients come back with their names after a lost session", async () => {
  localStorage.clear();
  startFormKeeper(document);
  const page = `<form data-keep="directive-7"><div data-kept-note></div><textarea name="words"></textarea><div data-island="people-picker" data-mode="roles" data-name="to" data-label="Nơi nhận" data-chosen="[]"></div></form>`;
  document.body.innerHTML = page;
  await mount(document.querySelector<HTMLElement>("[data-island]")!);
  document.querySelectorAll<HTMLElement>('[role="treeitem"]')[1]!.dispatchEvent(new KeyboardEvent("keydown", { key: "1", code: "Digit1", bubbles: true }));

  document.body.innerHTML = page;
  document.dispatchEvent(new CustomEvent("htmx:load"));
  await mount(document.querySelector<HTMLElement>("[data-island]")!);

  expect(document.querySelector(".pick-chosen")?.textContent).toContain("Văn phòng Tập đoàn");
  expect(document.querySelector<HTMLInputElement>('input[name="to"]')?.value).toBe('[{"kind":"unit","id":5,"role":"lead"}]');
  expect(document.querySelector("[data-kept-note] [role=status]")?.textContent).toContain("Đã lấy lại");
});

test("a unit shows its symbol", async () => {
  const root = await mounted();
  expect(root.querySelector(".ava")?.textContent).toBe("CN");
});
