"""Certificates of the installation's own authority: root, issuing, people, organisations, revocation lists."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey

TEST_MARK: Final = "CHỨNG THƯ THỬ NGHIỆM"
INTERNAL_MARK: Final = "CHỨNG THƯ NỘI BỘ"
"""One of them stands in the subject of every certificate made here, so nobody takes it for a licensed provider's."""

_NAME_LIMIT_BYTES: Final = 64
"""X.520 upper bound of common name, organisation and organisational unit, counted as cryptography counts it."""
_BACKDATED: Final = timedelta(minutes=5)
"""Clocks of readers may run a little behind ours."""


class KeyAlgorithm(StrEnum):
    """What new keys are made of; signatures with RSA use PSS."""

    ECDSA_P256 = "ecdsa-p256"
    RSA_2048 = "rsa-2048"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Whom a certificate names; lines longer than 64 characters are cut as X.520 asks."""

    common_name: str
    organization: str
    unit: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class CertifiedKey:
    """A certificate with its private key."""

    certificate: x509.Certificate
    private_key: PrivateKey

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)


@dataclass(frozen=True, slots=True)
class Revocation:
    """One line of a revocation list."""

    serial: int
    revoked_at: datetime
    reason: x509.ReasonFlags = x509.ReasonFlags.unspecified


def generate_key(algorithm: KeyAlgorithm = KeyAlgorithm.ECDSA_P256) -> PrivateKey:
    """Make a private key."""
    if algorithm is KeyAlgorithm.RSA_2048:
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return ec.generate_private_key(ec.SECP256R1())


def make_root(
    *, name: str, now: datetime, valid_for: timedelta = timedelta(days=3650), mark: str = TEST_MARK
) -> CertifiedKey:
    """Make a self-signed root, marked with what its certificates are good for."""
    key = generate_key()
    subject = _name(Subject(common_name=name, organization=mark))
    builder = _builder(subject, subject, key.public_key(), now, valid_for)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=1), critical=True)
    builder = builder.add_extension(_ca_usage(), critical=True)
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    return CertifiedKey(builder.sign(key, hashes.SHA256()), key)


def make_issuing(
    root: CertifiedKey,
    *,
    name: str,
    now: datetime,
    valid_for: timedelta = timedelta(days=1825),
    mark: str = TEST_MARK,
) -> CertifiedKey:
    """Make the authority that issues certificates of people and organisations."""
    key = generate_key()
    subject = _name(Subject(common_name=name, organization=mark))
    builder = _builder(subject, root.certificate.subject, key.public_key(), now, valid_for)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_ca_usage(), critical=True)
    builder = _with_key_identifiers(builder, key.public_key(), root)
    return CertifiedKey(builder.sign(root.private_key, hashes.SHA256()), key)


def issue_certificate(
    issuer: CertifiedKey,
    *,
    subject: Subject,
    public_key: PublicKey,
    now: datetime,
    valid_for: timedelta = timedelta(days=730),
    mark: str = TEST_MARK,
) -> x509.Certificate:
    """Certify a signing key of a person or an organisation (digitalSignature, nonRepudiation)."""
    builder = _builder(_name(subject, mark), issuer.certificate.subject, public_key, now, valid_for)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(_signing_usage(), critical=True)
    builder = _with_key_identifiers(builder, public_key, issuer)
    if subject.email:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.RFC822Name(subject.email)]), critical=False)
    return builder.sign(issuer.private_key, hashes.SHA256())


def issue_crl(
    issuer: CertifiedKey,
    *,
    revoked: Iterable[Revocation],
    number: int,
    now: datetime,
    valid_for: timedelta = timedelta(days=7),
) -> bytes:
    """Make the issuer's revocation list (DER). `number` grows with every list."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.certificate.subject)
        .last_update(now - _BACKDATED)
        .next_update(now + valid_for)
        .add_extension(x509.CRLNumber(number), critical=False)
        .add_extension(_authority_identifier(issuer), critical=False)
    )
    for line in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(line.serial).revocation_date(line.revoked_at)
        if line.reason is not x509.ReasonFlags.unspecified:
            entry = entry.add_extension(x509.CRLReason(line.reason), critical=False)
        builder = builder.add_revoked_certificate(entry.build())
    return builder.sign(issuer.private_key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def fingerprint_of(certificate_der: bytes) -> str:
    """SHA-256 of a certificate, lower-case hex."""
    return x509.load_der_x509_certificate(certificate_der).fingerprint(hashes.SHA256()).hex()


def _builder(
    subject: x509.Name, issuer: x509.Name, public_key: PublicKey, now: datetime, valid_for: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACKDATED)
        .not_valid_after(now + valid_for)
    )


def _with_key_identifiers(
    builder: x509.CertificateBuilder, public_key: PublicKey, issuer: CertifiedKey
) -> x509.CertificateBuilder:
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    return builder.add_extension(_authority_identifier(issuer), critical=False)


def _authority_identifier(issuer: CertifiedKey) -> x509.AuthorityKeyIdentifier:
    extension = issuer.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(extension.value)


def _name(subject: Subject, mark: str = "") -> x509.Name:
    lines = [
        (NameOID.COUNTRY_NAME, "VN"),
        (NameOID.ORGANIZATION_NAME, subject.organization),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, mark),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, subject.unit),
        (NameOID.COMMON_NAME, subject.common_name),
    ]
    return x509.Name([x509.NameAttribute(kind, _cut(value)) for kind, value in lines if value])


def _cut(value: str) -> str:
    """A name short enough for a certificate; a Vietnamese letter takes up to three bytes."""
    if len(value.encode()) <= _NAME_LIMIT_BYTES:
        return value
    kept = value.encode()[: _NAME_LIMIT_BYTES - len("…".encode())].decode(errors="ignore")
    return kept.rstrip() + "…"


def _ca_usage() -> x509.KeyUsage:
    return _usage(sign=False, certify=True)


def _signing_usage() -> x509.KeyUsage:
    return _usage(sign=True, certify=False)


def _usage(*, sign: bool, certify: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=sign,
        content_commitment=sign,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=certify,
        crl_sign=certify,
        encipher_only=False,
        decipher_only=False,
    )
