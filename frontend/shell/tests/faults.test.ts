import { beforeAll, beforeEach, expect, test } from "vitest";
import { startFaults } from "../faults";

beforeAll(() => startFaults());
beforeEach(() => {
  document.body.innerHTML = `
    <form>
      <label for="reason">Lý do <span>không bắt buộc</span></label><textarea id="reason" name="reason" required aria-describedby="hint"></textarea>
      <label for="leader">Trình lãnh đạo</label><select id="leader" name="leader" required><option value=""></option><option value="1">Một</option></select>
      <div class="field-in"><input type="password" name="pin" required aria-label="Mã PIN"><button type="button"></button></div>
      <input type="email" id="mail" name="mail" value="khong-phai">
    </form>`;
});

const faults = (): string[] => [...document.querySelectorAll("[data-fault]")].map((line) => line.textContent ?? "");

test("what is missing is said beside each field, by its label", () => {
  document.querySelector("form")?.reportValidity();
  expect(faults()).toEqual(["Chưa ghi lý do.", "Chưa chọn trình lãnh đạo.", "Chưa ghi mã PIN.", "Ghi địa chỉ e-mail, ví dụ ten@donvi.vn."]);
  expect(document.querySelector(".field-in")?.nextElementSibling?.matches("[data-fault]")).toBe(true);
  expect(document.getElementById("reason")?.getAttribute("aria-describedby")).toBe("hint reason-fault");
});

test("a fault goes when the field is filled in, and is never said twice", () => {
  const reason = document.querySelector<HTMLTextAreaElement>("#reason");
  document.querySelector("form")?.reportValidity();
  document.querySelector("form")?.reportValidity();
  expect(faults()).toHaveLength(4);
  reason!.value = "Đủ";
  reason!.dispatchEvent(new Event("input", { bubbles: true }));
  expect(faults()).toHaveLength(3);
  expect(reason!.hasAttribute("aria-invalid")).toBe(false);
  expect(reason!.getAttribute("aria-describedby")).toBe("hint");
});
