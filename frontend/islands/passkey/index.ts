/**
 * A form whose hidden field `answer` is filled by the browser's passkey (WebAuthn) before it is sent.
 *
 *     <form method="post" data-island="passkey" data-does="answer|register" data-options-url="…">
 *       <input type="hidden" name="csrfmiddlewaretoken" …> <input type="hidden" name="answer">
 *       <p data-passkey-fault hidden></p> <button type="submit">…</button>
 *
 * The options come from the server as JSON with base64url texts; the answer goes back the same way.
 */
import type { Unmount } from "../../islands";

interface Named {
  id: string;
  type: PublicKeyCredentialType;
}
interface Options {
  publicKey: Record<string, unknown> & { challenge: string; user?: { id: string } };
}

export function mount(form: HTMLElement): Unmount | void {
  if (!(form instanceof HTMLFormElement)) return;
  const send = (event: Event): void => {
    event.preventDefault();
    void fillAndSend(form);
  };
  form.addEventListener("submit", send);
  return () => form.removeEventListener("submit", send);
}

async function fillAndSend(form: HTMLFormElement): Promise<void> {
  tell(form, "");
  if (!form.reportValidity()) return;
  if (!window.PublicKeyCredential) {
    tell(form, "Trình duyệt này không hỗ trợ khóa đăng nhập. Chọn cách khác.");
    return;
  }
  try {
    const options = await fetchOptions(form);
    const credential = form.dataset.does === "register" ? await create(options) : await get(options);
    if (!(credential instanceof PublicKeyCredential)) throw new Error("no credential");
    (form.elements.namedItem("answer") as HTMLInputElement).value = JSON.stringify(plain(credential));
  } catch (error) {
    tell(form, wordsFor(error));
    return;
  }
  form.submit();
}

async function fetchOptions(form: HTMLFormElement): Promise<Options> {
  const token = (form.elements.namedItem("csrfmiddlewaretoken") as HTMLInputElement | null)?.value ?? "";
  const response = await fetch(form.dataset.optionsUrl ?? "", {
    method: "POST",
    headers: { "X-CSRFToken": token, Accept: "application/json" },
  });
  const body = (await response.json()) as Options & { message?: string };
  if (!response.ok) throw new Refused(body.message ?? "");
  return body;
}

class Refused extends Error {}

function create(options: Options): Promise<Credential | null> {
  const publicKey = { ...options.publicKey, ...bytesOf(options) } as Record<string, unknown>;
  const user = options.publicKey.user;
  if (user) publicKey.user = { ...user, id: decode(user.id) };
  return navigator.credentials.create({ publicKey: publicKey as unknown as PublicKeyCredentialCreationOptions });
}

function get(options: Options): Promise<Credential | null> {
  const publicKey = { ...options.publicKey, ...bytesOf(options) } as unknown as PublicKeyCredentialRequestOptions;
  return navigator.credentials.get({ publicKey });
}

function bytesOf({ publicKey }: Options): Record<string, unknown> {
  const bytes: Record<string, unknown> = { challenge: decode(publicKey.challenge) };
  for (const name of ["excludeCredentials", "allowCredentials"]) {
    const list = publicKey[name] as Named[] | undefined;
    if (list) bytes[name] = list.map(({ id, type }) => ({ id: decode(id), type }));
  }
  return bytes;
}

export function plain(credential: PublicKeyCredential): Record<string, unknown> {
  const response: Record<string, string> = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature"] as const) {
    const part = (credential.response as unknown as Record<string, ArrayBuffer | undefined>)[name];
    if (part) response[name] = encode(part);
  }
  return { id: credential.id, rawId: encode(credential.rawId), type: credential.type, response };
}

export function encode(bytes: ArrayBuffer): string {
  const text = String.fromCharCode(...new Uint8Array(bytes));
  return btoa(text).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

export function decode(text: string): ArrayBuffer {
  const binary = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(binary, (letter) => letter.charCodeAt(0)).buffer;
}

function tell(form: HTMLFormElement, words: string): void {
  const place = form.querySelector<HTMLElement>("[data-passkey-fault]");
  if (!place) return;
  place.textContent = words;
  place.hidden = !words;
  if (words) place.setAttribute("role", "alert");
}

function wordsFor(error: unknown): string {
  if (error instanceof Refused && error.message) return error.message;
  if (error instanceof DOMException && error.name === "InvalidStateError") return "Khóa này đã được đăng ký rồi.";
  if (error instanceof DOMException && error.name === "SecurityError")
    return "Khóa đăng nhập không dùng được ở địa chỉ trang này. Chọn cách khác.";
  return "Chưa dùng được khóa đăng nhập, hoặc đã đóng hộp hỏi. Thử lại, hoặc chọn cách khác.";
}
