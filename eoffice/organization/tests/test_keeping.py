from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from eoffice.core import clock
from eoffice.core.clock import local_date
from eoffice.core.errors import Conflict, NotPermitted
from eoffice.organization import queries, services
from eoffice.organization.actor import Actor
from eoffice.organization.errors import UnitTreeCycle
from eoffice.organization.models import Person, Posting, Role, RoleGrant, Unit
from eoffice.organization.services import keeping_people, keeping_units
from eoffice.organization.tests.lists import CLI, bring_in, people_csv, units_csv

pytestmark = pytest.mark.django_db
SINCE = date(2026, 1, 1)


@pytest.fixture
def house():
    bring_in(units_csv())
    bring_in(people_csv())


def unit(code: str) -> Unit:
    return Unit.objects.get(code=code)


def keeper(code: str, role: Role = Role.ADMINISTRATOR) -> Actor:
    now = clock.now()
    person = services.create_person(
        actor=CLI, full_name="Lê Quản Trị", email=f"{role}.{code.lower()}@truongxuan.example", password=None, now=now
    )
    services.appoint(
        actor=CLI, person=person, unit=unit(code), position_name="Quản trị", rank=9, starts_on=SINCE, now=now
    )
    services.grant_role(actor=CLI, person=person, unit=unit(code), role=role, starts_on=SINCE, now=now)
    assert person.user_id is not None
    return queries.actor_of(user_id=person.user_id, now=now)


def browser_of(actor: Actor) -> Client:
    client = Client()
    user = Person.objects.get(pk=actor.person_id).user
    assert user is not None
    client.force_login(user)
    return client


def test_moving_rewrites_the_paths_of_the_whole_subtree(house):
    actor = keeper("TXG")
    bring_in(units_csv("KT;Ban Kỹ thuật;KT;TXG;Ban;Không;"))

    keeping_units.move_unit(actor=actor, unit_id=unit("CN").pk, parent_id=unit("KT").pk, now=clock.now())

    assert unit("CN-PM").ancestor_ids == (unit("TXG").pk, unit("KT").pk, unit("CN").pk, unit("CN-PM").pk)


def test_a_unit_never_hangs_below_itself(house):
    actor = keeper("TXG")
    for target in ("CN", "CN-PM"):
        with pytest.raises(UnitTreeCycle):
            keeping_units.move_unit(actor=actor, unit_id=unit("CN").pk, parent_id=unit(target).pk, now=clock.now())
    with pytest.raises(Conflict):
        keeping_units.move_unit(actor=actor, unit_id=unit("TXG").pk, parent_id=unit("CN").pk, now=clock.now())
    assert unit("CN").parent_id == unit("TXG").pk


def test_a_keeper_of_a_branch_moves_nothing_out_of_it(house):
    actor = keeper("CN")

    with pytest.raises(NotPermitted):
        keeping_units.move_unit(actor=actor, unit_id=unit("CN-PM").pk, parent_id=unit("TXG").pk, now=clock.now())
    assert unit("CN-PM").parent_id == unit("CN").pk


def test_a_unit_closes_empty_only(house):
    actor, today = keeper("TXG"), local_date(clock.now())
    for code in ("CN", "CN-PM"):
        with pytest.raises(Conflict):
            keeping_units.close_unit(actor=actor, unit_id=unit(code).pk, closes_on=today, now=clock.now())

    Posting.objects.filter(unit=unit("CN-PM")).update(ends_on=today - timedelta(days=1))
    keeping_units.close_unit(actor=actor, unit_id=unit("CN-PM").pk, closes_on=today, now=clock.now())

    assert unit("CN-PM").closed_on == today


def test_a_new_main_post_makes_the_other_a_side_post_and_ending_it_turns_back(house):
    actor, person = keeper("TXG"), Person.objects.get(code="NV2")
    given = keeping_people.give_post(
        actor=actor, person_id=person.pk, unit_id=unit("CN").pk, position_name="Phó trưởng ban", rank=1,
        starts_on=SINCE, ends_on=None, is_main=True, now=clock.now(),
    )  # fmt: skip
    assert list(person.postings.filter(is_main=True)) == [given]

    keeping_people.end_posting(
        actor=actor, posting_id=given.pk, last_day=local_date(clock.now()) - timedelta(days=1), now=clock.now()
    )

    assert [post.unit for post in person.postings.filter(is_main=True, ends_on=None)] == [unit("CN-PM")]


