import { beforeAll, beforeEach, expect, test } from "vitest";
import { startLists, ticksOf } from "../lists";

beforeAll(() => startLists());

beforeEach(() => {
  document.body.innerHTML = `<form data-list><input type="checkbox" data-tick-all>
    <span data-bulk hidden><span data-bulk-count></span></span>
    ${[1, 2, 3].map((number) => `<input type="checkbox" name="ids" value="${number}">`).join("")}</form>`;
});

const list = () => document.querySelector<HTMLElement>("[data-list]")!;
const all = () => document.querySelector<HTMLInputElement>("[data-tick-all]")!;

test("one tick for all ticks every row, then none, and the count follows", () => {
  all().click();
  expect(ticksOf(list()).map((tick) => tick.checked)).toEqual([true, true, true]);
  expect(document.querySelector("[data-bulk-count]")!.textContent).toBe("Đã chọn 3");
  all().click();
  expect(ticksOf(list()).some((tick) => tick.checked)).toBe(false);
  expect(document.querySelector<HTMLElement>("[data-bulk]")!.hidden).toBe(true);
});

test("a row ticked by hand leaves the tick for all undecided until the last one", () => {
  const [first, ...others] = ticksOf(list());
  first!.click();
  expect([all().checked, all().indeterminate]).toEqual([false, true]);
  others.forEach((tick) => tick.click());
  expect([all().checked, all().indeterminate]).toEqual([true, false]);
});
