"""Commands: telling people, marking what they have read, waking their counters."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction

from eoffice.core import live
from eoffice.core.clock import VIETNAM
from eoffice.core.errors import NotFound
from eoffice.core.vietnamese import tidy
from eoffice.notifications.models import Notification
from eoffice.notifications.topics import topic_of
from eoffice.organization.actor import Actor

_TITLE_LENGTH: Final = 300
_TEXT_LENGTH: Final = 600
_TELL: Final = """
WITH told AS (
  INSERT INTO notifications_notification (person_id, kind, title, text, url, created_at)
  SELECT person_id, %s, %s, %s, %s, %s FROM unnest(%s::bigint[]) AS person_id
  RETURNING id, person_id
), mailed AS (
  INSERT INTO notifications_mail_item (notification_id, person_id, due_at)
  SELECT id, person_id,
    CASE mode WHEN 'daily' THEN %s::timestamptz + (hour - %s + 24) %% 24 * interval '1 hour' ELSE %s END
  FROM (
    SELECT told.id, told.person_id, COALESCE(choice.mode, rules.defaults ->> %s, %s) AS mode,
      COALESCE(schedule.digest_hour, rules.digest_hour) AS hour
    FROM told
    JOIN notifications_mail_rules AS rules ON rules.is_on
    LEFT JOIN notifications_mail_choice AS choice ON choice.person_id = told.person_id AND choice.topic = %s
    LEFT JOIN notifications_mail_schedule AS schedule ON schedule.person_id = told.person_id
  ) AS wanted
  WHERE mode <> 'off'
)
SELECT count(*) FROM told
"""


@transaction.atomic
def notify(*, person_ids: Iterable[int], kind: str, title: str, text: str = "", url: str = "", now: datetime) -> int:
    """Tell each of the persons once, in one statement however many they are; return how many were told.

    Called inside the transaction of what happened. Who wants mail about it gets it later, by a job. `url` is a path of
    this installation or empty. Wakes the counters of all of them at commit.
    """
    ids = sorted(set(person_ids))
    if not ids:
        return 0
    topic = topic_of(kind)
    next_hour = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    with connection.cursor() as cursor:
        cursor.execute(
            _TELL,
            [kind, _cut(title, _TITLE_LENGTH), _cut(text, _TEXT_LENGTH), url, now, ids,
             next_hour, next_hour.astimezone(VIETNAM).hour, now, topic.code, topic.default_mode, topic.code],
        )  # fmt: skip
        told: int = cursor.fetchone()[0]
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
