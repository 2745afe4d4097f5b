"""Pages of outgoing documents and registers: what is shown to whom, and how many statements it takes."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from eoffice.core import clock
from eoffice.core.clock import local_date
from eoffice.documents.models import (
    Delivery,
    IncomingDocument,
    NumberBlock,
    OutgoingDocument,
    Recall,
    Register,
    RegisterEntry,
    Sealing,
)
from eoffice.documents.queries import outgoing_detail, outgoing_lists
from eoffice.documents.services import beginning_drafts, dispatching, recalling
from eoffice.documents.services.beginning_drafts import DraftOrigin
from eoffice.documents.services.dispatching import DispatchEntry
from eoffice.documents.states import OutgoingState
from eoffice.documents.tests.cast import NOW, Cast, actor_of, make_cast
from eoffice.documents.tests.drafts import letter_entry, signed
from eoffice.documents.tests.outgoing import SEAL_PIN, address_to, issued, numbered, sealed, signed_as_written
from eoffice.organization import access
from eoffice.organization.models import Person
from eoffice.signing import services as signing

DETAIL_QUERIES = 12


def browser(person: Person) -> Client:
    client = Client()
    assert person.user is not None
    client.force_login(person.user)
    return client


@pytest.fixture
def cast_today(db: None) -> Cast:
    """The cast on the machine's own day: pages read the clock."""
    return make_cast(now=clock.now())


def test_signed_paper_waits_for_its_number_and_keeps_what_was_typed(cast_today: Cast) -> None:
    cast = cast_today
    draft = signed(cast, now=clock.now())
    client = browser(cast.clerk)

    waiting = client.get(reverse("documents:outgoing_list"), {"box": "to_number"}).content.decode()
    assert draft.subject in waiting
    shown = client.get(reverse("documents:draft_number", args=[draft.pk])).content.decode()
    assert "Số được lấy khi chọn Cấp số" in shown
    dated_on = "01/01/2100"
    refused = client.post(
        reverse("documents:draft_number", args=[draft.pk]),
        {"register": cast.outgoing_register.pk, "way": "next", "dated_on": dated_on},
    )
    assert refused.status_code == 422
    assert dated_on in refused.content.decode()
    assert not OutgoingDocument.objects.exists()


def test_clerk_takes_a_letter_from_signed_to_issued_in_the_browser(cast_today: Cast) -> None:
    cast, now = cast_today, clock.now()
    draft = signed(cast, now=now)
    signing.set_seal_pin(actor=actor_of(cast.clerk, now=now), unit_id=cast.group.pk, pin=SEAL_PIN, now=now)
    client = browser(cast.clerk)
    address = reverse("documents:draft_number", args=[draft.pk])
    typed = {"register": cast.outgoing_register.pk, "way": "next", "dated_on": f"{clock.local_date(now):%d/%m/%Y}"}
    register = Register.objects.get(pk=cast.outgoing_register.pk)

    first = client.post(address, typed)
    second = client.post(address, typed)

    assert (first.status_code, second.status_code) == (303, 409)
    register.refresh_from_db()
    assert register.next_number == 2
    outgoing = OutgoingDocument.objects.get()
    for name in ("outgoing_seal", "outgoing_issue"):
        step, pin = reverse(f"documents:{name}", args=[outgoing.pk]), {"pin": SEAL_PIN}
        assert (client.post(step, pin).status_code, client.post(step, pin).status_code) == (303, 409), name
    outgoing.refresh_from_db()
    assert outgoing.state == OutgoingState.ISSUED
    assert Delivery.objects.count() == 2


def test_reading_pane_names_signatures_recipients_and_the_next_step(cast: Cast) -> None:
    outgoing = sealed(cast)

    page = browser(cast.clerk).get(reverse("documents:outgoing_detail", args=[outgoing.pk])).content.decode()

    assert outgoing.shown_code in page
    assert "Phát hành 2 nơi nhận" in page
    assert cast.company.name in page
    assert "Trần Quốc Khánh" in page
    assert "Chưa phát hành: chỉ xem ảnh trang có dấu chìm" in page


