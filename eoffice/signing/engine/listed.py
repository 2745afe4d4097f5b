"""A revocation list read for many certificates at once (RFC 5280, 5)."""

from __future__ import annotations

from collections.abc import Collection

from cryptography import x509

from eoffice.signing.engine.revocation import UNREADABLE, AnswerUnusable, Revoked, reason_of

_ONLY_A_PART = "danh sách thu hồi chỉ nói về một phần chứng thư"


def revoked_among(content: bytes, serials: Collection[int]) -> dict[int, Revoked]:
    """Which of `serials` a list (DER) calls revoked; whoever is not in the answer stands well by this list.

    The list was accepted by `read_crl` before. One that speaks of some certificates or reasons alone, or only of what
    changed, says nothing of who is not on it. Raises AnswerUnusable.
    """
    try:
        crl = x509.load_der_x509_crl(content)
        _require_whole(crl)
        return {
            line.serial_number: Revoked(line.revocation_date_utc, reason_of(line) is x509.ReasonFlags.certificate_hold)
            for line in crl
            if line.serial_number in serials
        }
    except UNREADABLE as error:
        raise AnswerUnusable("không đọc được danh sách thu hồi") from error


def _require_whole(crl: x509.CertificateRevocationList) -> None:
    for extension in crl.extensions:
        said = extension.value
        if isinstance(said, x509.IssuingDistributionPoint):
            others = said.only_contains_ca_certs or said.only_contains_attribute_certs or said.indirect_crl
            if others or said.only_some_reasons:
                raise AnswerUnusable(_ONLY_A_PART)
        elif isinstance(said, x509.DeltaCRLIndicator) or (
            extension.critical and isinstance(said, x509.UnrecognizedExtension)
        ):
            raise AnswerUnusable(_ONLY_A_PART)
