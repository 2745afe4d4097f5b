/** Numbered marks on the pages, tied to the fields of a form that have the same `data-field-no`. */
import { element } from "../../icon";
import { placeByShare, shareOf, type Box } from "./geometry";
import type { Sheet } from "./sheet";

export interface Mark extends Box {
  label: string;
  tone?: "" | "warn" | "bad";
  title?: string;
}

export function drawMarks(root: HTMLElement, sheets: readonly Sheet[], marks: readonly Mark[]): void {
  root.querySelectorAll(".mark").forEach((one) => one.remove());
  for (const mark of marks) {
    const sheet = sheets[mark.page];
    if (!sheet) continue;
    const drawn = element("button", { type: "button", class: `mark ${mark.tone ?? ""}`, "data-mark": mark.label, title: mark.title ?? "", "aria-label": `Dấu ${mark.label}: ${mark.title ?? ""}` }, element("b", {}, mark.label));
    placeByShare(drawn, shareOf(mark, sheet.size));
    drawn.addEventListener("click", () => {
      document.querySelector<HTMLElement>(`[data-field-no="${CSS.escape(mark.label)}"]`)?.focus();
      root.dispatchEvent(new CustomEvent("viewer:mark-pressed", { bubbles: true, detail: { label: mark.label } }));
    });
    sheet.box.append(drawn);
  }
}

/** The mark of the field that has the focus, brought into sight; null when that field has none. */
export function markOfField(root: HTMLElement): HTMLElement | null {
  const number = (document.activeElement as HTMLElement | null)?.dataset["fieldNo"];
  return number ? root.querySelector<HTMLElement>(`[data-mark="${CSS.escape(number)}"]`) : null;
}
