import { expect, test } from "vitest";
import { refusalOf, sizeWords } from "./index";

function parts(accept: string, limitBytes = 100): { input: HTMLInputElement; limitBytes: number } {
  const input = document.createElement("input");
  input.accept = accept;
  return { input, limitBytes };
}

test("an empty file is refused", () => {
  expect(refusalOf({ name: "a.pdf", size: 0 }, parts(""))).toContain("0 byte");
});

test("a file over the limit is refused with the limit in words", () => {
  expect(refusalOf({ name: "a.pdf", size: 200 * 1024 * 1024 }, parts(".pdf", 100 * 1024 * 1024))).toContain("100 MB");
});

test("another kind of file is refused, capitals do not matter", () => {
  expect(refusalOf({ name: "a.exe", size: 5 }, parts(".pdf,.docx"))).toContain(".pdf, .docx");
  expect(refusalOf({ name: "QUYẾT ĐỊNH.PDF", size: 5 }, parts(".pdf"))).toBe("");
});

test("sizes read the Vietnamese way", () => {
  expect(sizeWords(1.9 * 1024 * 1024)).toBe("1,9 MB");
  expect(sizeWords(10)).toBe("1 KB");
});
