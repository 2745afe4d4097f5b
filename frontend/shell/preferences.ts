/**
 * Light or dark, remembered per browser; dense or roomy lists and the width of the list pane, remembered with the person.
 *
 *     <button data-choose="theme">…</button>
 *     <button data-choose="density" data-value="compact">Gọn</button>
 *     <div class="pane-grip" data-resize="list" role="separator" tabindex="0" aria-label="Độ rộng danh sách"></div>
 */
import { remember } from "./cookies";
import { csrfToken } from "./csrf";

const LIST_MIN = 320;
const LIST_MAX = 640;
const SETTLED_MS = 400;
let settling: ReturnType<typeof setTimeout> | undefined;

export function startPreferences(root: Document = document): void {
  root.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-choose]");
    if (button) choose(button, root.documentElement);
  });
  root.addEventListener("pointerdown", (event) => {
    const grip = (event.target as Element).closest<HTMLElement>("[data-resize]");
    if (grip) dragWidth(event, grip, root.documentElement);
  });
  root.addEventListener("keydown", (event) => {
    const grip = (event.target as Element).closest<HTMLElement>("[data-resize]");
    const step = { ArrowLeft: -16, ArrowRight: 16 }[event.key];
    if (grip && step) setWidth(grip, root.documentElement, currentWidth(grip) + step);
  });
  showTheme(root);
  const width = root.documentElement.dataset["listWidth"];
  if (width) root.documentElement.style.setProperty("--eo-list", `${width}px`);
}

/** Kept with the person on the server; where that fails the page at hand still looks as chosen. */
function keep(choice: Record<string, string>): void {
  const sent = fetch("/web/choices/", { method: "POST", headers: { "X-CSRFToken": csrfToken() }, body: new URLSearchParams(choice), keepalive: true });
  sent.catch((error: unknown) => {
    if (!(error instanceof TypeError)) throw error;
  });
}

function choose(button: HTMLElement, html: HTMLElement): void {
  const what = button.dataset["choose"];
  if (what === "theme") {
    const theme = html.dataset["bsTheme"] === "dark" ? "light" : "dark";
    html.dataset["bsTheme"] = theme;
    remember("eo_theme", theme);
    showTheme(html.ownerDocument);
  } else if (what === "density") {
    const density = button.dataset["value"] ?? (html.dataset["density"] === "compact" ? "roomy" : "compact");
    html.dataset["density"] = density;
    keep({ density });
    html.ownerDocument
      .querySelectorAll<HTMLElement>('[data-choose="density"][data-value]')
      .forEach((other) => other.setAttribute("aria-pressed", String(other.dataset["value"] === density)));
  }
}

function showTheme(root: Document): void {
  const dark = root.documentElement.dataset["bsTheme"] === "dark";
  root
    .querySelectorAll('[data-choose="theme"]')
    .forEach((button) => button.setAttribute("aria-pressed", String(dark)));
}

function currentWidth(grip: HTMLElement): number {
  return grip.previousElementSibling?.getBoundingClientRect().width ?? LIST_MIN;
}

function setWidth(grip: HTMLElement, html: HTMLElement, width: number): void {
  const kept = Math.round(Math.min(LIST_MAX, Math.max(LIST_MIN, width)));
  html.style.setProperty("--eo-list", `${kept}px`);
  grip.setAttribute("aria-valuenow", String(kept));
  clearTimeout(settling);
  settling = setTimeout(() => keep({ list_width: String(kept) }), SETTLED_MS);
}

/** The grip keeps the pointer: nothing below it is selected or dragged while the pane grows. */
function dragWidth(event: PointerEvent, grip: HTMLElement, html: HTMLElement): void {
  event.preventDefault();
  grip.focus();
  grip.setPointerCapture(event.pointerId);
  const left = grip.previousElementSibling?.getBoundingClientRect().left ?? 0;
  const ended = new AbortController();
  const on = { signal: ended.signal };
  grip.addEventListener("pointermove", (moved) => setWidth(grip, html, moved.clientX - left), on);
  grip.addEventListener("pointerup", () => ended.abort(), on);
  grip.addEventListener("pointercancel", () => ended.abort(), on);
}
