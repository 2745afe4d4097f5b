"""Judge the signatures of one XML file (XML-DSig, XAdES). Runs in the child process of `checking`: files are hostile.

The value is verified by `signxml` with the signer's own certificate; what is signed, the chain and revocation are ours.
"See what is signed": only a signature over the whole file can be "hợp lệ", so that nothing can be wrapped around, put
beside or hidden behind the signed part (W3C XML Signature Best Practices, 2 and 3). ADR 0055.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from lxml import etree
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathError, RevokedError, ValidationError
from signxml.algorithms import DigestAlgorithm, SignatureMethod
from signxml.exceptions import InvalidDigest, InvalidSignature, SignXMLException
from signxml.verifier import SignatureConfiguration, XMLVerifier

from eoffice.core.clock import VIETNAM
from eoffice.signing.engine.examining import HOSTILE
from eoffice.signing.engine.gathering import links_above
from eoffice.signing.engine.revocation import UNREADABLE, Link
from eoffice.signing.engine.verdicts import (
    ChainLink,
    SignatureVerdict,
    TimeSource,
    TrustAnchors,
    Verdict,
    Word,
    of_signatures,
    unreadable,
)

_DS: Final = "{http://www.w3.org/2000/09/xmldsig#}"
_XADES: Final = "{http://uri.etsi.org/01903/v1.3.2#}"
_EDXML: Final = "QCVN_102_2016"
_LIMIT_BYTES: Final = 32 * 1024**2
_MOST_SIGNATURES: Final = 50
_IDS: Final = ("Id", "ID", "id")
_ENVELOPED: Final = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
_CANONICAL: Final = (
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
    "http://www.w3.org/2001/10/xml-exc-c14n#",
    "http://www.w3.org/2006/12/xml-c14n11",
)
_TRANSFORMS: Final = frozenset({_ENVELOPED, *_CANONICAL, *(f"{name}#WithComments" for name in _CANONICAL[:1]),
                               "http://www.w3.org/2001/10/xml-exc-c14n#WithComments",
                               "http://www.w3.org/2006/12/xml-c14n11#WithComments"})  # fmt: skip
_DIGESTS: Final = {
    "http://www.w3.org/2001/04/xmlenc#sha256": "sha256",
    "http://www.w3.org/2001/04/xmldsig-more#sha384": "sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512": "sha512",
}
_INDICATIONS: Final = {
    Word.VALID: "TOTAL-PASSED", Word.INVALID: "TOTAL-FAILED", Word.INDETERMINATE: "INDETERMINATE"
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Finding:
    word: Word
    text: str
    code: str = ""


class _Unjudged(Exception):
    """Something keeps a signature from being judged; `args` are the words and the sub-indication."""


class _Broken(Exception):
    """The digest or the value of a signature is wrong; `args` are the words and the sub-indication."""


def is_xml(head: bytes) -> bool:
    """Whether a file begins as XML does; its head without a byte order mark is enough."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return text.startswith(b"<?xml") or (text[:1] == b"<" and text[1:2].isalpha() and text[:5].lower() != b"<html")


def check_xml(path: Path, trust: TrustAnchors, now: datetime) -> Verdict:
    """Judge one XML file; never raises for what is inside it."""
    try:
        root = _parsed(path)
    except _Unjudged as error:
        return unreadable(str(error))
    signatures = _signatures(root)
    if len(signatures) > _MOST_SIGNATURES:
        return unreadable(f"Tệp có quá {_MOST_SIGNATURES} chữ ký nên không kiểm tra.")
    return of_signatures(
        [_judged(root, signature, number, trust, now) for number, signature in enumerate(signatures, start=1)]
    )


def links_of_xml(path: Path, trust: TrustAnchors) -> list[Link]:
    """Certificates of the signers up to an anchor: whose revocation must be known."""
    try:
        root = _parsed(path)
    except _Unjudged:
        return []
    leaves, pool = [], []
    for signature in _signatures(root)[:_MOST_SIGNATURES]:
        found = _certificates(signature)
        leaves += found[:1]
        pool += found[1:]
    known = [*_loaded([*trust.roots, *trust.intermediates]), *pool]
    return links_above(leaves, known, anchors=set(trust.roots))


def _parsed(path: Path) -> etree._Element:
    """The tree, parsed without entities, DTD or network. Raises _Unjudged."""
    if path.stat().st_size > _LIMIT_BYTES:
        raise _Unjudged("Tệp XML lớn hơn 32 MB nên không kiểm tra.")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        tree = etree.parse(path, parser)
    except (etree.XMLSyntaxError, OSError, ValueError) as error:
        raise _Unjudged("Tệp này không phải XML đọc được.") from error
    if tree.docinfo.internalDTD is not None:
        raise _Unjudged("Tệp XML có khai báo DTD nên không kiểm tra.")
    return tree.getroot()


