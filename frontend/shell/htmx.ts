/**
 * htmx as the house uses it: no eval, no injected style, 4xx answers with content are swapped in, the CSRF token
 * travels in a header, focus goes to the new heading, and a session that ended opens the login dialog.
 */
import htmx from "htmx.org";
import { csrfToken } from "./csrf";

interface SwapDetail {
  xhr: XMLHttpRequest;
  shouldSwap: boolean;
  isError: boolean;
  target: HTMLElement;
}

const SHOWN_STATUSES = new Set([403, 404, 409, 422, 429, 500, 503]);

export function startHtmx(): void {
  Object.assign(htmx.config, {
    includeIndicatorStyles: false,
    allowEval: false,
    historyCacheSize: 0,
    refreshOnHistoryMiss: true,
    defaultSwapStyle: "outerHTML",
    selfRequestsOnly: true,
    scrollBehavior: "instant",
  });
  Object.assign(window, { htmx });
  document.addEventListener("htmx:configRequest", (event) => {
    const { headers } = (event as CustomEvent<{ headers: Record<string, string> }>).detail;
    headers["X-CSRFToken"] = csrfToken();
  });
  document.addEventListener("htmx:beforeSwap", (event) => beforeSwap((event as CustomEvent<SwapDetail>).detail));
  document.addEventListener("htmx:afterSettle", (event) => focusHeading(event.target as HTMLElement));
  document.addEventListener("htmx:sendError", () => announceOffline());
  addEventListener("offline", announceOffline);
}

function beforeSwap(detail: SwapDetail): void {
  if (detail.xhr.status === 401) {
    detail.shouldSwap = false;
    document.dispatchEvent(new CustomEvent("session:ended"));
    return;
  }
  if (!SHOWN_STATUSES.has(detail.xhr.status) || !detail.xhr.responseText.trim()) return;
  // An error that is not about the form itself comes as a notice and must not replace what was typed.
  if (detail.xhr.getResponseHeader("X-Error-Notice")) {
    detail.shouldSwap = false;
    document.dispatchEvent(new CustomEvent("notice:shown", { detail: { html: detail.xhr.responseText } }));
    return;
  }
  detail.shouldSwap = true;
  detail.isError = false;
}

function focusHeading(target: HTMLElement): void {
  const heading = target.matches("[data-focus-new]") ? target.querySelector<HTMLElement>("h1, h2") : null;
  if (!heading) return;
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
}

function announceOffline(): void {
  document.dispatchEvent(
    new CustomEvent("toast:shown", {
      detail: { text: "Không có mạng. Nội dung đang viết được giữ trên máy.", icon: "wifi-off" },
    }),
  );
}
