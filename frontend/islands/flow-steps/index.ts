/**
 * The steps of a flow put in another order by dragging; the arrow buttons of each step do the same without it.
 *
 *     <form data-island="flow-steps"><input type="hidden" name="order">
 *       <ol><li class="flow-step" data-step="0"><span data-grip>…</span> … </li></ol></form>
 *
 * After a drop `order` holds the old places in their new order ("2,0,1") and the form is sent with `do=preview`.
 */
import type { Unmount } from "../../islands";

export function mount(root: HTMLElement): Unmount {
  const abort = new AbortController();
  const on = { signal: abort.signal };
  let dragged: HTMLElement | null = null;
  for (const grip of root.querySelectorAll<HTMLElement>("[data-grip]")) {
    const step = grip.closest<HTMLElement>(".flow-step");
    // Only the grip starts a drag, so that text in the fields can still be selected.
    grip.addEventListener("pointerdown", () => step?.setAttribute("draggable", "true"), on);
    grip.addEventListener("pointerup", () => step?.removeAttribute("draggable"), on);
  }
  root.addEventListener("dragstart", (event) => {
    dragged = (event.target as Element).closest<HTMLElement>(".flow-step");
  }, on);
  root.addEventListener("dragover", (event) => {
    const over = (event.target as Element).closest<HTMLElement>(".flow-step");
    if (!dragged || !over || over === dragged) return;
    event.preventDefault();
    const below = event.clientY > over.getBoundingClientRect().top + over.offsetHeight / 2;
    over.parentElement?.insertBefore(dragged, below ? over.nextSibling : over);
  }, on);
  root.addEventListener("dragend", () => {
    dragged?.removeAttribute("draggable");
    dragged = null;
    send(root as HTMLFormElement);
  }, on);
  return () => abort.abort();
}

export function orderOf(root: HTMLElement): string {
  return [...root.querySelectorAll<HTMLElement>(".flow-step")].map((step) => step.dataset["step"] ?? "").join(",");
}

function send(form: HTMLFormElement): void {
  const order = form.querySelector<HTMLInputElement>('input[name="order"]');
  if (!order) return;
  order.value = orderOf(form);
  const preview = form.querySelector<HTMLButtonElement>('button[name="do"][value="preview"]');
  if (preview) form.requestSubmit(preview);
}
