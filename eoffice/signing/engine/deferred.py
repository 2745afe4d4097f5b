"""Sign in two sittings: a file with its hole now, the value of the key later (digital-signature A.5).

Between the two nothing is kept but the prepared file, a digest, two offsets and the DER of the signed attributes.
"""

from __future__ import annotations

import asyncio
import hashlib
import shutil
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import IO, Final

from asn1crypto import algos, cms
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers import ExternalSigner, PdfSignatureMetadata, PdfSigner
from pyhanko.sign.signers.pdf_byterange import PreparedByteRangeDigest
from pyhanko.sign.timestamps import TimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from eoffice.core.clock import VIETNAM
from eoffice.signing.engine.signing import require_empty_field, stamp_of
from eoffice.signing.errors import CertificateUnusable, PdfUnreadable, SignatureRefused, TimeStampUnavailable

_DIGEST: Final = "sha256"
_CMS_OVERHEAD_BYTES: Final = 1600
_TIME_STAMP_BYTES: Final = 10_000
_PSS: Final = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=32)


class Mechanism(StrEnum):
    """How the key makes its value over SHA-256 of the signed attributes."""

    RSA_PKCS1 = "rsa_pkcs1"
    RSA_PSS = "rsa_pss"
    ECDSA = "ecdsa"


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningCertificate:
    """Whose signature it will be, known before the file is prepared. DER; `chain` from the issuer upwards."""

    certificate: bytes
    chain: tuple[bytes, ...] = ()
    mechanism: Mechanism = Mechanism.RSA_PKCS1


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedSignature:
    """What must be kept until the value comes; offsets in bytes of the prepared file."""

    document_digest: bytes
    hole_start: int
    hole_end: int
    signed_attributes: bytes

    @property
    def hash_to_sign(self) -> bytes:
        """SHA-256 of the signed attributes: what goes out to the key, never the document's digest."""
        return hashlib.sha256(self.signed_attributes).digest()


def mechanism_of(certificate: bytes) -> Mechanism:
    """What remote services do with a key of this kind: PKCS #1 v1.5 or ECDSA. Raises CertificateUnusable."""
    key = x509.load_der_x509_certificate(certificate).public_key()
    if isinstance(key, rsa.RSAPublicKey):
        return Mechanism.RSA_PKCS1
    if isinstance(key, ec.EllipticCurvePublicKey):
        return Mechanism.ECDSA
    raise CertificateUnusable("Loại khóa của chứng thư số này chưa dùng được (chỉ RSA, ECDSA). Chưa có gì được ký.")


def prepare_signature(
    source: Path,
    target: Path,
    *,
    signer: SigningCertificate,
    field: str,
    mark: Path | None,
    now: datetime,
    reason: str = "",
    stamped: bool = False,
) -> PreparedSignature:
    """Write `target`: `source`, unchanged, plus the signature with an empty hole in the empty field `field`.

    `mark` as in `signing.sign_pdf`; `stamped` keeps room for a time stamp. `target` must not change until it is
    finished. Raises FieldUnknown, FieldTaken, CertificateUnusable, PdfUnreadable.
    """
    try:
        with source.open("rb") as original, target.open("w+b") as output:
            writer = IncrementalPdfFileWriter(original)
            require_empty_field(writer.prev, field)
            external = _external(signer)
            metadata = PdfSignatureMetadata(
                field_name=field,
                md_algorithm=_DIGEST,
                subfilter=SigSeedSubFilter.PADES,
                name=str(external.signing_cert.subject.native.get("common_name", "")),  # type: ignore[union-attr]  # given above
                reason=reason or None,
            )
            pdf_signer = PdfSigner(metadata, signer=external, stamp_style=stamp_of(mark))
            return asyncio.run(
                _prepare(pdf_signer, external, writer, output, now, _hex_digits(signer, stamped=stamped))
            )
    except SigningError as error:
        raise CertificateUnusable from error
    except PdfError as error:
        raise PdfUnreadable from error


def finish_signature(
    prepared: Path,
    target: Path,
    *,
    signer: SigningCertificate,
    state: PreparedSignature,
    value: bytes,
    time_stamper: TimeStamper | None = None,
) -> None:
    """Write `target`: the prepared file with its hole filled. `value` has passed `checked_value`.

    The whole file is verified by the caller before it is accepted. Raises TimeStampUnavailable, SignatureRefused.
    """
    try:
        content = asyncio.run(_cms(signer, state, value, time_stamper))
    except OSError as error:
        raise TimeStampUnavailable from error
    digest = PreparedByteRangeDigest(state.document_digest, state.hole_start, state.hole_end)
    shutil.copyfile(prepared, target)
    with target.open("r+b") as output:
        try:
            digest.fill_with_cms(output, content)
        except ValueError as error:  # the hole is too small
            raise SignatureRefused from error


