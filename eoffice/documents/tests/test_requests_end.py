"""What hangs on a line or letter ends with it: support lines, requests for time, opinions that nobody gave."""

from __future__ import annotations

from datetime import date

import pytest

from eoffice.core.errors import Conflict
from eoffice.documents.models import Assignment, Consultation, Draft, ExtensionRequest, IncomingDocument, StateChange
from eoffice.documents.queries import drafts as draft_queries
from eoffice.documents.queries import home
from eoffice.documents.services import (
    assigning,
    closing,
    consulting,
    consulting_on_drafts,
    drafting,
    extending,
    forwarding,
    recalling,
    registering,
    reviewing,
)
from eoffice.documents.services.ending_requests import EXTENSION_NOTE
from eoffice.documents.states import AssignmentState, IncomingState
from eoffice.documents.tests import letters
from eoffice.documents.tests.cast import NOW, Cast, actor_of
from eoffice.documents.tests.drafts import in_review
from eoffice.documents.tests.outgoing import issued
from eoffice.notifications.models import Notification

pytestmark = pytest.mark.django_db


def lead_at_work(cast: Cast) -> tuple[IncomingDocument, Assignment]:
    """Ban Công nghệ leads and works itself, Ban Pháp chế supports."""
    letter = letters.directed(cast)
    line = letters.line_of(letter, cast.technology)
    assigning.accept_assignment(actor=actor_of(cast.head), assignment_id=line.pk, now=NOW)
    assigning.take_on(actor=actor_of(cast.head), assignment_id=line.pk, now=NOW)
    return letter, line


def asked_for_time(cast: Cast, line: Assignment) -> ExtensionRequest:
    return extending.ask_extension(
        actor=actor_of(cast.head), assignment_id=line.pk, due_on=date(2026, 12, 4), reason="Chờ số liệu", now=NOW
    )


def asked_company(cast: Cast, letter: IncomingDocument) -> Consultation:
    return consulting.ask_opinion(
        actor=actor_of(cast.head), incoming_id=letter.pk, kind="person", asked_id=cast.company_head.pk,
        question="Đề nghị cho ý kiến", now=NOW,
    )  # fmt: skip


def assert_ended(row: Consultation, told: int) -> None:
    row.refresh_from_db()
    assert (row.ended_at, row.answered_at) == (NOW, None)
    change = StateChange.objects.get(object_kind="consultation", object_id=row.pk)
    assert (change.from_state, change.to_state) == ("open", "ended")
    assert Notification.objects.filter(kind="documents.opinion_ended", person_id=told).count() == 1


def test_lead_done_waits_for_the_giver_and_confirmed_it_closes_support_apart_from_done(cast: Cast) -> None:
    letter, line = lead_at_work(cast)
    support = letters.line_of(letter, cast.legal)

    closing.report_done(actor=actor_of(cast.head), assignment_id=line.pk, result="Đã xong", now=NOW)

    line.refresh_from_db()
    support.refresh_from_db()
    letter.refresh_from_db()
    assert (line.state, line.get_state_display()) == (AssignmentState.REPORTED, "Chờ xác nhận")
    assert support.state == AssignmentState.WAITING
    assert letter.state == IncomingState.IN_PROGRESS

    closing.confirm_done(actor=actor_of(cast.leader), assignment_id=line.pk, now=NOW)

    line.refresh_from_db()
    support.refresh_from_db()
    letter.refresh_from_db()
    assert line.state == AssignmentState.COMPLETED
    assert (support.state, support.get_state_display()) == (
        AssignmentState.CLOSED_WITH_LEAD, "Đã kết thúc theo chủ trì",
    )  # fmt: skip
    assert support.closed_at == NOW
    assert letter.state == IncomingState.COMPLETED


def test_request_for_time_of_a_line_that_closes_ends_undecided(cast: Cast) -> None:
    _, line = lead_at_work(cast)
    due_at = line.due_at
    asked = asked_for_time(cast, line)
    closing.report_done(actor=actor_of(cast.head), assignment_id=line.pk, result="Đã xong", now=NOW)
    # Sent back, the work may still need the time.
    assert ExtensionRequest.objects.get(pk=asked.pk).granted is None

    closing.confirm_done(actor=actor_of(cast.leader), assignment_id=line.pk, now=NOW)

    asked.refresh_from_db()
    line.refresh_from_db()
    assert (asked.granted, asked.decided_by_id, asked.decision_note) == (False, None, EXTENSION_NOTE)
    assert line.due_at == due_at
    assert StateChange.objects.filter(object_kind="extension", object_id=asked.pk, to_state="ended").count() == 1
    with pytest.raises(Conflict):
        extending.decide_extension(actor=actor_of(cast.leader), extension_id=asked.pk, granted=True, now=NOW)


def test_request_for_time_of_a_returned_line_ends(cast: Cast) -> None:
    _, line = lead_at_work(cast)
    asked = asked_for_time(cast, line)

    assigning.return_assignment(actor=actor_of(cast.head), assignment_id=line.pk, reason="Không đúng việc", now=NOW)

    asked.refresh_from_db()
    assert (asked.granted, asked.decision_note) == (False, EXTENSION_NOTE)


