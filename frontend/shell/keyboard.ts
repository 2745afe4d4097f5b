/**
 * Keys of the desk. They bind to the physical key (`event.code`), because Vietnamese typing changes letters, work
 * outside text fields, and each can be switched off in the dialog that `?` opens. An element answers to a key by
 * `data-key="search|create|primary|return|direct|consult|later|undo|previous|next|zoom-in|zoom-out|zoom-reset"`;
 * to several keys by their names with spaces between.
 */
import { tickRange, showBulk } from "./lists";

export interface Shortcut {
  id: string;
  code: string;
  shift?: boolean;
  shown: string;
  words: string;
}

export const SHORTCUTS: readonly Shortcut[] = [
  { id: "search", code: "Slash", shown: "/", words: "Tìm kiếm" },
  { id: "create", code: "KeyC", shown: "C", words: "Soạn, tạo mới" },
  { id: "row-next", code: "KeyJ", shown: "J", words: "Dòng sau" },
  { id: "row-previous", code: "KeyK", shown: "K", words: "Dòng trước" },
  { id: "open", code: "Enter", shown: "Enter", words: "Mở dòng đang chọn" },
  { id: "back", code: "Escape", shown: "Esc", words: "Về danh sách" },
  { id: "tick", code: "KeyX", shown: "X", words: "Chọn dòng" },
  { id: "tick-range", code: "KeyX", shift: true, shown: "Shift X", words: "Chọn từ dòng trước đến dòng này" },
  { id: "previous", code: "BracketLeft", shown: "[", words: "Trang trước" },
  { id: "next", code: "BracketRight", shown: "]", words: "Trang sau" },
  { id: "primary", code: "KeyG", shown: "G", words: "Việc chính của trạng thái" },
  { id: "return", code: "KeyR", shown: "R", words: "Trả lại" },
  { id: "direct", code: "KeyB", shown: "B", words: "Bút phê" },
  { id: "consult", code: "KeyY", shown: "Y", words: "Xin ý kiến" },
  { id: "later", code: "KeyL", shown: "L", words: "Để sau" },
  { id: "undo", code: "KeyU", shown: "U", words: "Hoàn tác" },
  { id: "zoom-in", code: "Equal", shown: "+", words: "Phóng to trang" },
  { id: "zoom-out", code: "Minus", shown: "−", words: "Thu nhỏ trang" },
  { id: "zoom-reset", code: "Digit0", shown: "0", words: "Trang vừa khung" },
];
const ALWAYS: readonly [string, string][] = [
  ["?", "Bảng phím tắt này"],
  ["Ctrl ↵", "Xong biểu mẫu, sang việc tiếp"],
  ["Alt 1–9", "Tới trường mang số đó"],
  ["F2", "Xem trường được đọc ở đâu"],
];
const STORE = "eo-keys-off";

export function startKeyboard(root: Document = document): void {
  root.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing) return;
    if (event.ctrlKey || event.altKey || event.metaKey) inForm(root, event);
    else if (!isTyping(event.target as HTMLElement)) outsideForm(root, event);
  });
  root.addEventListener("click", (event) => {
    if ((event.target as Element).closest("[data-shows-keys]")) showKeys(root);
  });
}

export function isTyping(target: HTMLElement): boolean {
  if (target.isContentEditable || target.matches("textarea, select")) return true;
  return target instanceof HTMLInputElement && !["checkbox", "radio", "button", "submit"].includes(target.type);
}

function switchedOff(): Set<string> {
  return new Set(JSON.parse(localStorage.getItem(STORE) ?? "[]") as string[]);
}

function inForm(root: Document, event: KeyboardEvent): void {
  if (event.ctrlKey && event.code === "Enter") {
    const form = (event.target as Element).closest("form") ?? root.querySelector<HTMLFormElement>("form[data-finish]");
    const button = form?.querySelector<HTMLButtonElement>("button[data-finish], button.btn-primary[type=submit]");
    if (button && !button.disabled) {
      event.preventDefault();
      button.click();
    }
  } else if (event.altKey && /^Digit[1-9]$/.test(event.code)) {
    const field = root.querySelector<HTMLElement>(`[data-field-no="${event.code.slice(5)}"]`);
    if (field) {
      event.preventDefault();
      field.focus();
    }
  } else if (event.altKey && event.code === "KeyD") {
    const later = visible(root, '[data-key="later"]');
    if (later) {
      event.preventDefault();
      later.click();
    }
  }
}

