"""Trusted devices: a browser that is not asked again for some days."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from django.core import signing
from django.db import transaction

from eoffice.accounts.models import TrustedDevice
from eoffice.accounts.services.second_factor_policy import current_policy
from eoffice.audit import services as audit
from eoffice.core.actor_ref import ActorRef

COOKIE: Final = "eo_trusted"
_SALT: Final = "accounts.trusted_device"
MOST_IN_A_COOKIE: Final = 5
"""Accounts that may trust one shared browser."""


@transaction.atomic
def trust_device(
    *, actor: ActorRef, user_id: int, agent: str, address: str, cookies: Mapping[str, str], now: datetime
) -> tuple[str, int]:
    """Trust this browser and return the cookie's value and its age in seconds; ("", 0) where the rules forbid it."""
    days = current_policy().trusted_days
    if days == 0:
        return "", 0
    token = secrets.token_urlsafe(32)
    device = TrustedDevice.objects.create(
        user_id=user_id,
        digest=_digest(token),
        agent=agent[:300],
        address=address or None,
        trusted_at=now,
        expires_at=now + timedelta(days=days),
    )
    audit.record(
        actor=actor,
        action="accounts.second_factor.device_trusted",
        object_kind="user",
        object_id=user_id,
        now=now,
        detail={"device": device.pk, "days": days},
        address=address,
    )
    tokens = [*tokens_in(cookies), token][-MOST_IN_A_COOKIE:]
    return signing.dumps(tokens, salt=_SALT), days * 24 * 3600


def is_trusted(*, user_id: int, cookies: Mapping[str, str], now: datetime) -> bool:
    """Whether this browser is trusted for this account now; costs one query, none without a cookie."""
    tokens = tokens_in(cookies)
    if not tokens:
        return False
    return TrustedDevice.objects.filter(
        user_id=user_id, digest__in=[_digest(token) for token in tokens], revoked_at__isnull=True, expires_at__gt=now
    ).exists()


@transaction.atomic
def revoke_trusted_devices(*, actor: ActorRef, user_id: int, now: datetime, device_id: int | None = None) -> int:
    """End the trust in one of the account's devices, or in all; return how many were ended."""
    rows = TrustedDevice.objects.filter(user_id=user_id, revoked_at__isnull=True, expires_at__gt=now)
    if device_id is not None:
        rows = rows.filter(pk=device_id)
    ended = rows.update(revoked_at=now)
    if ended:
        audit.record(
            actor=actor,
            action="accounts.second_factor.device_revoked",
            object_kind="user",
            object_id=user_id,
            now=now,
            detail={"count": ended},
        )
    return ended


def tokens_in(cookies: Mapping[str, str]) -> list[str]:
    """The tokens of a cookie that we have signed; none of one that we have not."""
    try:
        tokens = signing.loads(cookies.get(COOKIE, ""), salt=_SALT)
    except signing.BadSignature:
        return []
    return [str(token) for token in tokens][:MOST_IN_A_COOKIE]


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
