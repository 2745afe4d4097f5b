"""Judge the signatures of one XML file (XML-DSig, XAdES). Runs in the child process of `checking`: files are hostile.

The value is verified by `signxml` with the signer's own certificate (`xml_values`); what is signed, the chain and
revocation are ours.
"See what is signed": only a signature over the whole file can be "hợp lệ", so that nothing can be wrapped around, put
beside or hidden behind the signed part (W3C XML Signature Best Practices, 2 and 3). ADR 0055.
"""

from __future__ import annotations

import asyncio
import binascii
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from lxml import etree
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import (
    InsufficientRevinfoError,
    PathBuildingError,
    PathError,
    RevokedError,
    ValidationError,
)

from eoffice.core.clock import VIETNAM
from eoffice.signing.engine.anchors import anchors_of
from eoffice.signing.engine.contradictions import ON_HOLD, rests_on_strange_lists, revoked_after_all
from eoffice.signing.engine.examining import HOSTILE, Carried
from eoffice.signing.engine.gathering import links_above
from eoffice.signing.engine.judging import UNKNOWN_ISSUER
from eoffice.signing.engine.names import common, shown
from eoffice.signing.engine.revocation import Link
from eoffice.signing.engine.strength import is_meant_for_something_else
from eoffice.signing.engine.verdicts import (
    SignatureVerdict,
    TimeSource,
    TrustAnchors,
    Verdict,
    Word,
    of_signatures,
    unreadable,
)
from eoffice.signing.engine.xml_certificates import (
    asn1_of,
    certificate_is_another,
    certificates_of,
    chain_of,
    loaded,
    weakness_of,
)
from eoffice.signing.engine.xml_parts import (
    DS,
    SIGNATURE,
    Unjudged,
    covers,
    has_archive_stamp,
    old_digest_of,
    own_parts,
    signature_around,
    signed_elements,
)
from eoffice.signing.engine.xml_stamps import XmlProof, carried_in, ended, proof_of, stampers_of, tells_of
from eoffice.signing.engine.xml_values import Broken, verify_value