def _signatures(root: etree._Element) -> list[etree._Element]:
    """Signatures of the file; those inside another (countersignatures) belong to that one."""
    found = list(root.iter(f"{_DS}Signature"))
    return [each for each in found if next(each.iterancestors(f"{_DS}Signature"), None) is None]


def _judged(
    root: etree._Element, signature: etree._Element, number: int, trust: TrustAnchors, now: datetime
) -> SignatureVerdict:
    certificates = _certificates(signature)
    leaf = certificates[0] if certificates else None
    try:
        finding, covers = _finding(root, signature, certificates, trust, now)
    except _Broken as error:
        finding, covers = _Finding(Word.INVALID, *error.args), False
    except _Unjudged as error:
        finding, covers = _Finding(Word.INDETERMINATE, *error.args), False
    except (*HOSTILE, etree.LxmlError, binascii.Error):
        finding, covers = _Finding(Word.INDETERMINATE, "chữ ký không đọc được", "FORMAT_FAILURE"), False
    at = _claimed_time(signature)
    intact = finding.code not in ("HASH_FAILURE", "SIG_CRYPTO_FAILURE", "FORMAT_FAILURE")
    lead = {
        Word.VALID: "",
        Word.INVALID: "Không hợp lệ: ",
        Word.INDETERMINATE: "Chữ ký nguyên vẹn nhưng chưa xác định: " if intact else "Chưa xác định: ",
    }[finding.word]
    return SignatureVerdict(
        field=signature.get("Id") or f"Chữ ký XML {number}",
        signer=_name(leaf.subject) if leaf is not None else "",
        verdict=finding.word,
        reason=finding.text if not lead else f"{lead}{finding.text}.",
        time=at.astimezone(VIETNAM).isoformat() if at else None,
        time_source=TimeSource.CLAIMED if at else TimeSource.NONE,
        indication=_INDICATIONS[finding.word],
        sub_indication=finding.code,
        level="XAdES" if signature.find(f".//{_XADES}QualifyingProperties") is not None else "XML-DSig",
        intact=intact and leaf is not None,
        covers_file=covers,
        chain=_chain(certificates, trust),
        strength="B-B",
        holds_until=leaf.not_valid_after_utc.astimezone(VIETNAM).isoformat() if leaf is not None else None,
    )


def _finding(
    root: etree._Element,
    signature: etree._Element,
    certificates: list[x509.Certificate],
    trust: TrustAnchors,
    now: datetime,
) -> tuple[_Finding, bool]:
    """What is found on one signature, and whether it covers the whole file."""
    if _EDXML in root.tag:
        raise _Unjudged("chữ ký trong phần đầu thông điệp edXML được giữ và hiện, không kết luận", "")
    if not certificates:
        raise _Unjudged("chữ ký không kèm chứng thư của người ký", "NO_SIGNING_CERTIFICATE_FOUND")
    leaf = certificates[0]
    references = signature.findall(f"{_DS}SignedInfo/{_DS}Reference")
    signed = _signed_elements(root, signature, references)
    _verify_value(root, signature, leaf, len(references))
    if _certificate_is_another(signature, leaf):
        return _Finding(Word.INVALID, "chứng thư kèm theo không phải chứng thư đã ký", "SIG_CRYPTO_FAILURE"), False
    weakness = _weakness(leaf)
    if weakness:
        raise _Unjudged(weakness, "CRYPTO_CONSTRAINTS_FAILURE")
    covers = _covers(root, signature, signed)
    fault = _chain_fault(leaf, certificates[1:], trust, now)
    if fault is not None:
        return fault, covers
    if not covers:
        words = "chữ ký chỉ bao một phần của tệp, phần còn lại ai cũng thêm được"
        return _Finding(Word.INDETERMINATE, words, "SIG_CONSTRAINTS_FAILURE"), False
    return _Finding(Word.VALID, "Hợp lệ theo trạng thái hiện nay (chưa có dấu thời gian)."), True


