"""Open sessions: written at sign-in, seen while used, ended one by one or all at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.contrib.sessions.backends.db import SessionStore
from django.db import transaction

from eoffice.accounts import queries
from eoffice.accounts.holders import Holder
from eoffice.accounts.models import Door, OpenSession, SessionEnd
from eoffice.accounts.models.sessions import EntryPolicy
from eoffice.audit import services as audit
from eoffice.core.actor_ref import ActorRef
from eoffice.core.errors import NotFound

SPECIAL_ROLES: Final = frozenset({"administrator", "auditor"})
KEPT_FOR: Final = timedelta(days=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A browser that comes in: where from, with which program, by which door and which session of its provider."""

    session_key: str
    address: str
    agent: str
    door_code: str
    provider_session: str = ""
    provider_subject: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a session lasts: without being used, and at all; in seconds."""

    idle_s: int
    absolute_s: int


@transaction.atomic
def open_session(
    *,
    actor: ActorRef,
    user_id: int,
    arrival: Arrival,
    holder: Holder,
    now: datetime,
    policy: EntryPolicy | None = None,
) -> Limits:
    """Write a session that has just been opened and return its limits. `policy` is read anew when it is not given."""
    limits = limits_for(policy or queries.entry_policy(), holder)
    OpenSession.objects.create(
        user_id=user_id,
        session_key=arrival.session_key,
        door_code=arrival.door_code,
        door_id=_door_id(arrival.door_code) if arrival.provider_subject else None,
        provider_session=arrival.provider_session,
        provider_subject=arrival.provider_subject,
        address=arrival.address or None,
        agent=arrival.agent[:300],
        started_at=now,
        seen_at=now,
    )
    audit.record(
        actor=actor,
        action="accounts.user.signed_in",
        object_kind="user",
        object_id=user_id,
        now=now,
        detail={"door": arrival.door_code},
        address=arrival.address,
    )
    return limits


def limits_for(policy: EntryPolicy, holder: Holder) -> Limits:
    """The limits of one person: administrators and auditors have the shorter wait."""
    is_special = not SPECIAL_ROLES.isdisjoint(holder.roles)
    idle = min(policy.idle_minutes, policy.special_idle_minutes) if is_special else policy.idle_minutes
    return Limits(idle * 60, policy.absolute_hours * 3600)


def see_session(*, session_key: str, address: str, now: datetime) -> None:
    """Note that a session is in use; called at most once a minute for each."""
    OpenSession.objects.filter(session_key=session_key, ended_at=None).update(seen_at=now, address=address or None)


def follow_key(*, old_key: str, new_key: str) -> None:
    """The session goes on under a new key (its password was changed here)."""
    OpenSession.objects.filter(session_key=old_key).update(session_key=new_key)


@transaction.atomic
def end_session(*, actor: ActorRef, session_key: str, because: SessionEnd, now: datetime) -> None:
    """End one session by its key; nothing happens when it has ended already."""
    row = OpenSession.objects.select_for_update(no_key=True).filter(session_key=session_key, ended_at=None).first()
    if row is not None:
        _end(actor, [row], because, now)


@transaction.atomic
def end_own_session(*, actor: ActorRef, user_id: int, session_id: int, now: datetime) -> None:
    """Sign out one of one's own devices. Raises NotFound for anybody else's."""
    rows = OpenSession.objects.select_for_update(no_key=True).filter(pk=session_id, user_id=user_id, ended_at=None)
    row = rows.first()
    if row is None:
        raise NotFound("Thiết bị này đã đăng xuất.")
    _end(actor, [row], SessionEnd.ELSEWHERE, now)


@transaction.atomic
def end_sessions(*, actor: ActorRef, user_id: int, because: SessionEnd, now: datetime, except_key: str = "") -> int:
    """End every session of an account at once, except the one with `except_key`; how many ended."""
    rows = OpenSession.objects.select_for_update(no_key=True).filter(user_id=user_id, ended_at=None).order_by("pk")
    ended = list(rows.exclude(session_key=except_key))
    _end(actor, ended, because, now)
    return len(ended)


@transaction.atomic
def end_sessions_at_provider(
    *, actor: ActorRef, door: Door, provider_session: str, provider_subject: str, now: datetime
) -> int:
    """End what a provider's sign-out names: its session where it says one, else every session of its subject."""
    rows = OpenSession.objects.select_for_update(no_key=True).filter(door=door, ended_at=None).order_by("pk")
    named = {"provider_session": provider_session} if provider_session else {"provider_subject": provider_subject}
    ended = list(rows.filter(**named))
    _end(actor, ended, SessionEnd.PROVIDER, now)
    return len(ended)


def forget_old_sessions(*, now: datetime) -> int:
    """Delete the rows of sessions that ended, or were last seen, more than ninety days ago; how many."""
    deleted, _ = OpenSession.objects.filter(seen_at__lt=now - KEPT_FOR).delete()
    return deleted


def _end(actor: ActorRef, rows: Iterable[OpenSession], because: SessionEnd, now: datetime) -> None:
    rows = list(rows)
    sessions = SessionStore()
    for row in rows:
        sessions.delete(row.session_key)
    OpenSession.objects.filter(pk__in=[row.pk for row in rows]).update(ended_at=now, ended_because=because)
    for row in rows:
        audit.record(
            actor=actor,
            action="accounts.session.ended",
            object_kind="user",
            object_id=row.user_id,
            now=now,
            detail={"because": str(because)},
        )


def _door_id(code: str) -> int | None:
    return Door.objects.filter(code=code).values_list("pk", flat=True).first()
