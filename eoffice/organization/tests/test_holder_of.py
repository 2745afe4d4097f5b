from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from eoffice.accounts import holders
from eoffice.core import clock
from eoffice.core.actor_ref import ActorRef
from eoffice.organization import services
from eoffice.organization.models import Role, UnitKind

SYSTEM = ActorRef(person_id=None, source="cli")
PASSWORD = "mot-mat-khau-du-dai"
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

    with django_assert_num_queries(1):
        holder = holders.holder_of(person.user.pk, now)

    assert holder == holders.Holder(person.pk, "Lê Văn Quản", "0900000123", frozenset({"administrator"}))
    assert holders.holder_of(person.user.pk + 1, now + timedelta(days=1)) == holders.NOBODY


def test_a_person_with_roles_signs_in_with_at_most_twelve_queries():
    now = clock.now()
    unit = services.create_unit(
        actor=SYSTEM, parent=None, kind=UnitKind.BOARD, name="Ban Công nghệ", short_name="Ban CN", symbol="CN", now=now
    )
    person = services.create_person(
        actor=SYSTEM,
        full_name="Lê Văn Quản",
        email="quan@truongxuan.example",
        password=PASSWORD,
        now=now,
        phone="0900000123",
    )
    for role in (Role.ADMINISTRATOR, Role.CLERK):
        services.grant_role(actor=SYSTEM, person=person, unit=unit, role=role, starts_on=date(2026, 1, 1), now=now)
    client = Client()
    entry = {"email": "quan@truongxuan.example", "password": PASSWORD}

    for _ in range(2):  # the first sign-in on a device, and one on a device known by then
        client.cookies.pop("sessionid", None)
        with CaptureQueriesContext(connection) as captured:
            answer = client.post("/tai-khoan/dang-nhap/", entry)
        asked = [each["sql"] for each in captured if not each["sql"].startswith(("SAVEPOINT", "RELEASE"))]

        assert answer.status_code == 303
        assert client.session["_auth_user_id"] == str(person.user.pk)
        assert len(asked) <= 12, "\n".join(sql[:110] for sql in asked)
