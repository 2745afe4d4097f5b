/**
 * Lists beside a reading pane: the open row is marked, rows can be ticked one by one or as a range, and the bulk bar
 * shows how many. `<form data-list>` holds rows `.item`; ticks are `input[name=ids]`; `[data-bulk]` is the bar;
 * `[data-tick-all]` ticks every row or none.
 */
export function startLists(root: Document = document): void {
  let last: HTMLInputElement | null = null;
  root.addEventListener("click", (event) => {
    const tick = (event.target as Element).closest<HTMLInputElement>("[data-list] input[name=ids]");
    if (!tick) return;
    if (event.shiftKey && last) tickRange(last, tick);
    last = tick;
    showBulk(tick.closest<HTMLElement>("[data-list]"));
  });
  root.addEventListener("click", (event) => {
    const clear = (event.target as Element).closest("[data-clear-ticks]");
    const list = clear?.closest<HTMLElement>("[data-list]");
    if (!list) return;
    ticksOf(list).forEach((tick) => (tick.checked = false));
    showBulk(list);
  });
  root.addEventListener("change", (event) => {
    const all = (event.target as Element).closest<HTMLInputElement>("[data-tick-all]");
    const list = all?.closest<HTMLElement>("[data-list]");
    if (!all || !list) return;
    ticksOf(list).forEach((tick) => (tick.checked = all.checked));
    showBulk(list);
  });
  root.addEventListener("htmx:afterSettle", () => markOpen(root));
  root.querySelectorAll<HTMLElement>("[data-list]").forEach(showBulk);
  markOpen(root);
}

export function ticksOf(list: HTMLElement): HTMLInputElement[] {
  return [...list.querySelectorAll<HTMLInputElement>("input[name=ids]")];
}

export function tickRange(from: HTMLInputElement, to: HTMLInputElement): void {
  const list = to.closest<HTMLElement>("[data-list]");
  if (!list) return;
  const ticks = ticksOf(list);
  const [first, second] = [ticks.indexOf(from), ticks.indexOf(to)].sort((a, b) => a - b);
  ticks.slice(first, (second ?? 0) + 1).forEach((tick) => (tick.checked = to.checked));
}

export function showBulk(list: HTMLElement | null): void {
  if (!list) return;
  const ticks = ticksOf(list);
  const count = ticks.filter((tick) => tick.checked).length;
  const all = list.querySelector<HTMLInputElement>("[data-tick-all]");
  if (all) [all.checked, all.indeterminate] = [count === ticks.length, count > 0 && count < ticks.length];
  const bar = list.querySelector<HTMLElement>("[data-bulk]");
  if (!bar) return;
  bar.hidden = count === 0;
  const words = bar.querySelector<HTMLElement>("[data-bulk-count]");
  if (words) words.textContent = `Đã chọn ${count}`;
}

/** The row whose address is in the address bar is the open one. */
function markOpen(root: Document): void {
  const rows = [...root.querySelectorAll<HTMLElement>("[data-list] .item")];
  const open = rows.find((row) => isHere(row.querySelector<HTMLAnchorElement>("a[href]")));
  if (!open) return;
  for (const row of rows) row.removeAttribute("aria-current");
  open.setAttribute("aria-current", "true");
}

function isHere(link: HTMLAnchorElement | null): boolean {
  if (!link) return false;
  const url = new URL(link.href);
  const here = new URLSearchParams(location.search);
  return url.pathname === location.pathname && [...url.searchParams].every(([name, value]) => here.get(name) === value);
}