def test_opinion_nobody_gave_ends_with_the_letter_and_who_was_asked_is_told(cast: Cast) -> None:
    letter, line = lead_at_work(cast)
    asked = asked_company(cast, letter)
    closing.report_done(actor=actor_of(cast.head), assignment_id=line.pk, result="Đã xong", now=NOW)

    closing.confirm_done(actor=actor_of(cast.leader), assignment_id=line.pk, now=NOW)

    assert_ended(asked, cast.company_head.pk)
    with pytest.raises(Conflict, match="không cần trả lời"):
        consulting.answer_opinion(actor=actor_of(cast.company_head), consultation_id=asked.pk, answer="x", now=NOW)
    asked.refresh_from_db()
    assert asked.answer == ""
    waiting = home.home_of(actor_of(cast.company_head), NOW).waiting
    assert letter.subject not in [each.subject for each in waiting]


def test_a_given_opinion_stays_when_the_letter_completes(cast: Cast) -> None:
    letter, line = lead_at_work(cast)
    asked = asked_company(cast, letter)
    consulting.answer_opinion(actor=actor_of(cast.company_head), consultation_id=asked.pk, answer="Nhất trí", now=NOW)
    closing.report_done(actor=actor_of(cast.head), assignment_id=line.pk, result="Đã xong", now=NOW)

    closing.confirm_done(actor=actor_of(cast.leader), assignment_id=line.pk, now=NOW)

    asked.refresh_from_db()
    assert (asked.answer, asked.ended_at) == ("Nhất trí", None)


@pytest.mark.parametrize("how", ["kept", "cancelled"])
def test_opinion_ends_when_the_office_closes_the_letter(cast: Cast, how: str) -> None:
    letter = letters.registered(cast)
    asked = consulting.ask_opinion(
        actor=actor_of(cast.clerk), incoming_id=letter.pk, kind="person", asked_id=cast.head.pk,
        question="Có cần trình không?", now=NOW,
    )  # fmt: skip

    if how == "kept":
        forwarding.keep_for_information(actor=actor_of(cast.clerk), incoming_id=letter.pk, now=NOW)
    else:
        registering.cancel_registration(
            actor=actor_of(cast.clerk), incoming_id=letter.pk, reason="Đăng ký nhầm", now=NOW
        )

    assert_ended(asked, cast.head.pk)


def test_nothing_is_asked_about_a_completed_letter(cast: Cast) -> None:
    letter = letters.registered(cast)
    forwarding.keep_for_information(actor=actor_of(cast.clerk), incoming_id=letter.pk, now=NOW)

    with pytest.raises(Conflict, match="mở lại"):
        consulting.ask_opinion(
            actor=actor_of(cast.clerk), incoming_id=letter.pk, kind="person", asked_id=cast.head.pk,
            question="Có cần trình không?", now=NOW,
        )  # fmt: skip
    assert not Consultation.objects.exists()


def test_recall_ends_opinions_and_requests_of_the_copies(cast: Cast) -> None:
    outgoing = issued(cast)
    copy = IncomingDocument.objects.get(source_outgoing=outgoing, is_internal=True)
    asked = consulting.ask_opinion(
        actor=actor_of(cast.legal_head), incoming_id=copy.pk, kind="person", asked_id=cast.company_head.pk,
        question="Đề nghị cho ý kiến", now=NOW,
    )  # fmt: skip

    recalling.recall_outgoing(actor=actor_of(cast.clerk), outgoing_id=outgoing.pk, reason="Sai số liệu", now=NOW)

    assert_ended(asked, cast.company_head.pk)


def ask_about(cast: Cast, draft: Draft) -> Consultation:
    return consulting_on_drafts.consult_on_draft(
        actor=actor_of(cast.officer), draft_id=draft.pk, unit_ids=[], person_ids=[cast.legal_officer.pk],
        question="Đề nghị góp ý", due_at=None, now=NOW,
    )[0]  # fmt: skip


def test_opinion_on_a_draft_ends_when_it_goes_to_be_signed(cast: Cast) -> None:
    draft = in_review(cast)
    asked = ask_about(cast, draft)

    for person in (cast.head, cast.clerk):
        reviewing.pass_review(actor=actor_of(person), draft_id=draft.pk, seen_version=draft.version, now=NOW)

    assert_ended(asked, cast.legal_officer.pk)
    assert draft_queries.counters(actor_of(cast.legal_officer), NOW)[draft_queries.TO_REVIEW] == 0
    with pytest.raises(Conflict):
        consulting_on_drafts.answer_draft_consultation(
            actor=actor_of(cast.legal_officer), consultation_id=asked.pk, answer="x", now=NOW
        )


def test_opinion_on_an_abandoned_draft_ends(cast: Cast) -> None:
    draft = in_review(cast)
    asked = ask_about(cast, draft)

    drafting.abandon_draft(actor=actor_of(cast.officer), draft_id=draft.pk, reason="Không cần nữa", now=NOW)

    assert_ended(asked, cast.legal_officer.pk)
