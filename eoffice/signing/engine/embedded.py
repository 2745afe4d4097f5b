"""The signatures of a file, one by one: one that cannot be read must not hide the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives import hashes
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigSeedSubFilter, enumerate_sig_fields
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from eoffice.signing.engine import names, structure
from eoffice.signing.engine.examining import HOSTILE

_CHECKED: Final = frozenset(kind.value for kind in SigSeedSubFilter)
_ONLY_IN_CMS: Final = frozenset({"shake256_len"})
"""Digests of Ed448, known under another name elsewhere."""
_TIME_STAMP: Final = "/ETSI.RFC3161"
_REFUSALS: Final = {
    "NO_SIGNING_CERTIFICATE_FOUND": "chữ ký không kèm đúng chứng thư số của người ký",
    "FORMAT_FAILURE": "dữ liệu chữ ký không đúng cấu trúc chuẩn (CMS)",
}
_LONGEST_NAME: Final = 40
_OF_SHA1: Final = frozenset({"/adbe.pkcs7.sha1", "/adbe.x509.rsa_sha1"})


@dataclass(frozen=True, slots=True)
class Unchecked:
    """A field whose value cannot be checked: its name, and why, in Vietnamese."""

    name: str
    reason: str
    is_invisible: bool


@dataclass(frozen=True, slots=True)
class Embedded:
    """Signatures in the order of their revisions, and fields whose value is none that can be checked."""

    signatures: list[EmbeddedPdfSignature]
    unchecked: list[Unchecked]


def embedded_in(reader: PdfFileReader) -> Embedded:
    """All signature fields of the form that have a value.

    Raises what malformed forms raise (`HOSTILE`); a malformed value is only named.
    """
    found: list[EmbeddedPdfSignature] = []
    unchecked: list[Unchecked] = []
    for name, value, field in enumerate_sig_fields(reader, filled_status=True):
        fault = _fault_of(value)
        try:
            signature = None if fault else EmbeddedPdfSignature(reader, field, name)
            fault = _unknown_digest(signature) if signature else fault
        except HOSTILE as error:
            fault = broken(error)
        if fault or signature is None:
            unchecked.append(Unchecked(str(name), fault, _is_invisible(field)))
        else:
            signature.signed_revision = max(signature.signed_revision, structure.first_revision(reader))
            found.append(signature)
    return Embedded(sorted(found, key=lambda each: int(each.signed_revision)), unchecked)


def _is_invisible(field: generic.PdfObject) -> bool:
    try:
        found = field.get_object()  # type: ignore[no-untyped-call]  # pyHanko leaves it untyped
        return isinstance(found, generic.DictionaryObject) and structure.is_invisible(found)
    except HOSTILE:
        return False


def broken(error: Exception) -> str:
    """Words for who reads; the name of the error only leads the helpdesk to its kind."""
    return f"dữ liệu chữ ký trong tệp hỏng nên không kiểm tra được. Mã hỗ trợ: {type(error).__name__}"


def refused(error: SignatureValidationError) -> str:
    """Words for what the library refuses to judge, by the sub-indication of EN 319 102-1."""
    code = error.ades_subindication.standard_name
    text = _REFUSALS.get(code, "chữ ký này hệ thống không kiểm tra được")
    return f"{text}. Mã hỗ trợ: {code}"


def _fault_of(value: generic.PdfObject) -> str:
    """Why a field's value is no signature that can be checked, or nothing."""
    try:
        signature = value.get_object()  # type: ignore[no-untyped-call]  # pyHanko leaves it untyped
        if not isinstance(signature, generic.DictionaryObject):
            return "ô chữ ký không chứa chữ ký mà chứa dữ liệu khác, tệp có thể đã bị ghi hỏng"
        kind = str(signature["/SubFilter"]) if "/SubFilter" in signature else ""
    except HOSTILE as error:
        return broken(error)
    if kind in _OF_SHA1:
        return f"chữ ký theo kiểu cũ {kind.lstrip('/')}, chỉ dựa vào thuật toán băm SHA-1 không còn đủ an toàn"
    if not kind:
        return "chữ ký không ghi kiểu nên không biết cách kiểm tra"
    if kind == _TIME_STAMP and str(signature.get("/Type", "/Sig")) != "/DocTimeStamp":
        return "dấu thời gian của tệp ghi sai loại (Sig thay cho DocTimeStamp)"
    if kind not in _CHECKED:
        return f"kiểu chữ ký {_short(kind)} hệ thống không kiểm tra được"
    return ""


def _unknown_digest(signature: EmbeddedPdfSignature) -> str:
    """Old programs of Windows name the algorithm of the signature where that of the digest belongs."""
    for name in (signature.md_algorithm, signature.external_md_algorithm):
        if name not in _ONLY_IN_CMS and not hasattr(hashes, str(name).upper()):
            return f"chữ ký ghi thuật toán băm mà hệ thống không biết ({_short(str(name))})"
    return ""


def _short(name: str) -> str:
    return names.shown(name).lstrip("/")[:_LONGEST_NAME]