def test_the_last_post_in_a_unit_takes_the_roles_there_along(house):
    actor, yesterday = keeper("TXG"), local_date(clock.now()) - timedelta(days=1)
    posting = Posting.objects.get(person__code="NV2")
    RoleGrant.objects.filter(person__code="NV2").update(starts_on=SINCE)

    keeping_people.end_posting(actor=actor, posting_id=posting.pk, last_day=yesterday, now=clock.now())

    assert RoleGrant.objects.get(person__code="NV2").ends_on == yesterday


def test_an_account_that_is_shut_opens_no_page_from_then_on(house):
    actor, other = keeper("TXG"), keeper("CN")
    session = browser_of(other)
    assert session.get(reverse("keeping:tree")).status_code == 200

    keeping_people.set_account_open(actor=actor, person_id=other.person_id, is_open=False, now=clock.now())

    assert session.get(reverse("keeping:tree")).status_code == 302


def test_the_pages_of_a_unit_and_a_person_are_used_through_the_browser_forms(house):
    client = browser_of(keeper("TXG"))
    form = {"short_name": "Phòng DL", "symbol": "DL", "kind": "department", "family": "state", "position": "3"}

    added = client.post(
        reverse("keeping:unit_add", args=[unit("CN").pk]), form | {"name": "Phòng Dữ liệu", "code": "DL"}
    )
    assert (added.status_code, unit("DL").parent) == (303, unit("CN"))
    page = reverse("keeping:unit_change", args=[unit("DL").pk])
    refused = client.post(page, form | {"name": "Phòng Dữ liệu", "code": "CN"})
    assert (refused.status_code, "đã là của đơn vị khác" in refused.content.decode()) == (422, True)
    assert client.post(page, form | {"name": "Phòng Dữ liệu số", "code": "DL"}).status_code == 303
    assert unit("DL").name == "Phòng Dữ liệu số"

    person = {
        "full_name": "Trần Văn Mới", "email": "moi.tv@truongxuan.example", "phone": "0901234599",
        "position_name": "Chuyên viên", "rank": "9", "starts_on": "01/03/2026",
    }  # fmt: skip
    address = reverse("keeping:person_add", args=[unit("DL").pk])
    assert client.post(address, person).status_code == 303
    assert client.post(address, person).status_code == 422  # the same e-mail
    new = Person.objects.get(full_name="Trần Văn Mới")
    assert "Trần Văn Mới" in client.get(page).content.decode()
    posting = new.postings.get()
    assert client.post(reverse("keeping:post_end", args=[posting.pk]), {"last_day": "01/04/2026"}).status_code == 303
    assert "01/04" in client.get(reverse("keeping:person", args=[new.pk])).content.decode()


def test_the_tree_opens_level_by_level_with_a_fixed_number_of_queries(house, django_assert_max_num_queries):
    client = browser_of(keeper("TXG"))

    with django_assert_max_num_queries(14):
        assert "Tập đoàn Trường Xuân" in client.get(reverse("keeping:tree")).content.decode()
    with django_assert_max_num_queries(10):
        level = client.get(reverse("keeping:branch", args=[unit("TXG").pk])).content.decode()
    assert "Ban Công nghệ" in level
    assert "Phòng Phần mềm" not in level
    assert "Đặng Thu Thủy" in client.get(reverse("keeping:tree"), {"q": "dang thu"}).content.decode()


@pytest.mark.parametrize(("role", "code"), [(Role.OFFICER, "TXG"), (Role.ADMINISTRATOR, "CN-PM")])
def test_who_does_not_keep_a_unit_is_refused(house, role, code):
    client = browser_of(keeper(code, role))
    group, head = unit("TXG").pk, Person.objects.get(code="NV1")

    for name in ("unit_change", "unit_add", "person_add"):
        assert client.get(reverse(f"keeping:{name}", args=[group])).status_code == 403
    for name in ("unit_move", "unit_close"):
        values = {"parent": str(unit("CN-PM").pk), "last_day": "01/12/2026"}
        assert client.post(reverse(f"keeping:{name}", args=[group]), values).status_code == 403
    assert client.get(reverse("keeping:person", args=[head.pk])).status_code == 403
    assert client.post(reverse("keeping:account_switch", args=[head.pk])).status_code == 403
    posting = head.postings.earliest("pk")
    assert client.post(reverse("keeping:post_end", args=[posting.pk]), {"last_day": "01/12/2026"}).status_code == 403
    posting.refresh_from_db()
    assert (posting.ends_on, unit("TXG").closed_on) == (None, None)
