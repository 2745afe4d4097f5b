"""Making, closing and opening accounts."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.db import transaction

from eoffice.accounts.models import SessionEnd, User
from eoffice.accounts.services.passwords import require_good_password, void_links
from eoffice.accounts.services.second_factor_devices import revoke_trusted_devices
from eoffice.accounts.services.sessions import end_sessions
from eoffice.accounts.services.tokens import revoke_tokens
from eoffice.audit import services as audit
from eoffice.core.actor_ref import ActorRef
from eoffice.core.errors import Invalid
from eoffice.core.vietnamese import nfc


@transaction.atomic
def create_user(
    *, actor: ActorRef, email: str, password: str | None, now: datetime, password_hash: str | None = None
) -> User:
    """Make an account. `password` None makes one that only another door can open.

    `password_hash`, one for all, spares the hundreds of people of a demo a slow hash each. Raises Invalid for a taken
    e-mail or a weak password.
    """
    email = nfc(email).strip()
    if User.objects.filter(email__iexact=email).exists():
        raise Invalid(f"Đã có tài khoản {email}.", fields={"email": "E-mail này đã có tài khoản."})
    if password is not None:
        require_good_password(password)
    user = User(email=email, password=password_hash or make_password(password))
    user.save(force_insert=True)
    audit.record(actor=actor, action="accounts.user.created", object_kind="user", object_id=user.pk, now=now)
    return user


@transaction.atomic
def close_account(*, actor: ActorRef, user_id: int, reason: str, now: datetime) -> User:
    """Close an account at once: no door lets it in, every session, token, trusted device and link ends.

    Doing it twice is no error. Opened again, the account has its password and nothing of the rest.
    """
    user = User.objects.select_for_update(no_key=True).get(pk=user_id)
    if user.is_active:
        user.is_active = False
        user.save(update_fields=["is_active"])
        audit.record(
            actor=actor, action="accounts.user.closed", object_kind="user", object_id=user.pk, now=now,
            detail={"reason": reason[:200]},
        )  # fmt: skip
    end_sessions(actor=actor, user_id=user.pk, because=SessionEnd.CLOSED, now=now)
    revoke_tokens(actor=actor, user_id=user.pk, now=now)
    revoke_trusted_devices(actor=actor, user_id=user.pk, now=now)
    void_links(user_id=user.pk, now=now)
    return user


@transaction.atomic
def open_account(*, actor: ActorRef, user_id: int, now: datetime) -> User:
    """Open a closed account again; its password and its identities at the doors are as they were."""
    user = User.objects.select_for_update(no_key=True).get(pk=user_id)
    if not user.is_active:
        user.is_active = True
        user.save(update_fields=["is_active"])
        audit.record(actor=actor, action="accounts.user.opened", object_kind="user", object_id=user.pk, now=now)
    return user


@transaction.atomic
def set_emergency(*, actor: ActorRef, user_id: int, is_emergency: bool, now: datetime) -> User:
    """Let an account in with its own password whatever the doors say, or stop that. Raises Invalid."""
    user = User.objects.select_for_update(no_key=True).get(pk=user_id)
    if is_emergency and not user.has_usable_password():
        raise Invalid("Tài khoản này chưa có mật khẩu riêng nên chưa thể là tài khoản khẩn cấp.")
    user.is_emergency = is_emergency
    user.save(update_fields=["is_emergency"])
    audit.record(
        actor=actor, action="accounts.user.emergency_set", object_kind="user", object_id=user.pk, now=now,
        detail={"emergency": is_emergency},
    )  # fmt: skip
    return user
