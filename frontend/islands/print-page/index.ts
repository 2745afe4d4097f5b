/** A button that opens the browser's print dialog: `<button type="button" data-island="print-page">In</button>`. */
import type { Unmount } from "../../islands";

export function mount(button: HTMLElement): Unmount {
  const print = (): void => window.print();
  button.addEventListener("click", print);
  return () => button.removeEventListener("click", print);
}
