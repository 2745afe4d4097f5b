"""Removing one's own factors, and an administrator's reset of somebody else's."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from eoffice.accounts import second_factor_events as events
from eoffice.accounts.holders import Holder
from eoffice.accounts.models import AuthenticatorApp, Passkey, PasskeyChallenge, RecoveryCode, TrustedDevice, User
from eoffice.accounts.services.second_factor_phones import require_reason
from eoffice.accounts.services.second_factor_policy import require_administrator
from eoffice.audit import services as audit
from eoffice.core import outbox
from eoffice.core.errors import NotFound


@transaction.atomic
def remove_app(*, actor: Holder, user_id: int, now: datetime) -> None:
    """Remove one's own authenticator app; where nothing else proves the person, codes by SMS do."""
    User.objects.select_for_update(no_key=True).get(pk=user_id)
    removed, _ = AuthenticatorApp.objects.filter(user_id=user_id).delete()
    if removed:
        _record(actor, user_id, "app_removed", now)


@transaction.atomic
def remove_passkey(*, actor: Holder, user_id: int, passkey_id: int, now: datetime) -> None:
    """Remove one of one's own passkeys."""
    User.objects.select_for_update(no_key=True).get(pk=user_id)
    removed, _ = Passkey.objects.filter(user_id=user_id, pk=passkey_id).delete()
    if removed:
        _record(actor, user_id, "passkey_removed", now)


@transaction.atomic
def reset_factors(*, actor: Holder, user_id: int, reason: str, now: datetime) -> None:
    """Remove every factor of a person identified otherwise; the phone stays. The administrator's; the person is told.

    Raises AdministratorOfFactorsOnly, Invalid without a reason, NotFound.
    """
    require_administrator(actor)
    reason = require_reason(reason)
    user = User.objects.select_for_update(no_key=True).filter(pk=user_id).first()
    if user is None:
        raise NotFound
    for model in (AuthenticatorApp, Passkey, PasskeyChallenge, RecoveryCode):
        model.objects.filter(user=user).delete()
    TrustedDevice.objects.filter(user=user, revoked_at__isnull=True).update(revoked_at=now)
    _record(actor, user_id, "reset", now, by="administrator", reason=reason)


def _record(actor: Holder, user_id: int, what: str, now: datetime, *, by: str = "owner", reason: str = "") -> None:
    audit.record(
        actor=actor.ref,
        action=f"accounts.second_factor.{what}",
        object_kind="user",
        object_id=user_id,
        now=now,
        detail={"reason": reason} if reason else None,
    )
    outbox.publish(events.FactorsChanged(user_id, what, by), name=events.FACTORS_CHANGED, now=now)
