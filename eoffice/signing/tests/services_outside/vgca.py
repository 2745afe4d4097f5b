"""VGCA Sign Service as it was seen from outside (digital-signature E.1): a program on the signer's computer.

A TLS WebSocket on loopback with a certificate of its own, one connection for each action, named in the path: one text
in, one text out, closed. It fetches `FileName`, signs the first empty field that is prepared, posts the file as
`uploadfile` to `FileUploadHandler`, and says `{Status, Message, FileName, FileServer}`.
"""

from __future__ import annotations

import asyncio
import base64
import io
import json
import ssl
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Self

from aiohttp import WSMsgType, web
from asn1crypto import keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter, enumerate_sig_fields
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.stamp import TextStampStyle
from pyhanko_certvalidator.registry import SimpleCertificateStore

from eoffice.signing.engine.signing import SoftwareKey

BOUNDARY: Final = "----vgca"
MULTIPART: Final = f"multipart/form-data; boundary={BOUNDARY}"
GOOD, FAILED, CANCELLED = 0, 1, 11
Fetch = Callable[[str], bytes]
Send = Callable[[str, bytes, str], tuple[int, bytes]]
"""Address, body, content type; status and body of the answer."""


def fetch(url: str) -> bytes:
    """As the program does: no session, no cookies."""
    with urllib.request.urlopen(url, timeout=30) as answer:
        return bytes(answer.read())


def send(url: str, body: bytes, content_type: str) -> tuple[int, bytes]:
    request = urllib.request.Request(url, data=body, headers={"Content-Type": content_type}, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


class SignService:
    """The program with a token in it. `mood` is what the person does: signs, cancels, fails, or ends the program."""

    def __init__(self, key: SoftwareKey, *, fetch: Fetch = fetch, send: Send = send, good: object = True) -> None:
        self.key = key
        self.mood = "sign"
        self.good = good
        """What `Status` of an upload it takes for good."""
        self.changed: Callable[[bytes, bytes], bytes] = lambda fetched, signed: signed
        """What is done to the file before it is sent."""
        self.said: list[tuple[str, dict[str, Any]]] = []
        self._fetch, self._send = fetch, send

    def act(self, name: str, text: str) -> dict[str, Any] | None:
        """One action; None when the program ends without a word."""
        told = json.loads(text) if text else {}
        self.said.append((name, told))
        if self.mood == "die":
            return None
        if name == "GetVersion":
            return {"Status": GOOD, "Message": "", "Version": "1.1"}
        if name == "GetCertInfo":
            return {"Status": GOOD, "Message": "", "Certificate": base64.b64encode(self.key.certificate).decode()}
        if self.mood == "cancel":
            return {"Status": CANCELLED, "Message": "Người dùng hủy", "FileName": "", "FileServer": ""}
        if self.mood == "fail":
            return {"Status": FAILED, "Message": "Không tìm thấy token", "FileName": "", "FileServer": ""}
        fetched = self._fetch(told["FileName"])
        return self._upload(told["FileUploadHandler"], self.changed(fetched, signed(fetched, self.key)))

    def _upload(self, url: str, content: bytes) -> dict[str, Any]:
        status, answer = self._send(url, multipart(content), MULTIPART)
        found = json.loads(answer) if status == 200 else {"Status": False, "Message": f"HTTP {status}"}
        if found["Status"] is not self.good:
            return {"Status": FAILED, "Message": found["Message"], "FileName": "", "FileServer": ""}
        return {"Status": GOOD, "Message": "", "FileName": found["FileName"], "FileServer": found["FileServer"]}


def multipart(content: bytes) -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="uploadfile"; filename="ky.pdf"\r\n'
    return f"{head}Content-Type: application/pdf\r\n\r\n".encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()


def signed(
    content: bytes,
    key: SoftwareKey,
    *,
    field: str = "",
    certify: bool = False,
    new_field: bool = False,
    also: Callable[[IncrementalPdfFileWriter], None] | None = None,
) -> bytes:
    """The file with one more update: a PAdES signature and a mark of the program's own, in the first empty field.

    `new_field` signs in a field that the program makes itself; `also` does something else in the same update.
    """
    writer = IncrementalPdfFileWriter(io.BytesIO(content), strict=False)
    if also is not None:
        also(writer)
    empty = [name for name, value, _ in enumerate_sig_fields(writer.prev) if value is None]
    store = SimpleCertificateStore()
    store.register_multiple([asn1_x509.Certificate.load(der) for der in key.chain])
    pkcs8 = key.private_key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    signer = SimpleSigner(
        signing_cert=asn1_x509.Certificate.load(key.certificate),
        signing_key=keys.PrivateKeyInfo.load(pkcs8),
        cert_registry=store,
    )
    metadata = PdfSignatureMetadata(
        field_name="Signature1" if new_field else field or empty[0],
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        certify=certify,
        reason="Ky boi VGCA",
    )
    own = SigFieldSpec("Signature1", box=(60, 60, 200, 120)) if new_field else None
    style = TextStampStyle(stamp_text="Ky boi VGCA Sign Service", border_width=0)
    output = io.BytesIO()
    made = PdfSigner(metadata, signer=signer, stamp_style=style, new_field_spec=own)
    asyncio.run(made.async_sign_pdf(writer, output=output))
    return output.getvalue()


class Desk:
    """The program's WebSocket on 127.0.0.1 while it runs."""

    def __init__(self, service: SignService, directory: Path) -> None:
        self.service = service
        self._tls = _own_tls(directory)
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.port = 0

    @property
    def address(self) -> str:
        return f"wss://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._listen())
        self._ready.set()
        self._loop.run_forever()
        self._loop.run_until_complete(self._runner.cleanup())
        self._loop.close()

    async def _listen(self) -> None:
        served = web.Application()
        served.router.add_get("/{name}", self._action)
        self._runner = web.AppRunner(served, shutdown_timeout=1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=self._tls)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def _action(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        text = await socket.receive()
        if text.type is WSMsgType.TEXT:
            answer = await asyncio.to_thread(self.service.act, request.match_info["name"], str(text.data))
            if answer is not None:
                await socket.send_str(json.dumps(answer, ensure_ascii=False))
        await socket.close()
        return socket


def _own_tls(directory: Path) -> ssl.SSLContext:
    """A certificate that nobody signed, as the program makes one for its computer."""
    directory.mkdir(parents=True, exist_ok=True)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    chain = directory / "tls.pem"
    chain.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    return context
