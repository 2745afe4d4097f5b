"""Entries of the register: taken once, corrected with the old value shown, cancelled with the number kept."""

from __future__ import annotations

import unicodedata
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection

from eoffice.core.errors import Conflict, IllegalTransition, Invalid, NotPermitted
from eoffice.documents.errors import DocumentNotFound, NotALeader, PossibleDuplicate
from eoffice.documents.models import (
    AssignmentRole,
    Consultation,
    DistributionRule,
    EntryCorrection,
    IncomingDocument,
    NumberGap,
    RegisterEntry,
)
from eoffice.documents.queries.incoming_detail import incoming_detail
from eoffice.documents.services import consulting, forwarding, registering
from eoffice.documents.states import IncomingState
from eoffice.documents.tests.cast import NOW, Cast, actor_of, make_cast
from eoffice.documents.tests.letters import entry, line_of, received, registered

pytestmark = pytest.mark.django_db


def register(cast: Cast, letter: IncomingDocument, *, now: datetime = NOW, **changed: Any) -> IncomingDocument:
    how = {name: changed.pop(name) for name in ("not_duplicate", "forward_to") if name in changed}
    return registering.register_incoming(
        actor=actor_of(cast.clerk, now=now), incoming_id=letter.pk, entry=entry(**changed), now=now, **how
    )


def test_numbers_follow_the_order_of_registration(cast: Cast) -> None:
    numbers = [registered(cast).arrival_number for _ in range(3)]

    assert numbers == [1, 2, 3]
    assert [each.number for each in RegisterEntry.objects.order_by("number")] == [1, 2, 3]


def test_subject_of_600_characters_is_told_and_nothing_is_taken(cast: Cast) -> None:
    letter = received(cast)

    with pytest.raises(Invalid) as told:
        register(cast, letter, subject="Trích yếu " * 60)

    assert "tối đa 500" in told.value.fields["subject"]
    letter.refresh_from_db()
    assert (letter.state, letter.arrival_number) == (IncomingState.RECEIVED, None)
    assert not RegisterEntry.objects.exists()


def test_text_in_nfd_is_stored_in_nfc_and_found_without_tones(cast: Cast) -> None:
    letter = register(cast, received(cast), subject=unicodedata.normalize("NFD", "Ứng phó bão số 14"))

    assert letter.subject == "Ứng phó bão số 14"
    assert "ung pho bao" in IncomingDocument.objects.get().search_fold


def test_same_letter_again_raises_a_warning_with_the_earlier_one(cast: Cast) -> None:
    first = register(cast, received(cast, text="bản một"))
    second = received(cast, text="bản hai")

    with pytest.raises(PossibleDuplicate) as told:
        register(cast, second)

    assert told.value.details["earlier"] == [first.pk]
    assert "đến số 01" in told.value.message
    assert register(cast, second, not_duplicate=True).arrival_number == 2


def test_same_file_again_raises_the_warning_whatever_its_fields(cast: Cast) -> None:
    register(cast, received(cast, text="cùng tệp"))

    with pytest.raises(PossibleDuplicate, match="Cùng tệp"):
        register(cast, received(cast, text="cùng tệp"), number="77", symbol="KHAC", issuing_body="Nơi khác")


def test_registering_twice_takes_one_number(cast: Cast) -> None:
    letter = register(cast, received(cast))

    with pytest.raises(IllegalTransition):
        register(cast, letter, not_duplicate=True)
    assert RegisterEntry.objects.count() == 1


def test_new_year_turns_by_the_vietnamese_calendar(cast: Cast) -> None:
    before = datetime(2026, 12, 31, 16, 59, tzinfo=UTC)
    after = datetime(2026, 12, 31, 17, 0, tzinfo=UTC)
    registered(cast)

    last = register(cast, received(cast, text="cuối năm", now=before), now=before, number="900")
    first = register(cast, received(cast, text="đầu năm", now=after), now=after, number="901")

    assert (last.arrival_number, last.arrival_on) == (2, date(2026, 12, 31))
    assert (first.arrival_number, first.arrival_on) == (1, date(2027, 1, 1))


@pytest.mark.parametrize("who", ["leader", "head", "company_clerk", "outsider"])
def test_who_does_not_see_it_cannot_register(cast: Cast, who: str) -> None:
    letter = received(cast)

    with pytest.raises(DocumentNotFound):
        registering.register_incoming(actor=actor_of(getattr(cast, who)), incoming_id=letter.pk, entry=entry(), now=NOW)
    assert not RegisterEntry.objects.exists()


@pytest.mark.parametrize("who", ["chief", "auditor"])
def test_who_only_sees_it_cannot_register(cast: Cast, who: str) -> None:
    letter = received(cast)

    with pytest.raises(NotPermitted):
        registering.register_incoming(actor=actor_of(getattr(cast, who)), incoming_id=letter.pk, entry=entry(), now=NOW)
    assert not RegisterEntry.objects.exists()


def test_future_date_is_refused(cast: Cast) -> None:
    with pytest.raises(Invalid) as told:
        register(cast, received(cast), issued_on=date(2027, 1, 5))
    assert "sau ngày đến" in told.value.fields["issued_on"]


def test_correction_keeps_the_old_value(cast: Cast) -> None:
    letter = registered(cast, number="15")

    made = registering.correct_entry(
        actor=actor_of(cast.clerk), incoming_id=letter.pk, entry=entry(number="51"), reason="Nhập nhầm số", now=NOW
    )

    assert [(each.field, each.old_value, each.new_value) for each in made] == [("number", "15", "51")]
    letter.refresh_from_db()
    assert (letter.number, letter.arrival_number) == ("51", 1)