_EDXML: Final = "QCVN_102_2016"
_LIMIT_BYTES: Final = 32 * 1024**2
_MOST_SIGNATURES: Final = 50
_HELD_BY_ARCHIVE: Final = frozenset({"OUT_OF_BOUNDS_NO_POE", "REVOCATION_OUT_OF_BOUNDS_NO_POE", "TRY_LATER", "NO_POE"})
"""What an archive time stamp might answer (EN 319 102-1, 5.6): said, since such stamps are not judged here."""
_INDICATIONS: Final = {
    Word.VALID: "TOTAL-PASSED", Word.INVALID: "TOTAL-FAILED", Word.INDETERMINATE: "INDETERMINATE"
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Finding:
    word: Word
    text: str
    code: str = ""


def is_xml(head: bytes) -> bool:
    """Whether a file begins as XML does; its head without a byte order mark is enough."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return text.startswith(b"<?xml") or (text[:1] == b"<" and text[1:2].isalpha() and text[:5].lower() != b"<html")


def check_xml(path: Path, trust: TrustAnchors, now: datetime) -> Verdict:
    """Judge one XML file; never raises for what is inside it."""
    try:
        root = _parsed(path)
    except Unjudged as error:
        return unreadable(str(error))
    signatures = list(root.iter(SIGNATURE))
    if len(signatures) > _MOST_SIGNATURES:
        return unreadable(f"Tệp có quá {_MOST_SIGNATURES} chữ ký nên không kiểm tra.")
    lines: list[SignatureVerdict] = []
    for number, signature in enumerate(signatures):
        around = signature_around(signature)
        above = None if around is None else lines[signatures.index(around)]
        lines.append(_judged(root, signature, number, above, trust, now))
    return of_signatures(lines)


def links_of_xml(path: Path, trust: TrustAnchors) -> list[Link]:
    """Certificates of the signers up to an anchor: whose revocation must be known."""
    try:
        root = _parsed(path)
    except Unjudged:
        return []
    leaves, pool = [], []
    for signature in list(root.iter(SIGNATURE))[:_MOST_SIGNATURES]:
        found = certificates_of(signature)
        carried = [each.dump() for each in carried_in(signature).certificates]
        leaves += [*found[:1], *loaded(stampers_of(signature))]
        pool += [*found[1:], *loaded(carried)]
    known = [*loaded([*trust.roots, *trust.intermediates, *trust.time_stamp_roots]), *pool]
    return links_above(leaves, known, anchors={*trust.roots, *trust.time_stamp_roots})


def _parsed(path: Path) -> etree._Element:
    """The tree, parsed without entities, DTD or network. Raises Unjudged."""
    if path.stat().st_size > _LIMIT_BYTES:
        raise Unjudged("Tệp XML lớn hơn 32 MB nên không kiểm tra.")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        tree = etree.parse(path, parser)
    except (etree.XMLSyntaxError, OSError, ValueError) as error:
        raise Unjudged("Tệp này không phải XML đọc được.") from error
    if tree.docinfo.internalDTD is not None:
        raise Unjudged("Tệp XML có khai báo DTD nên không kiểm tra.")
    return tree.getroot()


def _judged(
    root: etree._Element,
    signature: etree._Element,
    number: int,
    above: SignatureVerdict | None,
    trust: TrustAnchors,
    now: datetime,
) -> SignatureVerdict:
    """The verdict on one signature; `above` is that of the signature it lies in (a countersignature)."""
    certificates = certificates_of(signature)
    leaf = certificates[0] if certificates else None
    carried = carried_in(signature)
    proof = proof_of(signature, trust, carried, now)
    covers_file = is_checked = False
    try:
        if _EDXML in root.tag:
            raise Unjudged("chữ ký trong phần đầu thông điệp edXML được giữ và hiện, không kết luận", "")
        covers_file = _verified(root, signature, number, certificates)
        is_checked = True
        finding = _finding(_Case(signature, certificates, carried, proof, trust, now), covers_file, above)
    except Broken as error:
        finding = _Finding(Word.INVALID, *error.args)
    except Unjudged as error:
        finding = _Finding(Word.INDETERMINATE, *error.args)
    except (*HOSTILE, etree.LxmlError, binascii.Error):
        finding = _Finding(Word.INDETERMINATE, "chữ ký không đọc được", "FORMAT_FAILURE")
    if finding.code in _HELD_BY_ARCHIVE and has_archive_stamp(signature):
        finding = replace(finding, text=f"{finding.text}; dấu thời gian lưu trữ trong tệp hệ thống chưa kiểm tra được")
    at = proof.at or _claimed_time(signature)
    lead = {
        Word.VALID: "",
        Word.INVALID: "Không hợp lệ: ",
        Word.INDETERMINATE: "Chữ ký nguyên vẹn nhưng chưa xác định: " if is_checked else "Chưa xác định: ",
    }[finding.word]
    ends_at = proof.ends_at or (leaf.not_valid_after_utc if leaf is not None else None)
    strength = _strength(proof, carried, certificates)
    return SignatureVerdict(
        field=shown(signature.get("Id") or f"Chữ ký XML {number + 1}"),
        signer=common(asn1_of(leaf).subject) if leaf is not None else "",
        verdict=finding.word,
        reason=finding.text if not lead else f"{lead}{finding.text}.",
        time=at.astimezone(VIETNAM).isoformat() if at else None,
        time_source=TimeSource.TIME_STAMP if proof.at else TimeSource.CLAIMED if at else TimeSource.NONE,
        indication=_INDICATIONS[finding.word],
        sub_indication=finding.code,
        level=_level(signature, strength),
        intact=is_checked,
        covers_file=covers_file,
        chain=chain_of(certificates, carried, trust),
        strength=strength,
        holds_until=ends_at.astimezone(VIETNAM).isoformat() if ends_at is not None else None,
    )


def _level(signature: etree._Element, strength: str) -> str:
    """XML-DSig, XAdES, or XAdES with what was added to it (EN 319 132-1, 6.1)."""
    if next(own_parts(signature, "QualifyingProperties"), None) is None:
        return "XML-DSig"
    return "XAdES" if strength == "B-B" else f"XAdES-{strength.removeprefix('B-')}"


def _strength(proof: XmlProof, carried: Carried, certificates: list[x509.Certificate]) -> str:
    """B-B, B-T with a time stamp that is believed, B-LT when revocation data came along as well."""
    if proof.at is None:
        return "B-B"
    return "B-LT" if certificates and tells_of(carried, certificates[0]) else "B-T"


@dataclass(frozen=True, slots=True)
class _Case:
    """One signature, what it brings along, and by what it is judged."""

    signature: etree._Element
    certificates: list[x509.Certificate]
    carried: Carried
    proof: XmlProof
    trust: TrustAnchors
    now: datetime


def _verified(
    root: etree._Element, signature: etree._Element, number: int, certificates: list[x509.Certificate]
) -> bool:
    """Verify what is signed and the value; whether the signature covers all there is. Raises Unjudged, Broken."""
    if not certificates:
        raise Unjudged("chữ ký không kèm chứng thư của người ký", "NO_SIGNING_CERTIFICATE_FOUND")
    signed = signed_elements(root, signature)
    verify_value(root, number, certificates[0], len(signature.findall(f"{DS}SignedInfo/{DS}Reference")))
    if certificate_is_another(signature, certificates[0]):
        raise Broken("chứng thư kèm theo không phải chứng thư đã ký", "SIG_CRYPTO_FAILURE")
    around = signature_around(signature)
    if around is None:
        return covers(root, signature, signed)
    if not any(each is around.find(f"{DS}SignatureValue") for each in signed):
        raise Unjudged("chữ ký nằm trong một chữ ký khác mà không ký xác nhận chữ ký đó", "SIG_CONSTRAINTS_FAILURE")
    return True


def _finding(case: _Case, covers_file: bool, above: SignatureVerdict | None) -> _Finding:
    """What is found on a signature whose value holds."""
    weakness = old_digest_of(case.signature) or weakness_of(case.certificates[0])
    if weakness:
        raise Unjudged(weakness, "CRYPTO_CONSTRAINTS_FAILURE")
    fault = _chain_fault(case)
    if fault is not None:
        return fault
    if case.proof.fault:
        return _Finding(Word.INDETERMINATE, case.proof.fault, "NO_POE")
    if above is not None and above.verdict is not Word.VALID:
        words = "chữ ký được ký xác nhận không hợp lệ hoặc chưa xác định"
        return _Finding(Word.INDETERMINATE, words, "SIG_CONSTRAINTS_FAILURE")
    if not covers_file:
        words = "chữ ký chỉ bao một phần của tệp, phần còn lại ai cũng thêm được"
        return _Finding(Word.INDETERMINATE, words, "SIG_CONSTRAINTS_FAILURE")
    if case.proof.at is not None:
        return _Finding(Word.VALID, "Hợp lệ tại thời điểm ghi trong dấu thời gian.")
    return _Finding(Word.VALID, "Hợp lệ theo trạng thái hiện nay (chưa có dấu thời gian).")


def _chain_fault(case: _Case) -> _Finding | None:
    """What is wrong or unknown of chain and revocation, at the proven time or now; None when all is known and good."""
    leaf, trust, at = case.certificates[0], case.trust, case.proof.at or case.now
    known = [asn1_of(each) for each in case.certificates[1:]]
    context = ValidationContext(
        trust_roots=anchors_of(trust.roots_at(at)),
        other_certs=[
            *known, *(asn1_x509.Certificate.load(der) for der in trust.intermediates), *case.carried.certificates,
        ],
        crls=[*trust.crls, *case.carried.crls],
        ocsps=[*trust.ocsps, *case.carried.ocsps],
        moment=at,
        revocation_mode="require",
        retroactive_revinfo=True,
        allow_fetching=False,
    )  # fmt: skip
    validator = CertificateValidator(asn1_of(leaf), known, validation_context=context)
    try:
        path = asyncio.run(validator.async_validate_path())
    except RevokedError as error:
        return _revoked(error)
    except PathBuildingError:
        return _Finding(Word.INDETERMINATE, UNKNOWN_ISSUER, "NO_CERTIFICATE_CHAIN_FOUND")
    except (PathError, ValidationError) as error:
        if not leaf.not_valid_before_utc <= at <= leaf.not_valid_after_utc:
            words = "chứng thư số ngoài thời hạn hiệu lực và không có dấu thời gian chứng minh lúc ký"
            return _Finding(Word.INDETERMINATE, words, "OUT_OF_BOUNDS_NO_POE")
        if isinstance(error, InsufficientRevinfoError):
            return _Finding(Word.INDETERMINATE, "chưa có thông tin thu hồi mới của chứng thư số", "TRY_LATER")
        words = "chuỗi chứng thư số không kiểm tra được"
        return _Finding(Word.INDETERMINATE, words, "CERTIFICATE_CHAIN_GENERAL_FAILURE")
    told = revoked_after_all(path, context)
    if told is not None:
        return _revoked(told)
    if rests_on_strange_lists(path, context):
        return _Finding(Word.INDETERMINATE, "chưa có thông tin thu hồi mới của chứng thư số", "TRY_LATER")
    if case.proof.at is not None and ended(path, trust, case.carried, case.now):
        words = "chứng thư số đã hết hạn và không còn thông tin thu hồi từ khi nó còn hạn"
        return _Finding(Word.INDETERMINATE, words, "REVOCATION_OUT_OF_BOUNDS_NO_POE")
    if is_meant_for_something_else(asn1_of(leaf)):
        return _Finding(Word.INDETERMINATE, "chứng thư số không dành cho việc ký văn bản", "CHAIN_CONSTRAINTS_FAILURE")
    try:
        usage = leaf.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return None
    if not (usage.content_commitment or usage.digital_signature):
        return _Finding(Word.INDETERMINATE, "chứng thư số không dành cho việc ký văn bản", "CHAIN_CONSTRAINTS_FAILURE")
    return None


def _revoked(error: RevokedError) -> _Finding:
    day = error.revocation_dt.astimezone(VIETNAM)
    if error.reason.native == ON_HOLD:
        return _Finding(Word.INDETERMINATE, f"chứng thư số bị tạm dừng từ ngày {day:%d/%m/%Y}", "TRY_LATER")
    return _Finding(Word.INVALID, f"chứng thư số đã bị thu hồi ngày {day:%d/%m/%Y}", "REVOKED")


def _claimed_time(signature: etree._Element) -> datetime | None:
    """The signer's own word about when, from XAdES properties."""
    text = next((each.text for each in own_parts(signature, "SigningTime")), None)
    try:
        at = datetime.fromisoformat(text.strip()) if text else None
    except ValueError:
        return None
    return at if at is not None and at.tzinfo is not None else None
