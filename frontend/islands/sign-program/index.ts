/**
 * Speaks with VGCA Sign Service on this computer: a TLS WebSocket on loopback, one connection for each action, one text
 * out and one text back. The program fetches each paper by itself and sends it back signed; the PIN never comes here.
 *
 *     <div data-island="sign-program" data-does="add" data-name="VGCA Sign Service" data-address="wss://127.0.0.1:8987">
 *       <form …><input type="hidden" name="told"></form></div>
 *     <div data-island="sign-program" data-does="sign" data-name="…" data-errand-url="…" data-outcome-url="…" data-request="7">
 *
 * Both hold a hidden csrfmiddlewaretoken.
 */
import type { Unmount } from "../../islands";
import { line, makeButton } from "../desk-words";

interface Paper {
  doc_id: string;
  title: string;
  address: string;
  message: string;
}
interface Errands {
  state: string;
  left: number;
  paper: Paper | null;
}
interface Outcome {
  Status?: number | string | boolean;
  Message?: string;
}

const CANCELLED = 11;
const OPENING_MS = 8000;
const KEY = "eoffice-sign-program";

class Told extends Error {}

export function mount(element: HTMLElement): Unmount | void {
  const place = document.createElement("div");
  place.className = "stack stack-16";
  place.setAttribute("aria-live", "polite");
  element.append(place);
  const view = new View(element, place);
  view.offer();
  if (view.signs && view.isFirstTime()) void view.run();
  return () => {
    view.leave();
    place.remove();
  };
}

class View {
  private socket: WebSocket | null = null;

  constructor(
    private readonly element: HTMLElement,
    private readonly place: HTMLElement,
  ) {}

  get signs(): boolean {
    return this.element.dataset["does"] === "sign";
  }

  private get name(): string {
    return this.element.dataset["name"] ?? "";
  }

  /** A reload must not open the program's window again by itself. */
  isFirstTime(): boolean {
    const mark = `${KEY}:${this.element.dataset["request"] ?? ""}`;
    if (sessionStorage.getItem(mark)) return false;
    sessionStorage.setItem(mark, "1");
    return true;
  }

  leave(): void {
    this.socket?.close();
  }

  offer(words = "", isFault = true): void {
    const button = makeButton(this.signs ? `Ký bằng ${this.name}` : "Lấy chứng thư");
    button.addEventListener("click", () => void this.run());
    const own = document.createElement("div"); // of its own, so that it is as wide as its words
    own.append(button);
    this.place.replaceChildren(...(words ? [line(words, isFault)] : []), own);
  }

  async run(): Promise<void> {
    this.place.replaceChildren(line(`Đang gọi ${this.name}…`, false));
    try {
      await (this.signs ? this.sign() : this.add());
    } catch (error) {
      this.offer(error instanceof Told ? error.message : "Mất liên lạc với máy chủ. Kiểm tra mạng rồi thử lại.");
    }
  }

  private async add(): Promise<void> {
    const told = await this.say(`${(this.element.dataset["address"] ?? "").replace(/\/$/, "")}/GetCertInfo`, "");
    const outcome = read(told);
    if (isCancelled(outcome)) throw new Told("Đã hủy trong chương trình. Chưa thêm cách ký.");
    const form = this.element.querySelector("form");
    const field = form?.elements.namedItem("told");
    if (!form || !(field instanceof HTMLInputElement)) return;
    field.value = told;
    form.submit();
  }

  /** Paper after paper; one that fails or is refused is told of on the page, and the next one has its turn. */
  private async sign(): Promise<void> {
    for (;;) {
      const errands = await this.errands();
      if (!errands.paper) break;
      const left = errands.left > 1 ? ` Còn ${errands.left} văn bản.` : "";
      this.place.replaceChildren(line(`Xem cửa sổ ${this.name}: đang ký “${errands.paper.title}”.${left}`, false));
      const outcome = read(await this.say(errands.paper.address, errands.paper.message));
      await this.report(errands.paper, outcome);
    }
    this.place.replaceChildren(line(`${this.name} đã xong lượt này. Kết quả từng văn bản ở dưới.`, false));
  }

  /** The next paper, once the server is ready for it. */
  private async errands(): Promise<Errands> {
    for (let tries = 0; tries < 120; tries += 1) {
      const response = await this.post(this.element.dataset["errandUrl"] ?? "", {});
      if (!response.ok) throw new Told(((await response.json()) as { words?: string }).words ?? "Tải lại trang rồi ký lại.");
      const errands = (await response.json()) as Errands;
      if (errands.state !== "waiting") return errands;
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
    throw new Told("Yêu cầu ký chưa sẵn sàng. Thử lại sau ít phút.");
  }

  private async report(paper: Paper, outcome: Outcome): Promise<void> {
    await this.post(this.element.dataset["outcomeUrl"] ?? "", {
      doc_id: paper.doc_id,
      status: String(outcome.Status ?? ""),
      words: outcome.Message ?? "",
    });
  }

  /** One action of the program: one text out, one back. */
  private say(address: string, message: string): Promise<string> {
    const name = this.name;
    return new Promise((resolve, reject) => {
      let opened = false;
      const socket = new WebSocket(address);
      this.socket = socket;
      const late = setTimeout(() => {
        if (!opened) socket.close();
      }, OPENING_MS);
      socket.addEventListener("open", () => {
        opened = true;
        socket.send(message);
      });
      socket.addEventListener("message", (event) => {
        resolve(String(event.data));
        socket.close();
      });
      socket.addEventListener("close", () => {
        clearTimeout(late);
        reject(
          new Told(
            opened
              ? `${name} đóng giữa chừng, văn bản này chưa được ký. Ký lại khi chương trình đã mở.`
              : `Chưa thấy ${name} trên máy này. Mở chương trình, cho phép trình duyệt kết nối tới máy nếu được hỏi, rồi thử lại.`,
          ),
        );
      });
    });
  }

  private post(address: string, values: Record<string, string>): Promise<Response> {
    const token = this.element.querySelector<HTMLInputElement>("input[name=csrfmiddlewaretoken]")?.value ?? "";
    return fetch(address, {
      method: "POST",
      headers: { "X-CSRFToken": token, Accept: "application/json" },
      body: new URLSearchParams(values),
    });
  }
}

function read(told: string): Outcome {
  try {
    const found: unknown = JSON.parse(told);
    return typeof found === "object" && found !== null ? (found as Outcome) : { Message: String(found) };
  } catch {
    return { Message: told.slice(0, 200) };
  }
}

function isCancelled(outcome: Outcome): boolean {
  return Number(outcome.Status) === CANCELLED;
}
