"""The pages of rights, from the proposal to what the person concerned is told and sees."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from eoffice.accounts.models import User
from eoffice.core import clock
from eoffice.core.clock import local_date
from eoffice.core.jobs import deliver_event
from eoffice.core.models import OutboxEvent
from eoffice.documents.models import DocumentRead
from eoffice.documents.tests import letters
from eoffice.documents.tests.cast import Cast
from eoffice.documents.tests.outgoing import issued
from eoffice.notifications.models import Notification
from eoffice.organization.models import Mandate, PowersSession, RightChange, Role, RoleGrant, SigningCapacity

PASSWORD = "TruongXuan@2026"


def client_of(person) -> Client:
    client = Client()
    client.force_login(person.user)
    return client


def with_powers(person) -> Client:
    user = User.objects.get(pk=person.user_id)
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])
    client = Client()
    client.force_login(user)
    sent = {"reason": "Theo tờ trình của Văn phòng", "password": PASSWORD, "next": "/organization/phan-quyen/"}
    answer = client.post(reverse("organization:powers"), sent)
    assert (answer.status_code, answer["Location"]) == (303, "/organization/phan-quyen/")
    return client


def day(moment) -> str:
    return f"{local_date(moment):%d/%m/%Y}"


def test_administrator_is_led_to_the_reason_page_and_back(cast: Cast) -> None:
    client = client_of(cast.administrator)
    wanted = reverse("organization:role_propose")

    led = client.get(wanted)
    assert led["Location"] == f"{reverse('organization:powers')}?next=%2Forganization%2Fphan-quyen%2Fgiao-vai-tro%2F"
    assert "Bật quyền quản trị" in client.get(led["Location"]).content.decode()

    powered = with_powers(cast.administrator)
    page = powered.get(wanted).content.decode()
    assert "Đang bật quyền quản trị:</span> còn 30 phút" in page
    powered.post(reverse("organization:end_powers"))
    assert powered.get(wanted).status_code == 302
    assert PowersSession.objects.get().ended_at is not None


def test_wrong_password_keeps_the_reason_and_opens_nothing(cast: Cast) -> None:
    answer = client_of(cast.administrator).post(
        reverse("organization:powers"), {"reason": "Theo tờ trình của Văn phòng", "password": "sai"}
    )

    assert answer.status_code == 422
    assert "Theo tờ trình của Văn phòng" in answer.content.decode()
    assert not PowersSession.objects.exists()


@pytest.mark.parametrize("onward", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "\\\\evil"])
def test_reason_page_leads_nowhere_else(cast: Cast, onward: str) -> None:
    page = client_of(cast.administrator).get(reverse("organization:powers"), {"next": onward})

    assert '<input type="hidden" name="next" value="">' in page.content.decode()


def test_role_travels_from_proposal_to_the_bell(cast: Cast) -> None:
    proposer, confirmer = with_powers(cast.administrator), client_of(cast.chief)
    sent = {
        "person": cast.officer.pk, "unit": cast.technology.pk, "role": "secretary", "starts_on": day(clock.now()),
        "reason": "Thư ký nghỉ thai sản",
    }  # fmt: skip
    assert proposer.post(reverse("organization:role_propose"), sent).status_code == 303
    change = RightChange.objects.get()
    assert not RoleGrant.objects.filter(role=Role.SECRETARY).exists()

    assert (
        "Thư ký nghỉ thai sản" in confirmer.get(reverse("organization:right_change", args=[change.pk])).content.decode()
    )
    history = confirmer.get(reverse("organization:right_changes") + "?box=history").content.decode()
    assert cast.officer.full_name not in history
    refused = proposer.post(reverse("organization:right_change_confirm", args=[change.pk]))
    assert refused.status_code == 403
    assert confirmer.post(reverse("organization:right_change_confirm", args=[change.pk])).status_code == 303

    assert RoleGrant.objects.filter(role=Role.SECRETARY, person=cast.officer).exists()
    for event in OutboxEvent.objects.filter(name="organization.people.told", delivered_at=None):
        deliver_event(event_id=event.pk)
    told = Notification.objects.filter(person=cast.officer, kind="right_change_decided").get()
    assert told.title.startswith("Đã xác nhận: giao vai trò")
    assert client_of(cast.officer).get(told.url).status_code == 200


def test_fault_of_a_proposal_keeps_what_was_typed(cast: Cast) -> None:
    sent = {"person": cast.officer.pk, "unit": cast.technology.pk, "role": "secretary", "starts_on": "31/02/2026"}
    answer = client_of(cast.chief).post(reverse("organization:role_propose"), sent)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert cast.officer.full_name in page
    assert "31/02/2026" in page


def test_every_page_of_rights_opens_for_its_keeper(cast: Cast) -> None:
    client = client_of(cast.chief)
    grant, mandate = RoleGrant.objects.filter(unit=cast.group).earliest("pk"), Mandate.objects.get()
    capacity = cast.leader_capacity.pk
    pages = [
        reverse("organization:roles"),
        reverse("organization:roles") + "?role=clerk&q=huong",
        reverse("organization:role_end", args=[grant.pk]),
        reverse("organization:mandates"),
        reverse("organization:mandate_propose"),
        reverse("organization:mandate_end", args=[mandate.pk]),
        reverse("organization:capacities"),
        reverse("organization:capacity_create", args=[cast.group.pk]),
        reverse("organization:capacity_change", args=[capacity]),
        reverse("organization:capacity_end", args=[capacity]),
        reverse("documents:capacity_drafts", args=[capacity]),
        reverse("web:rights_matrix"),
    ]

    assert {path: client.get(path).status_code for path in pages} == dict.fromkeys(pages, 200)


def test_pages_of_rights_stay_closed_to_others(cast: Cast) -> None:
    client = client_of(cast.outsider)
    capacity = cast.leader_capacity.pk
    closed = [
        reverse("organization:roles"),
        reverse("organization:role_propose"),
        reverse("organization:mandates"),
        reverse("organization:powers"),
        reverse("organization:capacity_create", args=[cast.group.pk]),
        reverse("organization:capacity_end", args=[capacity]),
        reverse("documents:capacity_drafts", args=[capacity]),
        reverse("web:rights_matrix"),
        reverse("web:audit"),
    ]

    assert {path: client.get(path).status_code for path in closed} == dict.fromkeys(closed, 403)


def test_block_is_shown_as_it_will_print(cast: Cast) -> None:
    asked = {"person": str(cast.deputy_leader.pk), "form": "KT", "starts_on": day(clock.now())}
    answer = client_of(cast.chief).get(reverse("organization:capacity_preview", args=[cast.group.pk]), asked)

    assert "KT. TỔNG GIÁM ĐỐC<br>PHÓ TỔNG GIÁM ĐỐC" in answer.content.decode().replace("\n", "")


def test_capacity_is_written_and_ended_on_the_pages(cast: Cast) -> None:
    client = client_of(cast.chief)
    sent = {
        "person": cast.deputy_leader.pk, "form": "KT", "given_by": cast.leader.pk, "basis": "Quyết định số 112/QĐ-TXG",
        "starts_on": day(clock.now()), "content": "Đầu tư", "document_types": ["letter"],
    }  # fmt: skip
    assert client.post(reverse("organization:capacity_create", args=[cast.group.pk]), sent).status_code == 303
    made = SigningCapacity.objects.get(person=cast.deputy_leader)
    assert made.document_types == ["letter"]

    ended = client.post(reverse("organization:capacity_end", args=[made.pk]), {"first_day_without": day(clock.now())})
    assert ended.status_code == 303
    made.refresh_from_db()
    assert not made.covers_day(local_date(clock.now()))


def test_who_sees_is_told_to_who_may_ask_and_why_to_everybody(cast: Cast) -> None:
    letter, outgoing = letters.directed(cast), issued(cast)
    pages = [
        reverse("documents:incoming_access", args=[letter.pk]),
        reverse("documents:outgoing_access", args=[outgoing.pk]),
        reverse("documents:draft_access", args=[outgoing.draft_id]),
    ]
    for path in pages:
        page = client_of(cast.clerk).get(path).content.decode()
        assert "Tất cả người xem được" in page
        assert client_of(cast.outsider).get(path).status_code == 404
    own = client_of(cast.head).get(pages[0]).content.decode()
    assert "Vì sao tôi thấy" in own
    assert "Tất cả người xem được" not in own
    assert client_of(cast.head).get(pages[0] + "?line=1").status_code == 403


def test_sight_given_by_hand_opens_one_letter_until_its_day(cast: Cast) -> None:
    letter = letters.registered(cast)
    path = reverse("documents:incoming_access", args=[letter.pk])
    sent = {
        "person": cast.legal_officer.pk, "starts_on": day(clock.now()), "ends_on": day(clock.now() + timedelta(days=3)),
        "reason": "Đối chiếu số liệu",
    }  # fmt: skip
    assert client_of(cast.clerk).post(reverse("documents:incoming_sight", args=[letter.pk]), sent).status_code == 303
    assert client_of(cast.legal_officer).get(path).status_code == 404
    client_of(cast.chief).post(reverse("organization:right_change_confirm", args=[RightChange.objects.get().pk]))

    assert "Được cấp quyền xem" in client_of(cast.legal_officer).get(path).content.decode()
    assert client_of(cast.outsider).post(reverse("documents:incoming_sight", args=[letter.pk]), sent).status_code == 404


def test_auditor_reads_within_the_mandate_and_leaves_no_mark(cast: Cast) -> None:
    letter = letters.registered(cast)
    client = client_of(cast.auditor)
    detail = reverse("documents:incoming_detail", args=[letter.pk])
    assert client.get(detail).status_code == 200
    client.post(reverse("documents:incoming_read", args=[letter.pk]))
    assert not DocumentRead.objects.filter(person=cast.auditor).exists()

    arrived = local_date(letter.received_at)
    Mandate.objects.update(documents_to=arrived - timedelta(days=1))
    assert client.get(detail).status_code == 404
    Mandate.objects.update(documents_to=arrived)
    assert client.get(detail).status_code == 200
    Mandate.objects.update(ends_on=arrived - timedelta(days=3))
    assert client.get(detail).status_code == 404
    assert client.get(reverse("web:audit")).status_code == 403
