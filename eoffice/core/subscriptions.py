"""Who listens to which event. Filled by `@subscribe` in the rooms' `jobs.py` when Django starts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Subscriber = Callable[[dict[str, Any]], None]
_subscribers: dict[str, list[Subscriber]] = {}


def subscribe(name: str) -> Callable[[Subscriber], Subscriber]:
    """Call the decorated function with the payload after commit. It may be called twice: make it idempotent."""

    def register(subscriber: Subscriber) -> Subscriber:
        _subscribers.setdefault(name, []).append(subscriber)
        return subscriber

    return register


def subscribers_of(name: str) -> tuple[Subscriber, ...]:
    return tuple(_subscribers.get(name, ()))
