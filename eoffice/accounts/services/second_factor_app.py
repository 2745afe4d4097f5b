"""The authenticator app (TOTP): enrolling with a picture, using a code once.

Source: RFC 6238 (30 s, six digits, SHA-1, as the common apps expect); a used time step never counts again (5.2).
"""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import quote

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.db import transaction
from django.utils.crypto import constant_time_compare

from eoffice.accounts.models import AuthenticatorApp, User
from eoffice.accounts.second_factor_errors import AppInUse, CodeRefused
from eoffice.accounts.services.second_factor_codes import digits_of
from eoffice.accounts.services.second_factor_slowing import count_wrong_code, forget_wrong_codes, require_calm_codes
from eoffice.audit import services as audit
from eoffice.core import secret_text
from eoffice.core.actor_ref import ActorRef

STEP_S: Final = 30
DRIFT_STEPS: Final = 1
"""A phone's clock may be half a minute off."""
_DIGITS: Final = 6
_KEY_BYTES: Final = 20
_CONTEXT: Final = "accounts_authenticator_app.secret"


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What the page shows once: `secret` to type in (groups of four), `uri` for the picture."""

    secret: str
    uri: str


@transaction.atomic
def begin_app(*, actor: ActorRef, user_id: int, issuer: str, now: datetime) -> Enrolment:
    """Make a key for an app and keep it until a code confirms it. Raises AppInUse.

    Begun again within half an hour, the same key is shown: a reloaded page does not spoil what was scanned.
    """
    user = User.objects.select_for_update(no_key=True).get(pk=user_id)
    row = AuthenticatorApp.objects.filter(user=user).first()
    if row is not None and row.confirmed_at is not None:
        raise AppInUse
    if row is not None and (now - row.begun_at).total_seconds() < 60 * STEP_S:
        key = _key_of(row)
    else:
        key = secrets.token_bytes(_KEY_BYTES)
        AuthenticatorApp.objects.update_or_create(
            user=user, defaults={"secret": secret_text.encrypt(key.hex(), context=_CONTEXT), "begun_at": now}
        )
        audit.record(
            actor=actor, action="accounts.second_factor.app_begun", object_kind="user", object_id=user.pk, now=now
        )
    return _enrolment(user, key, issuer)


def open_enrolment(*, user: User, issuer: str) -> Enrolment | None:
    """The key that waits for its first code, to be shown again; None where none was begun."""
    row = AuthenticatorApp.objects.filter(user=user, confirmed_at__isnull=True).first()
    return _enrolment(user, _key_of(row), issuer) if row is not None else None


def _enrolment(user: User, key: bytes, issuer: str) -> Enrolment:
    text = base64.b32encode(key).decode()
    label = quote(f"{issuer}:{user.email}")
    uri = f"otpauth://totp/{label}?secret={text}&issuer={quote(issuer)}&algorithm=SHA1&digits={_DIGITS}&period={STEP_S}"
    return Enrolment(" ".join(text[at : at + 4] for at in range(0, len(text), 4)), uri)


def confirm_app(*, actor: ActorRef, user_id: int, code: str, now: datetime, address: str = "") -> AuthenticatorApp:
    """Put the app into use after one right code. Raises CodeRefused, GuessingSlowed."""
    row = _use(user_id, code, now, address, confirming=actor)
    return row


def use_app_code(*, user_id: int, code: str, now: datetime, address: str = "") -> AuthenticatorApp:
    """Use up a code of the app in use: its time step, and those before it, count no more.

    Raises CodeRefused, GuessingSlowed.
    """
    return _use(user_id, code, now, address, confirming=None)


def _use(user_id: int, code: str, now: datetime, address: str, *, confirming: ActorRef | None) -> AuthenticatorApp:
    with transaction.atomic():
        require_calm_codes(user_id=user_id, address=address, now=now)
        row = AuthenticatorApp.objects.select_for_update(no_key=True).filter(user_id=user_id).first()
        is_asked_one = row is not None and (row.confirmed_at is None) == (confirming is not None)
        step = _step_of(row, digits_of(code), now) if row is not None and is_asked_one else None
        if row is None or step is None:
            count_wrong_code(user_id=user_id, address=address, now=now)
        else:
            row.last_step = step
            row.last_used_at = now
            row.confirmed_at = row.confirmed_at or now
            row.save(update_fields=["last_step", "last_used_at", "confirmed_at"])
            forget_wrong_codes(user_id=user_id, address=address)
            if confirming is not None:
                audit.record(
                    actor=confirming,
                    action="accounts.second_factor.app_added",
                    object_kind="user",
                    object_id=user_id,
                    now=now,
                )
    if row is None or step is None:
        raise CodeRefused
    return row


def _step_of(row: AuthenticatorApp, code: str, now: datetime) -> int | None:
    """The time step whose code this is, newer than any used; every candidate is compared in constant time."""
    totp = TOTP(_key_of(row), _DIGITS, SHA1(), STEP_S, enforce_key_length=False)  # noqa: S303 - RFC 6238
    present = int(now.timestamp()) // STEP_S
    right = [
        step
        for step in range(present - DRIFT_STEPS, present + DRIFT_STEPS + 1)
        if constant_time_compare(totp.generate(step * STEP_S).decode(), code) and step > row.last_step
    ]
    return right[0] if right else None


def _key_of(row: AuthenticatorApp) -> bytes:
    return bytes.fromhex(secret_text.decrypt(row.secret, context=_CONTEXT))
