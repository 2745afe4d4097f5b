"""Along the lines: passing on, reporting, confirming, extensions, opinions, and how everything ends."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eoffice.core.errors import Conflict, ExpectedError, IllegalTransition, Invalid, NotPermitted
from eoffice.documents.errors import DeadlineAfterParent, DocumentNotFound, ReplyRequired
from eoffice.documents.models import (
    Assignment,
    AssignmentRole,
    Consultation,
    Draft,
    ExtensionRequest,
    IncomingDocument,
)
from eoffice.documents.permissions import assignments as rules
from eoffice.documents.queries.incoming_detail import incoming_detail
from eoffice.documents.services import assigning, closing, consulting, extending, reading
from eoffice.documents.states import OPEN_ASSIGNMENT_STATES, AssignmentState, IncomingState
from eoffice.documents.tests import letters
from eoffice.documents.tests.cast import NOW, Cast, actor_of
from eoffice.notifications.models import Notification

pytestmark = pytest.mark.django_db
SUPPORT, INFORMED = AssignmentRole.SUPPORT, AssignmentRole.INFORMED
A_READER_WHO_HOLDS_NOTHING = ("clerk", "chief", "leader")


def state_of(line: Assignment) -> str:
    return str(Assignment.objects.get(pk=line.pk).state)


def working(cast: Cast, **how) -> tuple[IncomingDocument, Assignment]:
    """The officer has accepted."""
    letter = letters.passed_on(cast, **how)
    line = letters.line_of(letter, cast.officer)
    assigning.accept_assignment(actor=actor_of(cast.officer), assignment_id=line.pk, now=NOW)
    return letter, line


def test_accepting_twice_is_told(cast: Cast) -> None:
    letter = letters.directed(cast)
    line = letters.line_of(letter, cast.technology)
    assigning.accept_assignment(actor=actor_of(cast.head), assignment_id=line.pk, now=NOW)

    with pytest.raises(IllegalTransition):
        assigning.accept_assignment(actor=actor_of(cast.head), assignment_id=line.pk, now=NOW)
    assert state_of(line) == AssignmentState.ACCEPTED


@pytest.mark.parametrize("who", [*A_READER_WHO_HOLDS_NOTHING, "legal_head", "outsider", "officer"])
def test_only_the_holder_accepts_passes_on_and_returns(cast: Cast, who: str) -> None:
    line = letters.line_of(letters.directed(cast), cast.technology)
    actor = actor_of(getattr(cast, who))
    attempts = (
        lambda: assigning.accept_assignment(actor=actor, assignment_id=line.pk, now=NOW),
        lambda: assigning.pass_on(
            actor=actor, assignment_id=line.pk, recipients=[letters.to_person(cast.officer)], instruction="", now=NOW
        ),
        lambda: assigning.return_assignment(actor=actor, assignment_id=line.pk, reason="x", now=NOW),
        lambda: consulting.report_progress(actor=actor, assignment_id=line.pk, text="x", now=NOW),
        lambda: extending.ask_extension(
            actor=actor, assignment_id=line.pk, due_on=date(2026, 12, 4), reason="x", now=NOW
        ),
        lambda: closing.report_done(actor=actor, assignment_id=line.pk, result="x", now=NOW),
    )

    for attempt in attempts:
        with pytest.raises((NotPermitted, DocumentNotFound)):
            attempt()
    assert state_of(line) == AssignmentState.WAITING
    assert Assignment.objects.count() == 2


def test_deadline_below_does_not_pass_the_one_above(cast: Cast) -> None:
    line = letters.line_of(letters.directed(cast, due_on=date(2026, 11, 26)), cast.technology)

    with pytest.raises(DeadlineAfterParent):
        assigning.pass_on(
            actor=actor_of(cast.head), assignment_id=line.pk, recipients=[letters.to_person(cast.officer)],
            instruction="", due_on=date(2026, 11, 27), now=NOW,
        )  # fmt: skip
    assert state_of(line) == AssignmentState.WAITING


def test_officer_returns_and_the_head_passes_on_again(cast: Cast) -> None:
    letter = letters.passed_on(cast)
    unit_line, own = letters.line_of(letter, cast.technology), letters.line_of(letter, cast.officer)

    assigning.return_assignment(actor=actor_of(cast.officer), assignment_id=own.pk, reason="Đang nghỉ phép", now=NOW)
    assert state_of(unit_line) == AssignmentState.ACCEPTED
    assigning.pass_on(
        actor=actor_of(cast.head), assignment_id=unit_line.pk, recipients=[letters.to_person(cast.second_officer)],
        instruction="", now=NOW,
    )  # fmt: skip

    assert state_of(unit_line) == AssignmentState.PASSED_ON
    assert state_of(letters.line_of(letter, cast.second_officer)) == AssignmentState.WAITING


def test_head_withdraws_a_line_he_gave(cast: Cast) -> None:
    letter, own = working(cast)

    assigning.withdraw_assignment(actor=actor_of(cast.head), assignment_id=own.pk, reason="Giao người khác", now=NOW)

    assert state_of(own) == AssignmentState.WITHDRAWN
    assert state_of(letters.line_of(letter, cast.technology)) == AssignmentState.ACCEPTED
    with pytest.raises(DocumentNotFound):
        closing.report_done(actor=actor_of(cast.officer), assignment_id=own.pk, result="x", now=NOW)


def test_reply_required_asks_for_it_or_a_reason(cast: Cast) -> None:
    _, own = working(cast, requires_reply=True)
    officer = actor_of(cast.officer)

    with pytest.raises(ReplyRequired):
        closing.report_done(actor=officer, assignment_id=own.pk, result="Xong", now=NOW)
    assert state_of(own) == AssignmentState.IN_PROGRESS
    closing.report_done(
        actor=officer, assignment_id=own.pk, result="Xong", no_reply_reason="Đã trao đổi trực tiếp", now=NOW
    )
    assert state_of(own) == AssignmentState.REPORTED


def test_support_line_is_completed_by_its_holder_alone(cast: Cast) -> None:
    letter = letters.directed(cast)
    line = letters.line_of(letter, cast.legal)
    legal = actor_of(cast.legal_head)
    assigning.accept_assignment(actor=legal, assignment_id=line.pk, now=NOW)
    assigning.take_on(actor=legal, assignment_id=line.pk, now=NOW)

    closing.report_done(actor=legal, assignment_id=line.pk, result="Đã góp ý", now=NOW)

    assert state_of(line) == AssignmentState.COMPLETED
    letter.refresh_from_db()
    assert letter.state == IncomingState.IN_PROGRESS


def test_sent_back_it_is_in_work_again_down_to_the_officer(cast: Cast) -> None:
    letter, own = working(cast)
    unit_line = letters.line_of(letter, cast.technology)
    closing.report_done(actor=actor_of(cast.officer), assignment_id=own.pk, result="Xong", now=NOW)
    closing.confirm_done(actor=actor_of(cast.head), assignment_id=own.pk, now=NOW)

    closing.send_back(actor=actor_of(cast.leader), assignment_id=unit_line.pk, reason="Thiếu số liệu", now=NOW)

    assert (state_of(unit_line), state_of(own)) == (AssignmentState.IN_PROGRESS, AssignmentState.IN_PROGRESS)
    closing.report_done(actor=actor_of(cast.officer), assignment_id=own.pk, result="Đã bổ sung", now=NOW)
    closing.confirm_done(actor=actor_of(cast.head), assignment_id=own.pk, now=NOW)
    closing.confirm_done(actor=actor_of(cast.leader), assignment_id=unit_line.pk, now=NOW)
    letter.refresh_from_db()
    assert letter.state == IncomingState.COMPLETED


@pytest.mark.parametrize("who", ["officer", "second_officer", "clerk", "outsider"])
def test_only_the_giver_confirms(cast: Cast, who: str) -> None:
    _, own = working(cast)
    closing.report_done(actor=actor_of(cast.officer), assignment_id=own.pk, result="Xong", now=NOW)

    with pytest.raises((NotPermitted, DocumentNotFound)):
        closing.confirm_done(actor=actor_of(getattr(cast, who)), assignment_id=own.pk, now=NOW)
    assert state_of(own) == AssignmentState.REPORTED


def test_units_that_confirm_by_themselves(cast: Cast) -> None:
    letter, own = working(cast)
    closing.set_confirmation(actor=actor_of(cast.head), unit_id=cast.technology.pk, confirms_itself=True, now=NOW)

    closing.report_done(actor=actor_of(cast.officer), assignment_id=own.pk, result="Xong", now=NOW)

    assert state_of(own) == AssignmentState.COMPLETED
    assert state_of(letters.line_of(letter, cast.technology)) == AssignmentState.PASSED_ON


def test_informed_line_ends_by_reading(cast: Cast) -> None:
    letter = letters.directed(cast, [letters.to_unit(cast.technology), letters.to_person(cast.legal_officer, INFORMED)])

    reading.mark_read(actor=actor_of(cast.legal_officer), incoming_id=letter.pk, now=NOW)
    reading.mark_read(actor=actor_of(cast.legal_officer), incoming_id=letter.pk, now=NOW)

    assert state_of(letters.line_of(letter, cast.legal_officer)) == AssignmentState.READ


def test_reopened_letter_is_the_leads_work_again(cast: Cast) -> None:
    letter, own = working(cast)
    unit_line = letters.line_of(letter, cast.technology)
    closing.report_done(actor=actor_of(cast.officer), assignment_id=own.pk, result="Xong", now=NOW)
    closing.confirm_done(actor=actor_of(cast.head), assignment_id=own.pk, now=NOW)
    closing.confirm_done(actor=actor_of(cast.leader), assignment_id=unit_line.pk, now=NOW)

    with pytest.raises(NotPermitted):
        closing.reopen_incoming(actor=actor_of(cast.officer), incoming_id=letter.pk, reason="x", now=NOW)
    closing.reopen_incoming(actor=actor_of(cast.leader), incoming_id=letter.pk, reason="Bộ yêu cầu bổ sung", now=NOW)

    letter.refresh_from_db()
    assert letter.state == IncomingState.IN_PROGRESS
    assert (state_of(unit_line), state_of(own)) == (AssignmentState.IN_PROGRESS, AssignmentState.IN_PROGRESS)


def test_extension_is_granted_by_who_set_the_deadline(cast: Cast) -> None:
    letter = letters.directed(cast, due_on=date(2026, 11, 26))
    line = letters.line_of(letter, cast.technology)
    asked = extending.ask_extension(
        actor=actor_of(cast.head), assignment_id=line.pk, due_on=date(2026, 12, 1), reason="Chờ số liệu", now=NOW
    )

    with pytest.raises(NotPermitted):
        extending.decide_extension(actor=actor_of(cast.clerk), extension_id=asked.pk, granted=True, now=NOW)
    assert not incoming_detail(actor_of(cast.head), letter.pk, now=NOW).commands.extend  # one request at a time
    extending.decide_extension(actor=actor_of(cast.leader), extension_id=asked.pk, granted=True, now=NOW)

    line.refresh_from_db()
    letter.refresh_from_db()
    assert line.due_at == letter.due_at == asked.asked_due_at
    assert incoming_detail(actor_of(cast.head), letter.pk, now=NOW).commands.extend
    with pytest.raises(Conflict):
        extending.decide_extension(actor=actor_of(cast.leader), extension_id=asked.pk, granted=False, note="x", now=NOW)


def test_both_sides_read_the_day_that_was_asked_and_granted(cast: Cast) -> None:
    letter = letters.directed(cast, due_on=date(2026, 11, 26))
    asked = extending.ask_extension(
        actor=actor_of(cast.head), assignment_id=letters.line_of(letter, cast.technology).pk, due_on=date(2026, 12, 1),
        reason="Chờ số liệu", now=NOW,
    )  # fmt: skip
    extending.decide_extension(actor=actor_of(cast.leader), extension_id=asked.pk, granted=True, now=NOW)

    told = dict(Notification.objects.filter(kind__contains="extension").values_list("person_id", "title"))
    assert told == {
        cast.leader.pk: f"{cast.head.full_name} xin gia hạn đến 01/12/2026",
        cast.head.pk: "Đã cho gia hạn đến 01/12/2026",
    }


def test_refused_extension_needs_its_reason_and_moves_nothing(cast: Cast) -> None:
    line = letters.line_of(letters.directed(cast, due_on=date(2026, 11, 26)), cast.technology)
    asked = extending.ask_extension(
        actor=actor_of(cast.head), assignment_id=line.pk, due_on=date(2026, 12, 1), reason="Chờ số liệu", now=NOW
    )
    before = line.due_at

    with pytest.raises(Invalid):
        extending.decide_extension(actor=actor_of(cast.leader), extension_id=asked.pk, granted=False, now=NOW)
    extending.decide_extension(actor=actor_of(cast.leader), extension_id=asked.pk, granted=False, note="Gấp", now=NOW)

    line.refresh_from_db()
    assert line.due_at == before


def test_head_cannot_grant_beyond_his_own_deadline(cast: Cast) -> None:
    _, own = working(cast, due_on=date(2026, 11, 26))
    asked = extending.ask_extension(
        actor=actor_of(cast.officer), assignment_id=own.pk, due_on=date(2026, 12, 1), reason="Chờ số liệu", now=NOW
    )

    with pytest.raises(Invalid, match=r"\(01/12/2026\) sau hạn được giao từ trên \(26/11/2026\).*cấp trên"):
        extending.decide_extension(actor=actor_of(cast.head), extension_id=asked.pk, granted=True, now=NOW)
    assert ExtensionRequest.objects.get().granted is None


def test_passing_on_begins_with_the_people_of_the_unit(cast: Cast, client: Client) -> None:
    line = letters.line_of(letters.directed(cast), cast.technology)
    assert cast.head.user is not None
    assigning.accept_assignment(actor=actor_of(cast.head), assignment_id=line.pk, now=NOW)
    client.force_login(cast.head.user)

    page = client.get(f"/documents/assignments/{line.pk}/pass-on/").content.decode()

    assert f'data-near="{cast.technology.pk}"' in page


def test_opinion_of_another_unit_is_asked_and_answered_once(cast: Cast) -> None:
    letter, _ = working(cast)
    asked = consulting.ask_opinion(
        actor=actor_of(cast.officer), incoming_id=letter.pk, kind="unit", asked_id=cast.company.pk,
        question="Đề nghị cho ý kiến", now=NOW,
    )  # fmt: skip

    with pytest.raises((NotPermitted, DocumentNotFound)):
        consulting.answer_opinion(actor=actor_of(cast.outsider), consultation_id=asked.pk, answer="x", now=NOW)
    vinh = actor_of(cast.company_leader)
    consulting.answer_opinion(actor=vinh, consultation_id=asked.pk, answer="Nhất trí", now=NOW)
    with pytest.raises(Conflict):
        consulting.answer_opinion(actor=vinh, consultation_id=asked.pk, answer="Khác", now=NOW)

    assert Consultation.objects.get().answer == "Nhất trí"


def test_both_faces_of_holding_agree(cast: Cast) -> None:
    letters.passed_on(cast)
    letters.directed(cast, [letters.to_unit(cast.legal), letters.to_person(cast.officer, SUPPORT)])
    everyone = ("clerk", "leader", "chief", "head", "officer", "legal_head", "legal_officer", "outsider")

    for who in everyone:
        actor = actor_of(getattr(cast, who))
        rows = list(Assignment.objects.select_related("parent", "incoming"))
        assert {each.pk for each in rows if rules.holds(actor, each)} == set(
            Assignment.objects.filter(rules.held_by(actor)).values_list("pk", flat=True)
        )
        assert {each.pk for each in rows if rules.gave(actor, each)} == set(
            Assignment.objects.filter(rules.given_by(actor)).values_list("pk", flat=True)
        )


STEPS = ("accept", "take_on", "pass_on", "return", "report", "confirm", "send_back", "read", "withdraw", "reopen")
PEOPLE = ("head", "officer", "second_officer", "legal_head", "leader", "chief", "clerk", "outsider")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plays=st.lists(st.tuples(st.sampled_from(STEPS), st.sampled_from(PEOPLE), st.integers(0, 5)), max_size=14))
def test_whatever_people_press_the_tree_stays_sound(cast: Cast, plays) -> None:
    letter = letters.directed(cast)

    for step, who, index in plays:
        lines = list(Assignment.objects.filter(incoming=letter).order_by("pk"))
        try:
            press(cast, step, who, lines[index % len(lines)])
        except ExpectedError:
            continue

    assert_sound(IncomingDocument.objects.get(pk=letter.pk))


def press(cast: Cast, step: str, who: str, line: Assignment, now: datetime = NOW) -> None:
    actor = actor_of(getattr(cast, who))
    match step:
        case "accept":
            assigning.accept_assignment(actor=actor, assignment_id=line.pk, now=now)
        case "take_on":
            assigning.take_on(actor=actor, assignment_id=line.pk, now=now)
        case "pass_on":
            to = [letters.to_person(cast.officer), letters.to_person(cast.second_officer, SUPPORT)]
            assigning.pass_on(actor=actor, assignment_id=line.pk, recipients=to, instruction="", now=now)
        case "return":
            assigning.return_assignment(actor=actor, assignment_id=line.pk, reason="Trả", now=now)
        case "report":
            closing.report_done(actor=actor, assignment_id=line.pk, result="Xong", now=now)
        case "confirm":
            closing.confirm_done(actor=actor, assignment_id=line.pk, now=now)
        case "send_back":
            closing.send_back(actor=actor, assignment_id=line.pk, reason="Thiếu", now=now)
        case "withdraw":
            assigning.withdraw_assignment(actor=actor, assignment_id=line.pk, reason="Rút", now=now)
        case "reopen":
            closing.reopen_incoming(actor=actor, incoming_id=line.incoming_id, reason="Mở", now=now)
        case _:
            reading.mark_read(actor=actor, incoming_id=line.incoming_id, now=now)


def assert_sound(letter: IncomingDocument) -> None:
    lines = list(Assignment.objects.filter(incoming=letter))
    # What the counters stand on: work is never open below what is done (`permissions.open_given_by`).
    by_key = {each.pk: each for each in lines}
    for each in lines:
        if each.parent_id and each.state in OPEN_ASSIGNMENT_STATES and each.role != "informed":
            assert by_key[each.parent_id].state not in {"completed", "closed_with_lead", "read"}
    top_lead = [each for each in lines if each.parent_id is None and each.role == "lead"]
    live = [each for each in top_lead if each.state not in {"withdrawn", "returned", "recalled"}]
    assert len(live) <= 1
    if letter.state == IncomingState.COMPLETED:
        assert live[0].state == AssignmentState.COMPLETED
        assert not [each for each in lines if each.state in OPEN_ASSIGNMENT_STATES and each.role != "informed"]
    if letter.state == IncomingState.AWAITING_DIRECTION:
        assert live == []
    for each in lines:
        if each.state == AssignmentState.PASSED_ON:
            assert any(child.parent_id == each.pk and child.role == "lead" for child in lines)
        assert (each.closed_at is None) == (each.state in OPEN_ASSIGNMENT_STATES)


def reply_to(cast: Cast, line: Assignment) -> Draft:
    """A draft that answers a line; how it is written and signed is another room's story."""
    return Draft.objects.create(
        author=cast.officer, unit=cast.technology, registry=cast.group, document_type="letter", subject="Trả lời",
        in_reply_to=line.incoming, assignment=line, updated_at=NOW,
    )  # fmt: skip


def test_issued_reply_completes_the_line_the_leads_above_and_the_letter(cast: Cast) -> None:
    letter, own = working(cast, requires_reply=True)

    closing.complete_by_reply(actor=actor_of(cast.clerk), draft=reply_to(cast, own), now=NOW)
    closing.complete_by_reply(actor=actor_of(cast.clerk), draft=reply_to(cast, own), now=NOW)

    assert state_of(own) == AssignmentState.COMPLETED
    assert state_of(letters.line_of(letter, cast.technology)) == AssignmentState.COMPLETED
    assert state_of(letters.line_of(letter, cast.legal)) == AssignmentState.CLOSED_WITH_LEAD
    letter.refresh_from_db()
    assert letter.state == IncomingState.COMPLETED