def test_htmx_gets_the_reading_pane_alone(cast: Cast) -> None:
    outgoing = numbered(cast)

    response = browser(cast.clerk).get(
        reverse("documents:outgoing_detail", args=[outgoing.pk]), headers={"HX-Request": "true"}
    )

    assert "<html" not in response.content.decode()
    assert "HX-Request" in response.headers["Vary"]


def test_outsider_finds_no_document_and_no_file(cast: Cast) -> None:
    outgoing = issued(cast)
    client = browser(cast.outsider)

    for name in ("outgoing_detail", "outgoing_file", "outgoing_paper_copy"):
        assert client.get(reverse(f"documents:{name}", args=[outgoing.pk])).status_code == 404, name
    for name in ("outgoing_recall", "outgoing_void", "outgoing_issue", "outgoing_seal", "outgoing_put_number"):
        answer = client.post(reverse(f"documents:{name}", args=[outgoing.pk]), {"reason": "x", "pin": "1"})
        assert answer.status_code == 404, name
    outgoing.refresh_from_db()
    assert outgoing.state == OutgoingState.ISSUED
    assert not Recall.objects.exists()


def test_file_is_refused_before_issue_and_the_picture_is_not(cast: Cast) -> None:
    outgoing = sealed(cast)
    client = browser(cast.officer)

    assert client.get(reverse("documents:outgoing_file", args=[outgoing.pk])).status_code == 409
    picture = client.get(reverse("documents:outgoing_picture", args=[outgoing.pk, 0]))
    assert (picture.status_code, picture.headers["Content-Type"]) == (200, "image/webp")


def test_issued_file_is_shown_in_place_and_downloaded_on_demand(cast: Cast) -> None:
    outgoing = issued(cast)
    client = browser(cast.officer)
    address = reverse("documents:outgoing_file", args=[outgoing.pk])

    shown, loaded = client.get(address), client.get(address, {"download": "1"})

    assert shown.content.startswith(b"%PDF-")
    assert shown.headers["Content-Disposition"].startswith("inline")
    assert loaded.headers["Content-Disposition"].startswith("attachment")


def test_recalled_document_shows_reason_and_stands_in_its_box(cast: Cast) -> None:
    outgoing = issued(cast)
    recalling.recall_outgoing(actor=actor_of(cast.clerk), outgoing_id=outgoing.pk, reason="Sai số liệu", now=NOW)
    client = browser(cast.clerk)

    assert "Sai số liệu" in client.get(reverse("documents:outgoing_detail", args=[outgoing.pk])).content.decode()
    listed = client.get(reverse("documents:outgoing_list"), {"box": "recalled"}).content.decode()
    assert outgoing.shown_code in listed


def test_history_of_the_issuer_tells_sealing_recall_and_what_replaced_it(cast: Cast) -> None:
    outgoing = issued(cast)
    recalled_at = NOW + timedelta(hours=1)
    recalling.recall_outgoing(
        actor=actor_of(cast.clerk), outgoing_id=outgoing.pk, reason="Sai số liệu mục 2", now=recalled_at
    )
    draft = beginning_drafts.create_draft(
        actor=actor_of(cast.officer), entry=letter_entry(cast, subject="Bản thay thế"), unit_id=cast.technology.pk,
        origin=DraftOrigin(replaces_id=outgoing.pk), now=NOW,
    )  # fmt: skip
    replacement = issued(cast, draft=signed_as_written(cast, draft))

    page = outgoing_detail.outgoing_page(actor_of(cast.clerk), outgoing.pk, now=NOW)
    told = {moment.title: moment for moment in page.history}

    assert told["Thu hồi"].note == "Sai số liệu mục 2"
    assert (told["Thu hồi"].by, told["Thu hồi"].at) == (cast.clerk.full_name, recalled_at)
    assert told["Được thay thế"].note == f"Bằng văn bản {replacement.shown_code}"
    assert told["Đóng dấu"].by == cast.clerk.full_name
    assert page.history[0].title == "Thu hồi"
    assert [moment.title for moment in page.history].count("Phát hành") == 1


