/**
 * The machine is still reading the page whose form is open: asks again until it has read, then fills in.
 *
 *     <form …><p data-island="page-reading" id="register-read" role="status">Máy đang đọc trang…</p> … fields … </form>
 *
 * A form nobody has touched is opened anew, with its doubtful fields marked. In one that is being filled in, only fields
 * nobody has touched take what was read; what was typed stays. The island asks for the page it stands on: while that
 * still has the island in it, reading goes on.
 */
import type { Unmount } from "../../islands";

const AGAIN_MS = 1500;
const TIMES = 40;

type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

export function mount(element: HTMLElement): Unmount {
  const abort = new AbortController();
  let timer = setTimeout(() => void ask(TIMES), AGAIN_MS);
  async function ask(left: number): Promise<void> {
    const response = await fetch(location.href, { signal: abort.signal, headers: { Accept: "text/html" } }).catch(() => null);
    if (abort.signal.aborted) return;
    const page = response?.ok ? new DOMParser().parseFromString(await response.text(), "text/html") : null;
    const read = page?.getElementById(element.id);
    if (page && read && !read.matches("[data-island]")) finish(element, page, read);
    else if (left > 1) timer = setTimeout(() => void ask(left - 1), AGAIN_MS);
  }
  return () => {
    abort.abort();
    clearTimeout(timer);
  };
}

function finish(element: HTMLElement, page: Document, read: HTMLElement): void {
  const form = element.closest("form");
  if (form && !fieldsOf(form).some(isTouched)) return location.reload();
  if (form) fill(form, page);
  const viewer = document.querySelector<HTMLElement>("[data-island=pdf-viewer]");
  const newer = page.querySelector<HTMLElement>("[data-island=pdf-viewer]");
  const marks = newer?.dataset["marks"];
  const desk = newer?.closest(".desk");
  // A file that was still on its way to a PDF has a page to show now.
  if (!viewer && desk) document.querySelector(".desk")?.replaceWith(document.importNode(desk, true));
  else if (viewer && marks) viewer.dispatchEvent(new CustomEvent("viewer:marks", { detail: { marks: JSON.parse(marks) as unknown } }));
  element.replaceWith(document.importNode(read, true));
}

/** Puts what was read into fields nobody has touched; the one that has the focus is being typed in. */
export function fill(form: HTMLFormElement, page: Document): void {
  let filled: Field | null = null;
  for (const field of fieldsOf(form)) {
    if (field === document.activeElement || isTouched(field)) continue;
    const said = page.getElementById(field.id) as Field | null;
    if (!said || said.value === field.value) continue;
    field.value = said.value;
    filled ??= field;
  }
  filled?.dispatchEvent(new Event("change", { bubbles: true }));
}

function fieldsOf(form: HTMLFormElement): Field[] {
  return [...form.elements].filter((one): one is Field => {
    if (!(one instanceof HTMLInputElement || one instanceof HTMLTextAreaElement || one instanceof HTMLSelectElement)) return false;
    return one.id !== "" && !["hidden", "file", "password", "checkbox", "radio"].includes(one.type);
  });
}

function isTouched(field: Field): boolean {
  if (!(field instanceof HTMLSelectElement)) return field.value !== field.defaultValue;
  const shown = [...field.options].find((option) => option.defaultSelected) ?? field.options[0];
  return field.value !== shown?.value;
}
