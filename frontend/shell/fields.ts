/**
 * Small helps of fields: showing a password, dates typed short, focus on the first fault.
 *
 *     <button data-reveals="id_password" aria-pressed="false">…</button>
 *     <input data-date>            "5/1" becomes "05/01/<this year>", "5126" or "05012026" become whole dates
 */
export function startFields(root: Document = document): void {
  root.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-reveals]");
    const field = button ? root.getElementById(button.dataset["reveals"] ?? "") : null;
    if (!button || !(field instanceof HTMLInputElement)) return;
    const shown = field.type === "text";
    field.type = shown ? "password" : "text";
    button.setAttribute("aria-pressed", String(!shown));
  });
  root.addEventListener("change", (event) => {
    const field = event.target;
    if (field instanceof HTMLInputElement && field.matches("[data-date]")) field.value = wholeDate(field.value, new Date());
  });
  root.addEventListener("htmx:afterSettle", (event) => focusFault(event.target as Element));
  focusFault(root);
}

function focusFault(scope: ParentNode): void {
  const summary = scope.querySelector<HTMLElement>("[data-focus-first]");
  const field = scope.querySelector<HTMLElement>("form [aria-invalid=true]:not(fieldset)");
  (summary ?? field)?.focus();
}

/** A date as people type it, whole; anything that is not one is left for the server to explain. */
export function wholeDate(typed: string, today: Date): string {
  const text = typed.trim();
  const digits = /^(\d{2})(\d{2})(\d{2}|\d{4})?$/.exec(text);
  const parts = digits ?? /^(\d{1,2})[/.\-\s](\d{1,2})(?:[/.\-\s](\d{2}|\d{4}))?$/.exec(text);
  if (!parts) return text;
  const [, day = "", month = "", year = ""] = parts;
  const whole = year.length === 2 ? `20${year}` : year || String(today.getFullYear());
  return `${day.padStart(2, "0")}/${month.padStart(2, "0")}/${whole}`;
}
