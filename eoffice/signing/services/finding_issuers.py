"""Who issued each certificate in use, as far as our trust list knows; asked once, and again when the list changes."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Final

from cryptography import x509

from eoffice.signing.engine.gathering import links_above
from eoffice.signing.engine.revocation import UNREADABLE, Link
from eoffice.signing.engine.verdicts import TrustAnchors
from eoffice.signing.models import HeldCertificate
from eoffice.signing.services.certificates import in_use
from eoffice.signing.services.noting_standing import UNKNOWN_PAUSES, note_silence

NO_ISSUER: Final = "chưa có chứng thư của nơi cấp trong danh sách tin cậy"
_CHUNK: Final = 500
_ADDRESSES: Final = 2
_LONGEST: Final = 2000


class Known:
    """The certificates of our trust list, parsed once for many certificates below them."""

    def __init__(self, trust: TrustAnchors) -> None:
        self._anchors = set(trust.roots)
        self._loaded = [x509.load_der_x509_certificate(der) for der in (*trust.intermediates, *trust.roots)]

    def link_of(self, held: HeldCertificate) -> Link | None:
        """The certificate with the one that issued it, when the way up ends in an anchor: else nobody is asked."""
        source = held.key or held.method
        if source is None:
            return None
        try:
            leaf = x509.load_der_x509_certificate(bytes(source.certificate))
            brought = [x509.load_der_x509_certificate(der) for der in source.chain_der]
        except UNREADABLE:
            return None
        links = links_above([leaf], [*brought, *self._loaded], anchors=self._anchors)
        return links[0] if links else None


def find_issuers(*, known: Known, now: datetime, until: float) -> None:
    """Write down for certificates whose issuer was not known who that is and where it answers.

    Those that lead nowhere are named, and looked at again after a pause or when the trust list changes. `until` is a
    moment of `time.monotonic`; each chunk stands by itself.
    """
    due = in_use(now).filter(authority="", ask_at__lte=now).select_related("key", "method").order_by("ask_at", "pk")
    while time.monotonic() < until and (rows := list(due[:_CHUNK])):
        found = []
        for held in rows:
            link = known.link_of(held)
            if link is not None:
                held.authority = sha256(link.issuer).hexdigest()
                held.list_addresses = _kept(link.crl_addresses)
                held.responder_addresses = _kept(link.ocsp_addresses)
                found.append(held)
        HeldCertificate.objects.bulk_update(found, ["authority", "list_addresses", "responder_addresses"])
        lost = {held.pk for held in rows} - {held.pk for held in found}
        note_silence(HeldCertificate.objects.filter(pk__in=lost), words=NO_ISSUER, now=now, pauses=UNKNOWN_PAUSES)


def _kept(addresses: Sequence[str]) -> str:
    return " ".join(address for address in addresses[:_ADDRESSES] if " " not in address and len(address) < _LONGEST)
