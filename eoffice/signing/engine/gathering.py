"""Whose revocation has to be known to judge a file. Runs in the child process, since the file may be hostile."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from asn1crypto import cms
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.errors import NoDSSFoundError
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from eoffice.signing.engine.embedded import embedded_in
from eoffice.signing.engine.examining import HOSTILE, Locked, opened
from eoffice.signing.engine.revocation import UNREADABLE, Link
from eoffice.signing.engine.verdicts import TrustAnchors

_DEEPEST_CHAIN: Final = 8
_MOST_LINKS: Final = 64


def links_of(path: Path, trust: TrustAnchors) -> list[Link]:
    """Every certificate on the ways from signers and time stamps up to an anchor, with its issuer.

    Only ways whose every signature holds and that end in an anchor: a forged certificate cannot make us ask an
    address of its author's choice.
    """
    try:
        with path.open("rb") as stream:
            leaves, pool = _certificates(opened(stream))
    except (Locked, *HOSTILE):
        return []
    known = _loaded([*trust.roots, *trust.intermediates, *trust.time_stamp_roots, *pool])
    return links_above(_loaded(leaves), known, anchors={*trust.roots, *trust.time_stamp_roots})


def links_above(
    leaves: Sequence[x509.Certificate], known: Sequence[x509.Certificate], *, anchors: set[bytes]
) -> list[Link]:
    """The links from `leaves` up to one of the `anchors` (DER)."""
    found: dict[Link, None] = {}
    for leaf in leaves:
        for link in _way_up(leaf, known, anchors):
            found[link] = None
    return list(found)[:_MOST_LINKS]


def _way_up(leaf: x509.Certificate, known: Sequence[x509.Certificate], anchors: set[bytes]) -> list[Link]:
    """The shortest way to an anchor. An authority may hold several certificates (renewed, certified by others too)."""
    ways: list[tuple[x509.Certificate, list[Link]]] = [(leaf, [])]
    seen = {_der(leaf)}
    for _ in range(_DEEPEST_CHAIN):
        longer: list[tuple[x509.Certificate, list[Link]]] = []
        for current, way in ways:
            if _der(current) in anchors:
                return way
            for issuer in known:
                if _der(issuer) not in seen and _issued(current, issuer):
                    seen.add(_der(issuer))
                    longer.append((issuer, [*way, Link(_der(current), _der(issuer))]))
        ways = longer
    return []


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        if certificate.issuer != issuer.subject:
            return False
        certificate.verify_directly_issued_by(issuer)
    except UNREADABLE:
        return False
    return True


def _certificates(reader: PdfFileReader) -> tuple[list[bytes], list[bytes]]:
    """Certificates of signers and time stampers, and all others the file brings along; DER."""
    leaves: list[bytes] = []
    pool: list[bytes] = []
    for signature in embedded_in(reader).signatures:
        try:
            leaf, others = _of_signature(signature)
        except HOSTILE:
            continue
        leaves.extend(leaf)
        pool.extend(others)
    try:
        store = DocumentSecurityStore.read_dss(reader)
        pool.extend(certificate.dump() for certificate in store.load_certs())
    except (NoDSSFoundError, *HOSTILE):
        pass  # nothing was brought along
    return leaves, pool


def _of_signature(signature: EmbeddedPdfSignature) -> tuple[list[bytes], list[bytes]]:
    leaves = [signature.signer_cert.dump()]
    pool = [certificate.dump() for certificate in signature.other_embedded_certs]
    for attribute in signature.signer_info["unsigned_attrs"] or ():
        if attribute["type"].native == "signature_time_stamp_token":
            for token in attribute["values"]:
                stamped = list(_of_token(token["content"]))
                leaves.extend(stamped)
                pool.extend(stamped)
    return leaves, pool


def _of_token(data: cms.SignedData) -> Iterable[bytes]:
    for choice in data["certificates"] or ():
        if isinstance(choice.chosen, asn1_x509.Certificate):
            yield choice.chosen.dump()


def _loaded(ders: Iterable[bytes]) -> list[x509.Certificate]:
    loaded = []
    for der in dict.fromkeys(ders):
        try:
            loaded.append(x509.load_der_x509_certificate(der))
        except UNREADABLE:
            continue
    return loaded


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)
