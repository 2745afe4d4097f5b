/**
 * Keeps what is typed. `<form data-keep="directive-12">` is saved in this browser as it is filled in, and put back
 * when the same form is opened again (after a lost session, a closed tab, a crash). It is forgotten when the form was
 * carried out: a plain form by the redirect that follows, one of htmx by its answer. A page may say so as well with
 * `<meta name="kept-done" content="directive-12">`, an answer with the trigger `form:done`.
 * Passwords, PINs and files are never kept.
 */
const PREFIX = "eo-kept:";
const SENT = "eo-sent";
const DAYS_KEPT = 14;

interface Kept {
  at: number;
  fields: Record<string, string[]>;
}

export function startFormKeeper(root: Document = document): void {
  forgetOld();
  forgetCarriedOut(root);
  for (const meta of root.querySelectorAll<HTMLMetaElement>('meta[name="kept-done"]')) forget(meta.content);
  root.querySelectorAll<HTMLFormElement>("form[data-keep]").forEach(restore);
  root.addEventListener("input", (event) => keepFormOf(event.target as Element));
  root.addEventListener("change", (event) => keepFormOf(event.target as Element));
  root.addEventListener("htmx:load", (event) =>
    (event.target as Element).querySelectorAll<HTMLFormElement>("form[data-keep]").forEach(restore),
  );
  root.addEventListener("submit", (event) => noteSent(event));
  root.addEventListener("htmx:afterRequest", (event) => {
    const form = event.target as Element;
    if ((event as CustomEvent<{ successful?: boolean }>).detail?.successful && form.matches("form[data-keep][hx-post]")) localStorage.removeItem(keyOf(form as HTMLFormElement));
  });
  root.addEventListener("form:done", (event) => {
    const name = (event as CustomEvent<{ name?: string }>).detail?.name;
    if (name) forget(name);
  });
}

export function forget(name: string): void {
  localStorage.removeItem(PREFIX + name);
}

/** Remembers, for the page that follows, which kept form was sent by the browser itself. */
function noteSent(event: Event): void {
  const form = event.target as HTMLFormElement;
  if (form.matches("[data-keep]:not([hx-post])")) sessionStorage.setItem(SENT, keyOf(form));
}

/**
 * What was carried out is no longer kept. A command that succeeds redirects to another page behind the sign-in; a refused
 * one shows its form again, a lost session shows the door, a broken connection comes to no page of ours.
 */
function forgetCarriedOut(root: Document): void {
  const sent = sessionStorage.getItem(SENT);
  sessionStorage.removeItem(SENT);
  const [arrival] = (performance.getEntriesByType?.("navigation") ?? []) as PerformanceNavigationTiming[];
  const redirected = arrival?.type === "navigate" && arrival.redirectCount > 0;
  if (sent && redirected && root.getElementById("session-dialog")) localStorage.removeItem(sent);
}

function keepFormOf(element: Element): void {
  const form = element.closest<HTMLFormElement>("form[data-keep]");
  // An island that starts writes its field before htmx says the form is there: what was kept comes first.
  if (form) restore(form);
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
  if (form.dataset["restored"] !== undefined) return;
  form.dataset["restored"] = "";
  const text = localStorage.getItem(keyOf(form));
  if (!text) return;
  const kept = JSON.parse(text) as Kept;
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
