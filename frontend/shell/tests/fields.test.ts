import { expect, test } from "vitest";
import { wholeDate } from "../fields";

const TODAY = new Date(2026, 10, 23);

test.each([
  ["5/1", "05/01/2026"],
  ["05/01/25", "05/01/2025"],
  ["05012026", "05/01/2026"],
  ["2311", "23/11/2026"],
  ["23-11-2026", "23/11/2026"],
  ["mai", "mai"],
])("%s reads as %s", (typed, whole) => {
  expect(wholeDate(typed, TODAY)).toBe(whole);
});
