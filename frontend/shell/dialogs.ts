/**
 * Native dialogs. The browser traps focus, closes on Esc and gives focus back.
 *
 *     <button data-opens="recall-dialog">Thu hồi</button>
 *     <dialog class="dialog" id="recall-dialog" aria-labelledby="…">… <button data-closes>Đóng</button></dialog>
 *
 * A dialog with `data-opens-now` was refused by the server and opens with the page, the reason in it.
 * A dialog that arrives by htmx in `#dialog-slot` opens by itself and is removed when it closes.
 */
export function startDialogs(root: Document = document): void {
  root.addEventListener("click", (event) => {
    const target = event.target as Element;
    const opener = target.closest<HTMLElement>("[data-opens]");
    if (opener) open(root.getElementById(opener.dataset["opens"] ?? ""));
    if (target.closest("[data-closes]")) target.closest("dialog")?.close();
  });
  root.addEventListener("htmx:afterSwap", () => openArrived(root));
  root.addEventListener("dialog:close", (event) => (event.target as Element).closest("dialog")?.close());
  root.addEventListener("session:ended", () => open(root.getElementById("session-dialog")));
  openArrived(root);
  open(root.querySelector("dialog[data-opens-now]"));
}

export function open(element: Element | null): void {
  if (element instanceof HTMLDialogElement && !element.open) show(element);
}

/** Opens with the focus where something is to be typed: the browser would take the first button, which closes. */
function show(dialog: HTMLDialogElement): void {
  dialog.showModal();
  if (dialog.querySelector("[autofocus]")) return;
  dialog.querySelector<HTMLElement>(".dialog-b :is(textarea, select, input:not([type=hidden], [type=checkbox], [type=radio]))")?.focus();
}

function openArrived(root: Document): void {
  const arrived = root.querySelector<HTMLDialogElement>("#dialog-slot dialog:not([open])");
  if (!arrived) return;
  arrived.addEventListener("close", () => arrived.remove());
  show(arrived);
}
