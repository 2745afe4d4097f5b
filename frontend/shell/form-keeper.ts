/**
 * Keeps what is typed. `<form data-keep="directive-12">` is saved in this browser as it is filled in, and put back
 * when the same form is opened again (after a lost session, a closed tab, a crash). The page that follows success
 * carries `<meta name="kept-done" content="directive-12">`, or the answer triggers `form:done`; then it is forgotten.
 * Passwords, PINs and files are never kept.
 */
const PREFIX = "eo-kept:";
const DAYS_KEPT = 14;

interface Kept {
  at: number;
  fields: Record<string, string[]>;
}

export function startFormKeeper(root: Document = document): void {
  forgetOld();
  for (const meta of root.querySelectorAll<HTMLMetaElement>('meta[name="kept-done"]')) forget(meta.content);
  root.querySelectorAll<HTMLFormElement>("form[data-keep]").forEach(restore);
  root.addEventListener("input", (event) => keepFormOf(event.target as Element));
  root.addEventListener("change", (event) => keepFormOf(event.target as Element));
  root.addEventListener("htmx:load", (event) =>
    (event.target as Element).querySelectorAll<HTMLFormElement>("form[data-keep]").forEach(restore),
  );
  root.addEventListener("form:done", (event) => {
    const name = (event as CustomEvent<{ name?: string }>).detail?.name;
    if (name) forget(name);
  });
}

export function forget(name: string): void {
  localStorage.removeItem(PREFIX + name);
}

function keepFormOf(element: Element): void {
  const form = element.closest<HTMLFormElement>("form[data-keep]");
  if (form) localStorage.setItem(keyOf(form), JSON.stringify({ at: Date.now(), fields: fieldsOf(form) } satisfies Kept));
}

function keyOf(form: HTMLFormElement): string {
  return PREFIX + (form.dataset["keep"] || location.pathname);
}

type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

function keepable(form: HTMLFormElement): Field[] {
  return [...form.elements].filter((element): element is Field => {
    if (!(element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement || element instanceof HTMLSelectElement)) return false;
    if (!element.name || element.closest("[data-never-keep]")) return false;
    if (["csrfmiddlewaretoken", "idempotency_key"].includes(element.name)) return false;
    return !["password", "file", "submit", "button"].includes(element.type);
  });
}

function fieldsOf(form: HTMLFormElement): Record<string, string[]> {
  const fields: Record<string, string[]> = {};
  for (const field of keepable(form)) {
    const values = (fields[field.name] ??= []);
    if (field instanceof HTMLInputElement && ["checkbox", "radio"].includes(field.type)) {
      if (field.checked) values.push(field.value);
    } else {
      values.push(field.value);
    }
  }
  return fields;
}

function restore(form: HTMLFormElement): void {
  const text = localStorage.getItem(keyOf(form));
  if (!text || form.dataset["restored"] !== undefined) return;
  const kept = JSON.parse(text) as Kept;
  form.dataset["restored"] = "";
  if (JSON.stringify(kept.fields) === JSON.stringify(fieldsOf(form))) return;
  const taken = new Map<string, number>();
  for (const field of keepable(form)) {
    const values = kept.fields[field.name];
    if (!values) continue;
    if (field instanceof HTMLInputElement && ["checkbox", "radio"].includes(field.type)) {
      field.checked = values.includes(field.value);
      continue;
    }
    const index = taken.get(field.name) ?? 0;
    taken.set(field.name, index + 1);
    field.value = values[index] ?? field.value;
  }
  form.dispatchEvent(new CustomEvent("form:restored", { bubbles: true }));
  tell(form, kept.at);
}

function tell(form: HTMLFormElement, at: number): void {
  const when = new Intl.DateTimeFormat("vi-VN", { hour: "2-digit", minute: "2-digit", day: "2-digit", month: "2-digit" }).format(at);
  const note = document.createElement("div");
  note.className = "note note-acc";
  note.setAttribute("role", "status");
  const words = document.createElement("span");
  words.className = "grow";
  words.textContent = `Đã lấy lại nội dung viết dở lúc ${when}. Tệp đính kèm cần chọn lại.`;
  const drop = document.createElement("button");
  drop.type = "button";
  drop.className = "btn btn-quiet btn-sm";
  drop.textContent = "Bỏ nội dung viết dở";
  drop.addEventListener("click", () => {
    localStorage.removeItem(keyOf(form));
    location.reload();
  });
  note.append(words, drop);
  (form.querySelector("[data-kept-note]") ?? form).prepend(note);
}

function forgetOld(): void {
  const oldest = Date.now() - DAYS_KEPT * 86_400_000;
  for (const key of Object.keys(localStorage).filter((name) => name.startsWith(PREFIX))) {
    const kept = JSON.parse(localStorage.getItem(key) ?? "{}") as Partial<Kept>;
    if ((kept.at ?? 0) < oldest) localStorage.removeItem(key);
  }
}
