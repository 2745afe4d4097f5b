"""Bật quyền quản trị: an administrator's special powers, for a reason, with the password again, for half an hour."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import F

from eoffice.accounts.services import rechecking
from eoffice.audit import queries as audit_queries
from eoffice.audit import services as audit
from eoffice.core.errors import Invalid
from eoffice.core.vietnamese import tidy
from eoffice.organization.actor import Actor
from eoffice.organization.errors import PowersNeeded, PowersRefused, PowersWrongPassword, ProofNeeded
from eoffice.organization.models import PowersSession, Unit
from eoffice.organization.permissions import changes as permissions

POWERS_SPAN: Final = timedelta(minutes=30)
PROOF_SPAN: Final = timedelta(minutes=10)
REASON_LENGTH: Final = 500


def start_powers(
    *, actor: Actor, reason: str, password: str, now: datetime, address: str = "", proved_at: datetime | None = None
) -> PowersSession:
    """Switch the special powers of an administrator on for `POWERS_SPAN`.

    The password is asked again; a wrong one is recorded and opens nothing. Who has no password here (signs in at the
    group's provider) has proved himself again instead: `proved_at`, at most `PROOF_SPAN` ago, by a second factor or at
    the provider. A session still running is ended: there is one at a time. Raises NotPermitted, Invalid,
    ProofNeeded, PowersWrongPassword, PowersRefused after five wrong passwords in a quarter of an hour.
    """
    permissions.require(permissions.can_switch_powers_on(actor), "Chỉ quản trị bật được quyền quản trị.")
    said = tidy(reason)
    if len(said) < _SHORTEST_REASON:
        raise Invalid(fields={"reason": "Ghi rõ lý do, ít nhất 10 ký tự: việc gì, theo yêu cầu nào."})
    if len(said) > REASON_LENGTH:
        raise Invalid(fields={"reason": f"Lý do dài {len(said)} ký tự; tối đa {REASON_LENGTH}."})
    if not rechecking.has_password(user_id=actor.user_id):
        if proved_at is None or not proved_at <= now < proved_at + PROOF_SPAN:
            raise ProofNeeded
        return _start(actor, said, now, address)
    _require_calm(actor, now)
    # Hashing takes a while: outside the transaction.
    if not rechecking.is_password_of(user_id=actor.user_id, password=password):
        _record_refusal(actor, now, address)
        raise PowersWrongPassword(fields={"password": "Mật khẩu chưa đúng. Quyền quản trị chưa được bật."})
    return _start(actor, said, now, address)


_SHORTEST_REASON: Final = 10
_REFUSED: Final = "organization.powers.refused"
_WRONG_TRIES: Final = 5
_TRIES_SPAN: Final = timedelta(minutes=15)


def _require_calm(actor: Actor, now: datetime) -> None:
    """Whoever sits at a signed-in screen must not guess the password here."""
    wrong = audit_queries.entries_of_person(actor.person_id).filter(action=_REFUSED, at__gt=now - _TRIES_SPAN)
    if len(wrong[:_WRONG_TRIES]) == _WRONG_TRIES:
        raise PowersRefused


@transaction.atomic
def _record_refusal(actor: Actor, now: datetime, address: str) -> None:
    audit.record(
        actor=actor.ref, action=_REFUSED, object_kind="person", object_id=actor.person_id,
        now=now, address=address,
    )  # fmt: skip


@transaction.atomic
def _start(actor: Actor, reason: str, now: datetime, address: str) -> PowersSession:
    running = PowersSession.objects.select_for_update(no_key=True).filter(
        person_id=actor.person_id, ended_at__isnull=True, ends_at__gt=now
    )
    for session in running.order_by("pk"):
        _close(session, actor, now)
    made = PowersSession.objects.create(
        person_id=actor.person_id, reason=reason, started_at=now, ends_at=now + POWERS_SPAN
    )
    audit.record(
        actor=actor.ref, action="organization.powers.started", object_kind="powers", object_id=made.pk, now=now,
        address=address,
    )  # fmt: skip
    return made


@transaction.atomic
def end_powers(*, actor: Actor, now: datetime) -> None:
    """Switch the actor's special powers off; nothing happens where none are on."""
    session = (
        PowersSession.objects.select_for_update(no_key=True)
        .filter(pk=actor.powers_id or 0, person_id=actor.person_id, ended_at__isnull=True)
        .first()
    )
    if session is not None:
        _close(session, actor, now)


def _close(session: PowersSession, actor: Actor, now: datetime) -> None:
    session.ended_at = min(now, session.ends_at)
    session.save(update_fields=["ended_at"])
    audit.record(
        actor=actor.ref, action="organization.powers.ended", object_kind="powers", object_id=session.pk, now=now,
        detail={"uses": session.uses},
    )  # fmt: skip


@transaction.atomic
def use_powers(*, actor: Actor, for_what: str, now: datetime) -> None:
    """Note one use of the special powers beside what it was for (`web:audit`, an audit action). Raises PowersNeeded."""
    if not actor.has_powers:
        raise PowersNeeded
    PowersSession.objects.filter(pk=actor.powers_id or 0).update(uses=F("uses") + 1)
    audit.record(
        actor=actor.ref, action="organization.powers.used", object_kind="powers", object_id=actor.powers_id or 0,
        now=now, detail={"for": for_what},
    )  # fmt: skip


def spend_on_rights(*, actor: Actor, unit: Unit, for_what: str, now: datetime) -> None:
    """Require and note the special powers where only they let the actor change rights here. Raises PowersNeeded.

    Chánh văn phòng decides in the ordinary course of his post; nothing is noted then beside the change itself.
    """
    permissions.require_powers(actor, unit)
    if actor.has_powers:
        use_powers(actor=actor, for_what=for_what, now=now)
