"""Asking a signed-in person for the password again, before something grave."""

from __future__ import annotations

from django.contrib.auth.hashers import check_password

from eoffice.accounts.models import User


def is_password_of(*, user_id: int, password: str) -> bool:
    """Whether this is the account's own password; costs one hash and changes nothing."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    return user is not None and check_password(password, user.password)
