"""The register of certificates in use: noted, compared with their holders, asked about, warned of before they end."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.x509.oid import NameOID, ObjectIdentifier
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.urls import reverse

from eoffice.audit import services as audit
from eoffice.core.actor_ref import ActorRef
from eoffice.core.clock import VIETNAM, local_date
from eoffice.core.vietnamese import fold, given_name_key, sort_key
from eoffice.notifications import services as notifications
from eoffice.organization import queries as organization
from eoffice.organization.models import Posting, Role, Unit
from eoffice.signing.engine.gathering import links_above
from eoffice.signing.engine.revocation import UNREADABLE, Link, Revoked, revocation_of
from eoffice.signing.engine.signing import check_certificate
from eoffice.signing.engine.verdicts import TrustAnchors
from eoffice.signing.errors import CertificateUnusable
from eoffice.signing.models import HeldCertificate, SigningKey, SigningMethod
from eoffice.signing.services.fulfilling import fulfil_request
from eoffice.signing.services.matching import stands_in
from eoffice.signing.services.revocation import WebRevocation
from eoffice.signing.services.trust import trust_anchors

WARNINGS_DAYS: Final = (30, 7, 1)
"""So many days before the end its holder is told, once each."""
ASKED_EVERY: Final = timedelta(minutes=45)
"""With a job every ten minutes each certificate is asked about within the hour, as far as `LASTS_S` reaches."""
AT_ONCE: Final = 10_000
LASTS_S: Final = 480.0
"""A run of the job ends before the next one starts."""
_GIVEN_UP_AFTER: Final = 3
"""So many silences of one issuer, and its other certificates wait for the next turn."""
_SYSTEM: Final = ActorRef(None, source="job")


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
    holder = _holder_of(source)
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
            "subject": _named(parsed.subject, NameOID.COMMON_NAME)[:300],
            "organization": _named(parsed.subject, NameOID.ORGANIZATION_NAME)[:300],
            "issuer": (_named(parsed.issuer, NameOID.COMMON_NAME) or parsed.issuer.rfc4514_string())[:300],
            "serial": source.serial,
            "starts_at": parsed.not_valid_before_utc,
            "expires_at": parsed.not_valid_after_utc,
            "mismatch": mismatch_words(parsed, holder)[:600],
            "noted_at": now,
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


def ask_issuers(*, now: datetime) -> int:
    """Ask what became of certificates not asked about for `ASKED_EVERY`, longest ago first; returns how many.

    The questions go out one after the other, outside any transaction. A silent issuer is named beside the certificate
    and asked again at the next turn. Certificates of our own authority are told by our own table.
    """
    due = in_use(now).filter(Q(checked_at__isnull=True) | Q(checked_at__lte=now - ASKED_EVERY))
    rows = list(due.select_related("key", "method", "person").order_by(F("checked_at").asc(nulls_first=True))[:AT_ONCE])
    if not rows:
        return 0
    trust, source = trust_anchors(now=now), WebRevocation()
    holders, silences = _holders(rows, now), Counter[str]()
    until, asked = time.monotonic() + LASTS_S, 0
    for held in rows:
        if time.monotonic() > until:
            break
        if silences[held.issuer] >= _GIVEN_UP_AFTER:
            continue
        asked += 1
        link = _link_of(held, trust)
        material = source.material([link], now=now, fresh=True) if link is not None else None
        if link is None or material is None:
            _note_answer(held, None, "Chưa có chứng thư của nơi cấp trong danh sách tin cậy.", holders[held.pk], now)
            continue
        silent = "; ".join(material.unreachable.values())
        silences[held.issuer] += bool(silent)
        _note_answer(held, revocation_of(link, material), silent, holders[held.pk], now)
    return asked


def warn_of_ends(*, now: datetime) -> int:
    """Tell holders 30, 7 and 1 days before their certificate ends, once each; returns how many were told."""
    told = 0
    soon = in_use(now).filter(expires_at__lte=now + timedelta(days=WARNINGS_DAYS[0]))
    pending = [held.pk for held in soon.order_by("expires_at", "pk")[:AT_ONCE] if _warning_due(held, now) is not None]
    for held_id in pending:
        told += _warn(held_id, now)
    return told


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


# Holders


@dataclass(frozen=True, slots=True)
class HolderFacts:
    """What we know of a holder: name, where listed, and the names of the bodies he may be certified in."""

    name: str
    at_unit: Unit | None
    bodies: tuple[str, ...]
    is_seal: bool


def mismatch_words(parsed: x509.Certificate, holder: HolderFacts) -> str:
    """What on a certificate is not what we know of its holder; empty where all fits.

    A person's name must stand in the common name, a body's in the common name or organisation; accents and case aside.
    The organisation of a person's certificate, where there is one, must be one of the bodies above his posts.
    """
    common, body = (
        _named(parsed.subject, NameOID.COMMON_NAME),
        _named(parsed.subject, NameOID.ORGANIZATION_NAME),
    )
    known = {fold(name) for name in holder.bodies}
    if holder.is_seal:
        fits = any(stands_in(name, common) or stands_in(name, body) for name in known)
        return "" if fits else f"Chứng thư đứng tên “{common}”, không phải {holder.name}."
    words = []
    if fold(holder.name) not in fold(common):
        words.append(f"Chứng thư đứng tên “{common}”, không phải {holder.name}.")
    if body and not any(stands_in(name, body) or fold(body) in name for name in known):
        words.append(f"Tổ chức ghi trên chứng thư là “{body}”, không phải nơi đang công tác.")
    return " ".join(words)


def _holder_of(source: SigningKey | SigningMethod) -> HolderFacts:
    if source.unit_id is not None:
        return _seal_facts(organization.get_unit(source.unit_id))
    person = organization.get_person(source.person_id or 0)
    posts = organization.posts_by_person([person.pk], on=local_date(source_moment(source)))
    return _person_facts(person.full_name, posts.get(person.pk, []), _names_above(posts))


def source_moment(source: SigningKey | SigningMethod) -> datetime:
    """When a key was made or a way of signing added."""
    return source.made_at if isinstance(source, SigningKey) else source.added_at


def _holders(rows: Sequence[HeldCertificate], now: datetime) -> dict[int, HolderFacts]:
    """The facts of many holders in a few queries."""
    people = {held.person_id for held in rows if held.person_id is not None}
    posts = organization.posts_by_person(people, on=local_date(now))
    names = _names_above(posts)
    units = organization.units_by_id({held.unit_id for held in rows if held.unit_id is not None})
    return {
        held.pk: _seal_facts(units[held.unit_id])
        if held.unit_id is not None
        else _person_facts(str(held.person), posts.get(held.person_id or 0, []), names)
        for held in rows
    }


def _seal_facts(unit: Unit) -> HolderFacts:
    return HolderFacts(unit.name, unit, (unit.name,), is_seal=True)


def _person_facts(name: str, posts: Sequence[Posting], names: dict[int, str]) -> HolderFacts:
    above = dict.fromkeys(names[unit_id] for post in posts for unit_id in _ids(post.unit) if unit_id in names)
    installation = organization.installation()
    bodies = (*above, *([installation.name] if installation else []))
    return HolderFacts(name, posts[0].unit if posts else None, bodies, is_seal=False)


def _names_above(posts: dict[int, list[Posting]]) -> dict[int, str]:
    ids = {unit_id for found in posts.values() for post in found for unit_id in _ids(post.unit)}
    return {pk: unit.name for pk, unit in organization.units_by_id(ids).items()}


def _ids(unit: Unit) -> Iterable[int]:
    return (int(part) for part in unit.path.strip("/").split("/") if part)


# Answers


def _link_of(held: HeldCertificate, trust: TrustAnchors) -> Link | None:
    """The certificate with the one that issued it, as far as we know that."""
    source = held.key or held.method
    if source is None:
        return None
    try:
        leaf = x509.load_der_x509_certificate(bytes(source.certificate))
        chain = getattr(source, "chain_der", ())
        known = [x509.load_der_x509_certificate(der) for der in (*chain, *trust.intermediates, *trust.roots)]
    except UNREADABLE:
        return None
    links = links_above([leaf], known, anchors=set(trust.roots))
    return links[0] if links else None


@transaction.atomic
def _note_answer(
    held: HeldCertificate, revoked: Revoked | None, silent: str, holder: HolderFacts, now: datetime
) -> None:
    """Keep what an issuer said. Silence changes only the words; only a suspended certificate comes back."""
    row = HeldCertificate.objects.select_for_update(no_key=True).get(pk=held.pk)
    was = row.revoked_at
    row.check_words = silent[:300]
    source = held.key or held.method
    if source is not None:
        parsed = x509.load_der_x509_certificate(bytes(source.certificate))
        row.mismatch = mismatch_words(parsed, holder)[:600]
    row.at_unit = holder.at_unit or row.at_unit
    if not silent:
        row.checked_at = now
        if revoked is not None:
            row.revoked_at, row.is_suspended = revoked.at, revoked.is_suspended
        elif row.is_suspended:
            row.revoked_at, row.is_suspended = None, False
    row.save(update_fields=["checked_at", "check_words", "mismatch", "at_unit", "revoked_at", "is_suspended"])
    if (was is None) != (row.revoked_at is None):
        action = "revoked_outside" if row.revoked_at is not None else "good_again"
        audit.record(
            actor=_SYSTEM, action=f"signing.certificate.{action}", object_kind="held_certificate", object_id=row.pk,
            now=now, detail={"serial": row.serial, "issuer": row.issuer},
        )  # fmt: skip
        _tell_standing(row, now)


def _tell_standing(row: HeldCertificate, now: datetime) -> None:
    """The holder and every administrator learn that signing stops, or goes on."""
    day = row.revoked_at.astimezone(VIETNAM).strftime("%d/%m/%Y") if row.revoked_at else ""
    verb = "tạm dừng" if row.is_suspended else "thu hồi"
    title = (
        f"Chứng thư số của {row.holder_name} đã bị nơi cấp {verb} từ {day}"
        if row.revoked_at
        else f"Chứng thư số của {row.holder_name} dùng lại được"
    )
    text = f"{row.issuer}, số sê-ri {row.serial}. " + (
        "Việc ký bằng chứng thư này đã dừng. Chữ ký đã có giữ nguyên." if row.revoked_at else "Ký lại được từ bây giờ."
    )
    holders = _people_behind(row, now)
    administrators = set(organization.people_playing(Role.ADMINISTRATOR, on=local_date(now))) - set(holders)
    kind = "signing.certificate_revoked"
    notifications.notify(person_ids=holders, kind=kind, title=title, text=text, url=own_address(row), now=now)
    everybody = reverse("signing:certificates") + "?show=revoked"
    notifications.notify(person_ids=administrators, kind=kind, title=title, text=text, url=everybody, now=now)


# Warnings


def _warning_due(held: HeldCertificate, now: datetime) -> int | None:
    left = held.expires_at - now
    passed = [days for days in WARNINGS_DAYS if left <= timedelta(days=days)]
    threshold = min(passed) if passed else None
    if threshold is None or (held.warned_days is not None and held.warned_days <= threshold):
        return None
    return threshold


@transaction.atomic
def _warn(held_id: int, now: datetime) -> bool:
    row = HeldCertificate.objects.select_for_update(no_key=True).get(pk=held_id)
    threshold = _warning_due(row, now)
    if threshold is None or row.ended_at is not None:
        return False
    row.warned_days = threshold
    row.save(update_fields=["warned_days"])
    until = row.expires_at.astimezone(VIETNAM)
    whose = f"con dấu {row.holder_name}" if row.unit_id is not None else "cá nhân"
    notifications.notify(
        person_ids=_people_behind(row, now),
        kind="signing.certificate_ending",
        title=f"Chứng thư số {whose} hết hạn {until:%H:%M %d/%m/%Y}",
        text=f"{row.issuer}, số sê-ri {row.serial}. Gửi đề nghị cấp lại để không gián đoạn việc ký.",
        url=own_address(row),
        now=now,
    )
    return True


def _people_behind(row: HeldCertificate, now: datetime) -> list[int]:
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


def _named(name: x509.Name, what: ObjectIdentifier) -> str:
    found = name.get_attributes_for_oid(what)
    return str(found[0].value) if found else ""
