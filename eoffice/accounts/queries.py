"""Reads over accounts."""

from __future__ import annotations

from eoffice.accounts.models import PersonalToken, User


def tokens_of(user: User) -> list[PersonalToken]:
    """The user's tokens that still work or have worked, newest first; at most fifty."""
    return list(PersonalToken.objects.filter(user=user, revoked_at__isnull=True).order_by("-pk")[:50])
