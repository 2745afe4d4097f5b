/**
 * Several files by drag and drop or by the file picker (macro `file_drop`).
 *
 *     <div data-island="file-drop" data-action="/documents/…/receive/" data-limit-bytes="104857600">
 *       <label class="file-drop-zone" for="files">…</label>
 *       <input class="sr" type="file" id="files" name="files" multiple>
 *       <ul class="file-list" aria-live="polite"></ul>
 *     </div>
 *
 * With `data-action` every file is posted by itself (field = the input's name, plus the CSRF token) and shows its progress.
 * The answer is JSON: `{"href": "…", "message": "…"}` when kept, `{"message": "…"}` with 4xx when not. When all are done the
 * island dispatches `files:uploaded` with the answers, and follows a single file's `href` if `data-follow` is set.
 * Without `data-action` the files stay in the input and travel with the form around it.
 */
import "./file-drop.css";
import { element, icon } from "../../icon";
import { csrfToken } from "../../shell/csrf";
import type { Unmount } from "../../islands";

export interface Answer {
  href?: string;
  message?: string;
}
interface Parts {
  input: HTMLInputElement;
  list: HTMLElement;
  action: string;
  limitBytes: number;
}

export function mount(root: HTMLElement): Unmount {
  const input = root.querySelector<HTMLInputElement>("input[type=file]");
  const list = root.querySelector<HTMLElement>(".file-list");
  if (!input || !list) throw new Error("file-drop needs an input and a list");
  const parts: Parts = { input, list, action: root.dataset["action"] ?? "", limitBytes: Number(root.dataset["limitBytes"] ?? 0) };
  const abort = new AbortController();
  const on = { signal: abort.signal };
  root.addEventListener("dragover", (event) => {
    event.preventDefault();
    root.classList.add("over");
  }, on);
  root.addEventListener("dragleave", () => root.classList.remove("over"), on);
  root.addEventListener("drop", (event) => {
    event.preventDefault();
    root.classList.remove("over");
    const files = [...(event.dataTransfer?.files ?? [])];
    if (files.length) void take(root, parts, input.multiple ? files : files.slice(0, 1));
  }, on);
  input.addEventListener("change", () => void take(root, parts, [...(input.files ?? [])]), on);
  return () => abort.abort();
}

async function take(root: HTMLElement, parts: Parts, files: File[]): Promise<void> {
  if (!parts.action) {
    hold(parts, files);
    return;
  }
  const answers: Answer[] = [];
  for (const file of files) {
    const row = rowOf(parts, file);
    const refusal = refusalOf(file, parts);
    if (refusal) fail(row, refusal);
    else {
      const answer = await upload(parts, file, row, () => void take(root, parts, [file]));
      if (answer) answers.push(answer);
    }
  }
  parts.input.value = "";
  root.dispatchEvent(new CustomEvent("files:uploaded", { bubbles: true, detail: { answers } }));
  const only = answers[0];
  if (root.hasAttribute("data-follow") && files.length === 1 && only?.href) location.assign(only.href);
}

/** Files stay in the form; a file that cannot be taken is named and left out. */
function hold(parts: Parts, files: File[]): void {
  parts.list.replaceChildren();
  const kept = new DataTransfer();
  for (const file of files) {
    const row = rowOf(parts, file);
    const refusal = refusalOf(file, parts);
    if (refusal) {
      fail(row, refusal);
      continue;
    }
    kept.items.add(file);
    say(row, "Sẽ gửi cùng biểu mẫu", "");
  }
  parts.input.files = kept.files;
}

export function refusalOf(file: { name: string; size: number }, parts: { limitBytes: number; input: HTMLInputElement }): string {
  if (file.size === 0) return "Tệp rỗng (0 byte). Chọn lại tệp.";
  if (parts.limitBytes && file.size > parts.limitBytes) return `Tệp lớn hơn ${sizeWords(parts.limitBytes)}. Chia nhỏ hoặc nén lại.`;
  const accepted = parts.input.accept.split(",").map((one) => one.trim().toLowerCase()).filter((one) => one.startsWith("."));
  if (accepted.length && !accepted.some((ending) => file.name.toLowerCase().endsWith(ending))) return `Chỉ nhận tệp ${accepted.join(", ")}.`;
  return "";
}

export function sizeWords(bytes: number): string {
  if (bytes < 1024 * 1024) return `${Math.max(1, Math.round(bytes / 1024))} KB`;
  return `${(bytes / 1024 / 1024).toLocaleString("vi-VN", { maximumFractionDigits: 1 })} MB`;
}

function rowOf(parts: Parts, file: File): HTMLElement {
  const row = element("li", { class: "file-row" }, icon("file-text", true),
    element("span", { class: "cut grow", title: file.name }, file.name),
    element("span", { class: "num t3 s12" }, sizeWords(file.size)),
    element("span", { class: "file-say s12" }));
  parts.list.append(row);
  return row;
}

function say(row: HTMLElement, words: string, tone: string): void {
  const place = row.querySelector(".file-say");
  if (!place) return;
  place.className = `file-say s12 ${tone}`;
  place.textContent = words;
}

function fail(row: HTMLElement, words: string, again?: () => void): void {
  row.classList.add("failed");
  row.querySelector("progress")?.remove();
  say(row, words, "late");
  if (!again) return;
  const button = element("button", { type: "button", class: "btn btn-line btn-sm" }, "Gửi lại");
  button.addEventListener("click", () => {
    row.remove();
    again();
  });
  row.append(button);
}

function upload(parts: Parts, file: File, row: HTMLElement, again: () => void): Promise<Answer | null> {
  const body = new FormData();
  body.append(parts.input.name, file, file.name);
  const progress = element("progress", { max: "100", "aria-label": `Đang tải ${file.name}` });
  row.append(progress);
  say(row, "Đang tải lên", "t2");
  return new Promise((done) => {
    // fetch cannot tell how much of a body has gone out.
    const request = new XMLHttpRequest();
    request.open("POST", parts.action);
    request.setRequestHeader("X-CSRFToken", csrfToken());
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) progress.value = (event.loaded / event.total) * 100;
      if (event.loaded === event.total) say(row, "Đang kiểm tra tệp", "t2");
    });
    request.addEventListener("load", () => {
      const answer = answerOf(request);
      if (request.status >= 200 && request.status < 300) {
        progress.remove();
        succeed(row, answer);
        done(answer);
      } else {
        if (request.status === 401) document.dispatchEvent(new CustomEvent("session:ended"));
        fail(row, answer.message ?? "Chưa nhận được tệp. Tệp chưa được lưu.", request.status >= 500 ? again : undefined);
        done(null);
      }
    });
    request.addEventListener("error", () => {
      fail(row, "Mất kết nối khi tải lên. Tệp chưa được lưu.", again);
      done(null);
    });
    request.send(body);
  });
}

function answerOf(request: XMLHttpRequest): Answer {
  if (!(request.getResponseHeader("Content-Type") ?? "").includes("json")) return {};
  return JSON.parse(request.responseText) as Answer;
}

function succeed(row: HTMLElement, answer: Answer): void {
  row.classList.add("kept");
  say(row, answer.message ?? "Đã nhận", "ok");
  if (answer.href) row.append(element("a", { href: answer.href, class: "s13" }, "Mở"));
}
