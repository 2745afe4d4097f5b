"""Ủy quyền xử lý on its pages: giving, using, the bar, laying it down, what happens when it ends under one's hands."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from eoffice.accounts.models import User
from eoffice.core import clock
from eoffice.core.clock import local_date
from eoffice.core.errors import Invalid
from eoffice.core.models import OutboxEvent
from eoffice.organization import queries
from eoffice.organization.models import Delegation
from eoffice.organization.queries.delegations import overlapping
from eoffice.organization.services import delegating
from eoffice.organization.services.delegating import DelegationTerms
from eoffice.organization.tests.office import hire, make_office

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    return make_office()


def enter(person):
    client = Client()
    client.force_login(User.objects.get(pk=person.user_id))
    return client


def acting(person):
    return queries.actor_of(user_id=person.user_id, now=clock.now())


def today():
    return local_date(clock.now())


def give(giver, receiver, **changes):
    terms = {
        "may_direct": True,
        "may_prepare": True,
        "basis": "Quyết định số 12/QĐ-TXG",
        "starts_on": today(),
        "ends_on": today() + timedelta(days=3),
    } | changes
    return delegating.give_delegation(
        actor=acting(giver), receiver_id=receiver.pk, terms=DelegationTerms(**terms), now=clock.now()
    )


def form(office, **changes):
    return {
        "receiver": office.deputy.pk,
        "posting": acting(office.leader).posting_id,
        "may_direct": "on",
        "starts_on": f"{today():%d/%m/%Y}",
        "ends_on": f"{today() + timedelta(days=5):%d/%m/%Y}",
        "basis": "Quyết định số 125/QĐ-TXG ngày 20/11/2026",
    } | changes


def test_a_leader_gives_and_both_see_it(office):
    answer = enter(office.leader).post("/organization/uy-quyen/them/", form(office))
    row = Delegation.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, f"/organization/uy-quyen/{row.pk}/")
    assert (row.giver, row.receiver, row.may_direct, row.may_prepare) == (office.leader, office.deputy, True, False)
    for person, box in ((office.leader, "given"), (office.deputy, "received"), (office.administrator, "all")):
        page = enter(person).get(f"/organization/uy-quyen/?box={box}").content.decode()
        assert office.leader.full_name in page
        assert office.deputy.full_name in page
    told = OutboxEvent.objects.filter(name="organization.people.told").get()
    assert set(told.payload["person_ids"]) == {office.leader.pk, office.deputy.pk}
    assert enter(office.officer).get(f"/organization/uy-quyen/{row.pk}/").status_code == 404


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"ends_on": ""}, "ends_on"),
        ({"ends_on": "01/01/2020"}, "ends_on"),
        ({"starts_on": "01/01/2020"}, "starts_on"),
        ({"basis": " "}, "basis"),
        ({"receiver": "999999"}, "receiver"),
    ],
)
def test_faults_keep_what_was_typed(office, changes, field):
    answer = enter(office.leader).post("/organization/uy-quyen/them/", form(office, **changes))
    assert answer.status_code == 422
    assert f'id="id_{field}-error"' in answer.content.decode()
    if field != "basis":
        assert "Quyết định số 125/QĐ-TXG" in answer.content.decode()
    assert not Delegation.objects.exists()


def test_not_to_oneself_and_not_to_who_left(office):
    with pytest.raises(Invalid) as own:
        give(office.leader, office.leader)
    assert "chính mình" in own.value.fields["receiver"]
    office.deputy.left_on = today()
    office.deputy.save(update_fields=["left_on"])
    with pytest.raises(Invalid):
        give(office.leader, office.deputy)


def test_who_leads_nobody_gives_nothing(office):
    assert enter(office.officer).get("/organization/uy-quyen/them/").status_code == 403
    assert enter(office.officer).post("/organization/uy-quyen/them/", form(office)).status_code == 403
    assert not Delegation.objects.exists()


def test_overlapping_days_are_told(office):
    first = give(office.leader, office.deputy)
    second = give(office.leader, office.chief)
    found = overlapping(
        giver_id=office.leader.pk, starts_on=second.starts_on, ends_on=second.ends_on, besides=second.pk
    )
    assert found == [first]


def test_the_bar_names_giver_and_end_until_it_is_laid_down(office):
    row = give(office.leader, office.deputy)
    client = enter(office.deputy)
    assert office.leader.full_name in client.get("/organization/uy-quyen/lua-chon/").content.decode()
    assert client.post(f"/organization/uy-quyen/{row.pk}/dung/").status_code == 303
    page = client.get("/organization/uy-quyen/").content.decode()
    assert f"Đang xử lý theo ủy quyền của {office.leader.full_name}: xem, chỉ đạo" in page
    assert "Thôi xử lý theo ủy quyền" in page
    assert client.get("/organization/uy-quyen/them/").status_code == 403
    assert client.post("/organization/uy-quyen/thoi/").status_code == 303
    assert "Đang xử lý theo ủy quyền" not in client.get("/organization/uy-quyen/").content.decode()


def test_what_was_written_under_a_delegation_that_ended_never_goes_as_own(office):
    row = give(office.leader, office.deputy)
    client = enter(office.deputy)
    client.post(f"/organization/uy-quyen/{row.pk}/dung/")
    delegating.end_delegation(actor=acting(office.leader), delegation_id=row.pk, reason="Đã về", now=clock.now())
    refused = client.post("/organization/uy-quyen/them/", form(office, receiver=office.chief.pk))
    assert refused.status_code == 409
    assert "hết hiệu lực" in refused.content.decode()
    assert Delegation.objects.count() == 1
    page = client.get("/organization/uy-quyen/").content.decode()
    assert "Ủy quyền đã chọn hết hiệu lực" in page
    client.post("/organization/uy-quyen/thoi/")
    own = form(office, receiver=office.chief.pk, posting=acting(office.deputy).posting_id)
    assert client.post("/organization/uy-quyen/them/", own).status_code == 303


def test_a_choice_ends_with_its_day(office):
    row = give(office.leader, office.deputy)
    client = enter(office.deputy)
    client.post(f"/organization/uy-quyen/{row.pk}/dung/")
    session = client.session
    session["delegation"] = [row.pk, (today() - timedelta(days=1)).isoformat()]
    session.save()
    page = client.get("/organization/uy-quyen/").content.decode()
    assert "đến hết" not in page
    assert "Ủy quyền đã chọn hết hiệu lực" in page
    assert client.post("/organization/uy-quyen/them/", form(office)).status_code == 409


def test_nobody_uses_anothers_delegation(office):
    row = give(office.leader, office.deputy)
    assert enter(office.officer).post(f"/organization/uy-quyen/{row.pk}/dung/").status_code == 404


def test_both_are_told_once_when_it_begins_and_when_it_is_over(office):
    give(office.leader, office.deputy, starts_on=today() + timedelta(days=1))
    now = clock.now()
    OutboxEvent.objects.all().delete()
    assert delegating.tell_of_turns(now=now) == 0
    assert delegating.tell_of_turns(now=now + timedelta(days=1)) == 1
    assert delegating.tell_of_turns(now=now + timedelta(days=1)) == 0
    assert delegating.tell_of_turns(now=now + timedelta(days=4)) == 1
    assert delegating.tell_of_turns(now=now + timedelta(days=5)) == 0
    kinds = [event.payload["kind"] for event in OutboxEvent.objects.order_by("pk")]
    assert kinds == ["organization.delegation.began", "organization.delegation.over"]


def test_the_api_acts_under_it_only_when_told_so(office):
    row = give(office.leader, office.deputy)
    client = enter(office.deputy)
    assert client.get("/api/v1/organization/me").status_code == 200
    assert client.get("/api/v1/organization/me", headers={"X-Delegation": str(row.pk)}).status_code == 200
    stranger = hire(office.board, "Ngô Văn Lạ", "Chuyên viên", 9)
    answer = enter(stranger).get("/api/v1/organization/me", headers={"X-Delegation": str(row.pk)})
    assert answer.status_code == 404
