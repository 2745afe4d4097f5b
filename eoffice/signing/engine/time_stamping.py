"""Time stamps over HTTP (RFC 3161): authorities asked in order, every answer checked before it counts."""

from __future__ import annotations

import asyncio
import base64
import http.client
import socket
import ssl
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol
from urllib.parse import SplitResult, urlsplit

from asn1crypto import cms, tsp
from asn1crypto import x509 as asn1_x509
from pyhanko.sign.timestamps import TimeStamper as PdfTimeStamper
from pyhanko.sign.timestamps.common_utils import TimestampRequestError
from pyhanko.sign.validation.generic_cms import validate_tst_signed_data
from pyhanko.sign.validation.status import TimestampSignatureStatus
from pyhanko_certvalidator import ValidationContext

from eoffice.signing.engine.anchors import anchors_of
from eoffice.signing.engine.examining import HOSTILE
from eoffice.signing.engine.plain_calls import outside_the_loop
from eoffice.signing.engine.verdicts import TrustAnchors

DIGEST: Final = "sha256"
MOST_BYTES: Final = 64 * 1024
"""A token with its chain is 3 to 8 KB."""
_CHUNK: Final = 16 * 1024
_CLOCKS_DIFFER: Final = timedelta(minutes=5)


class NotStamped(Exception):
    """One authority gave no usable time stamp; the text says why, in Vietnamese."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeStampSource:
    """One authority. `timeout_s` is for the whole exchange.

    `client_pem` is a certificate with its key, where the authority asks for one; `issuer_pem` the root of its own TLS
    certificate, where that is none the system knows.
    """

    key: int
    name: str
    url: str
    timeout_s: float = 10.0
    user: str = ""
    password: str = field(default="", repr=False)
    client_pem: str = field(default="", repr=False)
    issuer_pem: str = ""


@dataclass(frozen=True, slots=True)
class Token:
    """A checked time stamp: its DER, the time in it, and until when the authority's certificate is valid."""

    content: cms.ContentInfo
    at: datetime
    certificate_ends_at: datetime
    source: TimeStampSource


class TimeStamper(Protocol):
    """Who gives time stamps (`services.time_stamps`: the authorities of this installation)."""

    def stamp(self, digest: bytes) -> Token:
        """A time stamp over a SHA-256. Raises OSError when no authority gave one."""
        ...


TrustFor = Callable[[Sequence[bytes]], TrustAnchors]
"""Anchors and revocation material to judge an authority's certificates (DER, its own first) with."""


class AuthoritiesInOrder(PdfTimeStamper):
    """Asks one authority after the other; one that failed is passed over for the rest of this object's life.

    Is a `TimeStamper` of ours and one of pyHanko's, so that signatures and document time stamps are made with it.
    An answer counts when it is about our question, lies within five minutes of `now`, and its authority is trusted
    for time stamps and not revoked: what our own check would doubt later is not written into a file.
    """

    def __init__(self, sources: Sequence[TimeStampSource], *, trust_for: TrustFor, now: datetime) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # pyHanko leaves it untyped
        self._sources = list(sources)
        self._trust_for = trust_for
        self._now = now
        self.failures: dict[int, str] = {}
        """Why an authority gave none, by its key."""
        self.given: list[Token] = []

    @property
    def is_spent(self) -> bool:
        """Whether every authority has failed already."""
        return len(self.failures) >= len(self._sources)

    def stamp(self, digest: bytes) -> Token:
        """A time stamp over a SHA-256. Raises OSError when no authority gave one."""
        asyncio.run(self.async_timestamp(digest, DIGEST))
        return self.given[-1]

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        reason = "chưa cấu hình dịch vụ nào"
        for source in self._sources:
            if source.key in self.failures:
                reason = self.failures[source.key]
                continue
            try:
                with outside_the_loop():
                    response, token = self._ask(source, req)
            except NotStamped as error:
                reason = self.failures[source.key] = str(error)
                continue
            self.given.append(token)
            return response
        raise TimestampRequestError(reason)

    def _ask(self, source: TimeStampSource, req: tsp.TimeStampReq) -> tuple[tsp.TimeStampResp, Token]:
        content = exchange(source, req.dump())
        try:
            response = tsp.TimeStampResp.load(content, strict=True)
            if response["status"]["status"].native != "granted":
                raise NotStamped("dịch vụ từ chối cấp dấu thời gian")
            token = response["time_stamp_token"]
            data = token["content"]
            info = data["encap_content_info"]["content"].parsed
            same_nonce = info["nonce"].native == req["nonce"].native
            if info["message_imprint"].dump() != req["message_imprint"].dump() or not same_nonce:
                raise NotStamped("dịch vụ trả lời cho một câu hỏi khác")
            stamped_at = info["gen_time"].native
            if abs(stamped_at - self._now) > _CLOCKS_DIFFER:
                raise NotStamped("giờ của dịch vụ lệch quá năm phút so với giờ hệ thống")
            certificate = self._require_trusted(data, req)
        except HOSTILE as error:
            raise NotStamped("dịch vụ trả lời không đúng chuẩn RFC 3161") from error
        return response, Token(token, stamped_at, certificate.not_valid_after, source)

    def _require_trusted(self, data: cms.SignedData, req: tsp.TimeStampReq) -> asn1_x509.Certificate:
        brought = [choice.chosen for choice in data["certificates"] or ()]
        serial = data["signer_infos"][0]["sid"].chosen["serial_number"].native
        own = [certificate for certificate in brought if certificate.serial_number == serial]
        others = [certificate for certificate in brought if certificate.serial_number != serial]
        if not own:
            raise NotStamped("dấu thời gian không kèm chứng thư của dịch vụ")
        trust = self._trust_for([certificate.dump() for certificate in (*own, *others)])
        imprint = req["message_imprint"]["hashed_message"].native
        status = TimestampSignatureStatus(
            **asyncio.run(validate_tst_signed_data(data, _context(trust, others, self._now), lambda _: imprint))
        )
        if not (status.intact and status.valid):
            raise NotStamped("chữ ký của dấu thời gian không đúng")
        if not status.trusted:
            raise NotStamped(
                "chưa tin cậy dịch vụ: gốc của nó chưa nằm trong danh sách tin cậy về dấu thời gian, chứng thư không "
                "dành cho việc cấp dấu thời gian, hoặc chưa có thông tin thu hồi"
            )
        return own[0]


