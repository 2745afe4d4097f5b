"""VNPT SmartCA, gateway "SP769": v1 confirmed on the phone, v2 by password and OTP (digital-signature D.1)."""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar, Final

from eoffice.core.vietnamese import fold
from eoffice.signing.providers.https import JsonService, Reply
from eoffice.signing.providers.signer import (
    WAITING,
    Account,
    Answer,
    AnswerState,
    AskedField,
    OfferedCertificate,
    Order,
    SignerRefuses,
)

_ACTIVE: Final = ("dang hoat dong", "active", "valid")
REFUSED_WORDS: Final = "reject, denied, deny, refuse, tu choi, cancel, huy"
EXPIRED_WORDS: Final = "expire, timeout, time out, het han, qua han"
"""How an answer says so: the document gives no code, so the words are settings. Compared without accents and case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SmartCa:
    """The v1 gateway. There is no token: `sp_id` and `sp_password` go in each body.

    `status_id` says which id the status address wants, which the document leaves open.
    """

    service: JsonService
    sp_id: str
    sp_password: str = field(repr=False)
    status_id: str = "transaction_id"
    refused_words: str = REFUSED_WORDS
    expired_words: str = EXPIRED_WORDS
    asks: ClassVar[tuple[AskedField, ...]] = ()

    @property
    def can_ask_again(self) -> bool:
        return self.status_id == "transaction_id"

    def check(self, account: str) -> str:
        """Ask for the certificates of a known account. Raises SignerDown, SignerRefuses."""
        found = self.certificates(Account(account=account))
        return f"Trả lời được: {len(found)} chứng thư của {account}."

    def certificates(self, account: Account) -> list[OfferedCertificate]:
        answer = self.service.post(
            "/v1/credentials/get_certificate",
            {
                "sp_id": self.sp_id,
                "sp_password": self.sp_password,
                "user_id": account.account,
                "serial_number": "",
                "transaction_id": secrets.token_hex(16),
            },
            again=True,
        )
        lines = _data(answer).get("user_certificates")
        return [_offered(line) for line in lines if isinstance(line, dict)] if isinstance(lines, list) else []

    def start(self, order: Order, *, now: datetime) -> Answer:
        answer = self.service.post("/v1/signatures/sign", self._body(order, now))
        data = _data(answer)
        return Answer(state=AnswerState.WAITING, memory={"tran_code": str(data.get("tran_code") or "")})

    def poll(self, order: Order, *, now: datetime) -> Answer:
        wanted = order.reference if self.status_id == "transaction_id" else order.memory.get("tran_code", "")
        answer = self.service.post(f"/v1/signatures/sign/{wanted}/status", {}, again=True)
        return self._judged(answer)

    def _body(self, order: Order, now: datetime) -> dict[str, Any]:
        return {
            "sp_id": self.sp_id,
            "sp_password": self.sp_password,
            "user_id": order.account.account,
            "transaction_id": order.reference,
            "transaction_desc": order.description,
            "serial_number": order.account.credential,
            "time_stamp": now.astimezone(UTC).strftime("%Y%m%d%H%M%SZ"),
            "sign_files": [
                {
                    "doc_id": paper.doc_id,
                    "file_type": "pdf",
                    "sign_type": "hash",
                    "data_to_be_signed": paper.digest.hex(),
                }
                for paper in order.papers
            ],
        }

    def _judged(self, answer: Reply) -> Answer:
        message = str(answer.object.get("message") or "")
        data = answer.object.get("data")
        signatures = data.get("signatures") if isinstance(data, dict) else None
        if isinstance(signatures, list) and signatures:
            return Answer(state=AnswerState.SIGNED, values=_values(signatures))
        said = fold(message).replace("_", " ")
        if _says(said, self.refused_words):
            return Answer(state=AnswerState.REFUSED)
        if _says(said, self.expired_words):
            return Answer(state=AnswerState.EXPIRED)
        if _code(answer) >= 400:
            raise SignerRefuses(_words(_code(answer), message))
        return WAITING


@dataclass(frozen=True, slots=True, kw_only=True)
class SmartCaIntegrated(SmartCa):
    """The v2 gateway: no phone step; the person types password and OTP for this one order, and we keep neither."""

    asks: ClassVar[tuple[AskedField, ...]] = (
        AskedField("password", "Mật khẩu SmartCA"),
        AskedField("otp", "Mã OTP"),
    )

    @property
    def can_ask_again(self) -> bool:
        return False

    def start(self, order: Order, *, now: datetime) -> Answer:
        typed = {name: order.typed.get(name, "") for name in ("password", "otp")}
        data = _data(self.service.post("/v2/signatures/sign", {**self._body(order, now), **typed}))
        sad = str(data.get("sad") or "")
        if not sad:
            raise SignerRefuses(
                "SmartCA không cấp quyền ký cho lần này. Chưa có gì được ký; kiểm tra mật khẩu, mã OTP."
            )
        confirmed = self.service.post(
            "/v2/signatures/confirm",
            {
                "sp_id": self.sp_id,
                "sp_password": self.sp_password,
                "user_id": order.account.account,
                "password": typed["password"],
                "transaction_id": order.reference,
                "sad": sad,
            },
        )
        signatures = _data(confirmed).get("signatures")
        if not isinstance(signatures, list) or not signatures:
            raise SignerRefuses("SmartCA không trả chữ ký nào. Chưa có gì được ký; ký lại hoặc chọn cách ký khác.")
        return Answer(state=AnswerState.SIGNED, values=_values(signatures))

    def poll(self, order: Order, *, now: datetime) -> Answer:
        raise SignerRefuses("Không rõ SmartCA đã ký hay chưa. Chưa có gì được lưu; ký lại.")


def _code(answer: Reply) -> int:
    code = answer.object.get("status_code")
    return code if isinstance(code, int) else answer.status


def _data(answer: Reply) -> Mapping[str, Any]:
    """What the envelope holds. Raises SignerRefuses for any code but 200."""
    code = _code(answer)
    if code != 200:
        raise SignerRefuses(_words(code, str(answer.object.get("message") or "")))
    data = answer.object.get("data")
    return data if isinstance(data, dict) else {}


def _words(code: int, message: str) -> str:
    if code == 401:
        return "SmartCA không nhận tài khoản này (mã nhà cung cấp hoặc người dùng không đúng). Chưa có gì được ký."
    if code == 403:
        return "Chứng thư số SmartCA này không ở trạng thái hoạt động. Chưa có gì được ký."
    told = f" ({message[:120]})" if message else ""
    return f"SmartCA không nhận yêu cầu{told}. Chưa có gì được ký."


def _says(said: str, words: str) -> bool:
    return any(fold(word).strip() in said for word in words.split(",") if word.strip())


def _offered(line: Mapping[str, Any]) -> OfferedCertificate:
    status = str(line.get("cert_status") or "")
    chain = line.get("chain_data")
    authority = _der(chain.get("ca_cert")) if isinstance(chain, dict) else b""
    return OfferedCertificate(
        credential=str(line.get("serial_number") or ""),
        certificate=_der(line.get("cert_data")),
        chain=(authority,) if authority else (),
        is_usable=fold(status) in _ACTIVE,
        words=status,
    )


def _values(signatures: list[Any]) -> dict[str, bytes]:
    """By document id, whatever the order; raw or CMS is told apart by `engine.deferred.checked_value`."""
    return {
        str(line.get("doc_id")): _der(line.get("signature_value"))
        for line in signatures
        if isinstance(line, dict) and line.get("signature_value")
    }


def _der(text: object) -> bytes:
    """Base64 with whatever line ends; empty where it is none."""
    try:
        return base64.b64decode("".join(str(text or "").split()), validate=True)
    except binascii.Error:
        return b""
