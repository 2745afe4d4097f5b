"""Doors, factors, sessions and tokens of others: the administrator's timed powers are asked on every such page."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import get_resolver, reverse

from eoffice.accounts import urls as accounts_urls
from eoffice.accounts.models import Door, EntryPolicy, OpenSession
from eoffice.audit.models import AuditEntry
from eoffice.core import clock
from eoffice.organization.middleware import SESSION_DELEGATION, SESSION_POWERS
from eoffice.organization.models import Person, PowersSession
from eoffice.organization.services.powers import POWERS_SPAN
from eoffice.organization.tests.office import make_office

pytestmark = pytest.mark.django_db
SAMPLES = {
    "kind": "oidc",
    "code": "tap-doan",
    "user_id": 1,
    "gateway_id": 1,
    "channel": "sms",
    "token_id": 1,
}
"""`kind` of a gateway is `inbox`; it is set where the name says so."""


@pytest.fixture
def office():
    return make_office()


def client_of(person: Person) -> Client:
    client = Client()
    assert person.user is not None
    client.force_login(person.user)
    return client


def with_powers_on(person: Person) -> Client:
    client, now = client_of(person), clock.now()
    row = PowersSession.objects.create(
        person=person, reason="Theo yêu cầu hỗ trợ số 12", started_at=now, ends_at=now + POWERS_SPAN
    )
    session = client.session
    session[SESSION_POWERS] = row.pk
    session.save()
    return client


def administration() -> list[str]:
    """The address of every page of this kind, with sample keys filled in."""
    names = [str(each.name) for each in accounts_urls.urlpatterns if str(each.pattern).startswith("quan-tri/")]
    patterns = get_resolver().namespace_dict["accounts"][1].reverse_dict
    paths = []
    for name in names:
        # Of each pattern Django keeps the possible addresses with the names of their keys.
        wanted = patterns.getlist(name)[0][0][0][1]
        keys = {key: "inbox" if (name, key) == ("gateway_add", "kind") else SAMPLES[key] for key in wanted}
        paths.append(reverse(f"accounts:{name}", kwargs=keys))
    return paths


def test_every_page_of_administration_leads_to_the_reason_page_first(office):
    client = client_of(office.administrator)
    Door.objects.create(code="tap-doan", kind="oidc", name="Tập đoàn")
    paths = administration()
    assert len(paths) > 15

    for path in paths:
        for method in ("get", "post"):
            answer = getattr(client, method)(path)
            if answer.status_code == 405:
                continue
            assert answer.status_code == 302, (method, path, answer.status_code)
            assert answer["Location"].startswith(reverse("organization:powers")), path


def test_nobody_else_is_led_there(office):
    client = client_of(office.chief)

    for path in administration():
        assert client.get(path).status_code in {403, 405}, path
        assert client.post(path).status_code in {403, 405}, path
    assert not Door.objects.exists()


def test_with_powers_on_pages_open_and_every_change_is_noted(office):
    client = with_powers_on(office.administrator)
    page = reverse("accounts:door_list")
    assert client.get(page).status_code == 200
    assert not AuditEntry.objects.filter(action="organization.powers.used").exists()
    rules = {
        "local_passwords": "on", "idle_minutes": "90", "special_idle_minutes": "30", "absolute_hours": "8",
        "invitation_days": "3", "reset_minutes": "30", "tokens_each": "2", "token_days": "90",
    }  # fmt: skip

    assert client.post(page, rules).status_code == 303

    assert EntryPolicy.objects.get().tokens_each == 2
    used = AuditEntry.objects.get(action="organization.powers.used")
    assert used.detail == {"for": "accounts:door_list"}
    assert PowersSession.objects.get().uses == 1


def test_powers_over_close_the_pages_again(office):
    client = with_powers_on(office.administrator)
    PowersSession.objects.update(ended_at=clock.now())

    answer = client.post(reverse("accounts:session_end_all", args=[office.officer.user_id]))

    assert answer.status_code == 302
    assert not OpenSession.objects.filter(ended_because="administrator").exists()


def test_a_delegation_brings_nobody_to_these_pages(office):
    client = client_of(office.administrator)
    session = client.session
    session[SESSION_DELEGATION] = [1, clock.local_date(clock.now()).isoformat()]
    session.save()

    assert client.get(reverse("accounts:door_list")).status_code == 302


def test_pages_that_show_the_hour_open_while_powers_are_on(office):
    """The bar counts minutes by itself: a page's own `now` once stood in its way."""
    page = with_powers_on(office.administrator).get(reverse("accounts:account"))

    assert page.status_code == 200
    assert "còn 30 phút" in page.content.decode()
