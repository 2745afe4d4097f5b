/**
 * Short news at the lower left, in `#toasts` (role=status). The server sends one with the header
 * `HX-Trigger: {"toast:shown": {"text": "Đã chuyển 4 nơi nhận", "undo": "/documents/…/undo/", "seconds": 10}}`,
 * or writes it into `#toasts` of a full page with `data-undo` and `data-seconds`.
 */
import htmx from "htmx.org";

export interface Toast {
  text: string;
  icon?: string;
  undo?: string;
  seconds?: number;
}

const PLAIN_SECONDS = 6;

export function startToasts(root: Document = document): void {
  root.addEventListener("toast:shown", (event) => show(root, (event as CustomEvent<Toast>).detail));
  root.addEventListener("notice:shown", (event) => showNotice(root, (event as CustomEvent<{ html: string }>).detail.html));
  root.querySelectorAll<HTMLElement>("#toasts > .toast-x").forEach((toast) => run(toast));
}

export function show(root: Document, toast: Toast): HTMLElement {
  const element = root.createElement("div");
  element.className = "toast-x";
  if (toast.undo) element.dataset["undo"] = toast.undo;
  if (toast.seconds) element.dataset["seconds"] = String(toast.seconds);
  const text = root.createElement("span");
  text.className = "grow";
  text.textContent = toast.text;
  element.append(text);
  root.getElementById("toasts")?.append(element);
  run(element);
  return element;
}

/** An error stays until it is closed: nothing that must be read may time out. */
function showNotice(root: Document, html: string): void {
  const holder = root.createElement("div");
  holder.innerHTML = html;
  const dialog = holder.querySelector("dialog");
  if (!dialog) return;
  root.body.append(dialog);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.showModal();
}

function run(element: HTMLElement): void {
  const seconds = Number(element.dataset["seconds"] ?? PLAIN_SECONDS);
  const undo = element.dataset["undo"];
  const button = undo ? addUndo(element, undo) : null;
  let left = seconds;
  const label = (): void => {
    if (button) button.textContent = `Hoàn tác (${left})`;
  };
  label();
  const timer = setInterval(() => {
    // A pointer or focus on the toast holds it: reading takes as long as it takes.
    if (!button && element.matches(":hover, :focus-within")) return;
    left -= 1;
    label();
    if (left <= 0) {
      clearInterval(timer);
      element.remove();
    }
  }, 1000);
}

function addUndo(element: HTMLElement, undo: string): HTMLButtonElement {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn";
  button.dataset["key"] = "undo";
  button.addEventListener("click", () => {
    button.disabled = true;
    void htmx.ajax("post", undo, { target: "#dialog-slot", swap: "innerHTML" }).then(() => element.remove());
  });
  element.append(button);
  return button;
}