def _signed_elements(
    root: etree._Element, signature: etree._Element, references: list[etree._Element]
) -> list[etree._Element]:
    """What the references point at, all inside the file, each by one unmistakable name. Raises _Unjudged."""
    if not references:
        raise _Unjudged("chữ ký không bao nội dung nào", "FORMAT_FAILURE")
    found = []
    for reference in references:
        transforms = {each.get("Algorithm") for each in reference.iter(f"{_DS}Transform")}
        if not transforms <= _TRANSFORMS:
            raise _Unjudged("chữ ký dùng phép biến đổi không được chấp nhận", "SIG_CONSTRAINTS_FAILURE")
        uri = reference.get("URI")
        if uri == "":
            found.append(root)
        elif uri and uri.startswith("#"):
            named = [each for each in root.iter() if any(each.get(name) == uri[1:] for name in _IDS)]
            if len(named) != 1:
                raise _Unjudged("phần được ký có tên trùng hoặc không có trong tệp", "FORMAT_FAILURE")
            found.append(named[0])
        else:
            raise _Unjudged("chữ ký bao nội dung ở ngoài tệp", "SIGNED_DATA_NOT_FOUND")
    return found


def _covers(root: etree._Element, signature: etree._Element, signed: list[etree._Element]) -> bool:
    """Whether all of the file is signed: its root, or everything a root signature holds beside its own properties.

    Comments are left out of what is signed (XML Signature 1.1, 4.4.3.3), and within an enveloped signature anybody may
    put another object: a file that has either shows more than was signed.
    """
    if next(root.iter(etree.Comment), None) is not None:
        return False
    objects = [each for each in signature.findall(f"{_DS}Object") if not _holds_own_properties(each)]
    inside = {id(each) for each in signed}
    objects_signed = all(
        id(each) in inside or (len(each) == 1 and id(each[0]) in inside and not (each.text or "").strip())
        for each in objects
    )
    if any(each is root for each in signed):
        return objects_signed
    return signature is root and bool(objects) and objects_signed


def _holds_own_properties(holder: etree._Element) -> bool:
    """Whether an object of a signature holds its XAdES properties and nothing else."""
    return len(holder) == 1 and holder[0].tag == f"{_XADES}QualifyingProperties" and not (holder.text or "").strip()


def _verify_value(root: etree._Element, signature: etree._Element, leaf: x509.Certificate, references: int) -> None:
    """Verify digests and value with the leaf's key. Raises _Unjudged; a wrong value as _Broken."""
    parent = signature.getparent()
    if parent is not None and len(parent.findall(f"{_DS}Signature")) > 1:
        raise _Unjudged("nhiều chữ ký chung một chỗ trong tệp", "FORMAT_FAILURE")
    path = "./" if parent is None or parent is root else f"./{root.getroottree().getelementpath(parent)}/"
    methods = frozenset(each for each in SignatureMethod if "SHA1" not in each.name and "HMAC" not in each.name)
    config = SignatureConfiguration(
        location=path if parent is not None else ".//",
        expect_references=references,
        signature_methods=methods,
        digest_algorithms=frozenset(each for each in DigestAlgorithm if "SHA1" not in each.name),
        ignore_ambiguous_key_info=True,
        verification_time=leaf.not_valid_after_utc - timedelta(seconds=1),  # dates are judged with the chain
    )
    try:
        XMLVerifier().verify(etree.tostring(root), x509_cert=leaf, expect_config=config)
    except InvalidDigest as error:
        raise _Broken("nội dung đã bị thay đổi sau khi ký", "HASH_FAILURE") from error
    except InvalidSignature as error:
        raise _Broken("giá trị chữ ký không khớp chứng thư số", "SIG_CRYPTO_FAILURE") from error
    except SignXMLException as error:
        raise _Unjudged("chữ ký dùng cách ký không được chấp nhận", "SIG_CONSTRAINTS_FAILURE") from error


def _certificate_is_another(signature: etree._Element, leaf: x509.Certificate) -> bool:
    """Whether signed XAdES properties name a certificate that is not the one we verified with.

    The signer's stands first (EN 319 132-1, 5.2.2); those after it, and the references of unsigned properties, are of
    the authorities above.
    """
    for name in ("SigningCertificate", "SigningCertificateV2"):
        for named in signature.iter(f"{_XADES}{name}"):
            digest = named.find(f"{_XADES}Cert/{_XADES}CertDigest")
            if digest is None or not _is_digest_of(digest, leaf):
                return True
    return False


def _is_digest_of(digest: etree._Element, leaf: x509.Certificate) -> bool:
    method = digest.find(f"{_DS}DigestMethod")
    value = digest.findtext(f"{_DS}DigestValue")
    name = _DIGESTS.get(method.get("Algorithm", "")) if method is not None else None
    if name is None or value is None:
        raise _Unjudged("chứng thư được nêu bằng thuật toán băm không còn an toàn", "CRYPTO_CONSTRAINTS_FAILURE")
    own = hashlib.new(name, leaf.public_bytes(Encoding.DER)).digest()
    return hmac.compare_digest(own, base64.b64decode(value))


