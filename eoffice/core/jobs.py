"""Background entries of the core: delivering events."""

from __future__ import annotations

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from eoffice.core import clock
from eoffice.core.models import OutboxEvent
from eoffice.core.subscriptions import subscribers_of

RETRY = RetryStrategy(max_attempts=8, exponential_wait=3)
"""Eight tries over about an hour; then the job stands as failed for the administrator."""


@app.task(name="core.deliver_event", queue="events", retry=RETRY)
def deliver_event(*, event_id: int) -> None:
    """Hand one event to its subscribers; a delivered one is not handed out again."""
    event = OutboxEvent.objects.get(pk=event_id)
    if event.delivered_at is not None:
        return
    for subscriber in subscribers_of(event.name):
        subscriber(event.payload)
    event.delivered_at = clock.now()
    event.save(update_fields=["delivered_at"])
