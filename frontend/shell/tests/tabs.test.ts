import { expect, test, vi } from "vitest";

import { startTabs } from "../tabs";

test("the open tab is brought into sight, the others stay where they are", () => {
  document.body.innerHTML = `<nav class="tabs"><a>Hồ sơ</a><a aria-current="page">Cách ký</a></nav>`;
  const [closed, open] = [vi.fn(), vi.fn()];
  for (const tab of document.querySelectorAll("a")) tab.scrollIntoView = tab.hasAttribute("aria-current") ? open : closed;

  startTabs();

  expect(open).toHaveBeenCalledOnce();
  expect(closed).not.toHaveBeenCalled();
});
