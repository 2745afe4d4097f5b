import { afterEach, beforeAll, expect, test, vi } from "vitest";
import { startHtmx } from "../htmx";
import { startToasts } from "../toasts";

// The document of these tests has no XPath, which htmx asks for as soon as it is loaded; what is tested is ours.
vi.mock("htmx.org", () => ({ default: { config: {} } }));

const NOTICE = `<dialog role="alertdialog"><p>Đang có một đề nghị gia hạn chờ quyết định.</p></dialog>`;
const HTML = { "Content-Type": "text/html; charset=utf-8" };

beforeAll(() => {
  HTMLDialogElement.prototype.showModal ??= vi.fn();
  startHtmx();
  startToasts(document);
});
afterEach(() => document.querySelectorAll("dialog").forEach((dialog) => dialog.remove()));

function answered(status: number, responseText: string, headers: Record<string, string>): { shouldSwap: boolean } {
  const xhr = { status, responseText, getResponseHeader: (name: string) => headers[name] ?? null };
  const detail = { xhr, shouldSwap: false, isError: true, target: document.body };
  document.dispatchEvent(new CustomEvent("htmx:beforeSwap", { detail }));
  return detail;
}

test.each([400, 403, 405, 409, 413, 415, 422, 429, 500])("a notice of status %i is shown over the page", (status) => {
  const { shouldSwap } = answered(status, NOTICE, { ...HTML, "X-Error-Notice": "1" });
  expect(shouldSwap).toBe(false);
  expect(document.querySelector("dialog")!.textContent).toContain("chờ quyết định");
});

test("a part of the page with faults is swapped in", () => {
  expect(answered(422, "<form>Chưa lưu</form>", HTML).shouldSwap).toBe(true);
  expect(document.querySelector("dialog")).toBeNull();
});

test.each([
  [502, "<html><body>Bad Gateway</body></html>", HTML],
  [504, "", HTML],
  [409, "", HTML],
  [400, "{}", { "Content-Type": "application/json" }],
])("status %i without words of ours is told all the same", (status, body, headers) => {
  expect(answered(status, body, headers).shouldSwap).toBe(false);
  expect(document.querySelector("dialog")!.textContent).toContain(`mã ${status}`);
});

test("a good answer is left to htmx", () => {
  answered(204, "", {});
  expect(document.querySelector("dialog")).toBeNull();
});
