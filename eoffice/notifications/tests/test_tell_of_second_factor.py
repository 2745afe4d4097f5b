"""The owner of an account learns that a way of proving herself, or her phone, has changed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from eoffice.accounts.holders import Holder
from eoffice.accounts.services.second_factor_keeping import reset_factors
from eoffice.accounts.services.second_factor_phones import set_phone
from eoffice.core.actor_ref import ActorRef
from eoffice.core.models import OutboxEvent
from eoffice.core.subscriptions import subscribers_of
from eoffice.notifications.models import Notification
from eoffice.organization import services as organization

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
ADMINISTRATOR = Holder(roles=frozenset({"administrator"}))
REASON = "Mất máy, đã gặp trực tiếp"


@pytest.mark.django_db
def test_reset_and_new_phone_stand_behind_the_bell() -> None:
    person = organization.create_person(
        actor=ActorRef(None), full_name="Võ Thùy Ngân", email="ngan@txg.test", password=None, now=NOW
    )
    assert person.user is not None
    reset_factors(actor=ADMINISTRATOR, user_id=person.user.pk, reason=REASON, now=NOW)
    set_phone(actor=ADMINISTRATOR, user_id=person.user.pk, typed="0901234567", reason=REASON, now=NOW)
    set_phone(actor=ADMINISTRATOR, user_id=person.user.pk, typed="0901234568", reason=REASON, now=NOW)

    for event in OutboxEvent.objects.filter(name__startswith="accounts.").order_by("pk"):
        for subscriber in subscribers_of(event.name):
            subscriber(event.payload)

    told = Notification.objects.filter(person_id=person.pk, kind="accounts.second_factor").order_by("pk")
    assert [row.title for row in told] == [
        "Quản trị đã đặt lại mọi yếu tố thứ hai của tài khoản",
        "Đã ghi nhận số điện thoại nhận mã xác thực",
        "Quản trị đã đổi số điện thoại nhận mã xác thực",
    ]
    assert {row.url for row in told} == {"/tai-khoan/bao-mat/"}
