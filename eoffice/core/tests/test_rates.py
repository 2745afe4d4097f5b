"""Counting in memory: what one key does touches no other, and time forgives."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from eoffice.core import rates
from eoffice.core.rates import Rate

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def test_key_is_used_up_after_its_limit_and_free_again_after_its_span() -> None:
    rate = Rate(limit=2, span=timedelta(minutes=10))

    rate.count("one", NOW)
    assert not rate.is_used_up("one", NOW)
    rate.count("one", NOW + timedelta(minutes=9))

    assert rate.is_used_up("one", NOW + timedelta(minutes=9))
    assert not rate.is_used_up("two", NOW)
    assert not rate.is_used_up("one", NOW + timedelta(minutes=10))


def test_memory_stays_bounded(monkeypatch) -> None:
    monkeypatch.setattr(rates, "_MOST_KEYS", 3)
    rate = Rate(limit=1, span=timedelta(minutes=10))

    for number in range(3):
        rate.count(f"old {number}", NOW)
    rate.count("young", NOW + timedelta(minutes=11))

    assert rate.is_used_up("young", NOW + timedelta(minutes=11))
    assert not rate.is_used_up("old 0", NOW + timedelta(minutes=1))
