"""The way to a provider and back: begun by one browser, answered once, taken once by that same browser."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Final

from django.db import transaction

from eoffice.accounts.doors.identity import Identity
from eoffice.accounts.errors import ForeignRefused
from eoffice.accounts.models import Door, Handshake, SeenMessage
from eoffice.audit import services as audit
from eoffice.core.actor_ref import ActorRef

SPAN: Final = timedelta(minutes=15)
"""A person may need this long at the provider: password, code, a forgotten phone."""
TICKET_SPAN: Final = timedelta(minutes=2)
KEPT_FOR: Final = timedelta(days=1)


def begin_handshake(
    *, door: Door, browser: str, onward: str, now: datetime, state: str = "", proves_user_id: int | None = None
) -> Handshake:
    """Write down that a browser goes to a provider. `state` is the ID of a SAML request; else one is drawn.

    `proves_user_id`: the signed-in account proves itself again; the answer opens no session.
    """
    return Handshake.objects.create(
        door=door,
        state=state or secrets.token_urlsafe(32),
        browser_digest=_digest(browser),
        nonce=secrets.token_urlsafe(32),
        verifier=secrets.token_urlsafe(64),
        onward=onward[:2000],
        proves_user_id=proves_user_id,
        began_at=now,
    )


@transaction.atomic
def use_handshake(*, door: Door, state: str, browser: str | None, now: datetime) -> Handshake:
    """Use up the handshake an answer belongs to, before anything is asked with it. Raises ForeignRefused.

    `browser` None leaves the browser to `take_answer`: a cross-site POST carries no cookie of ours.
    """
    row = Handshake.objects.select_for_update(no_key=True).filter(door=door, state=state).first()
    if row is None or row.used_at is not None or not row.began_at <= now < row.began_at + SPAN:
        raise ForeignRefused(why="state")
    if browser is not None and not secrets.compare_digest(row.browser_digest, _digest(browser)):
        raise ForeignRefused(why="another browser began this")
    row.used_at = now
    row.save(update_fields=["used_at"])
    return row


def open_handshake_id(*, door: Door, state: str, now: datetime) -> int:
    """The handshake an answer says it belongs to, still open; looked at before its signature is worked out.

    Raises ForeignRefused.
    """
    row = Handshake.objects.filter(door=door, state=state, used_at=None, began_at__gt=now - SPAN).first()
    if row is None:
        raise ForeignRefused(why="state")
    return row.pk


@transaction.atomic
def keep_answer(*, handshake_id: int, identity: Identity, now: datetime) -> str:
    """Keep a checked answer for the browser that began; the ticket it fetches its session with."""
    ticket = secrets.token_urlsafe(32)
    row = Handshake.objects.select_for_update(no_key=True).get(pk=handshake_id)
    row.ticket_digest, row.answer, row.used_at = _digest(ticket), asdict(identity), now
    row.save(update_fields=["ticket_digest", "answer", "used_at"])
    return ticket


@transaction.atomic
def take_answer(*, door: Door, ticket: str, browser: str, now: datetime) -> tuple[Handshake, Identity]:
    """Give the kept answer, once, to the browser that began. Raises ForeignRefused."""
    row = Handshake.objects.select_for_update(no_key=True).filter(door=door, ticket_digest=_digest(ticket)).first()
    if row is None or row.taken_at is not None or row.answer is None or row.used_at is None:
        raise ForeignRefused(why="ticket")
    if now >= row.used_at + TICKET_SPAN or not secrets.compare_digest(row.browser_digest, _digest(browser)):
        raise ForeignRefused(why="ticket of another browser, or too late")
    identity = Identity(**row.answer)
    row.taken_at, row.answer = now, None
    row.save(update_fields=["taken_at", "answer"])
    return row, identity


def see_message(*, door: Door, name: str, until_s: float) -> None:
    """Let a provider's message count once. Raises ForeignRefused when it was seen before."""
    _, is_new = SeenMessage.objects.get_or_create(
        digest=_digest(f"{door.pk} {name}"), defaults={"until": datetime.fromtimestamp(until_s, UTC)}
    )
    if not is_new:
        raise ForeignRefused(why="replayed")


@transaction.atomic
def note_refusal(*, door: Door, why: str, address: str, now: datetime) -> None:
    """Write in the audit trail that an answer of a provider was not accepted, and why."""
    audit.record(
        actor=ActorRef(person_id=None),
        action="accounts.user.sign_in_refused",
        object_kind="user",
        object_id=0,
        now=now,
        detail={"door": door.code, "why": why[:200]},
        address=address,
    )


def forget_old_handshakes(*, now: datetime) -> int:
    """Delete handshakes of yesterday and messages that are void by themselves; how many."""
    handshakes, _ = Handshake.objects.filter(began_at__lt=now - KEPT_FOR).delete()
    messages, _ = SeenMessage.objects.filter(until__lt=now).delete()
    return handshakes + messages


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
