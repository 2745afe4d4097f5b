from __future__ import annotations

from datetime import date, timedelta

import pytest

from eoffice.accounts import holders
from eoffice.core import clock
from eoffice.core.actor_ref import ActorRef
from eoffice.organization import services
from eoffice.organization.models import Role, UnitKind

SYSTEM = ActorRef(person_id=None, source="cli")
pytestmark = pytest.mark.django_db


def test_the_door_learns_who_stands_behind_an_account(django_assert_num_queries):
    now = clock.now()
    unit = services.create_unit(
        actor=SYSTEM, parent=None, kind=UnitKind.BOARD, name="Ban Công nghệ", short_name="Ban CN", symbol="CN", now=now
    )
    person = services.create_person(
        actor=SYSTEM,
        full_name="Lê Văn Quản",
        email="quan@truongxuan.example",
        password=None,
        now=now,
        phone="0900000123",
    )
    services.grant_role(
        actor=SYSTEM, person=person, unit=unit, role=Role.ADMINISTRATOR, starts_on=date(2026, 1, 1), now=now
    )

    with django_assert_num_queries(2):
        holder = holders.holder_of(person.user.pk, now)

    assert holder == holders.Holder(person.pk, "Lê Văn Quản", "0900000123", frozenset({"administrator"}))
    assert holders.holder_of(person.user.pk + 1, now + timedelta(days=1)) == holders.NOBODY