function outsideForm(root: Document, event: KeyboardEvent): void {
  if (event.key === "?") {
    event.preventDefault();
    showKeys(root);
    return;
  }
  const shortcut = SHORTCUTS.find((one) => one.code === event.code && Boolean(one.shift) === event.shiftKey)
    ?? (event.code === "Equal" ? SHORTCUTS.find((one) => one.id === "zoom-in") : undefined);
  if (!shortcut || switchedOff().has(shortcut.id)) return;
  const scope = root.querySelector<HTMLDialogElement>("dialog[open]");
  if (scope && shortcut.id === "back") return;
  if (run(root, shortcut.id, event.target as HTMLElement)) event.preventDefault();
}

function run(root: Document, id: string, target: HTMLElement): boolean {
  switch (id) {
    case "row-next":
      return moveRow(root, 1);
    case "row-previous":
      return moveRow(root, -1);
    case "tick":
      return tick(root, false);
    case "tick-range":
      return tick(root, true);
    case "open":
      return target.closest("a, button, summary") ? false : press(selectedRow(root)?.querySelector("a"));
    default:
      return press(visible(root, `[data-key~="${id}"]`));
  }
}

function press(element: HTMLElement | null | undefined): boolean {
  if (!element || (element instanceof HTMLButtonElement && element.disabled)) return false;
  if (element instanceof HTMLInputElement) element.focus();
  else element.click();
  return true;
}

function visible(root: Document, selector: string): HTMLElement | null {
  const scope = root.querySelector<HTMLDialogElement>("dialog[open]") ?? root;
  // The last one: what is being read stands after the list, and its pages come before the list's.
  return [...scope.querySelectorAll<HTMLElement>(selector)].filter((one) => one.getClientRects().length > 0).at(-1) ?? null;
}

function rows(root: Document): HTMLElement[] {
  return [...root.querySelectorAll<HTMLElement>("[data-list] .item, [data-rows] [data-row]")];
}

function selectedRow(root: Document): HTMLElement | null {
  const all = rows(root);
  return all.find((row) => row.contains(root.activeElement)) ?? all.find((row) => row.ariaCurrent === "true") ?? null;
}

let lastTicked: HTMLInputElement | null = null;

function moveRow(root: Document, step: number): boolean {
  const all = rows(root);
  const selected = selectedRow(root);
  const next = all[selected ? all.indexOf(selected) + step : 0];
  const link = next?.querySelector<HTMLElement>("a[href]");
  link?.focus();
  next?.scrollIntoView({ block: "nearest" });
  return Boolean(link);
}

function tick(root: Document, range: boolean): boolean {
  const box = selectedRow(root)?.querySelector<HTMLInputElement>("input[name=ids]");
  if (!box) return false;
  box.checked = !box.checked || range;
  if (range && lastTicked) tickRange(lastTicked, box);
  lastTicked = box;
  showBulk(box.closest<HTMLElement>("[data-list]"));
  return true;
}

function showKeys(root: Document): void {
  const dialog = root.getElementById("keys-dialog");
  const list = dialog?.querySelector(".keys");
  if (!(dialog instanceof HTMLDialogElement) || !list || dialog.open) return;
  const off = switchedOff();
  list.replaceChildren(...SHORTCUTS.map((one) => keyRow(one, off)), ...ALWAYS.map(([shown, words]) => plainRow(shown, words)));
  dialog.showModal();
}

function keyRow(shortcut: Shortcut, off: Set<string>): HTMLElement {
  const row = plainRow(shortcut.shown, shortcut.words);
  const box = document.createElement("input");
  box.type = "checkbox";
  box.className = "form-check-input";
  box.checked = !off.has(shortcut.id);
  box.setAttribute("aria-label", `Dùng phím ${shortcut.shown}: ${shortcut.words}`);
  box.addEventListener("change", () => {
    const now = switchedOff();
    if (box.checked) now.delete(shortcut.id);
    else now.add(shortcut.id);
    localStorage.setItem(STORE, JSON.stringify([...now]));
  });
  row.append(box);
  return row;
}

function plainRow(shown: string, words: string): HTMLElement {
  const row = document.createElement("div");
  const key = document.createElement("span");
  const cap = document.createElement("kbd");
  cap.textContent = shown;
  key.append(cap);
  const text = document.createElement("span");
  text.textContent = words;
  row.append(key, text);
  return row;
}
