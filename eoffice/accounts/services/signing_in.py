"""The first factor by e-mail and password: a password kept here, or one that a directory or mail server knows."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.contrib.auth.hashers import check_password, make_password, verify_password
from django.db import transaction

from eoffice.accounts import queries
from eoffice.accounts.doors import passwords as password_doors
from eoffice.accounts.doors.identity import DoorDown, Identity
from eoffice.accounts.errors import DoorUnreachable, SignInRefused
from eoffice.accounts.models import Door, EntryPolicy, KnownDevice, SignInAttempt, User
from eoffice.accounts.queries import Known
from eoffice.accounts.services import slowing
from eoffice.accounts.services.foreign_sign_in import account_of
from eoffice.accounts.services.passwords import keep_anew
from eoffice.accounts.services.slowing import Try
from eoffice.audit import services as audit
from eoffice.core.actor_ref import ActorRef
from eoffice.core.errors import Invalid
from eoffice.core.vietnamese import nfc

LOCAL: Final = "local"
DEVICE_NOTED_EVERY: Final = timedelta(days=1)
# Checked when the e-mail is unknown, so that the answer takes as long as for a known one.
_NOBODY: Final = make_password(secrets.token_hex(8))


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstFactor:
    """A right first factor: whose it is, the door's code (`local` for a password kept here), the device's cookie."""

    user: User
    door: str
    device_token: str
    policy: EntryPolicy


def sign_in(
    *, email: str, password: str, now: datetime, address: str = slowing.NO_ADDRESS, device_token: str = ""
) -> FirstFactor:
    """Check an e-mail and password: first the one kept here, then the directories and mail servers that are on.

    `device_token` is the cookie of an earlier sign-in: a device this account has used has a count of wrong tries of its
    own. Costs one password hash whoever asks, and once a second one where the password was hashed with older
    parameters. A refused try is committed before its error is raised. Raises SignInRefused, SlowedDown, AddressRefused,
    UnknownPerson, DoorUnreachable.
    """
    email = nfc(email).strip()
    address = address or slowing.NO_ADDRESS
    checked = _check_here(email=email, password=password, address=address, device_token=device_token, now=now)
    if checked.failure is None and checked.user is not None:
        return FirstFactor(
            user=checked.user, door=LOCAL, device_token=checked.device_token, policy=checked.known.policy
        )
    if checked.attempt_id is not None:
        outside = _check_outside(email, password)
        if outside.identity is not None and outside.door is not None:
            return _let_in(outside.door, outside.identity, checked, device_token=device_token, now=now)
        if outside.is_down:
            _take_back(checked.attempt_id)
            raise DoorUnreachable
    raise checked.failure or SignInRefused(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Checked:
    user: User | None
    failure: Invalid | None
    tried: Try
    known: Known
    attempt_id: int | None = None
    """The wrong try that was counted; None when it was refused before any check."""
    device_token: str = ""


@transaction.atomic
def _check_here(*, email: str, password: str, address: str, device_token: str, now: datetime) -> _Checked:
    known = queries.known_at_the_door(email=email, device_digest=_digest(device_token))
    user = known.user
    tried = Try(slowing.digest_of(email), address, known.device_id)
    try:
        left = slowing.require_calm(tried, now)
    except Invalid as failure:
        _record_refusal(user, now=now, address=address)
        return _Checked(user=user, failure=failure, tried=tried, known=known)
    if _is_right(known, password, now) and user is not None:
        if left < slowing.TRIES:
            slowing.forget_tries(tried)
        token = _remember_device(user, known, device_token, now)
        return _Checked(user=user, failure=None, tried=tried, known=known, device_token=token)
    attempt_id = slowing.count_wrong_try(tried, now)
    _record_refusal(user, now=now, address=address)
    return _Checked(user=user, failure=SignInRefused(left - 1), tried=tried, known=known, attempt_id=attempt_id)


def _is_right(known: Known, password: str, now: datetime) -> bool:
    user = known.user
    if user is None or not user.is_active:
        check_password(password, _NOBODY)
        return False
    # Asked in this order: the hash is worked out for everybody, whatever the policy says.
    is_right, is_outdated = verify_password(password, user.password)
    if not is_right or not (user.is_emergency or known.policy.local_passwords):
        return False
    return not is_outdated or keep_anew(actor=ActorRef(person_id=None), user=user, password=password, now=now)


@dataclass(frozen=True, slots=True)
class _Outside:
    door: Door | None = None
    identity: Identity | None = None
    is_down: bool = False


def _check_outside(email: str, password: str) -> _Outside:
    """Ask the directories and mail servers, outside any transaction; known and unknown e-mails alike."""
    is_down = False
    for door in queries.password_doors_for(email):
        try:
            identity = password_doors.check(door, email=email, password=password)
        except DoorDown:
            is_down = True
        else:
            if identity is not None:
                return _Outside(door, identity)
    return _Outside(is_down=is_down)


@transaction.atomic
def _let_in(door: Door, identity: Identity, checked: _Checked, *, device_token: str, now: datetime) -> FirstFactor:
    user = account_of(door=door, identity=identity, now=now)
    slowing.forget_tries(checked.tried)
    token = _remember_device(user, checked.known, device_token, now)
    return FirstFactor(user=user, door=door.code, device_token=token, policy=checked.known.policy)


def _take_back(attempt_id: int) -> None:
    """A server that did not answer has not said the password is wrong."""
    SignInAttempt.objects.filter(pk=attempt_id).delete()


def _remember_device(user: User, known: Known, token: str, now: datetime) -> str:
    """The cookie to set: the one that came when it is this account's, else a new device of it."""
    if known.device_id is not None and known.device_seen_at is not None:
        if now - known.device_seen_at > DEVICE_NOTED_EVERY:
            KnownDevice.objects.filter(pk=known.device_id).update(last_seen_at=now)
        return token
    # A device of several accounts keeps one cookie: each account knows it by a row of its own.
    token = token if 20 <= len(token) <= 100 else secrets.token_urlsafe(32)
    KnownDevice.objects.create(user=user, digest=_digest(token), first_seen_at=now, last_seen_at=now)
    return token


def _record_refusal(user: User | None, *, now: datetime, address: str) -> None:
    """The right password leaves its line when the session opens, after the second factor."""
    audit.record(
        actor=ActorRef(person_id=None),
        action="accounts.user.sign_in_refused",
        object_kind="user",
        object_id=user.pk if user else 0,
        now=now,
        address="" if address == slowing.NO_ADDRESS else address,
    )


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
