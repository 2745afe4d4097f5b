"""Viettel MySign (Cloud-CA): confirmation on the phone, asked for by polling (digital-signature D.2)."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Final

from eoffice.core.vietnamese import fold
from eoffice.signing.providers.https import JsonService, Reply
from eoffice.signing.providers.signer import (
    Account,
    Answer,
    AnswerState,
    AskedField,
    OfferedCertificate,
    Order,
    SignerRefuses,
)

_BASE: Final = "/vtss/service"
_SHA256: Final = "2.16.840.1.101.3.4.2.1"
_RSA: Final = "1.2.840.113549.1.1.1"
_NOT_PLAIN: Final = re.compile(r"[^A-Za-z0-9_\- ]+")
_MOST_PLAIN: Final = 72
"""Characters: their Base64 must stay under 100."""
_DONE: Final = 1
_WAITS: Final = frozenset({4000, 6000})
_ENDS: Final = {
    4001: (AnswerState.EXPIRED, ""),
    4002: (AnswerState.REFUSED, ""),
    4004: (AnswerState.FAILED, ""),
    4005: (AnswerState.FAILED, "Tài khoản MySign đã hết lượt ký. Chưa có gì được ký; liên hệ Viettel để mua thêm."),
    13004: (AnswerState.FAILED, "Chứng thư số MySign đã hết hạn hoặc bị thu hồi. Chưa có gì được ký."),
    50000: (AnswerState.FAILED, "Hệ thống MySign gặp lỗi. Chưa có gì được ký; ký lại sau ít phút."),
}
_LOGIN_FAULTS: Final = {
    58007: "MySign không nhận mã ứng dụng (client id) của hệ thống. Quản trị kiểm tra lại cấu hình.",
    58008: "MySign không có người dùng này. Kiểm tra lại tài khoản (CMT_…, MST_…).",
    59033: "MySign không nhận người dùng hoặc mật khẩu này.",
    86024: "MySign không nhận khóa bí mật của hệ thống. Quản trị kiểm tra lại cấu hình.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MySign:
    """A client of one profile. The token is per person and lives for one hour at most; it is asked for anew each time
    but while an order is polled.

    `mode` 1 or 2 gives a transaction that is polled; 3 besides has the provider call us, which we take as a hint only.
    """

    service: JsonService
    client_id: str
    client_secret: str = field(repr=False)
    profile_id: str
    mode: int = 1
    can_ask_again: ClassVar[bool] = False
    asks: ClassVar[tuple[AskedField, ...]] = ()

    def check(self, account: str) -> str:
        """Log in as a known account. Raises SignerDown, SignerRefuses."""
        found = self.certificates(Account(account=account))
        return f"Đăng nhập được; {len(found)} chứng thư của {account}."

    def certificates(self, account: Account) -> list[OfferedCertificate]:
        body = {**self._who(account), "certificates": "chain", "certInfo": True, "authInfo": True}
        token = self._token(account)
        answer = self.service.post(f"{_BASE}/certificates/info", body, bearer=token, again=True)
        _require_good(answer)
        lines = answer.content if isinstance(answer.content, list) else []
        return [offer for line in lines if isinstance(line, dict) for offer in [_offered(line)] if offer.certificate]

    def start(self, order: Order, *, now: datetime) -> Answer:
        token = self._token(order.account)
        body = {
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "credentialID": order.account.credential,
            "numSignatures": len(order.papers),
            "documents": [
                {"document_id": paper.doc_id, "document_name": plain_base64(paper.title)} for paper in order.papers
            ],
            "hash": [base64.b64encode(paper.digest).decode() for paper in order.papers],
            "hashAlgo": _SHA256,
            "signAlgo": _RSA,
            "description": plain_base64(order.description),
            "async": self.mode,
        }
        answer = self.service.post(f"{_BASE}/signHash", body, bearer=token)
        _require_good(answer)
        transaction = str(answer.object.get("transactionId") or "")
        if not transaction:
            raise SignerRefuses("MySign không nhận yêu cầu ký. Chưa có gì được ký; ký lại hoặc chọn cách ký khác.")
        return Answer(state=AnswerState.WAITING, memory={"transaction": transaction, "token": token})

    def poll(self, order: Order, *, now: datetime) -> Answer:
        asked = {"transactionId": order.memory.get("transaction", "")}
        token, memory = order.memory.get("token", ""), None
        answer = self.service.post(f"{_BASE}/requests/status", asked, bearer=token, again=True)
        if answer.status == 401:  # the token is over before the order is
            token = self._token(order.account)
            memory = {**order.memory, "token": token}
            answer = self.service.post(f"{_BASE}/requests/status", asked, bearer=token, again=True)
        status = _number(answer.object.get("status"))
        if status == _DONE:
            return Answer(state=AnswerState.SIGNED, values=_values(order, answer.object.get("signatures")))
        if status in _WAITS:
            return Answer(state=AnswerState.WAITING, memory=memory)
        if status in _ENDS:
            state, words = _ENDS[status]
            return Answer(state=state, words=words)
        raise SignerRefuses(f"MySign trả lời không rõ (mã {status or answer.status}). Chưa có gì được ký; ký lại.")

    def _who(self, account: Account) -> dict[str, str]:
        return {
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "profile_id": self.profile_id,
            "user_id": account.account,
        }

    def _token(self, account: Account) -> str:
        answer = self.service.post(f"{_BASE}/ras/v1/login", self._who(account), again=True)
        token = str(answer.object.get("access_token") or "")
        if not token:
            _require_good(answer)
            raise SignerRefuses("MySign không cho đăng nhập. Kiểm tra tài khoản và cấu hình.")
        return token


def plain_base64(text: str) -> str:
    """Base64 of the text in plain ASCII: letters, digits, `_`, `-` and blanks, under 100 characters encoded."""
    plain = _NOT_PLAIN.sub(" ", fold(text)).strip()[:_MOST_PLAIN].strip() or "van ban"
    return base64.b64encode(plain.encode("ascii")).decode()


def _require_good(answer: Reply) -> None:
    code = _number(answer.object.get("error_code") or answer.object.get("code") or answer.object.get("status"))
    if code in _LOGIN_FAULTS:
        raise SignerRefuses(_LOGIN_FAULTS[code])
    if answer.status >= 400:
        told = str(answer.object.get("error_description") or answer.object.get("message") or "")[:120]
        raise SignerRefuses(f"MySign không nhận yêu cầu (mã {code or answer.status}{', ' + told if told else ''}).")


def _number(value: object) -> int:
    """Their numbers are strings, mostly."""
    text = str(value or "").strip()
    return int(text) if text.isdecimal() else 0


def _offered(line: dict[str, Any]) -> OfferedCertificate:
    told = line.get("cert")
    cert: dict[str, Any] = told if isinstance(told, dict) else {}
    certificates = [_bytes(text) for text in cert.get("certificates") or []]
    status = str(cert.get("status") or "")
    return OfferedCertificate(
        credential=str(line.get("credential_id") or ""),
        certificate=certificates[0] if certificates else b"",
        chain=tuple(certificates[1:]),
        is_usable=status.lower() in {"", "valid", "active", "1"},
        words=status,
    )


def _values(order: Order, signatures: object) -> dict[str, bytes]:
    """In the order of the request: the answer carries no document ids. One too many or too few is nobody's."""
    if not isinstance(signatures, list) or len(signatures) != len(order.papers):
        raise SignerRefuses("MySign trả số chữ ký không khớp số văn bản. Chưa có gì được ký; ký lại.")
    return {paper.doc_id: _bytes(text) for paper, text in zip(order.papers, signatures, strict=True)}


def _bytes(text: object) -> bytes:
    """Base64 with CRLF inside."""
    try:
        return base64.b64decode("".join(str(text or "").split()), validate=True)
    except binascii.Error:
        return b""
