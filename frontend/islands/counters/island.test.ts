import { expect, test } from "vitest";
import { show } from "./index";

test("numbers are written, late ones are marked, nothing waiting is hidden", () => {
  document.body.innerHTML = `<div class="nav-s"><em data-counter="to-do" hidden>0</em><em data-counter="informed">4</em></div>
    <i data-counter-dot="bell" hidden></i><span data-counter="bell" data-words="tin chưa đọc"></span>`;

  show(document, { "to-do": { waiting: 12, late: 2 }, bell: { waiting: 3, late: 0 } });

  const [todo, informed] = [...document.querySelectorAll<HTMLElement>(".nav-s em")];
  expect(todo?.textContent).toBe("12");
  expect(todo?.classList.contains("late")).toBe(true);
  expect(todo?.hidden).toBe(false);
  expect(informed?.hidden).toBe(true);
  expect(document.querySelector<HTMLElement>("[data-counter-dot]")?.hidden).toBe(false);
  expect(document.querySelector("[data-words]")?.textContent).toBe("3 tin chưa đọc");
});
