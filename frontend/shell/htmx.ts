/**
 * htmx as the house uses it: no eval, no injected style, the CSRF token travels in a header, focus goes to the new
 * heading, and a session that ended opens the login dialog. No answer of 400 and above passes in silence: a part of the
 * page is swapped in, everything else is told over the page.
 */
import htmx from "htmx.org";
import { csrfToken } from "./csrf";

interface SwapDetail {
  xhr: XMLHttpRequest;
  shouldSwap: boolean;
  isError: boolean;
  target: HTMLElement;
}

/** What comes with these is ours even as a whole page; with another status a whole page is a proxy's. */
const OWN_STATUSES = new Set([403, 404, 409, 422, 429, 500, 503]);
const WITHOUT_WORDS = `
<dialog class="dialog dialog-small" aria-labelledby="notice-title" role="alertdialog" aria-describedby="notice-text">
  <div class="dialog-h"><h2 class="grow" id="notice-title">Chưa thực hiện được</h2></div>
  <div class="dialog-b stack" id="notice-text"><p>Máy chủ trả lời không đọc được (mã STATUS). Chưa có gì thay đổi.</p>
    <p class="s13 t2">Nội dung đã nhập vẫn còn trên màn hình. Thử lại sau ít giây; nếu vẫn lỗi, gọi hỗ trợ và báo mã này.</p></div>
  <div class="dialog-f"><button class="btn btn-primary end" type="button" data-closes autofocus>Quay lại trang</button></div>
</dialog>`;

export function startHtmx(): void {
  Object.assign(htmx.config, {
    includeIndicatorStyles: false,
    allowEval: false,
    historyCacheSize: 0,
    refreshOnHistoryMiss: true,
    defaultSwapStyle: "outerHTML",
    selfRequestsOnly: true,
    // "style" besides: writing the attribute back is inline style, which the house's pages refuse.
    attributesToSettle: ["class", "width", "height"],
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
  if (detail.xhr.status < 400) return;
  // An error that is not about the form itself comes as a notice and must not replace what was typed.
  if (detail.xhr.getResponseHeader("X-Error-Notice")) {
    detail.shouldSwap = false;
    showNotice(detail.xhr.responseText);
    return;
  }
  // A proxy's own page, or nothing at all: no part of ours to put anywhere, but never silence.
  if (!isOurs(detail.xhr)) {
    detail.shouldSwap = false;
    showNotice(WITHOUT_WORDS.replace("STATUS", String(detail.xhr.status)));
    return;
  }
  detail.shouldSwap = true;
  detail.isError = false;
}

function showNotice(html: string): void {
  document.dispatchEvent(new CustomEvent("notice:shown", { detail: { html } }));
}

function isOurs(xhr: XMLHttpRequest): boolean {
  const body = xhr.responseText.trim();
  const isHtml = (xhr.getResponseHeader("Content-Type") ?? "").startsWith("text/html");
  return body !== "" && isHtml && (OWN_STATUSES.has(xhr.status) || !/^(<!doctype|<html)/i.test(body));
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
