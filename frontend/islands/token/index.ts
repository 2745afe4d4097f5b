/**
 * Speaks with the program eoffice-token on this computer: shows its certificates, or has it sign an open request.
 *
 *     <div data-island="token" data-does="add" data-agent="http://127.0.0.1:14987"> <form …><input name="certificate"> </form></div>
 *     <div data-island="token" data-does="sign" data-agent="…" data-order-url="…" data-values-url="…" data-request="7">
 *
 * Both hold a hidden csrfmiddlewaretoken. The PIN is typed on the program's own page and never comes here.
 */
import type { Unmount } from "../../islands";
import { line, makeButton } from "../desk-words";

export interface Certificate {
  token: string;
  subject: string;
  issuer: string;
  expires: string;
  certificate: string;
}
interface Order {
  state: string;
  description: string;
  certificate: string;
  papers: { doc_id: string; title: string; digest: string }[];
}
interface Outcome {
  values: Record<string, string>;
  fault: string;
  words: string;
}

const KEY = "eoffice-token";
const ABSENT =
  "Chưa thấy chương trình eoffice-token trên máy này. Cài và chạy chương trình, cho phép trình duyệt kết nối tới máy nếu được hỏi, rồi thử lại.";

export class Told extends Error {}
class NotPaired extends Error {}

export function mount(element: HTMLElement): Unmount | void {
  const place = document.createElement("div");
  place.className = "stack stack-16";
  place.setAttribute("aria-live", "polite");
  element.append(place);
  const view = new View(element, place);
  view.offer();
  if (element.dataset["does"] === "sign" && view.isFirstTime()) void view.run();
  return () => place.remove();
}

class View {
  constructor(
    private readonly element: HTMLElement,
    private readonly place: HTMLElement,
  ) {}

  private get signs(): boolean {
    return this.element.dataset["does"] === "sign";
  }

  /** A reload must not open the consent page again by itself. */
  isFirstTime(): boolean {
    const mark = `${KEY}:${this.element.dataset["request"] ?? ""}`;
    if (sessionStorage.getItem(mark)) return false;
    sessionStorage.setItem(mark, "1");
    return true;
  }

  offer(words = "", isFault = true): void {
    const button = makeButton(this.signs ? "Ký bằng token" : "Tìm token trên máy này");
    button.addEventListener("click", () => void this.run());
    const own = document.createElement("div"); // of its own, so that it is as wide as its words
    own.append(button);
    this.place.replaceChildren(...(words ? [line(words, isFault)] : []), own);
  }

  async run(): Promise<void> {
    this.place.replaceChildren(line(this.signs ? "Đang chờ chuẩn bị văn bản và xác nhận trên trang của token…" : "Đang hỏi token…", false));
    try {
      await (this.signs ? this.sign() : this.list());
    } catch (error) {
      if (error instanceof NotPaired) this.pair();
      else this.offer(error instanceof Told ? error.message : ABSENT);
    }
  }

  private async list(): Promise<void> {
    const told = await this.ask<{ certificates: Certificate[]; silent: string[] }>("/certificates", {});
    if (!told.certificates.length) {
      const silent = told.silent.length ? ` Thư viện không trả lời: ${told.silent.join(", ")}.` : "";
      throw new Told(`Không thấy chứng thư nào trên token. Cắm token rồi thử lại.${silent}`);
    }
    this.place.replaceChildren(...told.certificates.map((each) => this.certificate(each)));
  }

  private certificate(each: Certificate): HTMLElement {
    const row = document.createElement("div");
    row.className = "row-x wrap";
    const words = document.createElement("span");
    words.className = "grow";
    words.textContent = `${each.subject} · ${each.issuer} · hết hạn ${each.expires} · token ${each.token}`;
    const button = makeButton("Dùng chứng thư này");
    button.addEventListener("click", () => {
      const form = this.element.querySelector("form");
      const field = form?.elements.namedItem("certificate");
      if (!form || !(field instanceof HTMLInputElement)) return;
      field.value = each.certificate;
      form.submit();
    });
    row.append(words, button);
    return row;
  }

  private async sign(): Promise<void> {
    const order = await this.order();
    if (!order.papers.length) return;
    const outcome = await this.ask<Outcome>("/sign", order);
    if (Object.keys(outcome.values).length || outcome.fault === "refused") await this.bring(outcome);
    if (outcome.fault && outcome.fault !== "refused") throw new Told(outcome.words);
    this.place.replaceChildren(line(outcome.fault ? outcome.words : "Đã nhận chữ ký từ token.", Boolean(outcome.fault)));
  }

  /** The order, once the server has prepared the papers. */
  private async order(): Promise<Order> {
    for (let tries = 0; tries < 120; tries += 1) {
      const response = await fetch(this.element.dataset["orderUrl"] ?? "", { headers: { Accept: "application/json" } });
      if (!response.ok) throw new Told("Máy chủ không đưa được yêu cầu ký. Tải lại trang.");
      const order = (await response.json()) as Order;
      if (order.state !== "waiting") return order;
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
    throw new Told("Văn bản chưa chuẩn bị xong. Thử lại sau ít phút.");
  }

  private async bring(outcome: Outcome): Promise<void> {
    const token = this.element.querySelector<HTMLInputElement>("input[name=csrfmiddlewaretoken]")?.value ?? "";
    const response = await fetch(this.element.dataset["valuesUrl"] ?? "", {
      method: "POST",
      headers: { "X-CSRFToken": token, "Content-Type": "application/json" },
      body: JSON.stringify({ values: outcome.values, fault: outcome.fault }),
    });
    if (!response.ok) throw new Told(((await response.json()) as { words?: string }).words ?? "Chưa lưu được chữ ký.");
  }

  private pair(): void {
    const form = document.createElement("form");
    form.className = "row-x wrap";
    const label = document.createElement("label");
    label.className = "form-label";
    label.textContent = "Mã ghép nối trong cửa sổ eoffice-token";
    const input = document.createElement("input");
    input.className = "form-control num w-auto";
    Object.assign(input, { id: "token-pairing", inputMode: "numeric", autocomplete: "off", maxLength: 8, required: true });
    label.htmlFor = input.id;
    const button = makeButton("Ghép nối");
    button.type = "submit";
    form.append(label, input, button);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.ask<{ key: string }>("/pair", { code: input.value.trim() })
        .then(({ key }) => {
          localStorage.setItem(KEY, key);
          return this.run();
        })
        .catch((error: unknown) => {
          this.offer(error instanceof Told ? error.message : ABSENT);
        });
    });
    this.place.replaceChildren(form);
    input.focus();
  }

  private async ask<T>(path: string, body: unknown): Promise<T> {
    const response = await fetch(`${this.element.dataset["agent"] ?? ""}${path}`, {
      method: "POST",
      headers: { Authorization: `Bearer ${localStorage.getItem(KEY) ?? ""}`, "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    if (response.status === 401) throw new NotPaired();
    const told = (await response.json()) as T & { words?: string };
    if (!response.ok) throw new Told(told.words ?? ABSENT);
    return told;
  }
}
