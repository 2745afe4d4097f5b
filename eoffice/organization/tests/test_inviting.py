"""Invitations from the pages of keeping: one person, and everybody of an import."""

from __future__ import annotations

import dataclasses

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from eoffice.accounts import services as accounts
from eoffice.accounts.models import PasswordLink
from eoffice.core import clock
from eoffice.core.actor_ref import ActorRef
from eoffice.core.channels import gateways
from eoffice.core.channels.gateways import GatewayEntry
from eoffice.core.errors import NotPermitted
from eoffice.core.models import OutboundMessage
from eoffice.organization import jobs
from eoffice.organization.errors import ImportNotReady
from eoffice.organization.models import ImportRun, Person, Unit
from eoffice.organization.services import inviting
from eoffice.organization.tests.lists import bring_in, people_csv
from eoffice.organization.tests.office import NOW, actor, make_office

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def mailbox(settings: Settings) -> None:
    settings.ENVIRONMENT = dataclasses.replace(django_settings.ENVIRONMENT, demo=True)
    entry = GatewayEntry(name="Hộp thư", channel="mail", kind="inbox", settings={})
    gateways.add_gateway(entry=entry, now=NOW)


@pytest.fixture
def office():
    return make_office()


@pytest.fixture
def run(office) -> ImportRun:
    for unit, code in ((office.group, "TXG"), (office.board, "CN"), (office.company, "CN-PM")):
        Unit.objects.filter(pk=unit.pk).update(code=code)
    return bring_in(people_csv())


def client_of(person: Person) -> Client:
    client = Client()
    assert person.user is not None
    client.force_login(person.user)
    return client


def test_everybody_of_an_import_is_invited_once(office, run):
    client = client_of(office.administrator)
    page = reverse("keeping:import_run", args=[run.pk])
    assert "Gửi thư mời cho 2 người" in client.get(page).content.decode()

    assert client.post(reverse("keeping:import_invite", args=[run.pk])).status_code == 303
    for _ in range(2):
        jobs.invite_people(run_id=run.pk, person_id=office.administrator.pk)

    assert sorted(OutboundMessage.objects.values_list("recipient", flat=True)) == [
        "phuong.nh@truongxuan.example",
        "thuy.dt@truongxuan.example",
    ]
    text = client.get(page).content.decode()
    assert "2 người đang giữ thư mời còn hạn" in text
    assert "Gửi thư mời cho" not in text


def test_who_has_a_password_already_is_not_invited_with_the_others(office, run):
    someone = Person.objects.get(code="NV1").user
    accounts.send_link(actor=ActorRef(None), user_id=someone.pk, now=clock.now())
    PasswordLink.objects.all().delete()
    someone.set_password("mot-mat-khau-du-dai")
    someone.save()

    jobs.invite_people(run_id=run.pk)

    assert [link.user.email for link in PasswordLink.objects.all()] == ["thuy.dt@truongxuan.example"]


def test_many_are_invited_by_job_after_job(office, run, monkeypatch):
    monkeypatch.setattr(inviting, "AT_ONCE", 1)

    assert inviting.send_invitations(actor=ActorRef(None), run_id=run.pk, now=clock.now())
    assert not inviting.send_invitations(actor=ActorRef(None), run_id=run.pk, now=clock.now())
    assert PasswordLink.objects.count() == 2


def test_only_who_may_import_invites_and_only_after_the_import(office, run):
    with pytest.raises(NotPermitted):
        inviting.invite_people_of_run(
            actor=actor(office.officer), run_id=run.pk, now=NOW, defer=lambda *_: pytest.fail("deferred")
        )
    ImportRun.objects.filter(pk=run.pk).update(state="ready")
    with pytest.raises(ImportNotReady):
        inviting.invite_people_of_run(
            actor=actor(office.administrator), run_id=run.pk, now=NOW, defer=lambda *_: pytest.fail("deferred")
        )
    assert not PasswordLink.objects.exists()


def test_one_person_is_invited_from_the_persons_page(office, run):
    client, person = client_of(office.administrator), Person.objects.get(code="NV2")
    page = reverse("keeping:person", args=[person.pk])
    assert "Gửi thư mời" in client.get(page).content.decode()

    answer = client.post(reverse("keeping:person_invite", args=[person.pk]), follow=True)

    assert "Đã gửi thư có liên kết đặt mật khẩu" in answer.content.decode()
    assert PasswordLink.objects.get().user == person.user


def test_others_invite_nobody(office, run):
    person = Person.objects.get(code="NV2")

    for other in (office.officer, office.company_chief):
        assert client_of(other).post(reverse("keeping:person_invite", args=[person.pk])).status_code == 403
    assert not PasswordLink.objects.exists()
