"""Numbering a signed draft, writing the number on the page, voiding, returning for form."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta

import pypdfium2 as pdfium
import pytest
from django.db import connection

from eoffice.core import files
from eoffice.core.errors import IllegalTransition, Invalid, NotPermitted
from eoffice.documents.errors import DocumentNotFound, NumberNotReserved
from eoffice.documents.models import (
    EntryState,
    FilePurpose,
    FileVersion,
    OutgoingDocument,
    Register,
    RegisterEntry,
    RegisterKind,
    StateChange,
)
from eoffice.documents.queries.ledger import ledger_of
from eoffice.documents.services import numbering, numbering_outgoing
from eoffice.documents.services.numbering_outgoing import NumberChoice, NumberWay, number_draft
from eoffice.documents.states import DraftState, OutgoingState
from eoffice.documents.tests.cast import NOW, Cast, actor_of, make_cast
from eoffice.documents.tests.drafts import make_draft, signed
from eoffice.documents.tests.outgoing import numbered
from eoffice.notifications.models import Notification
from eoffice.organization import access
from eoffice.signing import queries as signatures


def page_text(sha256: str) -> str:
    document = pdfium.PdfDocument(str(files.path_of(sha256)))
    document.init_forms()
    flat = document[0]
    flat.flatten()
    return str(document[0].get_textpage().get_text_bounded())


def test_number_and_date_stand_on_the_page_and_the_signature_holds(cast: Cast) -> None:
    outgoing = numbered(cast)

    assert outgoing.shown_code == f"01/{outgoing.draft.symbol}"
    assert (outgoing.issued_on, outgoing.signer_name) == (date(2026, 11, 23), "Trần Quốc Khánh")
    assert outgoing.file is not None
    assert outgoing.file.purpose == FilePurpose.NUMBERED
    text = page_text(outgoing.file.file_id)
    assert "01" in text
    assert "Hà Nội, ngày 23 tháng 11 năm 2026" in text
    verdict = signatures.verdict_of(outgoing.file.file_id)
    assert verdict is not None
    assert [(each.field, each.verdict) for each in verdict.signatures] == [("ky_1", "valid")]


def test_entry_and_rights_come_with_the_number(cast: Cast) -> None:
    outgoing = numbered(cast)

    entry = RegisterEntry.objects.get()
    assert (entry.outgoing_id, entry.number, entry.register) == (outgoing.pk, 1, cast.outgoing_register)
    assert outgoing.draft.state == DraftState.NUMBERED
    for person in (cast.clerk, cast.chief, cast.officer, cast.head, cast.leader, cast.auditor):
        assert access.can_see(actor_of(person), object_kind="outgoing", object_id=outgoing.pk), person
    assert not access.can_see(actor_of(cast.outsider), object_kind="outgoing", object_id=outgoing.pk)


@pytest.mark.parametrize("who", ["outsider", "company_clerk"])
def test_clerk_of_another_registry_does_not_find_the_draft(cast: Cast, who: str) -> None:
    draft = signed(cast)

    with pytest.raises(DocumentNotFound):
        number_draft(actor=actor_of(getattr(cast, who)), draft_id=draft.pk, now=NOW)
    assert not RegisterEntry.objects.exists()


@pytest.mark.parametrize("who", ["officer", "leader", "chief"])
def test_only_the_clerk_numbers(cast: Cast, who: str) -> None:
    draft = signed(cast)

    with pytest.raises(NotPermitted):
        number_draft(actor=actor_of(getattr(cast, who)), draft_id=draft.pk, now=NOW)
    draft.refresh_from_db()
    assert draft.state == DraftState.SIGNED
    assert Register.objects.get(pk=cast.outgoing_register.pk).next_number == 1


def test_numbering_twice_takes_one_number(cast: Cast) -> None:
    outgoing = numbered(cast)

    with pytest.raises(IllegalTransition):
        number_draft(actor=actor_of(cast.clerk), draft_id=outgoing.draft_id, now=NOW)
    assert Register.objects.get(pk=cast.outgoing_register.pk).next_number == 2


def test_unsigned_draft_gets_no_number(cast: Cast) -> None:
    draft = make_draft(cast)

    with pytest.raises(DocumentNotFound):
        number_draft(actor=actor_of(cast.clerk), draft_id=draft.pk, now=NOW)


def test_killed_between_number_and_page_the_job_fills_it_once(cast: Cast) -> None:
    draft = signed(cast)
    with connection.cursor() as cursor:
        # The queue may still hold what tests before left there.
        cursor.execute("SELECT coalesce(max(id), 0) FROM procrastinate_jobs")
        [before] = cursor.fetchone()
    outgoing = numbering_outgoing.take_number_for_draft(
        actor=actor_of(cast.clerk), draft_id=draft.pk, now=NOW, choice=NumberChoice()
    )
    assert outgoing.file is None

    numbering_outgoing.put_number_on_page(outgoing_id=outgoing.pk, now=NOW)
    numbering_outgoing.put_number_on_page(outgoing_id=outgoing.pk, now=NOW)

    assert FileVersion.objects.filter(outgoing=outgoing).count() == 1
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (args ->> 'outgoing_id')::int FROM procrastinate_jobs WHERE task_name = %s AND id > %s",
            [numbering_outgoing.PAGE_TASK, before],
        )
        assert cursor.fetchall() == [(outgoing.pk,)]


def test_only_the_clerk_has_the_page_filled_again(cast: Cast) -> None:
    outgoing = numbering_outgoing.take_number_for_draft(
        actor=actor_of(cast.clerk), draft_id=signed(cast).pk, now=NOW, choice=NumberChoice()
    )

    with pytest.raises(NotPermitted):
        numbering_outgoing.put_number_again(actor=actor_of(cast.officer), outgoing_id=outgoing.pk, now=NOW)
    outgoing.refresh_from_db()
    assert outgoing.file is None

    numbering_outgoing.put_number_again(actor=actor_of(cast.clerk), outgoing_id=outgoing.pk, now=NOW)
    outgoing.refresh_from_db()
    assert outgoing.file is not None


def test_reserved_and_suffixed_numbers_are_taken_by_choice(cast: Cast) -> None:
    clerk = actor_of(cast.clerk)
    numbering.keep_numbers(
        actor=clerk, register_id=cast.outgoing_register.pk, first=1, last=2, holder="reserved", basis="Giữ số", now=NOW
    )
    first, second = signed(cast), signed(cast, subject="Về công tác lưu trữ")

    reserved = number_draft(
        actor=clerk, draft_id=first.pk, now=NOW, choice=NumberChoice(way=NumberWay.RESERVED, number=2)
    )
    with pytest.raises(NumberNotReserved):
        number_draft(actor=clerk, draft_id=second.pk, now=NOW, choice=NumberChoice(way=NumberWay.RESERVED, number=2))
    suffixed = number_draft(
        actor=clerk, draft_id=second.pk, now=NOW, choice=NumberChoice(way=NumberWay.SUFFIX, number=2)
    )

    assert (reserved.shown_number, suffixed.shown_number) == ("02", "02a")


def test_date_after_today_is_refused(cast: Cast) -> None:
    draft = signed(cast)

    with pytest.raises(Invalid):
        number_draft(
            actor=actor_of(cast.clerk), draft_id=draft.pk, now=NOW, choice=NumberChoice(dated_on=date(2026, 11, 24))
        )
    assert not RegisterEntry.objects.exists()


def test_first_letter_of_the_new_year_is_number_one(cast: Cast) -> None:
    numbered(cast)
    draft = signed(cast, subject="Chúc mừng năm mới")
    midnight = datetime(2026, 12, 31, 17, 0, tzinfo=UTC)

    outgoing = number_draft(actor=actor_of(cast.clerk, now=midnight), draft_id=draft.pk, now=midnight)

    assert (outgoing.shown_number, outgoing.issued_on) == ("01", date(2027, 1, 1))
    assert Register.objects.filter(registry=cast.group, kind=RegisterKind.OUTGOING).count() == 2


def test_void_number_stays_in_the_ledger(cast: Cast) -> None:
    outgoing = numbered(cast)

    numbering_outgoing.void_number(
        actor=actor_of(cast.clerk), outgoing_id=outgoing.pk, reason="Lãnh đạo yêu cầu dừng", now=NOW
    )

    outgoing.refresh_from_db()
    entry = RegisterEntry.objects.get()
    assert (outgoing.state, outgoing.draft.state, entry.state) == (
        OutgoingState.VOID, DraftState.VOID, EntryState.VOID,
    )  # fmt: skip
    ledger = ledger_of(Register.objects.get(pk=cast.outgoing_register.pk))
    assert [(gap.shown_number, gap.reason) for gap in ledger.gaps] == [("01", "Lãnh đạo yêu cầu dừng")]
    assert numbered(cast, draft=signed(cast, subject="Văn bản sau")).shown_number == "02"


def test_number_is_voided_with_a_reason_by_its_clerk(cast: Cast) -> None:
    outgoing = numbered(cast)

    with pytest.raises(Invalid):
        numbering_outgoing.void_number(actor=actor_of(cast.clerk), outgoing_id=outgoing.pk, reason=" ", now=NOW)
    with pytest.raises(NotPermitted):
        numbering_outgoing.void_number(actor=actor_of(cast.officer), outgoing_id=outgoing.pk, reason="x", now=NOW)
    with pytest.raises(DocumentNotFound):
        numbering_outgoing.void_number(actor=actor_of(cast.outsider), outgoing_id=outgoing.pk, reason="x", now=NOW)
    assert OutgoingDocument.objects.get().state == OutgoingState.NUMBERED


def test_signed_paper_returns_for_form_and_its_drafter_and_signer_are_told(cast: Cast) -> None:
    draft = signed(cast)

    numbering_outgoing.return_for_form(
        actor=actor_of(cast.clerk), draft_id=draft.pk, reason="Thiếu nơi nhận để báo cáo", now=NOW
    )

    draft.refresh_from_db()
    assert (draft.state, draft.returned_reason, draft.version) == (DraftState.DRAFT, "Thiếu nơi nhận để báo cáo", 2)
    assert draft.files.filter(purpose=FilePurpose.SIGNED).count() == 1
    change = StateChange.objects.filter(object_kind="draft").latest("pk")
    assert (change.from_state, change.reason) == ("signed", "Thiếu nơi nhận để báo cáo")
    told = Notification.objects.filter(text__contains="Thiếu nơi nhận").values_list("person_id", flat=True)
    assert set(told) == {cast.officer.pk, cast.leader.pk}


def test_officer_cannot_return_for_form(cast: Cast) -> None:
    draft = signed(cast)

    with pytest.raises(NotPermitted):
        numbering_outgoing.return_for_form(actor=actor_of(cast.officer), draft_id=draft.pk, reason="x", now=NOW)
    draft.refresh_from_db()
    assert draft.state == DraftState.SIGNED


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_clerks_number_one_draft_at_the_same_second() -> None:
    cast = make_cast()
    draft = signed(cast)
    start, outcomes = threading.Barrier(2), []

    def number() -> None:
        start.wait()
        try:
            numbering_outgoing.take_number_for_draft(
                actor=actor_of(cast.clerk), draft_id=draft.pk, now=NOW + timedelta(seconds=1), choice=NumberChoice()
            )
        except IllegalTransition:
            outcomes.append("refused")
        else:
            outcomes.append("taken")
        finally:
            connection.close()

    threads = [threading.Thread(target=number) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["refused", "taken"]
    assert RegisterEntry.objects.count() == 1
