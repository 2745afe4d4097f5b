"""Passwords: what is good enough, and changing one's own."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from eoffice.accounts import password_events
from eoffice.accounts.models import PasswordLink, SessionEnd, User
from eoffice.accounts.services.sessions import end_sessions
from eoffice.audit import services as audit
from eoffice.core import outbox
from eoffice.core.actor_ref import ActorRef
from eoffice.core.errors import Invalid


@transaction.atomic
def change_password(*, actor: ActorRef, user_id: int, old: str, new: str, now: datetime, session_key: str = "") -> User:
    """Replace one's own password after checking the old one; every session but `session_key` ends. Raises Invalid."""
    user = User.objects.select_for_update(no_key=True).get(pk=user_id)
    if not check_password(old, user.password):
        raise Invalid(fields={"old": "Mật khẩu hiện tại chưa đúng."})
    require_good_password(new)
    user.password = make_password(new)
    user.save(update_fields=["password"])
    audit.record(actor=actor, action="accounts.user.password_changed", object_kind="user", object_id=user.pk, now=now)
    end_sessions(actor=actor, user_id=user.pk, because=SessionEnd.PASSWORD, now=now, except_key=session_key)
    void_links(user_id=user.pk, now=now)
    outbox.publish(password_events.PasswordChanged(user.pk, "owner"), name=password_events.PASSWORD_CHANGED, now=now)
    return user


def keep_anew(*, actor: ActorRef, user: User, password: str, now: datetime) -> bool:
    """Hash a password just found right with the parameters of today; called in the transaction of the sign-in.

    Open sessions are bound to the hash, so those of other devices end and are written down as ended. False when the
    password was changed meanwhile and this one is right no more.
    """
    fresh = make_password(password)
    # Two sign-ins at once: the first to come keeps its hash, the other's session is bound to that one too.
    if not User.objects.filter(pk=user.pk, password=user.password).update(password=fresh):
        user.refresh_from_db(fields=["password"])
        return check_password(password, user.password)
    user.password = fresh
    end_sessions(actor=actor, user_id=user.pk, because=SessionEnd.KEPT_ANEW, now=now)
    return True


def void_links(*, user_id: int, now: datetime) -> None:
    """Let every link still under way count no more; called with the account's row locked."""
    PasswordLink.objects.filter(user_id=user_id, used_at=None, voided_at=None).update(voided_at=now)


def require_good_password(password: str) -> None:
    """Raise Invalid unless the password is long enough and not a common one."""
    try:
        validate_password(password)
    except ValidationError as error:
        raise Invalid(fields={"new": "Mật khẩu cần từ 10 ký tự trở lên và không phải mật khẩu phổ biến."}) from error
