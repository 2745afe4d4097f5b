"""VGCA Sign Service of Ban Cơ yếu on the signer's own computer: what its page sends it and what it says (ADR 0057).

A TLS WebSocket on loopback, one connection for each action, named in its path: one text out, one text back. It fetches
the file from an address of ours, signs it and posts it to another. Nothing goes out from the server to it.
Source: digital-signature E.1 (seen in integrations, never tried with the program itself).
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from eoffice.signing.providers.brought import BroughtByThePage

ADDRESS: Final = "wss://127.0.0.1:8987"
CALLS: Final = ("SignApproved", "SignIssued", "SignCopy", "SignAppendix", "SignIncome", "SignFiles", "Comment")
"""Actions that take a file; which of them signs at which stage is the administrator's to set."""
SEAL_CALL: Final = "SignIssued"
"""The action for a seal where the administrator set no other."""
CANCELLED: Final = 11
_LOOPBACK: Final = re.compile(r"wss://(127\.0\.0\.1|localhost):(\d{1,5})/?")
_MOST_TEXT: Final = 64 * 1024


class Vgca(BroughtByThePage):
    """Implements `Signer`: the page does the asking, `services.program_files` hands files out and takes them."""

    def check(self, account: str) -> str:
        return "Chương trình ở máy của người ký; máy chủ không hỏi được. Thử ở trang “Cách ký của tôi”."


def is_loopback(address: str) -> bool:
    """Whether an address can be that of a program on the signer's own computer, over TLS."""
    found = _LOOPBACK.fullmatch(address.strip())
    return found is not None and 0 < int(found[2]) < 65536


def message_of(*, upload_url: str, file_url: str, doc_id: str, number: str = "", issued_on: str = "") -> str:
    """The text of one action. Number and day are for the seal's (`SignIssued`)."""
    message: dict[str, object] = {
        "FileUploadHandler": upload_url,
        "SessionId": "",
        "JWTToken": "",
        "FileName": file_url,
        "MetaData": [{"Key": "doc_id", "Value": doc_id}],
    }
    if number:
        message |= {"DocNumber": number, "IssuedDate": issued_on}
    return json.dumps(message, ensure_ascii=False)


def upload_answer(form: str, *, is_taken: bool, words: str, name: str) -> dict[str, object]:
    """What our address answers when the file has come: `Status` true or 0 for good, as the administrator set it."""
    status: object = is_taken if form == "true" else 0 if is_taken else 1
    return {"Status": status, "Message": words, "FileName": name, "FileServer": name}


def certificate_in(told: str) -> bytes | None:
    """The certificate (DER) in what `GetCertInfo` said: PEM or Base64, alone or anywhere in a JSON text.

    Under which name the program gives it differs between what was seen.
    """
    for text in _texts(told[:_MOST_TEXT]):
        try:
            return _certificate(text).public_bytes(Encoding.DER)
        except (ValueError, binascii.Error):
            continue
    return None


def _texts(told: str) -> Iterator[str]:
    try:
        yield from _strings(json.loads(told))
    except ValueError:
        yield told


def _strings(value: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON
    if isinstance(value, str):
        if value.lstrip().startswith("{"):
            yield from _texts(value)
        yield value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _strings(each)


def _certificate(text: str) -> x509.Certificate:
    if "-----BEGIN" in text:
        return x509.load_pem_x509_certificate(text.strip().encode())
    return x509.load_der_x509_certificate(base64.b64decode("".join(text.split()), validate=True))
