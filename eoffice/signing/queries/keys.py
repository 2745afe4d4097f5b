"""Reads: keys kept in this installation, and what their certificates say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from django.db.models import Q, QuerySet

from eoffice.core.vietnamese import fold
from eoffice.signing.engine.chains import ends_at
from eoffice.signing.models import AuthorityKind, CertificateAuthority, KeyOrigin, SigningKey
from eoffice.signing.services.matching import common_name
from eoffice.signing.services.trust import trust_anchors


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateView:
    """What pages show of a key's certificate. `mark` says what a certificate of our own authority is good for."""

    key: SigningKey
    subject: str
    issuer: str
    starts_at: datetime
    expires_at: datetime
    mark: str
    is_trusted: bool

    @property
    def is_from_elsewhere(self) -> bool:
        """Certified elsewhere: it can be taken out of use here, and is replaced by its issuer alone."""
        return self.key.provider != KeyOrigin.SOFTWARE


def certificate_view(key: SigningKey, *, now: datetime) -> CertificateView:
    """A key's certificate in words, and whether its way up ends at somebody we believe."""
    parsed = x509.load_der_x509_certificate(bytes(key.certificate))
    is_ours = key.provider == KeyOrigin.SOFTWARE
    authority = own_authority() if is_ours else None
    return CertificateView(
        key=key,
        subject=common_name(parsed.subject),
        issuer=common_name(parsed.issuer),
        starts_at=parsed.not_valid_before_utc,
        expires_at=parsed.not_valid_after_utc,
        mark=authority.get_scope_display() if authority else "",
        is_trusted=is_ours or _is_trusted(parsed, key.chain_der, now),
    )


def _is_trusted(parsed: x509.Certificate, chain: Iterable[bytes], now: datetime) -> bool:
    trust = trust_anchors(now=now)
    others = [x509.load_der_x509_certificate(der) for der in (*chain, *trust.intermediates)]
    return ends_at(parsed, others=others, roots=[x509.load_der_x509_certificate(der) for der in trust.roots])


@dataclass(frozen=True, slots=True)
class KeyPage:
    """One's own keys: in use, waiting to be confirmed, former."""

    key: SigningKey | None
    waiting: SigningKey | None
    former: list[SigningKey]


def key_of_person(person_id: int) -> SigningKey | None:
    """The key a person signs with now."""
    return _in_use().filter(person_id=person_id).first()


def key_of_unit(unit_id: int) -> SigningKey | None:
    """The key of a unit's seal now."""
    return _in_use().filter(unit_id=unit_id).first()


def waiting_key_of(*, person_id: int = 0, unit_id: int = 0) -> SigningKey | None:
    """The key of a person or of a unit's seal that waits: for an administrator's word, or for its holder's PIN."""
    rows = SigningKey.objects.filter(withdrawn_at__isnull=True, is_waiting=True)
    return (rows.filter(unit_id=unit_id) if unit_id else rows.filter(person_id=person_id)).first()


def keys_to_confirm() -> list[SigningKey]:
    """Keys whose certificates do not match their holders, oldest first, a hundred at most."""
    rows = SigningKey.objects.filter(withdrawn_at__isnull=True, is_waiting=True, provider=KeyOrigin.FILE)
    return list(rows.select_related("person", "unit", "brought_by").order_by("pk")[:100])


def own_authority() -> CertificateAuthority | None:
    """The root of this installation's own authority."""
    return CertificateAuthority.objects.filter(kind=AuthorityKind.ROOT).first()


def _in_use() -> QuerySet[SigningKey]:
    return SigningKey.objects.filter(revoked_at__isnull=True, withdrawn_at__isnull=True, is_waiting=False)


def keys_naming(person_ids: Iterable[int], names: Iterable[str]) -> list[SigningKey]:
    """Certificates in use of these people whose subject names one of `names`; a few hundred are read in one go."""
    folded = [fold(name) for name in names]
    keys = _in_use().filter(person_id__in=list(person_ids)).order_by("pk")
    return [key for key in keys if any(name in fold(_subject_words(key)) for name in folded)]


def _subject_words(key: SigningKey) -> str:
    subject = x509.load_der_x509_certificate(bytes(key.certificate)).subject
    return " ".join(str(attribute.value) for attribute in subject)


def key_page(person_id: int) -> KeyPage:
    """The keys of one person, of the former ones the newest twenty."""
    own = SigningKey.objects.filter(person_id=person_id)
    former = own.filter(Q(revoked_at__isnull=False) | Q(withdrawn_at__isnull=False)).order_by("-pk")
    return KeyPage(key_of_person(person_id), waiting_key_of(person_id=person_id), list(former[:20]))
