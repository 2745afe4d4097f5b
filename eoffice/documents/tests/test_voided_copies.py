"""Copies that end unsealed: the number of an extract stays in its register; and who decided that a paper is copied."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from eoffice.audit.models import AuditEntry
from eoffice.core import files
from eoffice.core.clock import local_date
from eoffice.core.errors import Conflict, ExpectedError, Invalid, NotFound, NotPermitted
from eoffice.documents.models import EntryState, NumberGap, PaperCopy, RegisterEntry
from eoffice.documents.queries.copies import deciders
from eoffice.documents.queries.ledger import ledger_of
from eoffice.documents.services import extracting, sealing_copies
from eoffice.documents.services.voiding_copies import void_copy
from eoffice.documents.tests import test_extracts as extracts
from eoffice.documents.tests import test_paper_copies as scans
from eoffice.documents.tests.cast import NOW, Cast, actor_of
from eoffice.documents.tests.letters import enter
from eoffice.documents.tests.outgoing import SEAL_PIN
from eoffice.documents.tests.test_extracts import book
from eoffice.documents.tests.test_paper_copies import seal
from eoffice.layout.tests.factories import page_text

pytestmark = pytest.mark.django_db
__all__ = ["book", "seal"]

_WHY = "Lập nhầm: văn bản đã được thay thế"


def test_a_voided_extract_keeps_its_number_and_the_register_says_why(book: Cast) -> None:
    clerk = actor_of(book.clerk)
    copy = extracts.begun(book)

    void_copy(actor=clerk, copy_id=copy.pk, reason=f"  {_WHY} ", now=NOW)

    copy.refresh_from_db()
    assert (copy.void_reason, copy.voided_at, copy.voided_by_id) == (_WHY, NOW, book.clerk.pk)
    line = RegisterEntry.objects.get(copy=copy)
    assert (line.state, line.state_reason) == (EntryState.VOID, _WHY)
    assert NumberGap.objects.get(register=line.register).number == line.number
    assert ledger_of(line.register).is_whole
    assert extracts.begun(book).entry.number == line.number + 1
    assert AuditEntry.objects.filter(action="documents.copy.voided", object_id=str(copy.pk)).count() == 1


def test_what_is_voided_is_neither_sealed_nor_corrected_nor_voided_again(book: Cast, seal: Cast) -> None:
    clerk = actor_of(book.clerk)
    copy = extracts.begun(book)
    void_copy(actor=clerk, copy_id=copy.pk, reason=_WHY, now=NOW)

    with pytest.raises(Conflict):
        sealing_copies.seal_copy(actor=clerk, copy_id=copy.pk, pin=SEAL_PIN, now=NOW)
    with pytest.raises(Conflict):
        extracting.revise_extract(actor=clerk, copy_id=copy.pk, entry=extracts.entry(subject="Khác"), now=NOW)
    with pytest.raises(Conflict):
        void_copy(actor=clerk, copy_id=copy.pk, reason="Lý do khác", now=NOW)
    copy.refresh_from_db()
    assert (copy.sealed_at, copy.subject, copy.void_reason) == (None, "Về danh mục tiêu chuẩn", _WHY)


def test_a_sealed_copy_is_not_voided_and_a_scan_may_be(seal: Cast) -> None:
    clerk = actor_of(seal.clerk)
    out = scans.sealed(seal, scans.begun(seal))
    with pytest.raises(Conflict):
        void_copy(actor=clerk, copy_id=out.pk, reason=_WHY, now=NOW)
    hanging = scans.begun(seal)
    with pytest.raises(Invalid):
        void_copy(actor=clerk, copy_id=hanging.pk, reason=" ", now=NOW)
    hanging.refresh_from_db()
    assert hanging.is_open

    void_copy(actor=clerk, copy_id=hanging.pk, reason=_WHY, now=NOW)

    out.refresh_from_db()
    hanging.refresh_from_db()
    assert (out.voided_at, hanging.voided_at) == (None, NOW)


def test_only_the_clerk_of_the_registry_voids(book: Cast) -> None:
    copy = extracts.begun(book)
    for person in (book.leader, book.officer, book.company_clerk, book.outsider):
        with pytest.raises((NotPermitted, NotFound)):
            void_copy(actor=actor_of(person), copy_id=copy.pk, reason=_WHY, now=NOW)
    copy.refresh_from_db()
    assert copy.is_open
    assert RegisterEntry.objects.get(copy=copy).state == EntryState.ACTIVE


def test_the_page_voids_with_a_reason_and_says_so(book: Cast, client: Client) -> None:
    enter(client, book.clerk)
    copy = extracts.begun(book)
    where = f"/documents/copies/{copy.pk}/"
    assert "Hủy bản trích sao" in client.get(where).content.decode()

    refused = client.post(f"{where}void/", {"reason": " "})
    assert refused.status_code == 422
    assert "Ghi lý do hủy." in refused.content.decode()
    assert client.post(f"{where}void/", {"reason": _WHY}).status_code == 303
    again = client.post(f"{where}void/", {"reason": _WHY})

    assert again.status_code == 409
    assert "đã hủy trước đó" in again.content.decode()
    page = client.get(where).content.decode()
    assert _WHY in page
    assert "Mã PIN chữ ký số cơ quan" not in page
    assert "Hủy bản trích sao" not in page
    assert "Đã hủy" in client.get("/documents/copies/").content.decode()
    assert client.get(f"{where}extract/").status_code == 303
    assert client.get(f"{where}file/").status_code == 200


def test_pages_of_copies_cost_the_same_queries_for_few_and_for_many(book: Cast, seal: Cast, client: Client) -> None:
    enter(client, book.clerk)
    first = scans.begun(book)
    pages = ("/documents/copies/", f"/documents/copies/{first.pk}/")
    for each in pages:
        client.get(each)  # what is asked once in a process
    before = [queries_of(client, each) for each in pages]
    kept = PaperCopy.objects.get(pk=first.pk)
    void_copy(actor=actor_of(book.clerk), copy_id=extracts.begun(book).pk, reason=_WHY, now=NOW)
    for number in range(20):
        kept.pk, kept.code = None, f"{number}/QĐ"
        kept.save()

    assert [queries_of(client, each) for each in pages] == before
    assert before[0] <= 14
    assert before[1] <= 20


def queries_of(client: Client, address: str) -> int:
    """How many statements a page needs."""
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return len(asked)


def test_the_decider_is_chosen_among_those_with_authority_and_stands_on_the_page(book: Cast) -> None:
    capacity = book.leader_capacity
    copy = extracts.begun(book, basis="Phiếu trình số 7", decider_id=capacity.pk)

    named = f"{capacity.person.full_name}, {capacity.position_title}; Phiếu trình số 7"
    assert PaperCopy.objects.get(pk=copy.pk).decided_by == named
    assert copy.scan_id is not None
    assert capacity.person.full_name in " ".join(page_text(files.read(copy.scan_id)).split())

    capacity.ends_on = local_date(NOW)
    capacity.save(update_fields=["ends_on"])
    later = NOW + timedelta(days=2)
    assert capacity.pk not in {each.pk for each in deciders([book.group.pk], now=later)}
    assert capacity.pk in {each.pk for each in deciders([book.group.pk], now=later, kept=capacity)}
    kept = extracting.revise_extract(
        actor=actor_of(book.clerk, now=later), copy_id=copy.pk, now=later,
        entry=extracts.entry(basis="", decider_id=capacity.pk),
    )  # fmt: skip
    assert kept.decider_id == capacity.pk
    with pytest.raises(Invalid) as refused:
        extracting.begin_extract(
            actor=actor_of(book.clerk, now=later), registry_id=book.group.pk, now=later,
            entry=extracts.entry(decider_id=capacity.pk),
        )  # fmt: skip
    assert set(refused.value.fields) == {"decider"}
    assert PaperCopy.objects.count() == 1


def test_nobody_of_another_unit_and_not_nobody_decides(seal: Cast) -> None:
    theirs = seal.leader_capacity
    theirs.registry = seal.company
    theirs.save(update_fields=["registry"])
    for decider_id, basis, field in ((theirs.pk, "", "decider"), (10**9, "x", "decider"), (None, " ", "basis")):
        with pytest.raises(ExpectedError) as refused:
            scans.begun(seal, decider_id=decider_id, basis=basis)
        assert set(getattr(refused.value, "fields", {})) == {field}
    assert not PaperCopy.objects.exists()


def test_the_form_offers_the_deciders_and_keeps_the_one_chosen(book: Cast, client: Client) -> None:
    enter(client, book.clerk)
    capacity = book.leader_capacity
    words = f"{capacity.person.full_name}, {capacity.position_title}"
    for address in ("/documents/copies/new/", "/documents/copies/extracts/new/"):
        assert words in client.get(address).content.decode()
        refused = client.post(address, {"decider": capacity.pk})
        assert refused.status_code == 422
        assert f'value="{capacity.pk}" selected' in refused.content.decode()
    copy = extracts.begun(book, decider_id=capacity.pk, basis="")
    assert words in client.get(f"/documents/copies/{copy.pk}/").content.decode()
    assert f'value="{capacity.pk}" selected' in client.get(f"/documents/copies/{copy.pk}/extract/").content.decode()
