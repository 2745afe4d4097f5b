"""Reads over accounts."""

from __future__ import annotations

from eoffice.accounts.models import PersonalToken, User


def tokens_of(user: User) -> list[PersonalToken]:
    """The user's tokens that still work or have worked, newest first; at most fifty."""
    return list(PersonalToken.objects.filter(user=user, revoked_at__isnull=True).order_by("-pk")[:50])


def active_user(user_id: int) -> User | None:
    """The account, unless it is closed."""
    return User.objects.filter(pk=user_id, is_active=True).first()
