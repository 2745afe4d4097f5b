import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { mayHang, mount } from "./index";

beforeEach(() => {
  document.head.innerHTML = '<meta name="csrf-token" content="t0ken">';
  document.body.innerHTML = `<div data-move="/co-cau/don-vi/0/chuyen/"><ul><li data-unit="1" data-name="Tập đoàn"><details><summary class="unit-row"></summary><ul>
    <li data-unit="2" data-name="Ban A"><summary class="unit-row"></summary><ul><li data-unit="4" data-name="Phòng C"><summary class="unit-row"></summary></li></ul></li>
    <li data-unit="3" data-name="Ban B"><summary class="unit-row"></summary></li></ul></details></li></ul><p class="sr" data-say></p></div>`;
});
afterEach(() => vi.unstubAllGlobals());

const unit = (id: number): HTMLElement => document.querySelector<HTMLElement>(`[data-unit="${id}"]`)!;
const row = (id: number): HTMLElement => unit(id).querySelector<HTMLElement>(".unit-row")!;
const fire = (id: number, kind: string): boolean => row(id).dispatchEvent(new Event(kind, { bubbles: true, cancelable: true }));

test("a unit hangs neither below itself, nor its own, nor where it is", () => {
  expect([mayHang(unit(2), unit(2)), mayHang(unit(2), unit(4)), mayHang(unit(2), unit(1)), mayHang(unit(2), unit(3))]).toEqual([false, false, false, true]);
});

test("a drop asks, then posts the new parent with the token", async () => {
  const fetched = vi.fn().mockResolvedValue({ ok: false, status: 403 });
  vi.stubGlobal("fetch", fetched);
  vi.stubGlobal("confirm", () => true);
  mount(document.querySelector<HTMLElement>("[data-move]")!);

  fire(2, "dragstart");
  expect(fire(3, "dragover")).toBe(false);
  expect(row(3).classList.contains("is-target")).toBe(true);
  fire(3, "drop");
  await vi.waitFor(() => expect(document.querySelector("[data-say]")!.textContent).toContain("phạm vi"));

  const [address, request] = fetched.mock.calls[0] as [string, RequestInit];
  expect([address, String(request.body), (request.headers as Record<string, string>)["X-CSRFToken"]]).toEqual(["/co-cau/don-vi/2/chuyen/", "parent=3", "t0ken"]);
});

test("a drop that is not confirmed, or on its own branch, posts nothing", () => {
  const fetched = vi.fn();
  vi.stubGlobal("fetch", fetched);
  vi.stubGlobal("confirm", () => false);
  mount(document.querySelector<HTMLElement>("[data-move]")!);

  fire(2, "dragstart");
  fire(4, "drop");
  fire(3, "drop");

  expect(fetched).not.toHaveBeenCalled();
});
