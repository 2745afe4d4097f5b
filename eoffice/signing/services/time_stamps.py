"""Time-stamping authorities: kept by an administrator, tried out, and asked in their order."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from django.db import transaction
from django.db.models import Max

from eoffice.audit import services as audit
from eoffice.core import secret_text
from eoffice.core.errors import Invalid, NotFound
from eoffice.organization.actor import Actor
from eoffice.signing import permissions
from eoffice.signing.engine.gathering import links_above
from eoffice.signing.engine.time_stamping import AuthoritiesInOrder, TimeStampSource, Token, TrustFor
from eoffice.signing.engine.verdicts import TrustAnchors
from eoffice.signing.models import ArchiveAt, LastingFile, LevelRules, Risk, TimeStampAuthority
from eoffice.signing.services.revocation import WebRevocation
from eoffice.signing.services.trust import trust_anchors

RESTS: Final = timedelta(minutes=2)
"""An authority that failed is passed over for so long while people wait for their signature."""
_KEPT: Final = (
    "name", "url", "user", "issuer_pem", "timeout_s", "is_on", "secrets", "tested_at", "test_passed", "test_words",
    "failed_at", "failure", "updated_at",
)  # fmt: skip
_CONTEXT: Final = "signing_time_stamp_authority.secrets"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityEntry:
    """What an administrator fills in. None keeps the stored password or client certificate; empty takes it away."""

    name: str
    url: str
    user: str = ""
    password: str | None = None
    client_pem: str | None = None
    issuer_pem: str = ""
    timeout_s: int = 10
    is_on: bool = True


def save_time_stamp_authority(
    *, actor: Actor, authority_id: int | None, entry: AuthorityEntry, now: datetime
) -> TimeStampAuthority:
    """Add an authority behind the others, or change the one named. Raises NotPermitted, NotFound, Invalid."""
    permissions.require_time_stamps_managed(actor)
    with transaction.atomic():
        row = _last_in_row() if authority_id is None else _locked(authority_id)
        _require_usable(entry, authority_id)
        row.name, row.url, row.user = entry.name, entry.url, entry.user
        row.issuer_pem, row.timeout_s, row.is_on = entry.issuer_pem, entry.timeout_s, entry.is_on
        row.secrets = _hidden({**_secrets_of(row), **_typed(entry)})
        row.tested_at = row.test_passed = row.failed_at = None
        row.test_words = row.failure = ""
        row.updated_at = now
        if authority_id is None:
            row.save(force_insert=True)
        else:
            row.save(update_fields=_KEPT)
        if row.is_on:
            wake_waiting(now=now)
        _record(actor, "saved", row, now)
    return row


@transaction.atomic
def move_time_stamp_authority_up(*, actor: Actor, authority_id: int, now: datetime) -> None:
    """Ask this authority before the one above it; the first stays the first. Raises NotPermitted, NotFound."""
    permissions.require_time_stamps_managed(actor)
    rows = list(TimeStampAuthority.objects.select_for_update(no_key=True).order_by("position", "pk"))
    place = next((place for place, row in enumerate(rows) if row.pk == authority_id), None)
    if place is None:
        raise NotFound
    row = rows.pop(place)
    rows.insert(max(place - 1, 0), row)
    for position, each in enumerate(rows):
        each.position = position
        each.save(update_fields=["position"])
    _record(actor, "moved", row, now)


def try_time_stamp_authority(*, actor: Actor, authority_id: int, now: datetime) -> TimeStampAuthority:
    """Ask one authority, on or off, for a time stamp over nothing of value, and keep what came of it.

    Waits for the outside system, so it opens no transaction until the answer is there. Raises NotPermitted, NotFound.
    """
    permissions.require_time_stamps_managed(actor)
    row = TimeStampAuthority.objects.filter(pk=authority_id).first()
    if row is None:
        raise NotFound
    asked = AuthoritiesInOrder([_source(row)], trust_for=_trust_for(now), now=now)
    try:
        token = asked.stamp(hashlib.sha256(b"eOffice").digest())
    except OSError:
        passed, words = False, f"Chưa dùng được: {asked.failures[row.pk]}."
    else:
        passed, words = True, "Cấp dấu thời gian tốt."
        note_use(given=[token], failures={}, now=now)
    with transaction.atomic():
        row = _locked(authority_id)
        row.tested_at, row.test_passed, row.test_words = now, passed, words[:300]
        row.save(update_fields=["tested_at", "test_passed", "test_words"])
        _record(actor, "tried", row, now, passed=passed)
    return row


def set_level_rules(
    *, actor: Actor, archive_at: ArchiveAt, archive_after_days: int, renew_before_days: int, now: datetime
) -> LevelRules:
    """Say when issued papers get their archive time stamp and how early it is renewed. Raises NotPermitted, Invalid."""
    permissions.require_time_stamps_managed(actor)
    faults = {}
    if not 7 <= renew_before_days <= 730:
        faults["renew_before_days"] = "Nhập từ 7 đến 730 ngày."
    if not 0 <= archive_after_days <= 3650:
        faults["archive_after_days"] = "Nhập từ 0 đến 3650 ngày."
    if faults:
        raise Invalid(fields=faults)
    with transaction.atomic():
        rules, _ = LevelRules.objects.update_or_create(
            pk=1,
            defaults={
                "archive_at": archive_at,
                "archive_after_days": archive_after_days,
                "renew_before_days": renew_before_days,
            },
        )
        audit.record(
            actor=actor.ref, action="signing.level_rules.changed", object_kind="level_rules", object_id=1, now=now,
            detail={"archive_at": str(archive_at), "after": archive_after_days, "renew_before": renew_before_days},
        )  # fmt: skip
    return rules


def wake_waiting(*, now: datetime) -> int:
    """Files that waited for a time-stamping authority have their turn now. Returns how many."""
    waiting = LastingFile.objects.filter(superseded_at__isnull=True, due_at__isnull=True)
    return waiting.filter(risk=Risk.NO_TIME_STAMP).update(due_at=now)


def level_rules() -> LevelRules:
    """The rules in force; those of a new installation where nothing was set."""
    return LevelRules.objects.filter(pk=1).first() or LevelRules(pk=1)


def has_time_stamps() -> bool:
    """Whether an authority is switched on at all."""
    return TimeStampAuthority.objects.filter(is_on=True).exists()


def time_stamper(*, now: datetime, rested: bool = True) -> AuthoritiesInOrder | None:
    """The authorities that are on, in order; None where there is none to ask.

    `rested` passes by those that failed a moment ago: a person waits. Jobs ask all of them.
    """
    rows = TimeStampAuthority.objects.filter(is_on=True).order_by("position", "pk")
    ready = [row for row in rows if not rested or row.failed_at is None or now - row.failed_at >= RESTS]
    if not ready:
        return None
    return AuthoritiesInOrder([_source(row) for row in ready], trust_for=_trust_for(now), now=now)


@contextmanager
def stamping(now: datetime) -> Iterator[AuthoritiesInOrder | None]:
    """The authorities for the signatures of one request; what became of asking them is remembered afterwards."""
    stamper = time_stamper(now=now)
    try:
        yield stamper
    finally:
        if stamper is not None:
            note_use(given=stamper.given, failures=stamper.failures, now=now)


def note_use(*, given: Sequence[Token], failures: dict[int, str], now: datetime) -> None:
    """Remember which authorities answered and which did not; in no order with anything else, so without locks."""
    for token in {token.source.key: token for token in given}.values():
        TimeStampAuthority.objects.filter(pk=token.source.key).update(
            answered_at=now, certificate_ends_at=token.certificate_ends_at, failed_at=None, failure=""
        )
    for key, why in failures.items():
        TimeStampAuthority.objects.filter(pk=key).update(failed_at=now, failure=why[:300])


def _trust_for(now: datetime) -> TrustFor:
    """Anchors with what is known of revocation; a certificate that comes again is not asked about again."""
    anchors = trust_anchors(now=now)
    asked: dict[tuple[bytes, ...], TrustAnchors] = {}

    def trust(certificates: Sequence[bytes]) -> TrustAnchors:
        key = tuple(certificates)
        if key not in asked:
            known = [x509.load_der_x509_certificate(der) for der in (*key, *anchors.intermediates)]
            roots = [x509.load_der_x509_certificate(der) for der in anchors.time_stamp_roots]
            links = links_above(known[:1], [*roots, *known], anchors=set(anchors.time_stamp_roots))
            asked[key] = anchors.with_revocation(WebRevocation().material(links, now=now)) if links else anchors
        return asked[key]

    return trust


def _source(row: TimeStampAuthority) -> TimeStampSource:
    hidden = _secrets_of(row)
    return TimeStampSource(
        key=row.pk,
        name=row.name,
        url=row.url,
        timeout_s=float(row.timeout_s),
        user=row.user,
        password=hidden.get("password", ""),
        client_pem=hidden.get("client_pem", ""),
        issuer_pem=row.issuer_pem,
    )


def _secrets_of(row: TimeStampAuthority) -> dict[str, str]:
    if not row.secrets:
        return {}
    hidden: dict[str, str] = json.loads(secret_text.decrypt(row.secrets, context=_CONTEXT))
    return hidden


def _typed(entry: AuthorityEntry) -> dict[str, str]:
    typed = {"password": entry.password, "client_pem": entry.client_pem}
    return {name: text for name, text in typed.items() if text is not None}


def _hidden(secrets: dict[str, str]) -> str:
    filled = {name: text for name, text in secrets.items() if text}
    return secret_text.encrypt(json.dumps(filled), context=_CONTEXT) if filled else ""


def _require_usable(entry: AuthorityEntry, own_id: int | None) -> None:
    """Raise Invalid with every fault by field."""
    faults = {}
    if not entry.name.strip():
        faults["name"] = "Nhập tên dịch vụ."
    elif TimeStampAuthority.objects.filter(name=entry.name).exclude(pk=own_id or 0).exists():
        faults["name"] = "Đã có dịch vụ mang tên này."
    if not _is_web(entry.url):
        faults["url"] = "Nhập địa chỉ đầy đủ, ví dụ https://tsa.donvi.vn/tsa."
    if not 1 <= entry.timeout_s <= 60:
        faults["timeout_s"] = "Nhập từ 1 đến 60 giây."
    if entry.issuer_pem and not _is_certificate(entry.issuer_pem):
        faults["issuer_pem"] = "Đây không phải chứng thư dạng PEM."
    if entry.client_pem and not (_is_certificate(entry.client_pem) and _has_key(entry.client_pem)):
        faults["client_pem"] = "Cần cả chứng thư và khóa bí mật không đặt mật khẩu, dạng PEM."
    if faults:
        raise Invalid("Dịch vụ cấp dấu thời gian chưa lưu được.", fields=faults)


def _is_web(url: str) -> bool:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and port != 0 and parts.username is None


def _is_certificate(pem: str) -> bool:
    try:
        x509.load_pem_x509_certificate(pem.encode())
    except ValueError:
        return False
    return True


def _has_key(pem: str) -> bool:
    try:
        serialization.load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError):
        return False
    return True


def _locked(authority_id: int) -> TimeStampAuthority:
    row = TimeStampAuthority.objects.select_for_update(no_key=True).filter(pk=authority_id).first()
    if row is None:
        raise NotFound
    return row


def _last_in_row() -> TimeStampAuthority:
    last = TimeStampAuthority.objects.aggregate(last=Max("position"))["last"]
    return TimeStampAuthority(position=0 if last is None else last + 1)


def _record(actor: Actor, what: str, row: TimeStampAuthority, now: datetime, **detail: object) -> None:
    audit.record(
        actor=actor.ref, action=f"signing.time_stamp_authority.{what}", object_kind="time_stamp_authority",
        object_id=row.pk, now=now, detail={"url": row.url, "on": row.is_on, **detail},
    )  # fmt: skip
