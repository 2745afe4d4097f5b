"""Sign one field of a prepared file, file to file, with a key that stays loaded (digital-signature A.2, A.3, A.7)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from dataclasses import field as data_field
from datetime import datetime
from pathlib import Path
from typing import IO, Final, Protocol

from asn1crypto import algos
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import AxisAlignment, SimpleBoxLayoutRule
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigSeedSubFilter, enumerate_sig_fields
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes, Signer
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.stamp import StaticStampStyle
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from eoffice.core.clock import VIETNAM
from eoffice.signing.engine.anchors import anchors_of
from eoffice.signing.engine.authority import PrivateKey
from eoffice.signing.engine.strength import is_meant_for_something_else
from eoffice.signing.errors import (
    CertificateUnusable,
    FieldTaken,
    FieldUnknown,
    PdfUnreadable,
    SignatureRefused,
    TimeStampUnavailable,
)

_DIGEST: Final = "sha256"
_CMS_OVERHEAD_BYTES: Final = 1200
_TIME_STAMP_BYTES: Final = 10_000
_WHOLE_BOX: Final = SimpleBoxLayoutRule(x_align=AxisAlignment.ALIGN_MID, y_align=AxisAlignment.ALIGN_MID)
"""pyHanko keeps 5 points free on each side unless told; then a mark shrinks: 10-point words to 6, a seal by a tenth."""
_SMALLEST_RSA_BITS: Final = 2048
_SMALLEST_EC_BITS: Final = 256


class RawSigner(Protocol):
    """A key ready to sign, wherever it lives: certificate, the authorities above it, and the raw operation.

    `certificate` and `chain` are DER; `chain` goes from the issuer upwards.
    """

    @property
    def certificate(self) -> bytes: ...

    @property
    def chain(self) -> tuple[bytes, ...]: ...

    def sign_raw(self, message: bytes) -> bytes:
        """Sign SHA-256 of `message`: ECDSA (DER) with an EC key, PSS (MGF1-SHA-256, salt 32) with RSA."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SoftwareKey:
    """A private key in this process's memory."""

    certificate: bytes
    chain: tuple[bytes, ...]
    private_key: PrivateKey = data_field(repr=False)

    def sign_raw(self, message: bytes) -> bytes:
        if isinstance(self.private_key, ec.EllipticCurvePrivateKey):
            return self.private_key.sign(message, ec.ECDSA(hashes.SHA256()))
        return self.private_key.sign(message, _PSS, hashes.SHA256())


@dataclass(frozen=True, slots=True, kw_only=True)
class LongTerm:
    """What a signature may carry beyond B-B: a time stamp, and the revocation lists that make it B-LT."""

    time_stamper: TimeStamper
    trust_roots: tuple[bytes, ...] = ()
    intermediates: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()

    @property
    def embeds_validation(self) -> bool:
        return bool(self.crls)


_PSS: Final = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=32)


def sign_pdf(
    source: Path,
    target: Path,
    *,
    key: RawSigner,
    field: str,
    mark: Path | None,
    now: datetime,
    reason: str = "",
    long_term: LongTerm | None = None,
) -> None:
    """Write `target`: `source` plus one PAdES signature in the empty signature field `field`.

    `mark` is a one-page PDF drawn to fill the field's box; None leaves the box empty. The level is B-B,
    B-T with a time stamper, B-LT with revocation lists as well. The raw value is verified before it is
    written; the whole file is verified by the caller (`verifying.verify_files`) before it is accepted.
    Raises FieldUnknown, FieldTaken, CertificateUnusable, SignatureRefused, TimeStampUnavailable, PdfUnreadable.
    """
    try:
        with source.open("rb") as original, target.open("w+b") as output:
            writer = IncrementalPdfFileWriter(original)
            require_empty_field(writer.prev, field)
            signer = _CachedKeySigner(key)
            metadata = PdfSignatureMetadata(
                field_name=field,
                md_algorithm=_DIGEST,
                subfilter=SigSeedSubFilter.PADES,
                name=signer.common_name,
                reason=reason or None,
                embed_validation_info=bool(long_term and long_term.embeds_validation),
                validation_context=_context(long_term, now) if long_term and long_term.embeds_validation else None,
            )
            pdf_signer = PdfSigner(
                metadata,
                signer=signer,
                timestamper=long_term.time_stamper if long_term else None,
                stamp_style=stamp_of(mark),
            )
            asyncio.run(_sign(pdf_signer, writer, output, now, _hex_digits(key, stamped=long_term is not None)))
    except SigningError as error:
        raise CertificateUnusable from error
    except PdfError as error:
        raise PdfUnreadable from error


def check_certificate(certificate: bytes, *, crls: tuple[bytes, ...], now: datetime) -> None:
    """Refuse a certificate out of date, revoked, too weak or not for signing (G.2). Raises CertificateUnusable."""
    parsed = x509.load_der_x509_certificate(certificate)
    if not parsed.not_valid_before_utc <= now <= parsed.not_valid_after_utc:
        raise CertificateUnusable(
            "Chứng thư số đã hết hạn hoặc chưa đến ngày hiệu lực. Chưa có gì được ký; liên hệ quản trị để cấp mới."
        )
    if not _is_for_papers(parsed):
        raise CertificateUnusable("Chứng thư số này không dành cho việc ký văn bản. Chưa có gì được ký.")
    public_key = parsed.public_key()
    strong = (isinstance(public_key, rsa.RSAPublicKey) and public_key.key_size >= _SMALLEST_RSA_BITS) or (
        isinstance(public_key, ec.EllipticCurvePublicKey) and public_key.key_size >= _SMALLEST_EC_BITS
    )
    if not strong:
        raise CertificateUnusable(
            "Khóa của chứng thư số quá ngắn (RSA từ 2048 bit, ECDSA từ 256 bit). Chưa có gì được ký."
        )
    for content in crls:
        listed = x509.load_der_x509_crl(content)
        if listed.issuer == parsed.issuer and listed.get_revoked_certificate_by_serial_number(parsed.serial_number):
            raise CertificateUnusable(
                "Chứng thư số đã bị thu hồi. Chưa có gì được ký; thay chứng thư ở trang “Cách ký của tôi”."
            )


