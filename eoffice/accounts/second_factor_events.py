"""What happened to a person's second proof, for the rooms above."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

PHONE_CHANGED: Final = "accounts.phone_changed"
FACTORS_CHANGED: Final = "accounts.second_factor_changed"


@dataclass(frozen=True, slots=True)
class PhoneChanged:
    """Codes go to another number (E.164) from now on; `by` owner, administrator, or registration for a first number."""

    user_id: int
    number: str
    by: str


@dataclass(frozen=True, slots=True)
class FactorsChanged:
    """A way of proving was added, removed or reset (`what`), by the owner or an administrator."""

    user_id: int
    what: str
    by: str
