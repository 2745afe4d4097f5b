"""Personal tokens for programs."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from eoffice.accounts import password_events as events
from eoffice.accounts import permissions, queries
from eoffice.accounts.errors import TokenRefused, TokenScopeMissing
from eoffice.accounts.holders import Holder
from eoffice.accounts.models import PersonalToken, User
from eoffice.audit import services as audit
from eoffice.core import outbox
from eoffice.core.actor_ref import ActorRef
from eoffice.core.clock import local_date
from eoffice.core.errors import Invalid, NotFound
from eoffice.core.vietnamese import nfc, tidy

WARNED_BEFORE: Final = timedelta(days=7)
_WARNED_AT_ONCE: Final = 1000
_SHORTEST_REASON: Final = 10
TOKEN_SCOPES: Final = ("documents:read", "documents:write", "organization:read", "organization:write")


@transaction.atomic
def create_token(
    *, actor: ActorRef, user_id: int, name: str, scopes: list[str], expires_at: datetime, now: datetime
) -> str:
    """Make a personal token and return it; it is shown this once. Locks the account.

    Raises Invalid for unknown scopes, a life longer than the rules allow, or more tokens than they allow.
    """
    policy = queries.entry_policy()
    if not scopes or not set(scopes) <= set(TOKEN_SCOPES):
        raise Invalid(fields={"scopes": "Chọn ít nhất một phạm vi trong danh sách."})
    if not now < expires_at <= now + timedelta(days=policy.token_days):
        raise Invalid(fields={"expires_at": f"Hạn dùng phải sau hôm nay và không quá {policy.token_days} ngày."})
    # The account's row: two requests at once do not both find the last place free.
    User.objects.select_for_update(no_key=True).get(pk=user_id)
    if queries.working_tokens(now).filter(user_id=user_id).count() >= policy.tokens_each:
        raise Invalid(
            fields={
                "name": f"Mỗi người có tối đa {policy.tokens_each} khóa còn hạn. Thu hồi một khóa không dùng nữa trước."
            }
        )
    secret = "eo_" + secrets.token_urlsafe(32)
    token = PersonalToken.objects.create(
        user_id=user_id, name=nfc(name), digest=_digest(secret), scopes=scopes, expires_at=expires_at
    )
    audit.record(actor=actor, action="accounts.token.created", object_kind="token", object_id=token.pk, now=now)
    return secret


@transaction.atomic
def revoke_token(*, actor: ActorRef, user_id: int, token_id: int, now: datetime) -> None:
    """End one of the user's own tokens at once."""
    token = PersonalToken.objects.select_for_update(no_key=True).filter(pk=token_id, user_id=user_id).first()
    if token is None or token.revoked_at is not None:
        return
    token.revoked_at = now
    token.save(update_fields=["revoked_at"])
    audit.record(actor=actor, action="accounts.token.revoked", object_kind="token", object_id=token.pk, now=now)


@transaction.atomic
def revoke_tokens(*, actor: ActorRef, user_id: int, now: datetime) -> int:
    """End every token of an account at once, for somebody who leaves; how many were ended."""
    ended = PersonalToken.objects.filter(user_id=user_id, revoked_at__isnull=True).update(revoked_at=now)
    if ended:
        audit.record(
            actor=actor, action="accounts.tokens.revoked", object_kind="user", object_id=user_id, now=now,
            detail={"count": ended},
        )  # fmt: skip
    return ended


@transaction.atomic
def revoke_token_of_another(*, actor: Holder, token_id: int, reason: str, now: datetime) -> PersonalToken:
    """End somebody's token at once, for an administrator with a reason; the owner is told. Twice is no error.

    Raises AdministratorOfDoorsOnly, Invalid without a reason, NotFound.
    """
    permissions.require(permissions.can_set_up_doors(actor))
    said = tidy(reason)
    if len(said) < _SHORTEST_REASON:
        raise Invalid(fields={"reason": "Ghi lý do thu hồi, ít nhất 10 ký tự."})
    rows = PersonalToken.objects.select_for_update(no_key=True, of=("self",)).select_related("user")
    token = rows.filter(pk=token_id).first()
    if token is None:
        raise NotFound("Không có khóa truy cập này.")
    if token.revoked_at is None:
        token.revoked_at = now
        token.save(update_fields=["revoked_at"])
        audit.record(
            actor=actor.ref, action="accounts.token.revoked", object_kind="token", object_id=token.pk, now=now,
            detail={"reason": said[:200], "user": token.user_id},
        )  # fmt: skip
        outbox.publish(events.TokenRevoked(token.user_id, token.name), name=events.TOKEN_REVOKED, now=now)
    return token


@transaction.atomic
def warn_of_ending_tokens(*, now: datetime) -> int:
    """Tell owners of tokens that end within `WARNED_BEFORE`, once for each; how many. May run twice."""
    rows = PersonalToken.objects.select_for_update(no_key=True, skip_locked=True).filter(
        revoked_at=None, warned_at=None, expires_at__gt=now, expires_at__lte=now + WARNED_BEFORE, user__is_active=True
    )
    ending = list(rows.order_by("pk")[:_WARNED_AT_ONCE])
    for token in ending:
        ends_on = local_date(token.expires_at).isoformat()
        outbox.publish(events.TokenEnding(token.user_id, token.name, ends_on), name=events.TOKEN_ENDING, now=now)
    PersonalToken.objects.filter(pk__in=[token.pk for token in ending]).update(warned_at=now)
    return len(ending)


def user_of_token(*, secret: str, scope: str, now: datetime) -> User:
    """The account a token speaks for. Raises TokenRefused, TokenScopeMissing for a good token without `scope`."""
    token = PersonalToken.objects.select_related("user").filter(digest=_digest(secret)).first()
    if token is None or token.revoked_at is not None or token.expires_at <= now or not token.user.is_active:
        raise TokenRefused
    if scope not in token.scopes:
        raise TokenScopeMissing
    if token.last_used_at is None or now - token.last_used_at > timedelta(minutes=5):
        token.last_used_at = now
        token.save(update_fields=["last_used_at"])
    return token.user


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
