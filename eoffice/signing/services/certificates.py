"""The register of certificates in use: entered, ended, and asked before anything is signed."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.x509.oid import NameOID, ObjectIdentifier
from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse

from eoffice.core.clock import VIETNAM, local_date
from eoffice.core.vietnamese import fold, given_name_key, sort_key
from eoffice.organization import queries as organization
from eoffice.organization.models import Role
from eoffice.signing.engine.signing import check_certificate
from eoffice.signing.errors import CertificateUnusable
from eoffice.signing.models import HeldCertificate, SigningKey, SigningMethod
from eoffice.signing.services.fulfilling import fulfil_request
from eoffice.signing.services.matching import facts_of, mismatch_words
from eoffice.signing.services.trust import trust_anchors

AT_ONCE: Final = 10_000


def note_certificates(*, now: datetime) -> int:
    """Enter what keys and ways of signing carry that is not in the register yet, and end what is out of use.

    Run twice, nothing changes. Returns how many were entered.
    """
    used = SigningKey.objects.filter(revoked_at__isnull=True, withdrawn_at__isnull=True, is_waiting=False)
    keys = used.filter(held__isnull=True)
    methods = SigningMethod.objects.filter(held__isnull=True, removed_at__isnull=True)
    fresh: list[SigningKey | SigningMethod] = [*keys.order_by("pk")[:AT_ONCE], *methods.order_by("pk")[:AT_ONCE]]
    for source in fresh:
        note_certificate(source, now=now)
    gone = Q(key__revoked_at__isnull=False) | Q(key__withdrawn_at__isnull=False) | Q(method__removed_at__isnull=False)
    ended = HeldCertificate.objects.filter(gone, ended_at__isnull=True)
    for held in ended.select_related("key").order_by("pk")[:AT_ONCE]:
        end_certificate(held, now=now)
    return len(fresh)


@transaction.atomic
def note_certificate(source: SigningKey | SigningMethod, *, now: datetime) -> HeldCertificate:
    """Enter one certificate as it is taken into use; a request of its holder for a new one is fulfilled by it."""
    parsed = x509.load_der_x509_certificate(bytes(source.certificate))
    holder = facts_of(person_id=source.person_id, unit_id=source.unit_id, on=local_date(_moment_of(source)))
    common, body = _named(parsed.subject, NameOID.COMMON_NAME), _named(parsed.subject, NameOID.ORGANIZATION_NAME)
    carried = {"key": source} if isinstance(source, SigningKey) else {"method": source}
    held, is_new = HeldCertificate.objects.get_or_create(
        **carried,
        defaults={
            "person_id": source.person_id,
            "unit_id": source.unit_id,
            "at_unit": holder.at_unit,
            "holder_name": holder.name[:200],
            "holder_sort": (sort_key(holder.name) if holder.is_seal else given_name_key(holder.name))[:300],
            "holder_fold": fold(holder.name)[:200],
            "subject": common[:300],
            "organization": body[:300],
            "issuer": (_named(parsed.issuer, NameOID.COMMON_NAME) or parsed.issuer.rfc4514_string())[:300],
            "serial": source.serial,
            "starts_at": parsed.not_valid_before_utc,
            "expires_at": parsed.not_valid_after_utc,
            "mismatch": mismatch_words(common=common, body=body, holder=holder)[:600],
            "noted_at": now,
            "compared_at": now,
            "ask_at": now,
        },
    )
    if is_new:
        fulfil_request(held, now=now)
    return held


@transaction.atomic
def end_certificate(held: HeldCertificate, *, now: datetime) -> None:
    """The certificate is out of use; one revoked here says so in the register as one revoked by its issuer does."""
    current = HeldCertificate.objects.select_for_update(no_key=True).get(pk=held.pk)
    if current.ended_at is None:
        current.ended_at = now
        if held.key is not None and current.revoked_at is None:
            current.revoked_at = held.key.revoked_at
        current.save(update_fields=["ended_at", "revoked_at"])


def require_usable(certificate: bytes, *, now: datetime) -> None:
    """Refuse, before anything is signed, a certificate out of date, weak, or that its issuer calls revoked.

    Raises CertificateUnusable.
    """
    check_certificate(certificate, crls=trust_anchors(now=now).crls, now=now)
    parsed = x509.load_der_x509_certificate(certificate)
    serial, issuer = f"{parsed.serial_number:x}", _named(parsed.issuer, NameOID.COMMON_NAME)[:300]
    revoked = HeldCertificate.objects.filter(serial=serial, revoked_at__isnull=False)
    held = revoked.filter(issuer=issuer).order_by("-pk").first()
    if held is not None and held.revoked_at is not None:
        word = "tạm dừng" if held.is_suspended else "thu hồi"
        raise CertificateUnusable(
            f"Chứng thư số đã bị nơi cấp {word} từ {held.revoked_at.astimezone(VIETNAM):%d/%m/%Y}. "
            "Chưa có gì được ký; gửi đề nghị cấp chứng thư mới hoặc chọn cách ký khác."
        )


def in_use(now: datetime) -> QuerySet[HeldCertificate]:
    """Certificates that are in use and not over; suspended ones too, since they may come back."""
    rows = HeldCertificate.objects.filter(ended_at__isnull=True, expires_at__gt=now)
    return rows.filter(Q(revoked_at__isnull=True) | Q(is_suspended=True))


def people_behind(row: HeldCertificate, now: datetime) -> list[int]:
    """The person, or whoever keeps the seal and answers for it."""
    if row.person_id is not None:
        return [row.person_id]
    roles = (Role.CLERK, Role.CHIEF_OF_OFFICE)
    unit_id = row.unit_id or 0
    return organization.holder_ids_of(roles, [unit_id], on=local_date(now)).get(unit_id, [])


def own_address(row: HeldCertificate) -> str:
    """The page where who holds a certificate finds it."""
    if row.unit_id is not None:
        return reverse("signing:seal", args=[row.unit_id])
    return reverse("signing:own_certificates")


def _moment_of(source: SigningKey | SigningMethod) -> datetime:
    """When a key was made or a way of signing added."""
    return source.made_at if isinstance(source, SigningKey) else source.added_at


def _named(name: x509.Name, what: ObjectIdentifier) -> str:
    found = name.get_attributes_for_oid(what)
    return str(found[0].value) if found else ""
