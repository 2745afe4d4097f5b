/**
 * What the browser itself finds missing is said as the server would say it: in Vietnamese, beside the field, until it is put
 * right. The browser's own bubble speaks the language of the browser, and goes after a few seconds.
 */
import { element, icon } from "../icon";

type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

export function startFaults(root: Document = document): void {
  let first: Field | null = null;
  root.addEventListener("invalid", (event) => {
    const field = event.target;
    if (!isField(field)) return;
    event.preventDefault();
    tell(field, wordsFor(field));
    if (first) return;
    first = field;
    // All fields of the form are told before the focus moves.
    setTimeout(() => {
      first?.focus();
      first = null;
    });
  }, true);
  for (const name of ["input", "change"]) root.addEventListener(name, (event) => isField(event.target) && forget(event.target));
}

function isField(target: EventTarget | null): target is Field {
  return target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}

function tell(field: Field, words: string): void {
  forget(field);
  const line = element("div", { class: "field-err", id: `${field.id || field.name}-fault`, "data-fault": "" }, icon("alert-circle", true), element("span", {}, words));
  // Nothing may stand between a field and the button inside it, or between a tick and its words.
  (field.closest(".field-in, label") ?? field).after(line);
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby", [field.getAttribute("aria-describedby"), line.id].filter(Boolean).join(" "));
}

function forget(field: Field): void {
  const line = (field.closest(".field-in, label") ?? field).nextElementSibling;
  if (!line?.matches("[data-fault]")) return;
  line.remove();
  field.removeAttribute("aria-invalid");
  const others = (field.getAttribute("aria-describedby") ?? "").split(" ").filter((id) => id && id !== line.id);
  if (others.length) field.setAttribute("aria-describedby", others.join(" "));
  else field.removeAttribute("aria-describedby");
}

/** The fault in words: what to write, by the label where there is one. */
export function wordsFor(field: Field): string {
  const { validity } = field;
  if (validity.valueMissing) return missing(field);
  if (validity.badInput) return "Ghi một số.";
  if (validity.typeMismatch && field.type === "email") return "Ghi địa chỉ e-mail, ví dụ ten@donvi.vn.";
  if (validity.typeMismatch) return "Ghi địa chỉ trang, bắt đầu bằng https://.";
  if (field instanceof HTMLInputElement) {
    if (validity.rangeUnderflow) return `Ghi số từ ${field.min} trở lên.`;
    if (validity.rangeOverflow) return `Ghi số không quá ${field.max}.`;
    if (validity.stepMismatch) return "Ghi số nguyên.";
  }
  if (validity.tooShort && !(field instanceof HTMLSelectElement)) return `Ghi ít nhất ${field.minLength} ký tự.`;
  return field.title || "Nội dung chưa đúng dạng.";
}

function missing(field: Field): string {
  if (field.type === "checkbox") return "Đánh dấu ô này để tiếp tục.";
  if (field.type === "file") return "Chọn tệp.";
  const label = labelOf(field);
  const isChosen = field instanceof HTMLSelectElement || field.type === "radio";
  return label ? `${isChosen ? "Chưa chọn" : "Chưa ghi"} ${label}.` : isChosen ? "Chọn một mục." : "Ghi nội dung này.";
}

/** The label's first words with a small first letter: the sentence begins before them. */
function labelOf(field: Field): string {
  const first = field.labels?.[0]?.firstChild?.textContent ?? field.getAttribute("aria-label") ?? "";
  const words = first.trim();
  return words.charAt(0).toLocaleLowerCase("vi") + words.slice(1);
}
