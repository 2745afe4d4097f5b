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


def void_links(*, user_id: int, now: datetime) -> None:
    """Let every link still under way count no more; called with the account's row locked."""
    PasswordLink.objects.filter(user_id=user_id, used_at=None, voided_at=None).update(voided_at=now)


def require_good_password(password: str) -> None:
    """Raise Invalid unless the password is long enough and not a common one."""
    try:
        validate_password(password)
    except ValidationError as error:
        raise Invalid(fields={"new": "Mật khẩu cần từ 10 ký tự trở lên và không phải mật khẩu phổ biến."}) from error
