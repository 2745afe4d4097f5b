"""Events from lower rooms to upper ones: written with the change, delivered at least once by a job."""

from __future__ import annotations

import dataclasses
from datetime import date, datetime
from typing import Any

from django.db import transaction

from eoffice.core.jobs import deliver_event
from eoffice.core.models import OutboxEvent
from eoffice.core.subscriptions import Subscriber, subscribe

__all__ = ["Subscriber", "publish", "subscribe"]


def publish(event: object, *, name: str, now: datetime) -> OutboxEvent:
    """Record `event` (a frozen data class of plain values) in the running transaction.

    Raises RuntimeError outside a transaction: an event without its change must not exist.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError(f"{name}: an event is published inside the transaction of its change")
    row = OutboxEvent.objects.create(name=name, payload=_plain(event), occurred_at=now)
    deliver_event.defer(event_id=row.pk)
    return row


def _plain(event: object) -> dict[str, Any]:
    if not dataclasses.is_dataclass(event) or isinstance(event, type):
        raise TypeError("an event is an instance of a data class")
    return {
        key: value.isoformat() if isinstance(value, date | datetime) else value
        for key, value in dataclasses.asdict(event).items()
    }
