"""Revocation lists and answers: where to ask, what to ask, and which answers are worth keeping (RFC 5280, RFC 6960)."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final, Protocol

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID

_SKEW: Final = timedelta(minutes=5)
_WITHOUT_NEXT_UPDATE: Final = timedelta(hours=1)
"""How long an answer is used that names no end: its issuer may have a newer one at any moment."""
UNREADABLE: Final = (
    ValueError,
    TypeError,
    InvalidSignature,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)


_SIGNING_KEYS: Final = (
    rsa.RSAPublicKey, ec.EllipticCurvePublicKey, ed25519.Ed25519PublicKey, ed448.Ed448PublicKey,
)  # fmt: skip


class AnswerUnusable(Exception):
    """The answer is not signed by who may, is about something else, or is out of date."""


@dataclass(frozen=True)
class Link:
    """A certificate and the one that issued it, both DER: the unit in which revocation is asked about."""

    certificate: bytes
    issuer: bytes

    def to_json(self) -> list[str]:
        return [base64.b64encode(der).decode() for der in (self.certificate, self.issuer)]

    @classmethod
    def from_json(cls, value: Sequence[str]) -> Link:
        return cls(*(base64.b64decode(text) for text in value))

    @cached_property
    def subject(self) -> x509.Certificate:
        return x509.load_der_x509_certificate(self.certificate)

    @cached_property
    def authority(self) -> x509.Certificate:
        return x509.load_der_x509_certificate(self.issuer)

    @property
    def ocsp_addresses(self) -> tuple[str, ...]:
        try:
            access = self.subject.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
        except (x509.ExtensionNotFound, *UNREADABLE):
            return ()
        wanted = AuthorityInformationAccessOID.OCSP
        return _web([line.access_location for line in access if line.access_method == wanted])

    @property
    def crl_addresses(self) -> tuple[str, ...]:
        try:
            points = self.subject.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
        except (x509.ExtensionNotFound, *UNREADABLE):
            return ()
        return _web([name for point in points if point.crl_issuer is None for name in point.full_name or ()])


@dataclass(frozen=True, slots=True)
class RevocationMaterial:
    """What is known now: answers and lists (DER), and for whom nothing could be had (subject → why)."""

    ocsps: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()
    unreachable: dict[str, str] = field(default_factory=dict)


class RevocationSource(Protocol):
    """Where fresh revocation material comes from (`services.revocation`: the web, kept in the database)."""

    def material(self, links: Sequence[Link], *, now: datetime, fresh: bool = False) -> RevocationMaterial:
        """Lists and answers about `links`; `fresh` asks anew although a kept answer is still in force.

        Never raises for what the network does: who cannot be asked is named in `unreachable`.
        """
        ...


@dataclass(frozen=True, slots=True)
class Validity:
    """From when to when an answer is used."""

    produced_at: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Revoked:
    """A certificate is revoked since `at`; `is_suspended` only for a while (certificateHold)."""

    at: datetime
    is_suspended: bool


def revocation_of(link: Link, material: RevocationMaterial) -> Revoked | None:
    """What answers and lists that were accepted for `link` say of its certificate; None: nobody calls it revoked."""
    serial = link.subject.serial_number
    for content in material.ocsps:
        for line in ocsp.load_der_ocsp_response(content).responses:
            if line.serial_number == serial and line.certificate_status is ocsp.OCSPCertStatus.REVOKED:
                at, reason = line.revocation_time_utc, line.revocation_reason
                if at is not None:
                    return Revoked(at, reason is x509.ReasonFlags.certificate_hold)
    for content in material.crls:
        crl = _load_crl(content)
        found = crl.get_revoked_certificate_by_serial_number(serial) if crl.issuer == link.subject.issuer else None
        if found is not None:
            return Revoked(found.revocation_date_utc, reason_of(found) is x509.ReasonFlags.certificate_hold)
    return None


def reason_of(line: x509.RevokedCertificate) -> x509.ReasonFlags | None:
    """Why a line of a list stands there; None where it does not say."""
    try:
        return line.extensions.get_extension_for_class(x509.CRLReason).value.reason
    except (x509.ExtensionNotFound, *UNREADABLE):
        return None


def ocsp_question(link: Link) -> bytes:
    """The request (DER) about one certificate. SHA-1 names the issuer here, as every responder understands it."""
    builder = ocsp.OCSPRequestBuilder().add_certificate(link.subject, link.authority, hashes.SHA1())  # noqa: S303 - a name, no signature
    return builder.build().public_bytes(serialization.Encoding.DER)


def read_ocsp(content: bytes, link: Link, *, now: datetime) -> Validity:
    """How long an answer about `link` holds. Raises AnswerUnusable."""
    try:
        answer = ocsp.load_der_ocsp_response(content)
        if answer.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
            raise AnswerUnusable("máy chủ OCSP từ chối trả lời")
        about_us = [
            line
            for line in answer.responses
            if line.serial_number == link.subject.serial_number
            and line.certificate_status is not ocsp.OCSPCertStatus.UNKNOWN
        ]
        if not about_us:
            raise AnswerUnusable("máy chủ OCSP không biết chứng thư này")
        _require_responder(answer, link)
        return _validity(about_us[0].this_update_utc, about_us[0].next_update_utc, now)
    except UNREADABLE as error:
        raise AnswerUnusable("không đọc được trả lời OCSP") from error


def read_crl(content: bytes, link: Link, *, now: datetime) -> Validity:
    """How long a list of the issuer of `link` holds. Raises AnswerUnusable."""
    try:
        crl = _load_crl(content)
        if crl.issuer != link.authority.subject:
            raise AnswerUnusable("danh sách thu hồi không phải của nơi cấp này")
        key = link.authority.public_key()
        if not isinstance(key, _SIGNING_KEYS) or not crl.is_signature_valid(key):
            raise AnswerUnusable("chữ ký của danh sách thu hồi không đúng")
        _require_scope(crl, link)
        return _validity(crl.last_update_utc, crl.next_update_utc, now)
    except UNREADABLE as error:
        raise AnswerUnusable("không đọc được danh sách thu hồi") from error


def _require_scope(crl: x509.CertificateRevocationList, link: Link) -> None:
    """Whether a list tells all about the certificate of `link` (RFC 5280, 5.2 and 6.3.3). Raises AnswerUnusable."""
    for line in crl.extensions:
        if isinstance(line.value, x509.DeltaCRLIndicator):
            raise AnswerUnusable("danh sách thu hồi chỉ ghi phần thay đổi")
        if isinstance(line.value, x509.IssuingDistributionPoint):
            if _is_beside(line.value, link.subject):
                raise AnswerUnusable("danh sách thu hồi không dành cho loại chứng thư này")
        elif line.critical and isinstance(line.value, x509.UnrecognizedExtension):
            raise AnswerUnusable("danh sách thu hồi có điều kiện mà hệ thống không hiểu")


def _is_beside(point: x509.IssuingDistributionPoint, subject: x509.Certificate) -> bool:
    if point.only_contains_attribute_certs or point.only_some_reasons:
        return True
    try:
        is_authority = subject.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        is_authority = False
    return point.only_contains_user_certs if is_authority else point.only_contains_ca_certs


def der_of_crl(content: bytes) -> bytes:
    """The list as DER; some authorities publish PEM. Raises AnswerUnusable."""
    if not content.startswith(b"-----"):
        return content
    try:
        return _load_crl(content).public_bytes(serialization.Encoding.DER)
    except UNREADABLE as error:
        raise AnswerUnusable("không đọc được danh sách thu hồi") from error


def _load_crl(content: bytes) -> x509.CertificateRevocationList:
    if content.startswith(b"-----"):
        return x509.load_pem_x509_crl(content)
    return x509.load_der_x509_crl(content)


def _validity(produced: datetime, ends: datetime | None, now: datetime) -> Validity:
    until = ends or now + _WITHOUT_NEXT_UPDATE
    if produced > now + _SKEW:
        raise AnswerUnusable("thông tin thu hồi ghi thời điểm ở tương lai")
    if until <= now:
        raise AnswerUnusable("thông tin thu hồi đã quá hạn")
    return Validity(produced, until)


def _require_responder(answer: ocsp.OCSPResponse, link: Link) -> None:
    """Signed by the issuer itself, or by a responder that the issuer certified for it (RFC 6960, 4.2.2.2)."""
    delegates = [
        certificate
        for certificate in answer.certificates
        if _is_delegate(certificate, link) and _signs(certificate, answer)
    ]
    if not delegates and not _signs(link.authority, answer):
        raise AnswerUnusable("chữ ký của trả lời OCSP không đúng")


def _is_delegate(certificate: x509.Certificate, link: Link) -> bool:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        certificate.verify_directly_issued_by(link.authority)
    except (x509.ExtensionNotFound, *UNREADABLE):
        return False
    return ExtendedKeyUsageOID.OCSP_SIGNING in usage


def _signs(certificate: x509.Certificate, answer: ocsp.OCSPResponse) -> bool:
    key, digest = certificate.public_key(), answer.signature_hash_algorithm
    try:
        if isinstance(key, ed25519.Ed25519PublicKey | ed448.Ed448PublicKey):
            key.verify(answer.signature, answer.tbs_response_bytes)
            return True
        if digest is None:
            return False
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(answer.signature, answer.tbs_response_bytes, ec.ECDSA(digest))
        elif isinstance(key, rsa.RSAPublicKey):
            key.verify(answer.signature, answer.tbs_response_bytes, padding.PKCS1v15(), digest)
        else:
            return False
    except InvalidSignature:
        return False
    return True


def _web(names: Sequence[x509.GeneralName]) -> tuple[str, ...]:
    """Web addresses among names; directories (LDAP) are not asked."""
    texts = [name.value for name in names if isinstance(name, x509.UniformResourceIdentifier)]
    return tuple(text for text in texts if text.lower().startswith(("http://", "https://")))
