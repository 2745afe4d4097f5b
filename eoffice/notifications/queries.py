"""What a person has been told; each reads only his own."""

from __future__ import annotations

from typing import Final

from eoffice.core.paging import Page, newest_first
from eoffice.notifications.models import Notification
from eoffice.organization.actor import Actor

COUNT_LIMIT: Final = 100
_IN_BELL: Final = 8
_PAGE_SIZE: Final = 30


def unread_count(actor: Actor) -> int:
    """How many of the actor's notifications are unread, counted to 100 at most (shown as "99+")."""
    return Notification.objects.filter(person_id=actor.person_id, read_at__isnull=True)[:COUNT_LIMIT].count()


def newest(actor: Actor) -> list[Notification]:
    """The actor's eight newest notifications, for the bell."""
    return list(Notification.objects.filter(person_id=actor.person_id).order_by("-pk")[:_IN_BELL])


def page(actor: Actor, *, after: int | None = None) -> Page[Notification]:
    """Thirty of the actor's notifications, newest first, below the key `after`."""
    return newest_first(Notification.objects.filter(person_id=actor.person_id), after=after, size=_PAGE_SIZE)
