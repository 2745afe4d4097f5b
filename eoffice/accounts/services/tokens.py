"""Personal tokens for programs."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from eoffice.accounts.errors import TokenRefused
from eoffice.accounts.models import PersonalToken, User
from eoffice.audit import services as audit
from eoffice.core.actor_ref import ActorRef
from eoffice.core.errors import Invalid
from eoffice.core.vietnamese import nfc

TOKEN_SCOPES: Final = ("documents:read", "documents:write", "organization:read")


@transaction.atomic
def create_token(
    *, actor: ActorRef, user_id: int, name: str, scopes: list[str], expires_at: datetime, now: datetime
) -> str:
    """Make a personal token and return it; it is shown this once. Raises Invalid for unknown scopes."""
    if not scopes or not set(scopes) <= set(TOKEN_SCOPES):
        raise Invalid(fields={"scopes": "Chọn ít nhất một phạm vi trong danh sách."})
    if not now < expires_at <= now + timedelta(days=366):
        raise Invalid(fields={"expires_at": "Hạn dùng phải sau hôm nay và không quá một năm."})
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


def user_of_token(*, secret: str, scope: str, now: datetime) -> User:
    """The account a token speaks for. Raises TokenRefused."""
    token = PersonalToken.objects.select_related("user").filter(digest=_digest(secret)).first()
    if token is None or token.revoked_at is not None or token.expires_at <= now or scope not in token.scopes:
        raise TokenRefused
    if not token.user.is_active:
        raise TokenRefused
    if token.last_used_at is None or now - token.last_used_at > timedelta(minutes=5):
        token.last_used_at = now
        token.save(update_fields=["last_used_at"])
    return token.user


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