def _weakness(leaf: x509.Certificate) -> str:
    key = leaf.public_key()
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < 2048:
        return f"khóa ký quá ngắn ({key.key_size} bit, cần từ 2048 bit)"
    if isinstance(key, ec.EllipticCurvePublicKey) and key.key_size < 256:
        return f"khóa ký quá ngắn ({key.key_size} bit, cần từ 256 bit)"
    if not isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
        return "loại khóa ký không được chấp nhận"
    return ""


def _chain_fault(
    leaf: x509.Certificate, others: list[x509.Certificate], trust: TrustAnchors, now: datetime
) -> _Finding | None:
    """What is wrong or unknown of the chain and revocation at `now`; None when all is known and good."""
    known = [*(asn1_x509.Certificate.load(each.public_bytes(Encoding.DER)) for each in others)]
    context = ValidationContext(
        trust_roots=[asn1_x509.Certificate.load(der) for der in trust.roots_at(now)],
        other_certs=[*known, *(asn1_x509.Certificate.load(der) for der in trust.intermediates)],
        crls=list(trust.crls),
        ocsps=list(trust.ocsps),
        moment=now,
        revocation_mode="require",
        retroactive_revinfo=True,
        allow_fetching=False,
    )
    validator = CertificateValidator(
        asn1_x509.Certificate.load(leaf.public_bytes(Encoding.DER)), known, validation_context=context
    )
    try:
        asyncio.run(validator.async_validate_path())
    except RevokedError as error:
        day = error.revocation_dt.astimezone(VIETNAM)
        return _Finding(Word.INVALID, f"chứng thư số đã bị thu hồi ngày {day:%d/%m/%Y}", "REVOKED")
    except (PathError, ValidationError):
        if not leaf.not_valid_before_utc <= now <= leaf.not_valid_after_utc:
            return _Finding(
                Word.INDETERMINATE, "chứng thư số đã hết hạn, không có dấu thời gian", "OUT_OF_BOUNDS_NO_POE"
            )
        words = "chưa biết nơi cấp chứng thư, hoặc chưa có thông tin thu hồi"
        return _Finding(Word.INDETERMINATE, words, "NO_CERTIFICATE_CHAIN_FOUND")
    try:
        usage = leaf.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return None
    if not (usage.content_commitment or usage.digital_signature):
        return _Finding(Word.INDETERMINATE, "chứng thư không dành cho việc ký", "CHAIN_CONSTRAINTS_FAILURE")
    return None


def _certificates(signature: etree._Element) -> list[x509.Certificate]:
    """Certificates the signature brings along, the signer's first as far as the file says so."""
    texts = [each.text or "" for each in signature.findall(f"{_DS}KeyInfo/{_DS}X509Data/{_DS}X509Certificate")]
    ders = []
    for text in texts[:20]:
        try:
            ders.append(base64.b64decode("".join(text.split()), validate=True))
        except (binascii.Error, ValueError):
            continue
    return list(_loaded(ders))


def _loaded(ders: list[bytes]) -> Iterator[x509.Certificate]:
    for der in dict.fromkeys(ders):
        try:
            certificate = x509.load_der_x509_certificate(der)
            certificate.public_key()
        except UNREADABLE:
            continue
        yield certificate


def _chain(certificates: list[x509.Certificate], trust: TrustAnchors) -> tuple[ChainLink, ...]:
    if not certificates:
        return ()
    known = [*_loaded([*trust.roots, *trust.intermediates]), *certificates[1:]]
    ders = [link.issuer for link in links_above(certificates[:1], known, anchors=set(trust.roots))]
    return tuple(_link(each) for each in (certificates[0], *_loaded(ders)))


def _link(certificate: x509.Certificate) -> ChainLink:
    return ChainLink(
        subject=certificate.subject.rfc4514_string(),
        issuer=certificate.issuer.rfc4514_string(),
        serial=f"{certificate.serial_number:x}",
        valid_from=certificate.not_valid_before_utc.astimezone(VIETNAM).isoformat(),
        valid_to=certificate.not_valid_after_utc.astimezone(VIETNAM).isoformat(),
        fingerprint=certificate.fingerprint(SHA256()).hex(),
    )


def _claimed_time(signature: etree._Element) -> datetime | None:
    """The signer's own word about when, from XAdES properties."""
    text = signature.findtext(f".//{_XADES}SigningTime")
    try:
        at = datetime.fromisoformat(text.strip()) if text else None
    except ValueError:
        return None
    return at if at is not None and at.tzinfo is not None else None


def _name(name: x509.Name) -> str:
    found = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(found[0].value) if found else name.rfc4514_string()
