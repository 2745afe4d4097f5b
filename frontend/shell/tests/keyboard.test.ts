import { beforeAll, beforeEach, expect, test, vi } from "vitest";
import { isTyping, SHORTCUTS, startKeyboard } from "../keyboard";

beforeAll(() => {
  startKeyboard(document);
  // jsdom lays nothing out; every element counts as seen here.
  vi.spyOn(Element.prototype, "getClientRects").mockReturnValue([{}] as unknown as DOMRectList);
  Element.prototype.scrollIntoView = () => undefined;
});
beforeEach(() => {
  vi.spyOn(Element.prototype, "getClientRects").mockReturnValue([{}] as unknown as DOMRectList);
  localStorage.clear();
  document.body.innerHTML = `<button data-key="primary">Bút phê</button><input name="q">
    <div data-list><div class="item"><a href="/1">một</a><input type="checkbox" name="ids"></div><div class="item"><a href="/2">hai</a><input type="checkbox" name="ids"></div></div>`;
});

function press(code: string, key: string, target: Element = document.body): void {
  target.dispatchEvent(new KeyboardEvent("keydown", { code, key, bubbles: true, cancelable: true }));
}

test("the physical key counts, whatever letter Vietnamese typing makes of it", () => {
  const pressed = vi.fn();
  document.querySelector("button")!.addEventListener("click", pressed);
  press("KeyG", "ư");
  expect(pressed).toHaveBeenCalledOnce();
});

test("an element may answer to several keys", () => {
  const button = document.querySelector("button")!;
  const pressed = vi.fn();
  button.dataset["key"] = "primary direct";
  button.addEventListener("click", pressed);
  press("KeyB", "b");
  press("KeyG", "g");
  expect(pressed).toHaveBeenCalledTimes(2);
});

test("keys are letters inside a field", () => {
  const pressed = vi.fn();
  document.querySelector("button")!.addEventListener("click", pressed);
  press("KeyG", "g", document.querySelector("input[name=q]")!);
  expect(pressed).not.toHaveBeenCalled();
  expect(isTyping(document.querySelector<HTMLElement>("input[name=ids]")!)).toBe(false);
});

test("a key that was switched off does nothing", () => {
  const pressed = vi.fn();
  document.querySelector("button")!.addEventListener("click", pressed);
  localStorage.setItem("eo-keys-off", '["primary"]');
  press("KeyG", "g");
  expect(pressed).not.toHaveBeenCalled();
});

test("J goes down the list and X ticks the row", () => {
  press("KeyJ", "j");
  press("KeyJ", "j", document.activeElement!);
  expect(document.activeElement?.textContent).toBe("hai");
  press("KeyX", "x", document.activeElement!);
  expect([...document.querySelectorAll<HTMLInputElement>("[name=ids]")].map((one) => one.checked)).toEqual([false, true]);
});

test("no two shortcuts share a key", () => {
  const keys = SHORTCUTS.map((one) => `${one.shift ? "shift " : ""}${one.code}`);
  expect(new Set(keys).size).toBe(keys.length);
});
