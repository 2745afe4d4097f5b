import { beforeEach, expect, test } from "vitest";
import { startFormKeeper } from "../form-keeper";

function page(html: string): void {
  document.head.innerHTML = "";
  document.body.innerHTML = html;
}
const FORM = `<form data-keep="directive-12"><div data-kept-note></div><textarea name="words"></textarea><input type="password" name="pin">
  <input type="hidden" name="csrfmiddlewaretoken" value="new"><label><input type="radio" name="role" value="lead"></label><label><input type="radio" name="role" value="support" checked></label></form>`;

beforeEach(() => localStorage.clear());

test("typed text comes back on the next visit, secrets and tokens do not", () => {
  page(FORM);
  startFormKeeper(document);
  const words = document.querySelector<HTMLTextAreaElement>("textarea")!;
  words.value = "Giao Ban Công nghệ chủ trì";
  document.querySelector<HTMLInputElement>("[name=pin]")!.value = "123456";
  document.querySelector<HTMLInputElement>("[value=lead]")!.checked = true;
  words.dispatchEvent(new Event("input", { bubbles: true }));
  expect(Object.values(localStorage).join()).not.toContain("123456");

  page(FORM);
  startFormKeeper(document);

  expect(document.querySelector<HTMLTextAreaElement>("textarea")!.value).toBe("Giao Ban Công nghệ chủ trì");
  expect(document.querySelector<HTMLInputElement>("[value=lead]")!.checked).toBe(true);
  expect(document.querySelector<HTMLInputElement>("[name=pin]")!.value).toBe("");
  expect(document.querySelector<HTMLInputElement>("[name=csrfmiddlewaretoken]")!.value).toBe("new");
  expect(document.querySelector("[data-kept-note] [role=status]")?.textContent).toContain("Đã lấy lại nội dung viết dở");
});

test("success forgets what was kept", () => {
  page(FORM);
  startFormKeeper(document);
  const words = document.querySelector<HTMLTextAreaElement>("textarea")!;
  words.value = "x";
  words.dispatchEvent(new Event("input", { bubbles: true }));
  expect(localStorage.length).toBe(1);

  page("");
  document.head.innerHTML = `<meta name="kept-done" content="directive-12">`;
  startFormKeeper(document);

  expect(localStorage.length).toBe(0);
});
