/**
 * `<details class="menu">` as a menu: closes on Esc, on a click outside and when focus leaves; arrows move inside.
 */
export function startMenus(root: Document = document): void {
  root.addEventListener("click", (event) => {
    for (const menu of root.querySelectorAll<HTMLDetailsElement>("details.menu[open]")) {
      if (!menu.contains(event.target as Node)) menu.open = false;
    }
  });
  root.addEventListener("focusout", (event) => {
    const menu = (event.target as Element).closest<HTMLDetailsElement>("details.menu[open]");
    const next = event.relatedTarget as Node | null;
    if (menu && next && !menu.contains(next)) menu.open = false;
  });
  root.addEventListener("keydown", (event) => {
    const menu = (event.target as Element).closest<HTMLDetailsElement>("details.menu");
    if (menu) onKey(menu, event);
  });
}

function onKey(menu: HTMLDetailsElement, event: KeyboardEvent): void {
  if (event.key === "Escape" && menu.open) {
    menu.open = false;
    menu.querySelector("summary")?.focus();
    event.preventDefault();
    event.stopPropagation();
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    menu.open = true;
    move(menu, event.key === "ArrowDown" ? 1 : -1);
    event.preventDefault();
  }
}

function move(menu: HTMLDetailsElement, step: number): void {
  const entries = [...menu.querySelectorAll<HTMLElement>(".menu-list :is(a[href], button:not(:disabled))")];
  const at = entries.indexOf(document.activeElement as HTMLElement);
  entries[(at + step + entries.length) % entries.length]?.focus();
}
