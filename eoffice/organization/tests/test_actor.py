from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from eoffice.core import clock
from eoffice.core.actor_ref import ActorRef
from eoffice.core.clock import local_date
from eoffice.organization import queries, services
from eoffice.organization.errors import NoPosting, NoRegistryAbove
from eoffice.organization.models import Principal, Role, UnitKind

SYSTEM = ActorRef(person_id=None, source="cli")
SINCE = date(2026, 1, 1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def group():
    return services.create_unit(
        actor=SYSTEM,
        parent=None,
        kind=UnitKind.GROUP,
        name="Tập đoàn Trường Xuân",
        short_name="Tập đoàn",
        symbol="TXG",
        has_registry=True,
        now=clock.now(),
        place="Hà Nội",
    )


@pytest.fixture
def board(group):
    return services.create_unit(
        actor=SYSTEM,
        parent=group,
        kind=UnitKind.BOARD,
        name="Ban Công nghệ",
        short_name="Ban CN",
        symbol="CN",
        now=clock.now(),
    )


def hire(unit, name, *, starts_on=SINCE, ends_on=None):
    person = services.create_person(
        actor=SYSTEM, full_name=name, email=f"p{unit.pk}{len(name)}@x.example", password=None, now=clock.now()
    )
    services.appoint(
        actor=SYSTEM,
        person=person,
        unit=unit,
        position_name="Chuyên viên",
        rank=9,
        starts_on=starts_on,
        ends_on=ends_on,
        now=clock.now(),
    )
    return person


def test_an_actor_answers_to_itself_its_units_above_and_its_roles(group, board):
    person = hire(board, "Đỗ Hữu Nghĩa")
    services.grant_role(actor=SYSTEM, person=person, unit=board, role=Role.UNIT_HEAD, starts_on=SINCE, now=clock.now())

    actor = queries.actor_of(user_id=person.user_id, now=clock.now())

    kinds = sorted(
        (p.kind, p.unit_id, p.role) for p in Principal.objects.filter(pk__in=actor.principals).exclude(kind="person")
    )
    assert kinds == [("role", board.pk, "unit_head"), ("unit", group.pk, ""), ("unit", board.pk, "")]
    assert Principal.objects.filter(pk__in=actor.principals, person=person).exists()
    assert actor.registry_id == group.pk
    assert actor.has_role(Role.UNIT_HEAD, board.pk)
    assert not actor.has_role(Role.UNIT_HEAD, group.pk)


def test_a_role_that_has_ended_is_not_held(board):
    person = hire(board, "Mai Lan Anh")
    yesterday = local_date(clock.now()) - timedelta(days=1)
    services.grant_role(
        actor=SYSTEM, person=person, unit=board, role=Role.CLERK, starts_on=SINCE, ends_on=yesterday, now=clock.now()
    )

    assert queries.actor_of(user_id=person.user_id, now=clock.now()).roles == frozenset()


def test_without_a_post_today_there_is_no_actor(board):
    person = hire(board, "Người đã chuyển", ends_on=local_date(clock.now()) - timedelta(days=1))

    with pytest.raises(NoPosting):
        queries.actor_of(user_id=person.user_id, now=clock.now())


def test_the_chosen_post_is_the_one_acted_in(group, board):
    person = hire(board, "Kiêm Nhiệm Hai")
    second = services.appoint(
        actor=SYSTEM,
        person=person,
        unit=group,
        position_name="Trợ lý",
        rank=5,
        starts_on=SINCE,
        is_main=False,
        now=clock.now(),
    )

    actor = queries.actor_of(user_id=person.user_id, now=clock.now(), posting_id=second.pk)

    assert (actor.unit_id, actor.position_name, len(actor.posts)) == (group.pk, "Trợ lý", 2)


def test_an_actor_with_three_posts_takes_three_queries(group, board):
    person = hire(board, "Đếm Truy Vấn")
    for place in (group, board):
        services.appoint(
            actor=SYSTEM, person=person, unit=place, position_name="Trợ lý", rank=5, starts_on=SINCE, is_main=False,
            now=clock.now(),
        )  # fmt: skip

    with CaptureQueriesContext(connection) as captured:
        actor = queries.actor_of(user_id=person.user_id, now=clock.now())

    assert (len(captured), len(actor.posts), actor.registry_id) == (3, 3, group.pk)


def test_a_unit_without_registry_is_numbered_by_the_nearest_above(group, board):
    assert queries.registry_of(board) == group
    assert queries.registry_of(group) == group


def test_no_registry_above_is_said_clearly():
    lone = services.create_unit(
        actor=SYSTEM,
        parent=None,
        kind=UnitKind.BOARD,
        name="Ban lẻ",
        short_name="Ban lẻ",
        symbol="BL",
        now=clock.now(),
    )

    with pytest.raises(NoRegistryAbove):
        queries.registry_of(lone)


@pytest.mark.parametrize("typed", ["cong nghe", "Công nghệ", "CÔNG  NGHỆ", "Co\u0302ng nghe\u0323\u0302", "nghe ban"])
def test_the_picker_finds_units_typed_with_or_without_marks(board, typed):
    found = queries.search_recipients(typed, on=local_date(clock.now()))

    assert [(choice.kind, choice.id) for choice in found] == [("unit", board.pk)]


def test_the_picker_finds_dang_by_d_and_by_its_nfd(board):
    person = hire(board, "Đặng Thu\u031b\u0309y")

    for typed in ("dang", "Đặng", "đa\u0323\u0306ng"):
        assert [c.id for c in queries.search_recipients(typed, on=local_date(clock.now()))] == [person.pk]
