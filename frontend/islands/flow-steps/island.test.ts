import { describe, expect, it } from "vitest";
import { mount, orderOf } from "./index";

describe("flow-steps", () => {
  it("reads the order of the steps as they stand", () => {
    document.body.innerHTML = `<form data-island="flow-steps"><input type="hidden" name="order">
      <ol><li class="flow-step" data-step="2"></li><li class="flow-step" data-step="0"></li></ol></form>`;
    const form = document.querySelector("form") as HTMLFormElement;
    const unmount = mount(form);
    expect(orderOf(form)).toBe("2,0");
    unmount();
  });
});
