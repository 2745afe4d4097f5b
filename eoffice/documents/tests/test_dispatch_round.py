"""Sổ gửi bưu điện for many recipients at once: all lines or none, once, by who may issue."""

from __future__ import annotations

import html
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from eoffice.core import clock
from eoffice.core.errors import Invalid, NotPermitted
from eoffice.documents.errors import DocumentNotFound
from eoffice.documents.models import Delivery, OutgoingDocument, PostalDispatch
from eoffice.documents.services import dispatching
from eoffice.documents.services.dispatching import DispatchEntry
from eoffice.documents.tests.cast import NOW, Cast, actor_of
from eoffice.documents.tests.drafts import signed
from eoffice.documents.tests.outgoing import address_to, issued
from eoffice.organization.models import Person

BODIES = [f"Sở Thông tin tỉnh {number:02d}" for number in range(40)]
TODAY = date(2026, 11, 23)


@pytest.fixture
def outgoing(cast: Cast) -> OutgoingDocument:
    """An issued letter to forty bodies outside."""
    draft = signed(cast)
    address_to(draft, *BODIES)
    return issued(cast, draft=draft)


@pytest.fixture(autouse=True)
def at_the_moment_of_the_cast(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages read the clock; the cast lives on one Monday."""
    monkeypatch.setattr(clock, "now", lambda: NOW)


def outside(outgoing: OutgoingDocument) -> list[Delivery]:
    return list(Delivery.objects.filter(outgoing=outgoing, outside__isnull=False).order_by("pk"))


def browser(person: Person) -> Client:
    client = Client()
    assert person.user is not None
    client.force_login(person.user)
    return client


def typed(rows: list[Delivery], **changed: str) -> dict[str, object]:
    return {
        "method": "post", "sent_on": "23/11/2026", "picked": [str(row.pk) for row in rows],
        **{f"reference-{row.pk}": f"EB{number:03d}VN" for number, row in enumerate(rows)},
        **{f"envelopes-{row.pk}": "1" for row in rows}, **changed,
    }  # fmt: skip


def test_forty_bodies_are_recorded_from_one_page_each_with_its_number(cast: Cast, outgoing: OutgoingDocument) -> None:
    clerk = browser(cast.clerk)
    address = reverse("documents:outgoing_dispatch", args=[outgoing.pk])
    rows = outside(outgoing)

    page = clerk.get(address).content.decode()
    sent = clerk.post(address, typed(rows))
    again = clerk.get(address).content.decode()

    assert page.count('name="picked"') == 40
    assert page.count("checked") >= 40
    assert sent.status_code == 303
    lines = PostalDispatch.objects.order_by("delivery_id")
    assert [line.reference for line in lines] == [f"EB{number:03d}VN" for number in range(40)]
    assert {(line.method, line.sent_on, line.recorded_by_id) for line in lines} == {("post", TODAY, cast.clerk.pk)}
    assert "EB000VN" in again
    detail = clerk.get(reverse("documents:outgoing_detail", args=[outgoing.pk])).content.decode()
    assert "Ghi sổ gửi 40 nơi" in detail


def test_a_fault_in_one_line_writes_none_and_keeps_what_was_typed(cast: Cast, outgoing: OutgoingDocument) -> None:
    rows = outside(outgoing)[:3]
    answer = browser(cast.clerk).post(
        reverse("documents:outgoing_dispatch", args=[outgoing.pk]), typed(rows, **{f"envelopes-{rows[1].pk}": "0"})
    )

    page = html.unescape(answer.content.decode())
    assert answer.status_code == 422
    assert "Số lượng bì từ 1 đến 999." in page
    assert f'id="envelopes-{rows[1].pk}-error"' in page
    assert "EB002VN" in page
    assert not PostalDispatch.objects.exists()


def test_nothing_picked_and_a_day_before_the_issue_are_told(cast: Cast, outgoing: OutgoingDocument) -> None:
    clerk = browser(cast.clerk)
    address = reverse("documents:outgoing_dispatch", args=[outgoing.pk])

    nothing = html.unescape(clerk.post(address, typed([])).content.decode())
    early = html.unescape(clerk.post(address, typed(outside(outgoing), sent_on="01/11/2026")).content.decode())

    assert "Chọn ít nhất một nơi nhận." in nothing
    assert early.count("Ngày gửi từ ngày phát hành 23/11/2026") >= 1
    assert not PostalDispatch.objects.exists()


def test_the_same_form_sent_twice_writes_once(cast: Cast, outgoing: OutgoingDocument) -> None:
    entries = {row.pk: DispatchEntry(method="post", sent_on=TODAY) for row in outside(outgoing)}

    first, second = (
        dispatching.record_dispatches(
            actor=actor_of(cast.clerk), outgoing_id=outgoing.pk, entries=entries, request_key="k1", now=NOW
        )
        for _ in range(2)
    )

    assert [row.pk for row in first] == [row.pk for row in second]
    assert PostalDispatch.objects.count() == 40


def test_others_and_recipients_of_another_document_are_refused(cast: Cast, outgoing: OutgoingDocument) -> None:
    entry = DispatchEntry(method="post", sent_on=TODAY)
    mine = outside(outgoing)[0]

    with pytest.raises(NotPermitted):
        dispatching.record_dispatches(
            actor=actor_of(cast.officer), outgoing_id=outgoing.pk, entries={mine.pk: entry}, now=NOW
        )
    with pytest.raises(DocumentNotFound):
        dispatching.record_dispatches(
            actor=actor_of(cast.clerk), outgoing_id=outgoing.pk, entries={mine.pk: entry, 999_999: entry}, now=NOW
        )
    with pytest.raises(Invalid):
        dispatching.record_dispatches(actor=actor_of(cast.clerk), outgoing_id=outgoing.pk, entries={}, now=NOW)

    page = browser(cast.officer).get(reverse("documents:outgoing_dispatch", args=[outgoing.pk]))
    assert page.status_code == 403
    assert not PostalDispatch.objects.exists()


def test_a_program_records_a_round_too(cast: Cast, outgoing: OutgoingDocument) -> None:
    lines = [
        {"delivery_id": row.pk, "method": "mail", "sent_on": "2026-11-23", "reference": f"vt{row.pk}@so.example"}
        for row in outside(outgoing)[:2]
    ]

    answer = browser(cast.clerk).post(
        f"/api/v1/documents/outgoing/{outgoing.pk}/dispatches", lines, content_type="application/json"
    )

    assert answer.status_code == 201
    assert PostalDispatch.objects.filter(method="mail").count() == 2
