"""How often something may be done, counted in the memory of this process: no table is written by a mere look."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Final

_MOST_KEYS: Final = 20_000


class Rate:
    """At most `limit` times in `span` for each key, in windows that start with the first time.

    Every web process counts for itself, so an installation with N of them allows up to N times as much: it slows a
    program that tries one thing after another, and is no lock.
    """

    def __init__(self, limit: int, span: timedelta) -> None:
        self._limit = limit
        self._span = span
        self._windows: dict[str, tuple[datetime, int]] = {}
        self._lock = threading.Lock()

    def is_used_up(self, key: str, now: datetime) -> bool:
        with self._lock:
            return self._count(key, now) >= self._limit

    def count(self, key: str, now: datetime) -> None:
        """Note that it was done once more."""
        with self._lock:
            done = self._count(key, now)
            started = self._windows[key][0] if done else now
            if len(self._windows) >= _MOST_KEYS and key not in self._windows:
                self._forget(now)
            self._windows[key] = (started, done + 1)

    def _count(self, key: str, now: datetime) -> int:
        started, done = self._windows.get(key, (now, 0))
        return done if now - started < self._span else 0

    def _forget(self, now: datetime) -> None:
        """Drop windows that have passed; with all of them running, drop all: memory is bounded first."""
        running = {key: window for key, window in self._windows.items() if now - window[0] < self._span}
        self._windows = running if len(running) < _MOST_KEYS else {}
