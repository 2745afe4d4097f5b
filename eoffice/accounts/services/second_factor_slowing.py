"""Slowing down guesses of codes: by account and address, and by account over all addresses."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from eoffice.accounts.models import SecondFactorTry
from eoffice.accounts.second_factor_errors import GuessingSlowed

SPAN: Final = timedelta(minutes=15)
TRIES_FROM_AN_ADDRESS: Final = 10
TRIES_IN_ALL: Final = 40
"""Of a code of six digits, 40 guesses in a quarter of an hour hit with 1 in 25,000. Only who knows the password can
make them; passkeys are not slowed, since they cannot be guessed."""


def require_calm_codes(*, user_id: int, address: str, now: datetime) -> None:
    """Raise GuessingSlowed after too many wrong codes; an address without a wrong code has at least two tries."""
    addresses = list(
        SecondFactorTry.objects.filter(user_id=user_id, at__gt=now - SPAN).values_list("address", flat=True)[
            : TRIES_IN_ALL * 2
        ]
    )
    from_here = sum(each == (address or None) for each in addresses)
    if from_here >= TRIES_FROM_AN_ADDRESS or (from_here > 1 and len(addresses) >= TRIES_IN_ALL):
        raise GuessingSlowed


def count_wrong_code(*, user_id: int, address: str, now: datetime) -> None:
    SecondFactorTry.objects.create(user_id=user_id, address=address or None, at=now)


def forget_wrong_codes(*, user_id: int, address: str) -> None:
    """A right code clears what was wrong from the same address, and nobody else's."""
    SecondFactorTry.objects.filter(user_id=user_id, address=address or None).delete()
