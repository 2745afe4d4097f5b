"""Commands: telling people, marking what they have read, waking their counters."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from django.db import connection, transaction

from eoffice.core import live
from eoffice.core.errors import NotFound
from eoffice.core.vietnamese import tidy
from eoffice.notifications.models import Notification
from eoffice.organization.actor import Actor

_TITLE_LENGTH: Final = 300
_TEXT_LENGTH: Final = 600


@transaction.atomic
def notify(*, person_ids: Iterable[int], kind: str, title: str, text: str = "", url: str = "", now: datetime) -> int:
    """Tell each of the persons once, in one statement however many they are; return how many were told.

    Called inside the transaction of what happened. `url` is a path of this installation or empty. Wakes the
    counters of all of them at commit.
    """
    ids = sorted(set(person_ids))
    if not ids:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO notifications_notification (person_id, kind, title, text, url, created_at)"
            " SELECT person_id, %s, %s, %s, %s, %s FROM unnest(%s::bigint[]) AS person_id",
            [kind, _cut(title, _TITLE_LENGTH), _cut(text, _TEXT_LENGTH), url, now, ids],
        )
        told: int = cursor.rowcount
    touch_counters(ids)
    return told


@transaction.atomic
def mark_read(*, actor: Actor, notification_id: int, now: datetime) -> Notification:
    """Note that the actor has read one of his own notifications; the first time counts. Locks the row.

    Raises NotFound for another person's.
    """
    row = (
        Notification.objects.select_for_update(no_key=True)
        .filter(pk=notification_id, person_id=actor.person_id)
        .first()
    )
    if row is None:
        raise NotFound("Không tìm thấy thông báo này.")
    if row.read_at is None:
        row.read_at = now
        row.save(update_fields=["read_at"])
        touch_counters([actor.person_id])
    return row


@transaction.atomic
def mark_all_read(*, actor: Actor, up_to_id: int, now: datetime) -> int:
    """Note as read everything of the actor up to and including `up_to_id`, the newest he was shown.

    What came in the meantime stays unread. Returns how many were marked.
    """
    marked = Notification.objects.filter(person_id=actor.person_id, pk__lte=up_to_id, read_at__isnull=True).update(
        read_at=now
    )
    if marked:
        touch_counters([actor.person_id])
    return marked


def touch_counters(person_ids: Iterable[int]) -> None:
    """Let the open pages of these persons count again, at commit of the running transaction.

    For upper rooms whose own counters changed without a notification. PostgreSQL drops it with a rollback.
    """
    live.counters_changed(person_ids)


def _cut(text: str, length: int) -> str:
    """One line in NFC; a long subject ends with an ellipsis rather than an error."""
    line = tidy(text)
    return line if len(line) <= length else f"{line[: length - 1].rstrip()}…"
