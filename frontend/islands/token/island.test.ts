// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { mount } from ".";

const json = (status: number, body: unknown): Response => new Response(JSON.stringify(body), { status });

function island(does: string): HTMLElement {
  document.body.innerHTML = `<div data-does="${does}" data-agent="http://127.0.0.1:14987" data-request="7"
    data-order-url="/order" data-values-url="/values"><input type="hidden" name="csrfmiddlewaretoken" value="abc"></div>`;
  return document.body.firstElementChild as HTMLElement;
}
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

describe("token", () => {
  beforeEach(() => {
    localStorage.clear();
    sessionStorage.clear();
  });
  afterEach(() => vi.unstubAllGlobals());

  it("asks for the pairing code when the program does not know the page", async () => {
    vi.stubGlobal("fetch", vi.fn().mockResolvedValue(json(401, {})));
    const element = island("add");
    mount(element);
    element.querySelector("button")?.click();
    await settled();
    expect(element.textContent).toContain("Mã ghép nối");
  });

  it("says what to do when no program answers", async () => {
    vi.stubGlobal("fetch", vi.fn().mockRejectedValue(new TypeError("Failed to fetch")));
    const element = island("add");
    mount(element);
    element.querySelector("button")?.click();
    await settled();
    expect(element.querySelector("[role=alert]")?.textContent).toContain("Chưa thấy chương trình eoffice-token");
  });

  it("brings the values to the server, and never a PIN", async () => {
    const order = { state: "sent", description: "Ký", certificate: "AA==", papers: [{ doc_id: "d", title: "t", digest: "AA==" }] };
    const fetcher = vi
      .fn()
      .mockResolvedValueOnce(json(200, order))
      .mockResolvedValueOnce(json(200, { values: { d: "AQ==" }, fault: "", words: "" }))
      .mockResolvedValueOnce(json(200, {}));
    vi.stubGlobal("fetch", fetcher);
    const element = island("sign");
    mount(element);
    await vi.waitFor(() => expect(element.textContent).toContain("Đã nhận chữ ký từ token."));
    expect(fetcher.mock.calls.map(([address]) => String(address))).toEqual(["/order", "http://127.0.0.1:14987/sign", "/values"]);
    expect(JSON.parse(fetcher.mock.calls[2]?.[1].body)).toEqual({ values: { d: "AQ==" }, fault: "" });
  });

  it("keeps the request open and says why when the token was pulled out", async () => {
    const order = { state: "sent", description: "Ký", certificate: "AA==", papers: [{ doc_id: "d", title: "t", digest: "AA==" }] };
    const fetcher = vi
      .fn()
      .mockResolvedValueOnce(json(200, order))
      .mockResolvedValueOnce(json(200, { values: {}, fault: "gone", words: "Token bị rút ra." }));
    vi.stubGlobal("fetch", fetcher);
    const element = island("sign");
    mount(element);
    await vi.waitFor(() => expect(element.textContent).toContain("Token bị rút ra."));
    expect(fetcher).toHaveBeenCalledTimes(2);
    expect(element.querySelector("button")?.textContent).toBe("Ký bằng token");
  });
});
