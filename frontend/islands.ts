/**
 * Mounts islands: `<div data-island="pdf-viewer" data-src="…">` loads `islands/pdf-viewer/index.ts` and calls
 * its `mount(element)`. The function it returns is called when the element leaves the page.
 */
export type Unmount = () => void;
export type Mount = (element: HTMLElement) => Unmount | void | Promise<Unmount | void>;
export interface IslandModule {
  mount: Mount;
}

const modules = import.meta.glob<IslandModule>("./islands/*/index.ts");
const mounted = new Map<HTMLElement, Unmount | null>();

export function startIslands(root: Document = document): void {
  mountWithin(root.body);
  new MutationObserver((changes) => {
    for (const change of changes) {
      change.addedNodes.forEach((node) => node instanceof HTMLElement && mountWithin(node));
    }
    unmountGone();
  }).observe(root.body, { childList: true, subtree: true });
}

function mountWithin(root: HTMLElement): void {
  const found = [...root.querySelectorAll<HTMLElement>("[data-island]")];
  if (root.matches("[data-island]")) found.unshift(root);
  for (const element of found) void mountOne(element);
}

async function mountOne(element: HTMLElement): Promise<void> {
  if (mounted.has(element)) return;
  mounted.set(element, null);
  const name = element.dataset["island"] ?? "";
  const load = modules[`./islands/${name}/index.ts`];
  if (!load) throw new Error(`No island is called ${name}`);
  const unmount = (await (await load()).mount(element)) ?? null;
  if (!element.isConnected) unmount?.();
  else mounted.set(element, unmount);
  element.dataset["ready"] = "";
}

function unmountGone(): void {
  for (const [element, unmount] of mounted) {
    if (element.isConnected) continue;
    mounted.delete(element);
    unmount?.();
  }
}
