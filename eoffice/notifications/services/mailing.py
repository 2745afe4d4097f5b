"""Notifications by mail: who is due is decided here, sending and trying again is `core.channels`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import Min

from eoffice.core.channels import sending
from eoffice.core.clock import VIETNAM
from eoffice.core.models import Channel
from eoffice.notifications.models import MailItem, MailRules, MailSchedule
from eoffice.notifications.services.telling import notify
from eoffice.notifications.topics import topic_of
from eoffice.organization import queries as organization
from eoffice.organization.models import Person

_PERSONS_AT_ONCE: Final = 2000
_LINES: Final = 50
"""One mail lists no more; the rest is counted and stands behind the bell."""
_TRIED_FOR: Final = timedelta(days=2)
_KEPT: Final = timedelta(days=7)
_SUBJECT_LENGTH: Final = 150


def send_due_mail(*, now: datetime) -> int:
    """Order one mail for each person with something due, at most 2000 persons; how many were ordered.

    Each person in a transaction of his own: locked rows are another run's and are passed over.
    """
    rules = MailRules.objects.filter(pk=1, is_on=True).first()
    if rules is None:
        return 0
    due = MailItem.objects.filter(closed_at__isnull=True, due_at__lte=now)
    persons = (
        due.values("person_id").annotate(first=Min("due_at")).order_by("first").values_list("person_id", flat=True)
    )
    return sum(_mail_to(person_id, rules, now) for person_id in list(persons[:_PERSONS_AT_ONCE]))


def close_sent_mail(*, now: datetime) -> None:
    """Learn which addresses refused mail for good, and forget items of more than a week."""
    sent = MailItem.objects.filter(message_id__isnull=False).values_list("message_id", "person_id").distinct()
    person_of = {message_id: person_id for message_id, person_id in sent if message_id is not None}
    for message_id, address in sending.refused_for_good(person_of).items():
        _note_dead_address(person_of[message_id], address, now)
    MailItem.objects.filter(message_id__in=sending.settled(person_of)).update(message_id=None)
    MailItem.objects.filter(closed_at__lt=now - _KEPT).delete()


@transaction.atomic
def _mail_to(person_id: int, rules: MailRules, now: datetime) -> bool:
    rows = MailItem.objects.select_for_update(skip_locked=True, of=("self",)).select_related("notification")
    due = list(rows.filter(person_id=person_id, closed_at__isnull=True, due_at__lte=now).order_by("pk"))
    schedule = MailSchedule.objects.filter(pk=person_id).first() or MailSchedule(pk=person_id)
    rest_h = schedule.quiet_hours_left(now.astimezone(VIETNAM).hour)
    if rest_h:
        again_at = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=rest_h)
        MailItem.objects.filter(pk__in=[item.pk for item in due]).update(due_at=again_at)
        return False
    unread = [item for item in due if item.notification.read_at is None]
    person = organization.get_person(person_id)
    address = _address_of(person, schedule)
    message_id = None
    if unread and address:
        order = sending.Order(
            key=f"notifications-{person_id}-{unread[-1].pk}",
            channel=Channel.MAIL,
            purpose="notification",
            recipient=address,
            subject=_subject(unread, rules),
            text=_text(person, unread, rules),
            expires_at=now + _TRIED_FOR,
        )
        message_id = sending.order_message(order=order, now=now).pk
    MailItem.objects.filter(pk__in=[item.pk for item in due]).update(closed_at=now, message_id=message_id)
    return message_id is not None


def _address_of(person: Person, schedule: MailSchedule) -> str:
    """The person's mail address; empty without an open account, and where it refused mail for good."""
    if person.user is None or not person.user.is_active or person.user.email == schedule.dead_address:
        return ""
    return person.user.email


def _subject(items: Sequence[MailItem], rules: MailRules) -> str:
    count = len(items)
    if not rules.tells_titles:
        return f"eOffice: {count} thông báo mới"
    first = items[0].notification.title
    subject = first if count == 1 else f"{count} thông báo mới: {first}"
    return subject if len(subject) <= _SUBJECT_LENGTH else f"{subject[: _SUBJECT_LENGTH - 1].rstrip()}…"


def _text(person: Person, items: Sequence[MailItem], rules: MailRules) -> str:
    base = settings.ENVIRONMENT.base_url
    only = items[0].notification.url if len(items) == 1 and rules.tells_titles else ""
    return "\n\n".join(
        (
            f"Kính gửi {person},",
            "\n".join(_titles(items) if rules.tells_titles else _counts(items)),
            f"Mở trong eOffice: {base}{only or '/notifications/'}",
            f"Thư tự động, không trả lời thư này. Chọn cách nhận thư: {base}/notifications/choices/",
        )
    )


def _titles(items: Sequence[MailItem]) -> list[str]:
    lines = []
    for item in items[:_LINES]:
        lines.append(f"- {item.notification.title}")
        if item.notification.text:
            lines.append(f"  {item.notification.text}")
    if len(items) > _LINES:
        lines.append(f"- và {len(items) - _LINES} thông báo khác")
    return lines


def _counts(items: Sequence[MailItem]) -> list[str]:
    counts: dict[str, int] = {}
    for item in items:
        words = topic_of(item.notification.kind).words
        counts[words] = counts.get(words, 0) + 1
    return [f"- {words}: {count}" for words, count in counts.items()]


@transaction.atomic
def _note_dead_address(person_id: int, address: str, now: datetime) -> None:
    MailSchedule.objects.update_or_create(pk=person_id, defaults={"dead_address": address, "dead_since": now})
    notify(
        person_ids=[person_id],
        kind="notifications.mail_refused",
        title=f"Hộp thư {address} không nhận thư thông báo",
        text="Đã dừng gửi thư đến địa chỉ này; thông báo vẫn hiện ở đây. Nhờ quản trị kiểm tra địa chỉ rồi gửi lại.",
        url="/notifications/choices/",
        now=now,
    )
