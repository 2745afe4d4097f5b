"""Accounts of many people at once, for lists and directories: a few statements, whatever the number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from django.contrib.auth.hashers import make_password
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection, transaction

from eoffice.accounts.models import OpenSession, PasswordLink, PersonalToken, SessionEnd, TrustedDevice, User
from eoffice.audit import services as audit
from eoffice.core.actor_ref import ActorRef

_BATCH: Final = 2000


@transaction.atomic
def create_accounts(
    *, actor: ActorRef, emails: Sequence[str], now: datetime, password_hash: str | None = None
) -> dict[str, int]:
    """Make accounts and return their ids by e-mail. `emails` are tidy, in small letters, and of nobody yet.

    Without `password_hash` (one for all: demo people only) no password opens them until an invitation or another door
    does. Raises IntegrityError when someone takes one of the e-mails meanwhile; then none is made.
    """
    if not emails:
        return {}
    users = [User(email=email, password=password_hash or make_password(None)) for email in emails]
    made = User.objects.bulk_create(users, batch_size=_BATCH)
    _record(actor, "accounts.users.created", len(made), now)
    return {user.email: user.pk for user in made}


@transaction.atomic
def change_emails(*, actor: ActorRef, emails: Mapping[int, str], now: datetime) -> None:
    """Give accounts (by id) other e-mails. Raises IntegrityError when one is taken."""
    if not emails:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE accounts_user u SET email = t.email"
            " FROM unnest(%s::bigint[], %s::text[]) AS t (id, email) WHERE u.id = t.id",
            [list(emails), list(emails.values())],
        )
    _record(actor, "accounts.users.emails_changed", len(emails), now)


@transaction.atomic
def open_accounts(*, actor: ActorRef, user_ids: Sequence[int], now: datetime) -> None:
    """Let accounts sign in again."""
    changed = User.objects.filter(pk__in=user_ids, is_active=False).update(is_active=True)
    _record(actor, "accounts.users.opened", changed, now)


@transaction.atomic
def close_accounts(*, actor: ActorRef, user_ids: Sequence[int], now: datetime) -> None:
    """Turn accounts off at once: their sessions, tokens, trusted devices and links end, and stay so if they reopen."""
    changed = User.objects.filter(pk__in=user_ids, is_active=True).update(is_active=False)
    sessions = OpenSession.objects.filter(user_id__in=user_ids, ended_at=None)
    SessionStore.get_model_class().objects.filter(session_key__in=sessions.values("session_key")).delete()
    sessions.update(ended_at=now, ended_because=SessionEnd.CLOSED)
    PersonalToken.objects.filter(user_id__in=user_ids, revoked_at=None).update(revoked_at=now)
    TrustedDevice.objects.filter(user_id__in=user_ids, revoked_at=None).update(revoked_at=now)
    PasswordLink.objects.filter(user_id__in=user_ids, used_at=None, voided_at=None).update(voided_at=now)
    _record(actor, "accounts.users.closed", changed, now)


def _record(actor: ActorRef, action: str, count: int, now: datetime) -> None:
    if count:
        audit.record(actor=actor, action=action, object_kind="user", object_id=0, now=now, detail={"count": count})
