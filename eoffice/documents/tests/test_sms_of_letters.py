"""What documents ask to be told by SMS: urgent letters and lines that became late, by number and day alone."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from eoffice.core.models import OutboxEvent
from eoffice.documents.services.telling_of_lateness import tell_of_lateness
from eoffice.documents.tests import letters
from eoffice.documents.tests.cast import NOW, Cast, actor_of
from eoffice.notifications import services as notifications
from eoffice.notifications.models import SmsChoice
from eoffice.notifications.services.texting import WANTED
from eoffice.notifications.sms_kinds import SmsKind

pytestmark = pytest.mark.django_db


def switch_on(cast: Cast) -> None:
    notifications.set_sms_rules(actor=actor_of(cast.administrator), is_on=True, monthly_most=100, now=NOW)


def asked() -> list[dict[str, object]]:
    return list(OutboxEvent.objects.filter(name=WANTED).order_by("pk").values_list("payload", flat=True))


def morning(day: date) -> datetime:
    return NOW + timedelta(days=(day - date(2026, 11, 23)).days)


def test_an_urgent_letter_is_told_by_number_and_deadline_alone(cast: Cast) -> None:
    switch_on(cast)
    letters.forwarded(cast)
    assert asked() == []
    letter = letters.forwarded(cast, urgency=2)
    (payload,) = asked()
    assert payload["person_ids"] == [cast.leader.pk]
    assert payload["kind"] == "urgent"
    assert payload["words"] == f"eOffice: văn bản thượng khẩn số {letter.shown_code} chờ xử lý."
    assert letter.subject not in str(payload["words"])


def test_nothing_is_asked_while_it_is_off(cast: Cast) -> None:
    letters.forwarded(cast, urgency=2)
    assert asked() == []


def test_lateness_is_told_the_next_working_morning_once(cast: Cast) -> None:
    switch_on(cast)
    SmsChoice.objects.create(person=cast.head, kind=SmsKind.LATE)
    letter = letters.directed(cast, due_on=date(2026, 11, 27))  # a Friday
    assert tell_of_lateness(now=morning(date(2026, 11, 27))) == 0
    assert tell_of_lateness(now=morning(date(2026, 11, 28))) == 0  # nobody is woken on a Saturday
    assert tell_of_lateness(now=morning(date(2026, 11, 30))) == 1
    assert tell_of_lateness(now=morning(date(2026, 12, 1))) == 0
    (payload,) = asked()
    assert payload["person_ids"] == [cast.head.pk]
    assert payload["words"] == f"eOffice: văn bản số {letter.shown_code} quá hạn 27/11/2026."


def test_several_lines_are_one_message(cast: Cast) -> None:
    switch_on(cast)
    SmsChoice.objects.create(person=cast.head, kind=SmsKind.LATE)
    for _ in range(3):
        letters.directed(cast, due_on=date(2026, 11, 27))
    assert tell_of_lateness(now=morning(date(2026, 11, 30))) == 1
    (payload,) = asked()
    assert payload["words"] == "eOffice: 3 việc vừa quá hạn, sớm nhất hạn 27/11/2026."
