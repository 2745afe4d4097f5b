"""Files that hold a signature in a form of their own: what they are and what to do, in words; none is judged."""

from __future__ import annotations

import binascii
import zipfile
from pathlib import Path
from typing import Final

from asn1crypto import cms, pem

from eoffice.signing.engine.examining import HOSTILE

_LIMIT_BYTES: Final = 32 * 1024**2
_MOST_NAMES: Final = 5_000
_CMS: Final = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07"
"""The start of every type of CMS content, 1.2.840.113549.1.7 (RFC 5652, 14)."""
_ASK: Final = "Kiểm tra bằng phần mềm mà nơi gửi đã dùng, hoặc xin lại bản PDF ký số."
_OTHER: Final = "Tệp này không phải PDF hay XML."
_DETACHED: Final = f"Tệp này là chữ ký số rời (CMS, .p7s) của một tệp khác, hệ thống không đối chiếu được. {_ASK}"
_ATTACHED: Final = f"Tệp này là nội dung bọc trong chữ ký số (CMS, .p7m), hệ thống không kiểm tra được. {_ASK}"
_STAMP: Final = f"Tệp này là dấu thời gian rời của một tệp khác, hệ thống không đối chiếu được. {_ASK}"
_SEALED: Final = "Tệp này được mã hóa cho người nhận (CMS), hệ thống không mở được. Người nhận mở bằng khóa của mình."
_MAIL: Final = f"Tệp này là thư có chữ ký số (S/MIME), hệ thống không kiểm tra được. {_ASK}"
_PACKAGE: Final = f"Tệp này là gói ký số (ASiC): chữ ký và tệp được ký nằm chung, hệ thống không kiểm tra được. {_ASK}"
_OFFICE: Final = f"Tệp văn phòng này có chữ ký số bên trong, hệ thống không kiểm tra được. {_ASK}"


def told(path: Path, head: bytes) -> str:
    """What a file is that is neither PDF nor XML; `head` are its first bytes. Never raises for what is inside it."""
    try:
        if head.startswith(b"PK\x03\x04"):
            return _of_package(path)
        if b"application/pkcs7-" in head.lower() or b"application/x-pkcs7-" in head.lower():
            return _MAIL
        if head.startswith((b"-----BEGIN PKCS7-----", b"-----BEGIN CMS-----")) or _CMS in head[:24]:
            return _of_message(path)
    except (zipfile.BadZipFile, binascii.Error, *HOSTILE):
        return _OTHER
    return _OTHER


def _of_package(path: Path) -> str:
    with zipfile.ZipFile(path) as package:
        names = [name.lower() for name in package.namelist()[:_MOST_NAMES]]
        kind = package.read("mimetype")[:100] if "mimetype" in names and _is_small(package) else b""
    if any(name.startswith("_xmlsignatures/") for name in names) or "meta-inf/documentsignatures.xml" in names:
        return _OFFICE
    inside = [name.removeprefix("meta-inf/") for name in names if name.startswith("meta-inf/")]
    is_signed = any("signature" in name and name.endswith((".xml", ".p7s")) for name in inside)
    is_stamped = any("timestamp" in name and name.endswith(".tst") for name in inside)
    return _PACKAGE if is_signed or is_stamped or kind.startswith(b"application/vnd.etsi.asic-") else _OTHER


def _is_small(package: zipfile.ZipFile) -> bool:
    return package.getinfo("mimetype").file_size < 1_000


def _of_message(path: Path) -> str:
    if path.stat().st_size > _LIMIT_BYTES:
        return _ATTACHED
    content = path.read_bytes()
    der = pem.unarmor(content)[2] if pem.detect(content) else content
    message = cms.ContentInfo.load(der)
    kind = message["content_type"].native
    if kind in ("enveloped_data", "encrypted_data", "authenticated_enveloped_data"):
        return _SEALED
    if kind != "signed_data":
        return _OTHER
    inside = message["content"]["encap_content_info"]
    if inside["content_type"].native == "tst_info":
        return _STAMP
    return _DETACHED if inside["content"].native is None else _ATTACHED
