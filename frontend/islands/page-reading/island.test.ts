import { expect, test } from "vitest";
import { fill } from "./index";

const READ = new DOMParser().parseFromString(
  `<form><input id="number" value="156"><input id="symbol" value="BTC-DNNN"><input id="body" value="Bộ Tài chính">
   <select id="type"><option value=""></option><option value="letter" selected></option></select></form>`,
  "text/html",
);

test("what was read fills fields nobody touched and leaves what was typed", () => {
  document.body.innerHTML = `<form><input id="number" value=""><input id="symbol" value=""><input id="body" value="">
    <select id="type"><option value=""></option><option value="letter"></option></select></form>`;
  const form = document.querySelector("form")!;
  const [number, symbol, body] = form.querySelectorAll("input");
  symbol!.value = "BTC-QLCS";
  body!.focus();
  let changes = 0;
  form.addEventListener("change", () => (changes += 1));

  fill(form, READ);

  expect([number!.value, symbol!.value, body!.value, form.querySelector("select")!.value]).toEqual(["156", "BTC-QLCS", "", "letter"]);
  expect(changes).toBe(1);
});