def test_a_later_document_out_of_sight_is_told_without_its_code(cast: Cast) -> None:
    outgoing = issued(cast)
    draft = beginning_drafts.create_draft(
        actor=actor_of(cast.officer), entry=letter_entry(cast, subject="Bản đính chính"), unit_id=cast.technology.pk,
        origin=DraftOrigin(corrects_id=outgoing.pk), now=NOW,
    )  # fmt: skip
    issued(cast, draft=signed_as_written(cast, draft))
    access.grant_sight(object_kind="outgoing", object_id=outgoing.pk, person_id=cast.outsider.pk, source="test")

    page = outgoing_detail.outgoing_page(actor_of(cast.outsider), outgoing.pk, now=NOW)

    corrected = next(moment for moment in page.history if moment.title == "Được đính chính")
    assert corrected.note == ""


def test_postal_line_is_kept_as_typed_when_it_cannot_be_written(cast: Cast) -> None:
    draft = signed(cast)
    address_to(draft, "Bộ Tài chính")
    issued(cast, draft=draft)
    delivery = Delivery.objects.get(outside__isnull=False)

    answer = browser(cast.clerk).post(
        reverse("documents:delivery_dispatch", args=[delivery.pk]),
        {"method": "post", "sent_on": "01/01/2020", "envelopes": "3", "reference": "EB 1"},
    )

    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Ngày gửi từ ngày phát hành 23/11/2026" in page
    assert "EB 1" in page


