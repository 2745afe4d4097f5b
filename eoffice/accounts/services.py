"""Commands on accounts: making them, signing in, changing passwords, tokens."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Final

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from eoffice.accounts.errors import AccountLocked, AddressRefused, SignInRefused, TokenRefused
from eoffice.accounts.models import PersonalToken, SignInAttempt, User
from eoffice.audit import services as audit
from eoffice.core.actor_ref import ActorRef
from eoffice.core.errors import Invalid
from eoffice.core.vietnamese import nfc

TRIES_BEFORE_LOCK: Final = 5
LOCK_SPAN: Final = timedelta(minutes=15)
TRIES_OF_AN_ADDRESS: Final = 40
ADDRESS_SPAN: Final = timedelta(minutes=10)
TOKEN_SCOPES: Final = ("documents:read", "documents:write", "organization:read")
# Checked when the e-mail is unknown, so that the answer takes as long as for a known one.
_NOBODY: Final = make_password(secrets.token_hex(8))


@transaction.atomic
def create_user(*, actor: ActorRef, email: str, password: str | None, now: datetime) -> User:
    """Make an account. `password` None makes one that only another door can open.

    Raises Invalid for a taken e-mail or a weak password.
    """
    email = nfc(email).strip()
    if User.objects.filter(email__iexact=email).exists():
        raise Invalid(f"Đã có tài khoản {email}.", fields={"email": "E-mail này đã có tài khoản."})
    if password is not None:
        require_good_password(password)
    user = User(email=email, password=make_password(password))
    user.save(force_insert=True)
    audit.record(actor=actor, action="accounts.user.created", object_kind="user", object_id=user.pk, now=now)
    return user


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


@transaction.atomic
def change_password(*, actor: ActorRef, user_id: int, old: str, new: str, now: datetime) -> User:
    """Replace one's own password after checking the old one. Raises Invalid."""
    user = User.objects.select_for_update(no_key=True).get(pk=user_id)
    if not check_password(old, user.password):
        raise Invalid(fields={"old": "Mật khẩu hiện tại chưa đúng."})
    require_good_password(new)
    user.password = make_password(new)
    user.save(update_fields=["password"])
    audit.record(actor=actor, action="accounts.user.password_changed", object_kind="user", object_id=user.pk, now=now)
    return user


def require_good_password(password: str) -> None:
    """Raise Invalid unless the password is long enough and not a common one."""
    try:
        validate_password(password)
    except ValidationError as error:
        raise Invalid(fields={"new": "Mật khẩu cần từ 10 ký tự trở lên và không phải mật khẩu phổ biến."}) from error


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