def test_correction_without_reason_changes_nothing(cast: Cast) -> None:
    letter = registered(cast, number="15")

    with pytest.raises(Invalid):
        registering.correct_entry(
            actor=actor_of(cast.clerk), incoming_id=letter.pk, entry=entry(number="51"), reason=" ", now=NOW
        )
    letter.refresh_from_db()
    assert letter.number == "15"
    assert not EntryCorrection.objects.exists()


def test_unregistered_letter_has_no_line_to_correct(cast: Cast) -> None:
    letter = received(cast)

    with pytest.raises(Conflict):
        registering.correct_entry(actor=actor_of(cast.clerk), incoming_id=letter.pk, entry=entry(), reason="x", now=NOW)


def test_cancelled_number_is_kept_and_explained(cast: Cast) -> None:
    letter = registered(cast)

    registering.cancel_registration(actor=actor_of(cast.clerk), incoming_id=letter.pk, reason="Nhập trùng", now=NOW)

    letter.refresh_from_db()
    assert letter.state == IncomingState.CANCELLED
    assert NumberGap.objects.get().reason == "Nhập trùng"
    assert registered(cast).arrival_number == 2


def test_cancelled_letter_is_asked_about_no_more(cast: Cast) -> None:
    letter = registered(cast)
    clerk = actor_of(cast.clerk)
    assert incoming_detail(clerk, letter.pk, now=NOW).commands.consult
    registering.cancel_registration(actor=clerk, incoming_id=letter.pk, reason="Nhập trùng", now=NOW)

    with pytest.raises(Conflict, match="đã hủy đăng ký"):
        consulting.ask_opinion(
            actor=clerk, incoming_id=letter.pk, kind="unit", asked_id=cast.legal.pk, question="Xin ý kiến", now=NOW
        )

    assert not incoming_detail(clerk, letter.pk, now=NOW).commands.consult
    assert not Consultation.objects.exists()


def test_refused_letter_takes_no_number(cast: Cast) -> None:
    letter = received(cast)

    registering.refuse_incoming(actor=actor_of(cast.clerk), incoming_id=letter.pk, reason="Gửi nhầm nơi nhận", now=NOW)

    letter.refresh_from_db()
    assert letter.state == IncomingState.REFUSED
    assert not RegisterEntry.objects.exists()


def test_refusal_needs_a_reason(cast: Cast) -> None:
    letter = received(cast)

    with pytest.raises(Invalid):
        registering.refuse_incoming(actor=actor_of(cast.clerk), incoming_id=letter.pk, reason="", now=NOW)
    letter.refresh_from_db()
    assert letter.state == IncomingState.RECEIVED


def test_rule_of_the_office_distributes_without_a_leader(cast: Cast) -> None:
    DistributionRule.objects.create(
        registry=cast.group, name="Giấy mời về Văn phòng", subject_contains="bão", lead_unit=cast.office, working_days=2
    )

    letter = register(cast, received(cast), subject="Ứng phó BÃO số 14")

    assert letter.state == IncomingState.IN_PROGRESS
    line = line_of(letter, cast.office)
    assert (line.role, line.assigned_by_id) == (AssignmentRole.LEAD, None)
    assert letter.directives.get().author is None


def test_registered_and_submitted_in_one_step(cast: Cast) -> None:
    letter = register(cast, received(cast), forward_to=cast.leader.pk)

    assert (letter.state, letter.forwarded_to_id) == (IncomingState.AWAITING_DIRECTION, cast.leader.pk)


def test_not_a_leader_registers_nothing(cast: Cast) -> None:
    letter = received(cast)

    with pytest.raises(NotALeader):
        register(cast, letter, forward_to=cast.head.pk)
    letter.refresh_from_db()
    assert letter.state == IncomingState.RECEIVED
    assert not RegisterEntry.objects.exists()


def test_batch_goes_on_when_one_letter_fails(cast: Cast) -> None:
    good, bad = registered(cast), received(cast)

    results = forwarding.forward_many(
        actor=actor_of(cast.clerk), incoming_ids=[good.pk, bad.pk], leader_id=cast.leader.pk, now=NOW
    )

    assert [(each.incoming_id, each.error is None) for each in results] == [(good.pk, True), (bad.pk, False)]


def test_kept_for_information_is_done(cast: Cast) -> None:
    letter = registered(cast)

    forwarding.keep_for_information(actor=actor_of(cast.chief), incoming_id=letter.pk, now=NOW)

    letter.refresh_from_db()
    assert letter.state == IncomingState.COMPLETED


@pytest.mark.django_db(transaction=True)
def test_two_clerks_register_the_same_letter_at_the_same_second() -> None:
    cast = make_cast()
    first, second = received(cast, text="một"), received(cast, text="hai")

    def attempt(letter: IncomingDocument) -> str:
        try:
            register(cast, letter)
        except (PossibleDuplicate, IllegalTransition) as error:
            return error.code
        finally:
            connection.close()
        return "ok"

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(attempt, [first, second, first, second]))

    assert answers.count("ok") == 1
    assert [each.number for each in RegisterEntry.objects.all()] == [1]


@pytest.mark.django_db(transaction=True)
def test_many_letters_registered_at_once_have_consecutive_numbers() -> None:
    cast = make_cast()
    letters = [received(cast, text=f"thư {index}") for index in range(8)]

    def attempt(pair: tuple[int, IncomingDocument]) -> int | None:
        try:
            return register(cast, pair[1], number=str(500 + pair[0])).arrival_number
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        numbers = sorted(number or 0 for number in pool.map(attempt, enumerate(letters)))

    assert numbers == list(range(1, 9))
