"""Changes of rights by the API: the same four eyes as on the pages."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from eoffice.accounts import services as accounts
from eoffice.accounts.models import User
from eoffice.core import clock
from eoffice.core.clock import local_date
from eoffice.organization import queries
from eoffice.organization.models import RightChange, RightChangeState, Role, RoleGrant
from eoffice.organization.services.proposing_rights import Terms, propose_role
from eoffice.organization.tests.office import SYSTEM, make_office

pytestmark = pytest.mark.django_db
URL = "/api/v1/organization/right-changes"


@pytest.fixture
def office():
    return make_office()


@pytest.fixture
def change(office):
    """Proposed by chánh văn phòng of the company for its own officer: the group's chief may confirm."""
    proposer = queries.actor_of(user_id=office.company_chief.user_id, now=clock.now())
    terms = Terms(starts_on=local_date(clock.now()), reason="Thay người nghỉ hưu")
    return propose_role(
        actor=proposer, person_id=office.officer.pk, unit_id=office.company.pk, role=Role.SECRETARY, terms=terms,
        now=clock.now(),
    )  # fmt: skip


def enter(person):
    client = Client()
    client.force_login(User.objects.get(pk=person.user_id))
    return client


def post(client, address, **body):
    return client.post(address, body, content_type="application/json")


def test_it_is_listed_read_and_confirmed_by_another_keeper(office, change):
    chief = enter(office.chief)
    rows = chief.get(URL).json()["rows"]
    assert [(row["id"], row["may_confirm"], row["state_words"]) for row in rows] == [(change.pk, True, "Chờ xác nhận")]
    done = post(chief, f"{URL}/{change.pk}/confirm", note="Đồng ý")
    assert done.status_code == 200, done.content
    assert (done.json()["state"], done.json()["decided_by"]) == ("confirmed", office.chief.full_name)
    assert RoleGrant.objects.filter(person=office.officer, role=Role.SECRETARY, unit=office.company).exists()
    assert chief.get(URL).json()["rows"] == []
    assert len(chief.get(f"{URL}?waiting=false").json()["rows"]) == 1


def test_proposer_person_concerned_and_outsiders_decide_nothing(office, change):
    for person, status in (
        (office.company_chief, 403),
        (office.officer, 403),
        (office.head, 404),
    ):
        answer = post(enter(person), f"{URL}/{change.pk}/confirm")
        assert answer.status_code == status, (person, answer.content)
    change.refresh_from_db()
    assert change.state == RightChangeState.WAITING
    assert not RoleGrant.objects.filter(person=office.officer, role=Role.SECRETARY).exists()


def test_an_administrator_without_powers_is_told_so(office, change):
    answer = post(enter(office.administrator), f"{URL}/{change.pk}/confirm")
    assert answer.status_code == 403
    assert RightChange.objects.get().state == RightChangeState.WAITING


def test_refusing_needs_a_reason_and_withdrawing_its_proposer(office, change):
    chief = enter(office.chief)
    assert post(chief, f"{URL}/{change.pk}/refuse").status_code == 422
    assert post(chief, f"{URL}/{change.pk}/withdraw").status_code == 403
    change.refresh_from_db()
    assert change.state == RightChangeState.WAITING
    assert post(enter(office.company_chief), f"{URL}/{change.pk}/withdraw").json()["state"] == "withdrawn"


def test_a_token_decides_only_with_the_scope_for_it(office, change):
    now = clock.now()

    def bearer(*scopes):
        secret = accounts.create_token(
            actor=SYSTEM, user_id=office.chief.user_id, name=" ".join(scopes), scopes=list(scopes),
            expires_at=now + timedelta(days=7), now=now,
        )  # fmt: skip
        return {"headers": {"Authorization": f"Bearer {secret}"}}

    reads, writes = bearer("organization:read"), bearer("organization:write")
    assert [row["id"] for row in Client().get(URL, **reads).json()["rows"]] == [change.pk]
    address = f"{URL}/{change.pk}/confirm"
    assert Client().post(address, {}, content_type="application/json", **reads).status_code == 403
    change.refresh_from_db()
    assert change.state == RightChangeState.WAITING
    assert Client().post(address, {}, content_type="application/json", **writes).json()["state"] == "confirmed"
