"""What happened to a person's password and tokens, for the rooms above."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

PASSWORD_CHANGED: Final = "accounts.password_changed"  # noqa: S105 - the name of an event
TOKEN_ENDING: Final = "accounts.token_ending"  # noqa: S105 - as above
TOKEN_REVOKED: Final = "accounts.token_revoked"  # noqa: S105 - as above


@dataclass(frozen=True, slots=True)
class PasswordChanged:
    """Another password counts from now on: `by` owner (knew the old one) or reset (a link by mail)."""

    user_id: int
    by: str


@dataclass(frozen=True, slots=True)
class TokenEnding:
    """A token for programs ends within a week; `ends_on` is a day of Vietnam in ISO form."""

    user_id: int
    name: str
    ends_on: str


@dataclass(frozen=True, slots=True)
class TokenRevoked:
    """An administrator ended somebody's token."""

    user_id: int
    name: str
