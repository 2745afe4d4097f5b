/**
 * Live counters of the navigation and the bell.
 *
 *     <nav data-island="counters" data-events-url="https://…/events" data-counters-url="/web/counters/">
 *       <em data-counter="to-do">12</em>   <i data-counter-dot="bell" hidden></i>
 *
 * On `event: counters` the numbers are fetched and written to every `data-counter` of the page.
 */
import type { Unmount } from "../../islands";

interface Count {
  waiting: number;
  late: number;
}
const SETTLE_MS = 400;
const LIMIT = 100; // the server counts no further

export function mount(element: HTMLElement): Unmount | void {
  const { eventsUrl, countersUrl } = element.dataset;
  if (!eventsUrl || !countersUrl) return;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const refresh = (): void => {
    // Many changes at once (a batch of signatures) ask for the numbers once.
    clearTimeout(timer);
    timer = setTimeout(() => void fetchCounts(countersUrl, element.ownerDocument), SETTLE_MS);
  };
  const stream = new EventSource(eventsUrl, { withCredentials: true });
  stream.addEventListener("counters", refresh);
  document.addEventListener("counters:changed", refresh);
  return () => {
    clearTimeout(timer);
    stream.close();
    document.removeEventListener("counters:changed", refresh);
  };
}

async function fetchCounts(url: string, root: Document): Promise<void> {
  const response = await fetch(url, { headers: { Accept: "application/json", "HX-Request": "true" } });
  if (response.ok) show(root, (await response.json()) as Record<string, Count>);
}

export function show(root: Document, counts: Record<string, Count>): void {
  for (const element of root.querySelectorAll<HTMLElement>("[data-counter]")) {
    const count = counts[element.dataset["counter"] ?? ""] ?? { waiting: 0, late: 0 };
    const words = element.dataset["words"];
    const shown = count.waiting >= LIMIT ? "99+" : String(count.waiting);
    element.textContent = words ? (count.waiting ? `${shown} ${words}` : "") : shown;
    element.hidden = count.waiting === 0;
    if (element.closest(".nav-s")) element.classList.toggle("late", count.late > 0);
  }
  for (const dot of root.querySelectorAll<HTMLElement>("[data-counter-dot]")) {
    dot.hidden = !counts[dot.dataset["counterDot"] ?? ""]?.waiting;
  }
}