def test_list_and_page_take_a_fixed_number_of_statements(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    draft = signed(cast)
    address_to(draft, cast.company_department, "Bộ Tài chính")
    outgoing = issued(cast, draft=draft)
    dispatching.record_dispatch(
        actor=actor_of(cast.clerk),
        delivery_id=Delivery.objects.get(outside__isnull=False).pk,
        entry=DispatchEntry(method="post", sent_on=NOW.date()),
        now=NOW,
    )
    clerk = actor_of(cast.clerk)

    with django_assert_num_queries(2):
        assert len(outgoing_lists.outgoing_list(clerk, box="issued").lines) == 1
    with django_assert_num_queries(1):
        assert outgoing_lists.counters(clerk, NOW) == {"to_number": 0, "to_issue": 0}
    with django_assert_num_queries(DETAIL_QUERIES):
        page = outgoing_detail.outgoing_page(clerk, outgoing.pk, now=NOW)
    assert page.received_words == "0/3 đã nhận"


def test_counters_follow_a_letter_on_its_way(cast: Cast) -> None:
    clerk = actor_of(cast.clerk)

    draft = signed(cast)
    assert outgoing_lists.counters(clerk, NOW) == {"to_number": 1, "to_issue": 0}
    sealed(cast, draft=draft)
    assert outgoing_lists.counters(clerk, NOW) == {"to_number": 0, "to_issue": 1}
    assert outgoing_lists.counters(actor_of(cast.officer), NOW) == {}


def test_clerk_opens_a_register_and_keeps_numbers(cast: Cast) -> None:
    client = browser(cast.clerk)

    opened = client.post(
        reverse("documents:register_open"),
        {
            "kind": "outgoing", "year": 2026, "name": "Sổ quyết định", "document_types": ["decision"],
            "first_number": 313, "opening_basis": "1–312: hệ thống cũ",
        },
    )  # fmt: skip
    register = Register.objects.get(name="Sổ quyết định")
    assert opened.headers["Location"] == reverse("documents:register_detail", args=[register.pk])
    kept = client.post(
        reverse("documents:register_keep", args=[register.pk]),
        {"first": 320, "last": 322, "holder": "reserved", "basis": "Văn bản đang trình"},
    )
    assert kept.status_code == 303
    assert (register.next_number, NumberBlock.objects.get().first) == (313, 320)
    page = client.get(reverse("documents:register_detail", args=[register.pk])).content.decode()
    assert "1–312: hệ thống cũ" in page
    assert "<dd>Quyết định</dd>" in page.replace(' class="num"', "")
    assert "320–322" in page


def test_second_common_register_is_refused_beside_its_field(cast: Cast) -> None:
    answer = browser(cast.clerk).post(
        reverse("documents:register_open"),
        {"kind": "outgoing", "year": 2026, "name": "Sổ khác", "first_number": 1, "opening_basis": ""},
    )

    assert answer.status_code == 422
    assert "Khóa sổ đó trước" in answer.content.decode()


def test_officer_reads_and_opens_no_register(cast: Cast) -> None:
    client = browser(cast.officer)

    assert client.get(reverse("documents:register_detail", args=[cast.outgoing_register.pk])).status_code == 404
    assert client.get(reverse("documents:register_open")).status_code == 403
    keep = {"first": 1, "last": 2, "holder": "reserved", "basis": "x"}
    address = reverse("documents:register_keep", args=[cast.outgoing_register.pk])
    assert client.post(address, keep).status_code == 403
    assert not NumberBlock.objects.exists()
    assert not RegisterEntry.objects.exists()


def test_program_reads_and_recalls_by_the_same_rules(cast: Cast) -> None:
    outgoing = issued(cast)
    base = f"/api/v1/documents/outgoing/{outgoing.pk}"

    assert browser(cast.outsider).get(base).status_code == 404
    shown = browser(cast.officer).get(base)
    assert shown.json()["code"] == outgoing.shown_code
    states = [row["state"] for row in browser(cast.officer).get(f"{base}/recipients").json()]
    assert states == ["Đã đến", "Đã đến"]
    body = {"reason": "Sai số liệu"}
    assert browser(cast.officer).post(f"{base}/recall", body, content_type="application/json").status_code == 403
    assert not Recall.objects.exists()
    assert browser(cast.clerk).post(f"{base}/recall", body, content_type="application/json").status_code == 204
    assert Recall.objects.get().reason == "Sai số liệu"


def test_which_book_is_opened_is_the_clerks_to_say(cast: Cast) -> None:
    client = browser(cast.clerk)
    before = Register.objects.count()

    page = client.get(reverse("documents:register_open")).content.decode()
    answer = client.post(reverse("documents:register_open"), {"year": 2026, "name": "Sổ khác", "first_number": 1})

    assert not re.search(r'name="kind" value="\w+" checked', page)
    assert answer.status_code == 422
    assert "Chọn sổ đến, sổ đi hay sổ bản sao." in answer.content.decode()
    assert Register.objects.count() == before


def test_from_the_page_of_a_signed_draft_the_clerk_goes_on_to_its_number_and_to_what_became_of_it(cast: Cast) -> None:
    draft = signed(cast)
    address = reverse("documents:draft_detail", args=[draft.pk])
    to_number = f'href="{reverse("documents:draft_number", args=[draft.pk])}"'

    waiting = browser(cast.clerk).get(address).content.decode()
    officers = browser(cast.officer).get(address).content.decode()
    outgoing = numbered(cast, draft=draft)
    done = browser(cast.clerk).get(address).content.decode()

    assert (to_number in waiting, to_number in officers, to_number in done) == (True, False, False)
    assert f"Xem văn bản {outgoing.shown_code}" in done


def test_a_number_whose_turn_has_not_come_is_refused_beside_its_field(cast_today: Cast) -> None:
    cast, now = cast_today, clock.now()
    draft = signed(cast, now=now)
    client = browser(cast.clerk)
    block = {"first": 5, "last": 6, "holder": "reserved", "basis": "Văn bản đang trình"}
    client.post(reverse("documents:register_keep", args=[cast.outgoing_register.pk]), block)
    typed = {
        "register": cast.outgoing_register.pk,
        "way": "reserved",
        "number": "6",
        "dated_on": f"{local_date(now):%d/%m/%Y}",
    }

    refused = client.post(reverse("documents:draft_number", args=[draft.pk]), typed)

    page = refused.content.decode()
    assert refused.status_code == 409
    assert "Chưa đến lượt số 6" in page
    assert 'value="6"' in page
    assert not OutgoingDocument.objects.exists()


@pytest.mark.parametrize(("way", "words"), [("corrects", "đính chính"), ("replaces", "thay thế")])
def test_a_recipient_reads_what_came_later_and_what_it_is_about(cast: Cast, way: str, words: str) -> None:
    outgoing = issued(cast)
    draft = beginning_drafts.create_draft(
        actor=actor_of(cast.officer), entry=letter_entry(cast, subject="Văn bản mới"), unit_id=cast.technology.pk,
        origin=DraftOrigin(**{f"{way}_id": outgoing.pk}), now=NOW,
    )  # fmt: skip
    newer = issued(cast, draft=signed_as_written(cast, draft))
    older_copy, newer_copy = (
        IncomingDocument.objects.get(source_outgoing=each, registry=cast.company) for each in (outgoing, newer)
    )
    clerk = browser(cast.company_clerk)

    older_page = clerk.get(reverse("documents:incoming_detail", args=[older_copy.pk])).content.decode()
    newer_page = clerk.get(reverse("documents:incoming_detail", args=[newer_copy.pk])).content.decode()
    issuers = outgoing_detail.outgoing_page(actor_of(cast.clerk), outgoing.pk, now=NOW)

    form = clerk.get(reverse("documents:incoming_register", args=[older_copy.pk])).content.decode()
    assert "Các trường do nơi gửi điền khi phát hành." in form
    assert f"Nơi gửi đã {words}" in older_page
    assert newer.shown_code in older_page
    assert reverse("documents:incoming_detail", args=[newer_copy.pk]) in older_page
    assert f"{words.capitalize()}</b> văn bản" in newer_page
    assert issuers.state == f"Đã {words}"
    assert [moment.title for moment in issuers.history].count("Cấp số") == 1
    recalling.recall_outgoing(actor=actor_of(cast.clerk), outgoing_id=newer.pk, reason="Sai", now=NOW)
    after = clerk.get(reverse("documents:incoming_detail", args=[older_copy.pk])).content.decode()
    assert f"Nơi gửi đã {words}" not in after


def test_who_goes_back_to_a_numbered_draft_is_led_to_its_document_and_takes_no_second_number(cast_today: Cast) -> None:
    outgoing = numbered(cast_today, now=clock.now())
    client = browser(cast_today.clerk)
    address = reverse("documents:draft_number", args=[outgoing.draft_id])
    typed = {
        "register": cast_today.outgoing_register.pk,
        "way": "next",
        "dated_on": f"{local_date(clock.now()):%d/%m/%Y}",
    }

    again = client.get(address)
    sent = client.post(address, typed)

    assert again.headers["Location"].startswith(reverse("documents:outgoing_detail", args=[outgoing.pk]))
    assert sent.status_code == 409
    assert f"đã được cấp số {outgoing.shown_code}" in sent.content.decode()
    assert OutgoingDocument.objects.count() == RegisterEntry.objects.filter(outgoing__isnull=False).count() == 1


def test_refused_seal_and_issue_are_said_on_the_page_they_were_asked_on(cast: Cast) -> None:
    outgoing = numbered(cast)
    signing.set_seal_pin(actor=actor_of(cast.clerk), unit_id=cast.group.pk, pin=SEAL_PIN, now=NOW)
    clerk = browser(cast.clerk)

    wrong = clerk.post(reverse("documents:outgoing_seal", args=[outgoing.pk]), {"pin": "000001"})
    early = clerk.post(reverse("documents:outgoing_issue", args=[outgoing.pk]))

    page = wrong.content.decode()
    assert wrong.status_code == 422
    assert re.search(r'<dialog[^>]*id="seal"[^>]*data-opens-now', page)
    assert "Mã PIN không đúng" in page
    assert "000001" not in page
    assert early.status_code == 409
    assert outgoing.subject in early.content.decode()
    outgoing.refresh_from_db()
    assert (outgoing.issued_at, outgoing.state) == (None, "numbered")
    assert not Sealing.objects.filter(sealed_at__isnull=False).exists()
