/**
 * Units moved by drag in the tree of administration. The keyboard's way is "Chuyển tới" on the unit's own page.
 *
 *     <div data-island="unit-tree" data-move="/co-cau/don-vi/0/chuyen/">
 *       <ul><li data-unit="4" data-name="Ban Công nghệ"><details><summary class="unit-row" draggable="true">…</summary></details></li></ul>
 *       <p role="status" data-say></p>
 *     </div>
 *
 * A drop asks first, then posts `parent=<id>` to `data-move` with the unit's id in place of 0; the server refuses rings.
 */
import { csrfToken } from "../../shell/csrf";
import type { Unmount } from "../../islands";

export function mount(root: HTMLElement): Unmount {
  const abort = new AbortController();
  const on = { signal: abort.signal };
  let dragged: HTMLElement | null = null;

  root.addEventListener("dragstart", (event) => {
    dragged = unitOf(event.target);
    event.dataTransfer?.setData("text/plain", dragged?.dataset["name"] ?? "");
  }, on);
  root.addEventListener("dragover", (event) => {
    const target = unitOf(event.target);
    if (!dragged || !target || !mayHang(dragged, target)) return;
    event.preventDefault();
    mark(root, target);
  }, on);
  root.addEventListener("dragend", () => {
    dragged = null;
    mark(root, null);
  }, on);
  root.addEventListener("drop", (event) => {
    const [unit, target] = [dragged, unitOf(event.target)];
    mark(root, null);
    if (!unit || !target || !mayHang(unit, target)) return;
    event.preventDefault();
    void move(root, unit, target);
  }, on);
  return () => abort.abort();
}

/** A unit hangs neither below itself nor where it hangs already. */
export function mayHang(unit: HTMLElement, target: HTMLElement): boolean {
  return !unit.contains(target) && unit.parentElement?.closest("[data-unit]") !== target;
}

async function move(root: HTMLElement, unit: HTMLElement, target: HTMLElement): Promise<void> {
  const [name, below] = [unit.dataset["name"], target.dataset["name"]];
  if (!window.confirm(`Chuyển «${name}» cùng mọi đơn vị trực thuộc về dưới «${below}»?`)) return;
  const address = (root.dataset["move"] ?? "").replace("/0/", `/${unit.dataset["unit"]}/`);
  const answer = await fetch(address, {
    method: "POST",
    body: new URLSearchParams({ parent: target.dataset["unit"] ?? "" }),
    headers: { "X-CSRFToken": csrfToken(), Accept: "application/json" },
  }).catch((error: unknown) => {
    if (!(error instanceof TypeError)) throw error;
    return null;
  });
  const say = root.querySelector<HTMLElement>("[data-say]");
  if (!answer?.ok) {
    const words = answer?.status === 403 ? "Đơn vị này không thuộc phạm vi quản trị." : "Không chuyển được. Cây đơn vị chưa thay đổi.";
    if (say) say.textContent = words;
    say?.classList.remove("sr");
    return;
  }
  window.location.reload();
}

function unitOf(target: EventTarget | null): HTMLElement | null {
  return target instanceof Element ? target.closest<HTMLElement>("[data-unit]") : null;
}

function mark(root: HTMLElement, target: HTMLElement | null): void {
  for (const row of root.querySelectorAll(".is-target")) row.classList.remove("is-target");
  target?.querySelector(".unit-row")?.classList.add("is-target");
}