def _is_for_papers(parsed: x509.Certificate) -> bool:
    """Judged as in a check: a usage that signs, or none named, and not for another trade alone (`strength`)."""
    try:
        usage = parsed.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        signs = True
    else:
        signs = usage.content_commitment or usage.digital_signature
    der = parsed.public_bytes(serialization.Encoding.DER)
    return signs and not is_meant_for_something_else(asn1_x509.Certificate.load(der))


async def _sign(
    pdf_signer: PdfSigner, writer: IncrementalPdfFileWriter, output: IO[bytes], now: datetime, hex_digits: int
) -> None:
    """The steps of `PdfSigner.async_sign_pdf`, with our clock in place of the machine's zone."""
    session = pdf_signer.init_signing_session(writer, existing_fields_only=True)
    session.system_time = now.astimezone(VIETNAM).replace(microsecond=0)
    validation = await session.perform_presign_validation(writer)
    document = session.prepare_tbs_document(validation_info=validation, bytes_reserved=hex_digits)
    digest, written = document.digest_tbs_document(output=output)
    try:
        signed = await document.perform_signature(
            document_digest=digest.document_digest,
            pdf_cms_signed_attrs=PdfCMSSignedAttributes(signing_time=session.system_time),
        )
    except OSError as error:
        raise TimeStampUnavailable from error
    await signed.post_signature_processing(written)


class _CachedKeySigner(Signer):
    """Signs with the loaded key once and verifies the value at once; a size estimate costs nothing."""

    def __init__(self, key: RawSigner) -> None:
        certificate = asn1_x509.Certificate.load(key.certificate)
        store = SimpleCertificateStore()  # type: ignore[no-untyped-call]  # pyHanko leaves it untyped
        store.register_multiple([asn1_x509.Certificate.load(der) for der in key.chain])
        self._key = key
        self._common_name = str(certificate.subject.native.get("common_name", ""))
        self._public_key = x509.load_der_x509_certificate(key.certificate).public_key()
        super().__init__(
            signing_cert=certificate,
            cert_registry=store,
            embed_roots=False,
            signature_mechanism=_mechanism(certificate),
        )

    @property
    def common_name(self) -> str:
        return self._common_name

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        if dry_run:
            return bytes(512)
        if digest_algorithm != _DIGEST:
            raise SignatureRefused
        value = self._key.sign_raw(data)
        try:
            if isinstance(self._public_key, ec.EllipticCurvePublicKey):
                self._public_key.verify(value, data, ec.ECDSA(hashes.SHA256()))
            elif isinstance(self._public_key, rsa.RSAPublicKey):
                self._public_key.verify(value, data, _PSS, hashes.SHA256())
            else:
                raise SignatureRefused
        except InvalidSignature as error:
            raise SignatureRefused from error
        return value


def _mechanism(certificate: asn1_x509.Certificate) -> algos.SignedDigestAlgorithm:
    if certificate.public_key.algorithm == "ec":
        return algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"})
    digest = algos.DigestAlgorithm({"algorithm": _DIGEST})
    mask = algos.MaskGenAlgorithm({"algorithm": "mgf1", "parameters": digest})
    parameters = algos.RSASSAPSSParams({"hash_algorithm": digest, "mask_gen_algorithm": mask, "salt_length": 32})
    return algos.SignedDigestAlgorithm({"algorithm": "rsassa_pss", "parameters": parameters})


def require_empty_field(reader: PdfFileReader, field: str) -> None:
    """Raise FieldUnknown or FieldTaken unless the field is there and empty."""
    for name, value, _ in enumerate_sig_fields(reader):
        if name == field:
            if value is not None:
                raise FieldTaken
            return
    raise FieldUnknown


def stamp_of(mark: Path | None) -> StaticStampStyle:
    """How a mark fills the box of its field, in its real size; an empty box without one."""
    if mark is None:
        return StaticStampStyle(border_width=0, background_opacity=1.0)
    return StaticStampStyle.from_pdf_file(
        str(mark), border_width=0, background_opacity=1.0, background_layout=_WHOLE_BOX
    )


def _hex_digits(key: RawSigner, *, stamped: bool) -> int:
    size = len(key.certificate) + sum(len(der) for der in key.chain) + _CMS_OVERHEAD_BYTES
    return 2 * (size + (_TIME_STAMP_BYTES if stamped else 0))


def _context(long_term: LongTerm, now: datetime) -> ValidationContext:
    return ValidationContext(
        trust_roots=anchors_of(long_term.trust_roots),
        other_certs=[asn1_x509.Certificate.load(der) for der in long_term.intermediates],
        crls=list(long_term.crls),
        revocation_mode="require",
        allow_fetching=False,
        moment=now,
    )
