"""What waits for a person, place by place: the counters of the rooms below, brought under the navigation's keys."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.http import HttpRequest

from eoffice.documents.queries import drafts, incoming_counters, outgoing_lists
from eoffice.notifications import queries as notifications
from eoffice.organization.actor import Actor
from eoffice.web.navigation import Count

_READ: Final = "counts_read"


def counts_of(actor: Actor, now: datetime) -> dict[str, Count]:
    """Everything that waits for this person, by the `key` of a place; four statements."""
    incoming = incoming_counters.counters(actor, now)
    counts = {key: Count(number, incoming.get(f"{key}_late", 0)) for key, number in incoming.items()}
    for numbers in (drafts.counters(actor, now), outgoing_lists.counters(actor, now)):
        counts |= {key: Count(number) for key, number in numbers.items()}
    counts["bell"] = Count(notifications.unread_count(actor))
    return counts


def counts_for(request: HttpRequest, actor: Actor, now: datetime) -> dict[str, Count]:
    """The same, read once for one request, however many parts of its page show it."""
    counts: dict[str, Count] | None = getattr(request, _READ, None)
    if counts is None:
        counts = counts_of(actor, now)
        setattr(request, _READ, counts)
    return counts
