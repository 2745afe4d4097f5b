"""Algorithms and keys that are no longer enough, and certificates made for something else than signing papers."""

from __future__ import annotations

from typing import Final

from asn1crypto import x509 as asn1_x509
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import PdfSignatureStatus

from eoffice.signing.engine.examining import HOSTILE

_WEAK_DIGESTS: Final = frozenset({"sha1", "md5", "md2"})
_SMALLEST_BITS: Final = {"rsa": 2048, "rsassa_pss": 2048, "dsa": 2048, "ec": 256}
_OTHER_USES: Final = frozenset({"server_auth", "time_stamping", "ocsp_signing", "code_signing"})


def weakness_of(signature: EmbeddedPdfSignature, status: PdfSignatureStatus) -> str:
    """What is too weak about a signature, in Vietnamese; empty when nothing is.

    SHA-1 and keys below RSA 2048 or EC 256 are checked, and never called valid (digital-signature F, A.6).
    """
    digest = str(status.md_algorithm)
    if digest in _WEAK_DIGESTS:
        return f"ký bằng thuật toán băm {digest.upper()} không còn an toàn"
    path = status.validation_path
    certificates = list(path.iter_certs(include_root=True)) if path else [signature.signer_cert]
    for certificate in certificates:
        fault = _key_fault(certificate)
        if fault:
            return fault
    return ""


def is_meant_for_something_else(certificate: asn1_x509.Certificate) -> bool:
    """Whether extended key usage names only other trades (web servers, time stamps, answers, programs)."""
    usage = certificate.extended_key_usage_value
    return usage is not None and set(usage.native) <= _OTHER_USES


def _key_fault(certificate: asn1_x509.Certificate) -> str:
    try:
        smallest = _SMALLEST_BITS.get(certificate.public_key.algorithm)
        if smallest is None:
            return ""  # one size only (Ed25519, Ed448): the library does not count their bits
        bits = int(certificate.public_key.bit_size)
    except HOSTILE:
        return "khóa trong chứng thư số không đọc được"
    if bits < smallest:
        return f"khóa ký quá ngắn ({bits} bit, cần từ {smallest} bit)"
    return ""
