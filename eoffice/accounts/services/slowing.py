"""Counting wrong tries, so that guessing is slow and a stranger's guesses stop nobody on a device of their own."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import connection
from django.db.models import Count, Q

from eoffice.accounts.errors import AddressRefused, SlowedDown
from eoffice.accounts.models import SignInAttempt

SPAN: Final = timedelta(minutes=15)
TRIES: Final = 5
"""Wrong tries on one e-mail from one address, or by one device that is known, within `SPAN`."""
TRIES_OF_STRANGERS: Final = 50
"""Wrong tries on one e-mail from all addresses together; devices that are known do not count and are not stopped."""
ADDRESS_SPAN: Final = timedelta(minutes=10)
TRIES_OF_AN_ADDRESS: Final = 40
"""Wrong tries from one address on all e-mails together, by devices that are not known."""
NO_ADDRESS: Final = "0.0.0.0"  # noqa: S104 - a try by a program of this machine, not an address to listen on


@dataclass(frozen=True, slots=True)
class Try:
    """Who tries, as the counts see it. `device_id` is a known device of this very account, or None."""

    email_digest: str
    address: str
    device_id: int | None


def digest_of(email: str) -> str:
    """What stands for an e-mail in the counts; unknown ones count like known ones."""
    return hashlib.sha256(email.casefold().encode()).hexdigest()


def require_calm(tried: Try, now: datetime) -> int:
    """How many tries are left. Raises SlowedDown, AddressRefused.

    Takes a lock on this pair until the transaction ends, so that tries sent at once are counted one after another;
    the lock is of e-mail *and* address, so that a stranger keeps nobody waiting.
    """
    key = f"{tried.email_digest} {tried.device_id or tried.address}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])
    counts = _counts(tried, now)
    if tried.device_id is None:
        if counts["of_address"] >= TRIES_OF_AN_ADDRESS:
            raise AddressRefused
        if counts["of_strangers"] >= TRIES_OF_STRANGERS:
            raise SlowedDown
    if counts["own"] >= TRIES:
        raise SlowedDown
    return TRIES - counts["own"]


def count_wrong_try(tried: Try, now: datetime) -> int:
    """Write a refused try; its key."""
    attempt = SignInAttempt.objects.create(
        address=tried.address, email_digest=tried.email_digest, device_id=tried.device_id, at=now
    )
    return attempt.pk


def forget_tries(tried: Try) -> None:
    """The right password ends the count of this address or device on this account."""
    SignInAttempt.objects.filter(_own(tried)).delete()


def forget_old_tries(*, now: datetime) -> int:
    """Delete tries that count no more; how many."""
    deleted, _ = SignInAttempt.objects.filter(at__lt=now - max(SPAN, ADDRESS_SPAN)).delete()
    return deleted


def _own(tried: Try) -> Q:
    return Q(email_digest=tried.email_digest) & (
        Q(device_id=tried.device_id) if tried.device_id else Q(device=None, address=tried.address)
    )


def _counts(tried: Try, now: datetime) -> dict[str, int]:
    relevant = Q(email_digest=tried.email_digest, at__gt=now - SPAN) | Q(
        address=tried.address, at__gt=now - ADDRESS_SPAN
    )
    strangers = Q(device=None)
    return SignInAttempt.objects.filter(relevant).aggregate(
        own=Count("pk", filter=_own(tried) & Q(at__gt=now - SPAN)),
        of_strangers=Count("pk", filter=strangers & Q(email_digest=tried.email_digest, at__gt=now - SPAN)),
        of_address=Count("pk", filter=strangers & Q(address=tried.address, at__gt=now - ADDRESS_SPAN)),
    )
