// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { mount } from ".";

/** A program that answers each text, or is not there, or falls over. */
function program(answers: (string | "absent" | "dies")[]): string[] {
  const said: string[] = [];
  class Socket extends EventTarget {
    constructor(address: string) {
      super();
      const answer = answers.shift() ?? "absent";
      setTimeout(() => {
        if (answer !== "absent") {
          this.dispatchEvent(new Event("open"));
          said.push(address);
        }
        if (answer !== "absent" && answer !== "dies") this.dispatchEvent(new MessageEvent("message", { data: answer }));
        this.dispatchEvent(new Event("close"));
      }, 0);
    }
    send(text: string): void {
      said.push(text);
    }
    close(): void {}
  }
  vi.stubGlobal("WebSocket", Socket);
  return said;
}
const json = (body: unknown): Response => new Response(JSON.stringify(body), { status: 200 });
const paper = (number: number) => ({
  doc_id: `d-${number}`,
  title: `Công văn ${number}`,
  address: "wss://127.0.0.1:8987/SignApproved",
  message: `{"FileName":"${number}"}`,
});

function island(does: string): HTMLElement {
  document.body.innerHTML = `<div data-does="${does}" data-name="VGCA Sign Service" data-address="wss://127.0.0.1:8987" data-request="7"
    data-errand-url="/errand" data-outcome-url="/outcome"><input type="hidden" name="csrfmiddlewaretoken" value="abc"></div>`;
  return document.body.firstElementChild as HTMLElement;
}

describe("sign-program", () => {
  beforeEach(() => sessionStorage.clear());
  afterEach(() => vi.unstubAllGlobals());

  it("says what to do when the program does not run", async () => {
    program([]);
    const element = island("add");
    mount(element);
    element.querySelector("button")?.click();
    await vi.waitFor(() => expect(element.querySelector("[role=alert]")?.textContent).toContain("Chưa thấy VGCA Sign Service"));
    expect(element.querySelector("button")?.textContent).toBe("Lấy chứng thư");
  });

  it("goes on to the next paper after one that was cancelled", async () => {
    const said = program(['{"Status":11,"Message":"cancel"}', '{"Status":0}']);
    const fetcher = vi
      .fn()
      .mockResolvedValueOnce(json({ state: "sent", left: 2, paper: paper(1) }))
      .mockResolvedValueOnce(json({}))
      .mockResolvedValueOnce(json({ state: "sent", left: 1, paper: paper(2) }))
      .mockResolvedValueOnce(json({}))
      .mockResolvedValueOnce(json({ state: "signed", left: 0, paper: null }));
    vi.stubGlobal("fetch", fetcher);
    const element = island("sign");
    mount(element);
    await vi.waitFor(() => expect(element.textContent).toContain("đã xong lượt này"));
    expect(said.filter((text) => text.startsWith("{"))).toEqual(['{"FileName":"1"}', '{"FileName":"2"}']);
    expect(String(fetcher.mock.calls[1]?.[1].body)).toBe("doc_id=d-1&status=11&words=cancel");
    expect(String(fetcher.mock.calls[3]?.[1].body)).toBe("doc_id=d-2&status=0&words=");
  });

  it("reports nothing and offers to sign again when the program fell over", async () => {
    program(["dies"]);
    const fetcher = vi.fn().mockResolvedValueOnce(json({ state: "sent", left: 1, paper: paper(1) }));
    vi.stubGlobal("fetch", fetcher);
    const element = island("sign");
    mount(element);
    await vi.waitFor(() => expect(element.textContent).toContain("đóng giữa chừng"));
    expect(fetcher).toHaveBeenCalledTimes(1);
    expect(element.querySelector("button")?.textContent).toBe("Ký bằng VGCA Sign Service");
  });
});
