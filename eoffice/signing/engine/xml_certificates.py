"""Certificates that an XML signature brings along: the signer's, those above it, and what is too weak about them."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable, Iterator
from typing import Final

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from eoffice.core.clock import VIETNAM
from eoffice.signing.engine.examining import Carried
from eoffice.signing.engine.gathering import links_above
from eoffice.signing.engine.names import spoken
from eoffice.signing.engine.revocation import UNREADABLE
from eoffice.signing.engine.verdicts import ChainLink, TrustAnchors
from eoffice.signing.engine.xml_parts import DS, XADES, Unjudged, own_parts

_DIGESTS: Final = {
    "http://www.w3.org/2001/04/xmlenc#sha256": "sha256",
    "http://www.w3.org/2001/04/xmldsig-more#sha384": "sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512": "sha512",
}


def certificates_of(signature: etree._Element) -> list[x509.Certificate]:
    """Certificates the signature brings along, the signer's first; they may stand in any order."""
    texts = [each.text or "" for each in signature.findall(f"{DS}KeyInfo/{DS}X509Data/{DS}X509Certificate")]
    ders = []
    for text in texts[:20]:
        try:
            ders.append(base64.b64decode("".join(text.split()), validate=True))
        except (binascii.Error, ValueError):
            continue
    return _signer_first(signature, list(loaded(ders)))


def _signer_first(signature: etree._Element, found: list[x509.Certificate]) -> list[x509.Certificate]:
    """The one that signed properties name, else the only one that issued none of the others, else the first."""
    named = [each for each in found if _is_named(signature, each)]
    issuers = {each.issuer.public_bytes() for each in found if each.issuer != each.subject}
    lowest = [each for each in found if each.subject.public_bytes() not in issuers]
    first = named[:1] or (lowest if len(lowest) == 1 else found[:1])
    return [*first, *(each for each in found if each not in first)]


def _is_named(signature: etree._Element, certificate: x509.Certificate) -> bool:
    parts = [part for name in ("SigningCertificate", "SigningCertificateV2") for part in own_parts(signature, name)]
    try:
        digests = [part.find(f"{XADES}Cert/{XADES}CertDigest") for part in parts]
        return any(_is_digest_of(digest, certificate) for digest in digests if digest is not None)
    except (Unjudged, binascii.Error, ValueError):
        return False


def loaded(ders: Iterable[bytes]) -> Iterator[x509.Certificate]:
    for der in dict.fromkeys(ders):
        try:
            certificate = x509.load_der_x509_certificate(der)
            certificate.public_key()
        except UNREADABLE:
            continue
        yield certificate


def certificate_is_another(signature: etree._Element, leaf: x509.Certificate) -> bool:
    """Whether signed XAdES properties name a certificate that is not the one we verified with.

    The signer's stands first (EN 319 132-1, 5.2.2); those after it, and the references of unsigned properties, are of
    the authorities above.
    """
    for name in ("SigningCertificate", "SigningCertificateV2"):
        for named in own_parts(signature, name):
            digest = named.find(f"{XADES}Cert/{XADES}CertDigest")
            if digest is None or not _is_digest_of(digest, leaf):
                return True
    return False


def _is_digest_of(digest: etree._Element, leaf: x509.Certificate) -> bool:
    method = digest.find(f"{DS}DigestMethod")
    value = digest.findtext(f"{DS}DigestValue")
    name = _DIGESTS.get(method.get("Algorithm", "")) if method is not None else None
    if name is None or value is None:
        raise Unjudged("chứng thư được nêu bằng thuật toán băm không còn an toàn", "CRYPTO_CONSTRAINTS_FAILURE")
    own = hashlib.new(name, leaf.public_bytes(Encoding.DER)).digest()
    return hmac.compare_digest(own, base64.b64decode(value))


def weakness_of(leaf: x509.Certificate) -> str:
    key = leaf.public_key()
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < 2048:
        return f"khóa ký quá ngắn ({key.key_size} bit, cần từ 2048 bit)"
    if isinstance(key, ec.EllipticCurvePublicKey) and key.key_size < 256:
        return f"khóa ký quá ngắn ({key.key_size} bit, cần từ 256 bit)"
    if not isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
        return "loại khóa ký không được chấp nhận"
    return ""


def chain_of(certificates: list[x509.Certificate], carried: Carried, trust: TrustAnchors) -> tuple[ChainLink, ...]:
    if not certificates:
        return ()
    brought = loaded([each.dump() for each in carried.certificates])
    known = [*loaded([*trust.roots, *trust.intermediates]), *certificates[1:], *brought]
    ders = [link.issuer for link in links_above(certificates[:1], known, anchors=set(trust.roots))]
    return tuple(_link(each) for each in (certificates[0], *loaded(ders)))


def _link(certificate: x509.Certificate) -> ChainLink:
    return ChainLink(
        subject=spoken(asn1_of(certificate).subject),
        issuer=spoken(asn1_of(certificate).issuer),
        serial=f"{certificate.serial_number:x}",
        valid_from=certificate.not_valid_before_utc.astimezone(VIETNAM).isoformat(),
        valid_to=certificate.not_valid_after_utc.astimezone(VIETNAM).isoformat(),
        fingerprint=certificate.fingerprint(SHA256()).hex(),
    )


def asn1_of(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))
