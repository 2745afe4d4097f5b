"""Signing in with e-mail and password, slowed down after wrong tries."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Final

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction

from eoffice.accounts.errors import AccountLocked, AddressRefused, SignInRefused
from eoffice.accounts.models import SignInAttempt, User
from eoffice.audit import services as audit
from eoffice.core.actor_ref import ActorRef
from eoffice.core.vietnamese import nfc

TRIES_BEFORE_LOCK: Final = 5


LOCK_SPAN: Final = timedelta(minutes=15)


TRIES_OF_AN_ADDRESS: Final = 40


ADDRESS_SPAN: Final = timedelta(minutes=10)


# Checked when the e-mail is unknown, so that the answer takes as long as for a known one.
_NOBODY: Final = make_password(secrets.token_hex(8))


def sign_in(*, email: str, password: str, now: datetime, address: str = "") -> User:
    """Check an e-mail and password and return the account.

    Five wrong tries lock the account for fifteen minutes. Raises SignInRefused, AccountLocked,
    AddressRefused. The failure is raised after its count is committed, so a refused try is never rolled back.
    """
    _require_calm_address(address, now)
    with transaction.atomic():
        user = User.objects.select_for_update(no_key=True).filter(email__iexact=nfc(email).strip()).first()
        if user is not None and user.is_locked(now):
            failure: SignInRefused | AccountLocked | None = AccountLocked()
        elif user is not None and user.is_active and check_password(password, user.password):
            failure = None
            user.failed_attempts = 0
            user.locked_until = None
            user.last_login = now
            user.save(update_fields=["failed_attempts", "locked_until", "last_login"])
        else:
            failure = _count_failure(user, password, now)
            if address:
                SignInAttempt.objects.create(address=address, at=now)
        audit.record(
            actor=ActorRef(person_id=None),
            action="accounts.user.sign_in_refused" if failure else "accounts.user.signed_in",
            object_kind="user",
            object_id=user.pk if user else 0,
            now=now,
            address=address,
        )
    if failure is not None:
        raise failure
    if user is None:  # pragma: no cover - failure is set whenever there is no user
        raise SignInRefused(0)
    return user


def _require_calm_address(address: str, now: datetime) -> None:
    tries = SignInAttempt.objects.filter(address=address, at__gt=now - ADDRESS_SPAN).count() if address else 0
    if tries >= TRIES_OF_AN_ADDRESS:
        raise AddressRefused


def _count_failure(user: User | None, password: str, now: datetime) -> SignInRefused | AccountLocked:
    if user is None:
        check_password(password, _NOBODY)
        return SignInRefused(TRIES_BEFORE_LOCK - 1)
    user.failed_attempts += 1
    if user.failed_attempts >= TRIES_BEFORE_LOCK:
        user.failed_attempts = 0
        user.locked_until = now + LOCK_SPAN
    user.save(update_fields=["failed_attempts", "locked_until"])
    if user.locked_until is not None and user.locked_until > now:
        return AccountLocked()
    return SignInRefused(TRIES_BEFORE_LOCK - user.failed_attempts)
