/**
 * Keeps what is typed. `<form data-keep="directive-12">` is saved in this browser as it is filled in, and put back
 * when the same form is opened again (after a lost session, a closed tab, a crash). It is forgotten when the form was
 * carried out: a plain form by the redirect that follows, one of htmx by its answer. A page may say so as well with
 * `<meta name="kept-done" content="directive-12">`, an answer with the trigger `form:done`.
 * An island that brings a field of its own dispatches `field:ready` from it: what was kept of it is put in then. A field whose
 * value alone is not enough to show it again has `data-kept-value`, which is kept in its place.
 * Passwords, PINs and files are never kept. `data-not-typed` on a field that says what the page showed: it goes with what was
 * typed and is nothing to put back alone.
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
  root.addEventListener("field:ready", (event) => restoreLate(event.target as Field));
  root.addEventListener("input", (event) => keepFormOf(event.target as Element));
  root.addEventListener("change", (event) => keepFormOf(event.target as Element));
  root.addEventListener("htmx:load", (event) =>
    (event.target as Element).querySelectorAll<HTMLFormElement>("form[data-keep]").forEach(restore),
  );
  root.addEventListener("submit", (event) => noteSent(event));
  root.addEventListener("htmx:afterRequest", (event) => {
    const form = event.target as Element;
    // Not `successful`: htmx says that only of answers it puts on the page, and a command answers with where to go.
    const status = (event as CustomEvent<{ xhr?: { status: number } }>).detail?.xhr?.status ?? 0;
    if (status >= 200 && status < 300 && form.matches("form[data-keep][hx-post]")) localStorage.removeItem(keyOf(form as HTMLFormElement));
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
  // A form that htmx sends while it is filled in is still sent by the browser when its button is pressed.
  if (form.matches("[data-keep]:not([hx-post]), [data-keep][hx-trigger]")) sessionStorage.setItem(SENT, keyOf(form));
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
      values.push(field.dataset["keptValue"] ?? field.value);
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
  if (!differs(kept.fields, fieldsOf(form), notTyped(form))) return;
  late.set(form, kept.fields);
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
  tellRestored(form);
  tell(form, kept.at);
}

/** Told once more when the page has loaded: only then does a form that saves itself hear it, and what came back is saved. */
function tellRestored(form: HTMLFormElement): void {
  const say = (): boolean => form.dispatchEvent(new CustomEvent("form:restored", { bubbles: true }));
  say();
  if (document.readyState !== "complete") addEventListener("load", say, { once: true });
}

/** What was kept of fields that were not there yet when their form was restored. */
const late = new WeakMap<HTMLFormElement, Record<string, string[]>>();

function restoreLate(field: Field): void {
  const form = field.form;
  if (!form?.matches("form[data-keep]") || !keepable(form).includes(field)) return;
  restore(form);
  const value = late.get(form)?.[field.name]?.[0];
  if (value === undefined || isEmpty(value)) return;
  field.value = value;
  form.dispatchEvent(new CustomEvent("form:restored", { bubbles: true }));
}

/** Names of fields that say what the page showed, such as the moment of its content: alone they are nothing to put back. */
function notTyped(form: HTMLFormElement): Set<string> {
  return new Set(keepable(form).filter((field) => field.dataset["notTyped"] !== undefined).map((field) => field.name));
}

/** Whether anything kept is not on the form; a field that is not there yet counts when something of it was kept. */
function differs(kept: Record<string, string[]>, shown: Record<string, string[]>, besides: Set<string>): boolean {
  return Object.entries(kept).some(([name, values]) => {
    if (besides.has(name)) return false;
    const now = shown[name];
    return now ? JSON.stringify(values) !== JSON.stringify(now) : !values.every(isEmpty);
  });
}

function isEmpty(value: string): boolean {
  return value === "" || value === "[]";
}

function tell(form: HTMLFormElement, at: number): void {
  const moment = new Date(at);
  const two = (value: number): string => String(value).padStart(2, "0");
  const when = `${two(moment.getHours())}:${two(moment.getMinutes())} ngày ${two(moment.getDate())}/${two(moment.getMonth() + 1)}`;
  const files = form.querySelector("input[type=file]") ? " Tệp đính kèm cần chọn lại." : "";
  const note = document.createElement("div");
  note.className = "note note-acc";
  note.setAttribute("role", "status");
  const words = document.createElement("span");
  words.className = "grow";
  words.textContent = `Đã lấy lại nội dung viết dở lúc ${when}.${files}`;
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
