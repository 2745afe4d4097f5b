"""Whom we believe, in the library's terms."""

from __future__ import annotations

from collections.abc import Iterable

from asn1crypto import x509 as asn1_x509
from pyhanko_certvalidator.authority import Authority, AuthorityWithCert, CertTrustAnchor

from eoffice.signing.engine.long_lists import hasten_lookups

hasten_lookups()  # whoever checks against anchors asks lists


def anchors_of(ders: Iterable[bytes]) -> list[CertTrustAnchor]:
    """Anchors from certificates (DER); an authority below a root may be one (RFC 5280, 6.1.1 d)."""
    certificates = [asn1_x509.Certificate.load(der) for der in ders]
    return [CertTrustAnchor(each) if each.subject == each.issuer else _BelowARoot(each) for each in certificates]


class _BelowARoot(CertTrustAnchor):
    """An anchor that somebody else issued. The library looks for who that was before it believes the anchor's lists."""

    @property
    def authority(self) -> Authority:
        return _ItsOwnIssuer(self.certificate)


class _ItsOwnIssuer(AuthorityWithCert):
    """An authority above which nothing is looked for: what an anchor signs is believed for its own sake."""

    def is_potential_issuer_of(self, cert: asn1_x509.Certificate) -> bool:
        return cert.sha256 == self.certificate.sha256 or bool(super().is_potential_issuer_of(cert))
