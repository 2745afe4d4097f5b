"""Asking a signed-in person for the password again, before something grave."""

from __future__ import annotations

from django.contrib.auth.hashers import check_password

from eoffice.accounts import queries
from eoffice.accounts.models import User
from eoffice.accounts.services.password_links import may_have_password


def is_password_of(*, user_id: int, password: str) -> bool:
    """Whether this is the account's own password; costs one hash and changes nothing."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    return user is not None and check_password(password, user.password)


def has_password(*, user_id: int) -> bool:
    """Whether the account has a password kept here, and the door of such passwords is on for it."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    return user is not None and user.has_usable_password() and may_have_password(user, queries.entry_policy())