def _context(trust: TrustAnchors, others: Sequence[asn1_x509.Certificate], now: datetime) -> ValidationContext:
    return ValidationContext(
        trust_roots=anchors_of(trust.time_stamp_roots),
        other_certs=[*others, *(asn1_x509.Certificate.load(der) for der in trust.intermediates)],
        crls=list(trust.crls),
        ocsps=list(trust.ocsps),
        moment=now,
        revocation_mode="require",
        retroactive_revinfo=True,
        allow_fetching=False,
    )


def exchange(source: TimeStampSource, query: bytes) -> bytes:
    """Send one query and return the body of the answer, within time and size. Redirects are not followed.

    The address was written by an administrator, so it may lie inside. Raises NotStamped.
    """
    until = time.monotonic() + source.timeout_s
    parts = urlsplit(source.url)
    connection = _connection(source, parts)
    timer = threading.Timer(source.timeout_s, _cut, [connection])
    timer.daemon = True
    timer.start()
    headers = {
        "Content-Type": "application/timestamp-query",
        "Accept": "application/timestamp-reply",
        "User-Agent": "eOffice",
        "Connection": "close",
    }
    if source.user:
        secret = base64.b64encode(f"{source.user}:{source.password}".encode()).decode()
        headers["Authorization"] = f"Basic {secret}"
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("POST", target, body=query, headers=headers)
        answer = connection.getresponse()
        if answer.status in (401, 403):
            raise NotStamped("dịch vụ không nhận tên đăng nhập hoặc chứng thư của hệ thống")
        if answer.status != 200:
            raise NotStamped(f"dịch vụ trả mã {answer.status}")
        return _read(answer)
    except ssl.SSLCertVerificationError as error:
        raise NotStamped("chứng thư TLS của dịch vụ không kiểm tra được") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        late = time.monotonic() >= until - 0.05
        raise NotStamped("dịch vụ không trả lời kịp" if late else "không kết nối được dịch vụ") from error
    finally:
        timer.cancel()
        connection.close()


def _read(answer: http.client.HTTPResponse) -> bytes:
    content = bytearray()
    while chunk := answer.read1(_CHUNK):
        content += chunk
        if len(content) > MOST_BYTES:
            raise NotStamped("dịch vụ trả lời quá dài")
    return bytes(content)


def _connection(source: TimeStampSource, parts: SplitResult) -> http.client.HTTPConnection:
    host = parts.hostname or ""
    if parts.scheme != "https":
        return http.client.HTTPConnection(host, parts.port, timeout=source.timeout_s)
    try:
        context = ssl.create_default_context()
        if source.issuer_pem:
            context.load_verify_locations(cadata=source.issuer_pem)
        if source.client_pem:
            with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:  # OpenSSL loads a key from a file only
                file.write(source.client_pem)
                file.flush()
                context.load_cert_chain(file.name)
    except (ssl.SSLError, ValueError, OSError) as error:
        raise NotStamped("chứng thư TLS đã khai báo không đọc được") from error
    return http.client.HTTPSConnection(host, parts.port, timeout=source.timeout_s, context=context)


def _cut(connection: http.client.HTTPConnection) -> None:
    """End an exchange whose time is over: a server that sends a byte now and then holds nobody up."""
    if connection.sock is not None:
        try:
            connection.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # ended by itself in the meantime
