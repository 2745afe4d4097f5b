import { beforeAll, beforeEach, expect, test, vi } from "vitest";
import { startFormGuard } from "../form-guard";

beforeAll(() => startFormGuard(document));
beforeEach(() => {
  document.body.innerHTML = `<form><button type="submit" data-busy="Đang đăng ký">Đăng ký</button></form>`;
});

function submit(): { sent: boolean; form: HTMLFormElement; button: HTMLButtonElement } {
  const form = document.querySelector("form")!;
  const button = form.querySelector("button")!;
  const event = new SubmitEvent("submit", { bubbles: true, cancelable: true, submitter: button });
  return { sent: form.dispatchEvent(event), form, button };
}

test("the second press of the same form is not sent", async () => {
  expect(submit().sent).toBe(true);
  await vi.waitFor(() => expect(document.querySelector("button")!.disabled).toBe(true));
  expect(document.querySelector("button")!.textContent).toBe("Đang đăng ký");
  expect(submit().sent).toBe(false);
});

test("the answer frees the form again", async () => {
  const { form, button } = submit();
  await vi.waitFor(() => expect(button.disabled).toBe(true));
  form.dispatchEvent(new CustomEvent("htmx:afterRequest", { bubbles: true }));
  expect(button.disabled).toBe(false);
  expect(button.textContent).toBe("Đăng ký");
});

test("a form that saves itself is sent after the answer to its saving", async () => {
  document.body.innerHTML = `<form hx-post="/edit/" hx-trigger="change" class="htmx-request"><button type="submit">Trình duyệt</button></form>`;
  const sent = vi.fn();
  document.querySelector("form")!.requestSubmit = sent;
  const { form, button } = submit();
  expect(button.disabled).toBe(true);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(sent).not.toHaveBeenCalled();

  form.classList.remove("htmx-request");
  form.dispatchEvent(new CustomEvent("htmx:afterRequest", { bubbles: true }));
  await vi.waitFor(() => expect(sent).toHaveBeenCalledExactlyOnceWith(button));
  expect(button.disabled).toBe(false);
});

test("nothing saves itself once a form leaves the page", async () => {
  document.body.innerHTML = `<form hx-post="/edit/" hx-trigger="change"><button type="submit">Trình duyệt</button></form>`;
  const saving = () => new CustomEvent("htmx:beforeRequest", { bubbles: true, cancelable: true });
  expect(document.querySelector("form")!.dispatchEvent(saving())).toBe(true);
  const { form } = submit();
  await vi.waitFor(() => expect(form.dataset["leaving"]).toBe(""));
  expect(form.dispatchEvent(saving())).toBe(false);
});