def checked_value(*, signer: SigningCertificate, state: PreparedSignature, answer: bytes) -> bytes:
    """The raw value in what a key answered, verified with the certificate's key at once (digital-signature A.5.4).

    A raw value, an ECDSA value as r||s, and a CMS SignedData around a value over the same attributes are understood.
    Raises SignatureRefused for everything else.
    """
    public_key = x509.load_der_x509_certificate(signer.certificate).public_key()
    for value in _possible_values(answer, public_key):
        try:
            if isinstance(public_key, ec.EllipticCurvePublicKey):
                public_key.verify(value, state.signed_attributes, ec.ECDSA(hashes.SHA256()))
            elif isinstance(public_key, rsa.RSAPublicKey):
                scheme = _PSS if signer.mechanism is Mechanism.RSA_PSS else padding.PKCS1v15()
                public_key.verify(value, state.signed_attributes, scheme, hashes.SHA256())
            else:
                continue
        except InvalidSignature:
            continue
        return value
    raise SignatureRefused


def _possible_values(answer: bytes, public_key: object) -> list[bytes]:
    if isinstance(public_key, rsa.RSAPublicKey) and len(answer) == public_key.key_size // 8:
        return [answer]
    if isinstance(public_key, ec.EllipticCurvePublicKey):
        half = (public_key.key_size + 7) // 8
        if len(answer) == 2 * half:
            return [encode_dss_signature(int.from_bytes(answer[:half]), int.from_bytes(answer[half:])), answer]
        if len(answer) < 2 * half + 16:
            return [answer]
    return _values_in_cms(answer)


def _values_in_cms(answer: bytes) -> list[bytes]:
    """The values inside a SignedData; none where it is anything else."""
    try:
        content = cms.ContentInfo.load(answer, strict=True)
        if content["content_type"].native != "signed_data":
            return []
        return [bytes(info["signature"].native) for info in content["content"]["signer_infos"]]
    except (ValueError, TypeError, KeyError):
        return []


async def _prepare(
    pdf_signer: PdfSigner,
    external: ExternalSigner,
    writer: IncrementalPdfFileWriter,
    output: IO[bytes],
    now: datetime,
    hex_digits: int,
) -> PreparedSignature:
    session = pdf_signer.init_signing_session(writer, existing_fields_only=True)
    session.system_time = now.astimezone(VIETNAM).replace(microsecond=0)
    validation = await session.perform_presign_validation(writer)
    document = session.prepare_tbs_document(validation_info=validation, bytes_reserved=hex_digits)
    digest, _ = document.digest_tbs_document(output=output)
    attributes = await external.signed_attrs(digest.document_digest, _DIGEST, use_pades=True)
    return PreparedSignature(
        document_digest=digest.document_digest,
        hole_start=digest.reserved_region_start,
        hole_end=digest.reserved_region_end,
        signed_attributes=bytes(attributes.dump()),
    )


async def _cms(
    signer: SigningCertificate, state: PreparedSignature, value: bytes, time_stamper: TimeStamper | None
) -> cms.ContentInfo:
    return await _external(signer, value).async_sign_prescribed_attributes(
        _DIGEST, cms.CMSAttributes.load(state.signed_attributes), timestamper=time_stamper
    )


def _external(signer: SigningCertificate, value: bytes | None = None) -> ExternalSigner:
    store = SimpleCertificateStore()  # type: ignore[no-untyped-call]  # pyHanko leaves it untyped
    store.register_multiple([asn1_x509.Certificate.load(der) for der in signer.chain])
    return ExternalSigner(
        signing_cert=asn1_x509.Certificate.load(signer.certificate),
        cert_registry=store,
        signature_value=value,
        signature_mechanism=_algorithm(signer.mechanism),
        embed_roots=False,
    )


def _algorithm(mechanism: Mechanism) -> algos.SignedDigestAlgorithm:
    if mechanism is Mechanism.ECDSA:
        return algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"})
    if mechanism is Mechanism.RSA_PKCS1:
        return algos.SignedDigestAlgorithm({"algorithm": "sha256_rsa"})
    digest = algos.DigestAlgorithm({"algorithm": _DIGEST})
    mask = algos.MaskGenAlgorithm({"algorithm": "mgf1", "parameters": digest})
    parameters = algos.RSASSAPSSParams({"hash_algorithm": digest, "mask_gen_algorithm": mask, "salt_length": 32})
    return algos.SignedDigestAlgorithm({"algorithm": "rsassa_pss", "parameters": parameters})


def _hex_digits(signer: SigningCertificate, *, stamped: bool) -> int:
    size = len(signer.certificate) + sum(len(der) for der in signer.chain) + _CMS_OVERHEAD_BYTES
    return 2 * (size + (_TIME_STAMP_BYTES if stamped else 0))
