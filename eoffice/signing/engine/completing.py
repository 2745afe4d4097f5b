"""Make signed files last: validation data and document time stamps, each an update that breaks no signature.

An unsigned attribute cannot be put into a signature that a later one covers. What was missed while a service was
silent is therefore made good at the end of the file: a document time stamp proves every signature before it as well
(EN 319 142-1, level B-T), and a security store (DSS) brings chains and revocation data. After a seal that locks
everything only these two may follow (digital-signature G.1). ADR 0041.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign.signers.pdf_signer import PdfTimeStamper
from pyhanko.sign.validation.dss import DocumentSecurityStore

from eoffice.signing.engine.revocation import UNREADABLE, Link
from eoffice.signing.engine.time_stamping import DIGEST, AuthoritiesInOrder
from eoffice.signing.engine.verdicts import TrustAnchors
from eoffice.signing.errors import PdfUnreadable, TimeStampUnavailable

_STAMP_HEX_DIGITS: Final = 2 * 8_000
"""Room for one token with its chain; 3 to 6 KB are usual."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Chains and revocation data of everybody who signed or stamped a file; DER."""

    certificates: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()
    ocsps: tuple[bytes, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.certificates or self.crls or self.ocsps)


def evidence_for(links: Sequence[Link], trust: TrustAnchors) -> Evidence:
    """What of `trust` (with fresh revocation material) belongs to the certificates in `links`.

    Anchors are left out, readers have their own; lists of other issuers too, since some are megabytes.
    """
    anchors = {*trust.roots, *trust.time_stamp_roots}
    certificates = dict.fromkeys(der for link in links for der in (link.certificate, link.issuer))
    issuers = {link.authority.subject for link in links}
    serials = {link.subject.serial_number for link in links}
    return Evidence(
        certificates=tuple(der for der in certificates if der not in anchors),
        crls=tuple(dict.fromkeys(der for der in trust.crls if _issuer_of(der) in issuers)),
        ocsps=tuple(dict.fromkeys(der for der in trust.ocsps if not serials.isdisjoint(_serials_in(der)))),
    )


def complete_pdf(source: Path, target: Path, *, evidence: Evidence, time_stamper: AuthoritiesInOrder | None) -> None:
    """Write `target`: `source`, byte for byte, plus one update with `evidence` and, where asked, a time stamp.

    The result is judged by the caller before it is kept. Raises TimeStampUnavailable, PdfUnreadable.
    """
    try:
        with source.open("rb") as original, target.open("w+b") as output:
            writer = IncrementalPdfFileWriter(original, strict=False)
            if not evidence.is_empty:
                _add_evidence(writer, evidence)
            if time_stamper is None:
                writer.write(output)  # type: ignore[no-untyped-call]  # pyHanko leaves it untyped
            else:
                asyncio.run(_stamp(writer, output, time_stamper))
    except OSError as error:
        raise TimeStampUnavailable from error
    except PdfError as error:
        raise PdfUnreadable from error


async def _stamp(writer: IncrementalPdfFileWriter, output: IO[bytes], time_stamper: AuthoritiesInOrder) -> None:
    await PdfTimeStamper(time_stamper).async_timestamp_pdf(
        writer, DIGEST, bytes_reserved=_STAMP_HEX_DIGITS, output=output
    )


def _add_evidence(writer: IncrementalPdfFileWriter, evidence: Evidence) -> None:
    DocumentSecurityStore.supply_dss_in_writer(
        writer,
        None,
        certs=[asn1_x509.Certificate.load(der) for der in evidence.certificates],
        crls=[asn1_crl.CertificateList.load(der) for der in evidence.crls],
        ocsps=[asn1_ocsp.OCSPResponse.load(der) for der in evidence.ocsps],
    )


def _issuer_of(crl: bytes) -> x509.Name | None:
    try:
        return x509.load_der_x509_crl(crl).issuer
    except UNREADABLE:
        return None


def _serials_in(answer: bytes) -> Iterable[int]:
    data = asn1_ocsp.OCSPResponse.load(answer).response_data
    return [line["cert_id"]["serial_number"].native for line in data["responses"]]
