import { describe, expect, it } from "vitest";
import { decode, encode, plain } from ".";

describe("passkey", () => {
  it("brings bytes to base64url and back", () => {
    const bytes = Uint8Array.from([0, 251, 255, 62, 63, 1]).buffer;
    expect(encode(bytes)).toBe("APv_Pj8B");
    expect(new Uint8Array(decode("APv_Pj8B"))).toEqual(new Uint8Array(bytes));
  });

  it("sends the parts the server checks and no others", () => {
    const part = Uint8Array.from([1, 2, 3]).buffer;
    const credential = {
      id: "AQID",
      rawId: part,
      type: "public-key",
      response: { clientDataJSON: part, authenticatorData: part, signature: part, userHandle: part },
    } as unknown as PublicKeyCredential;
    expect(plain(credential)).toEqual({
      id: "AQID",
      rawId: "AQID",
      type: "public-key",
      response: { clientDataJSON: "AQID", authenticatorData: "AQID", signature: "AQID" },
    });
  });
});
