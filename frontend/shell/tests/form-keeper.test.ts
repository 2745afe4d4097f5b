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

const SAVING_ITSELF = (seen: string, words = ""): string => `<form data-keep="draft-30" hx-post="/edit/" hx-trigger="change delay:300ms">
  <textarea name="words">${words}</textarea><input type="hidden" name="seen_at" data-not-typed value="${seen}"></form>`;

test("what the page showed alone is nothing to put back", () => {
  page(SAVING_ITSELF("12:46", "đã lưu"));
  startFormKeeper(document);
  document.querySelector("textarea")!.dispatchEvent(new Event("input", { bubbles: true }));

  page(SAVING_ITSELF("12:50", "đã lưu"));
  startFormKeeper(document);

  expect(document.querySelector<HTMLInputElement>("[name=seen_at]")!.value).toBe("12:50");
  expect(document.body.textContent).not.toContain("Đã lấy lại nội dung");
});

test("a form that saves itself is forgotten as well when its button sent it", () => {
  sessionStorage.clear();
  page(SAVING_ITSELF("12:46"));
  startFormKeeper(document);

  document.querySelector("form")!.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));

  expect(sessionStorage.getItem("eo-sent")).toBe("eo-kept:draft-30");
});

test("a command that answers with where to go is carried out, a refused one is kept", () => {
  const typed = (status: number): number => {
    localStorage.clear();
    page(`<form data-keep="direct-7" hx-post="/direct/"><textarea name="words"></textarea></form>`);
    startFormKeeper(document);
    const words = document.querySelector<HTMLTextAreaElement>("textarea")!;
    words.value = "Giao chủ trì.";
    words.dispatchEvent(new Event("input", { bubbles: true }));
    words.form!.dispatchEvent(new CustomEvent("htmx:afterRequest", { bubbles: true, detail: { xhr: { status } } }));
    return localStorage.length;
  };

  expect([typed(204), typed(422), typed(401)]).toEqual([0, 1, 1]);
});
