"""Directives: exactly one lead, working deadlines, returned, taken back in time."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client

from eoffice.core.errors import IllegalTransition, Invalid, NotPermitted
from eoffice.documents.errors import DayOff, DocumentNotFound, SeveralLeads, UndoTooLate
from eoffice.documents.models import Assignment, AssignmentRole, Directive
from eoffice.documents.queries.incoming_detail import incoming_detail
from eoffice.documents.services import assigning, directing
from eoffice.documents.services.deadlines import in_working_days
from eoffice.documents.states import AssignmentState, IncomingState
from eoffice.documents.tests import letters
from eoffice.documents.tests.cast import NOW, Cast, actor_of
from eoffice.notifications.models import Notification
from eoffice.organization import access

pytestmark = pytest.mark.django_db
LEAD, SUPPORT, INFORMED = AssignmentRole.LEAD, AssignmentRole.SUPPORT, AssignmentRole.INFORMED


def direct(cast: Cast, letter, recipients, who="leader", **how):
    return directing.direct_incoming(
        actor=actor_of(getattr(cast, who)), incoming_id=letter.pk, text="Giao chủ trì.", recipients=recipients,
        now=how.pop("now", NOW), **how,
    )  # fmt: skip


def sees(cast: Cast, who: str, letter) -> bool:
    return access.can_see(actor_of(getattr(cast, who)), object_kind="incoming", object_id=letter.pk)


def test_each_recipient_gets_a_line_sight_and_a_bell(cast: Cast) -> None:
    letter = letters.forwarded(cast)
    assert not sees(cast, "head", letter)

    direct(
        cast, letter,
        [
            letters.to_unit(cast.technology),
            letters.to_person(cast.legal_officer, SUPPORT),
            letters.to_unit(cast.office, INFORMED),
        ],
        due_on=date(2026, 11, 26),
    )  # fmt: skip

    assert sees(cast, "head", letter)
    assert sees(cast, "legal_officer", letter)
    assert not sees(cast, "outsider", letter)
    lines = Assignment.objects.order_by("pk")
    assert [(each.role, each.state) for each in lines] == [
        ("lead", "waiting"), ("support", "waiting"), ("informed", "waiting"),
    ]  # fmt: skip
    assert lines[2].due_at is None
    assert Notification.objects.filter(person=cast.head, kind="documents.incoming.assigned_lead").count() == 1


def test_informed_unit_is_everyone_in_it(cast: Cast) -> None:
    letter = letters.directed(cast, [letters.to_unit(cast.technology), letters.to_unit(cast.legal, INFORMED)])

    assert sees(cast, "legal_officer", letter)


def test_several_leads_or_none_are_refused(cast: Cast) -> None:
    letter = letters.forwarded(cast)

    for recipients in (
        [letters.to_unit(cast.technology), letters.to_unit(cast.legal)],
        [letters.to_unit(cast.technology, SUPPORT)],
    ):
        with pytest.raises(SeveralLeads):
            direct(cast, letter, recipients)
    with pytest.raises(Invalid):
        direct(cast, letter, [])
    assert not Directive.objects.exists()
    letter.refresh_from_db()
    assert letter.state == IncomingState.AWAITING_DIRECTION


def test_the_same_place_twice_is_refused(cast: Cast) -> None:
    letter = letters.forwarded(cast)

    with pytest.raises(Invalid, match="hai lần"):
        direct(cast, letter, [letters.to_unit(cast.technology), letters.to_unit(cast.technology, SUPPORT)])


def test_deadline_on_sunday_names_the_nearest_working_day(cast: Cast) -> None:
    with pytest.raises(DayOff) as told:
        direct(cast, letters.forwarded(cast), [letters.to_unit(cast.technology)], due_on=date(2026, 11, 29))
    assert told.value.message == "29/11/2026 là Chủ nhật. Chọn ngày làm việc, gần nhất: 30/11/2026."


def test_past_deadline_is_refused(cast: Cast) -> None:
    with pytest.raises(Invalid, match="đã qua"):
        direct(cast, letters.forwarded(cast), [letters.to_unit(cast.technology)], due_on=date(2026, 11, 20))


@pytest.mark.parametrize("who", ["clerk", "chief", "deputy_leader", "head", "outsider"])
def test_only_the_leader_it_waits_for_directs(cast: Cast, who: str) -> None:
    letter = letters.forwarded(cast)

    with pytest.raises((NotPermitted, DocumentNotFound)):
        direct(cast, letter, [letters.to_unit(cast.technology)], who=who)
    assert not Assignment.objects.exists()


def test_directing_twice_gives_one_directive(cast: Cast) -> None:
    letter = letters.directed(cast)

    with pytest.raises(IllegalTransition):
        direct(cast, letter, [letters.to_unit(cast.legal)])
    assert Directive.objects.count() == 1
    assert Assignment.objects.filter(role=LEAD, state=AssignmentState.WAITING).count() == 1


def test_returned_letter_shows_its_reason_and_can_be_sent_on(cast: Cast) -> None:
    letter = letters.forwarded(cast)

    directing.return_to_clerk(
        actor=actor_of(cast.leader), incoming_id=letter.pk, reason="Chuyển Phó Tổng Giám đốc", now=NOW
    )

    letter.refresh_from_db()
    assert (letter.state, letter.returned_reason) == (IncomingState.REGISTERED, "Chuyển Phó Tổng Giám đốc")
    assert letter.forwarded_to is None


def test_taken_back_in_time_nobody_sees_it_any_more(cast: Cast) -> None:
    letter = letters.directed(cast)

    directing.take_back(actor=actor_of(cast.leader), incoming_id=letter.pk, now=NOW + timedelta(seconds=60))

    letter.refresh_from_db()
    assert letter.state == IncomingState.AWAITING_DIRECTION
    assert not sees(cast, "head", letter)
    assert sees(cast, "leader", letter)
    assert set(Assignment.objects.values_list("state", flat=True)) == {AssignmentState.WITHDRAWN}


def test_what_was_taken_back_is_history_and_no_longer_an_assignment(cast: Cast) -> None:
    letter = letters.directed(cast)
    leader = actor_of(cast.leader)
    directing.take_back(actor=leader, incoming_id=letter.pk, now=NOW + timedelta(seconds=60))
    direct(cast, letter, [letters.to_unit(cast.technology)], now=NOW + timedelta(seconds=90))

    shown = incoming_detail(leader, letter.pk, now=NOW + timedelta(seconds=90))

    assert [(node.name, node.state) for node in shown.tree] == [(cast.technology.name, "Chưa tiếp nhận")]
    assert "Rút lại ý kiến chỉ đạo" in [moment.title for moment in shown.history]


def test_taken_back_the_letter_has_its_earlier_deadline_again(cast: Cast) -> None:
    letter = letters.forwarded(cast)
    before = letter.due_at
    direct(cast, letter, [letters.to_unit(cast.technology)], due_on=in_working_days(3, now=NOW).date())
    letter.refresh_from_db()
    assert letter.due_at not in {None, before}

    directing.take_back(actor=actor_of(cast.leader), incoming_id=letter.pk, now=NOW + timedelta(seconds=60))

    letter.refresh_from_db()
    assert letter.due_at == before


def test_after_the_window_or_an_acceptance_it_stays(cast: Cast) -> None:
    letter = letters.directed(cast)
    leader = actor_of(cast.leader)

    with pytest.raises(UndoTooLate):
        directing.take_back(actor=leader, incoming_id=letter.pk, now=NOW + timedelta(seconds=121))
    line = letters.line_of(letter, cast.technology)
    assigning.accept_assignment(actor=actor_of(cast.head), assignment_id=line.pk, now=NOW)
    with pytest.raises(UndoTooLate):
        directing.take_back(actor=leader, incoming_id=letter.pk, now=NOW)
    letter.refresh_from_db()
    assert letter.state == IncomingState.IN_PROGRESS


def test_chief_of_office_distributes_without_a_leader(cast: Cast) -> None:
    letter = letters.registered(cast)

    directing.distribute_incoming(
        actor=actor_of(cast.chief), incoming_id=letter.pk, text="Chuyển xử lý.", now=NOW,
        recipients=[letters.to_unit(cast.legal)],
    )  # fmt: skip

    letter.refresh_from_db()
    assert letter.state == IncomingState.IN_PROGRESS


def test_clerk_does_not_distribute(cast: Cast) -> None:
    letter = letters.registered(cast)

    with pytest.raises(NotPermitted):
        directing.distribute_incoming(
            actor=actor_of(cast.clerk), incoming_id=letter.pk, text="x", now=NOW,
            recipients=[letters.to_unit(cast.legal)],
        )  # fmt: skip
    assert not Assignment.objects.exists()


def test_refused_by_the_lead_it_waits_for_direction_again(cast: Cast) -> None:
    letter = letters.directed(cast)
    line = letters.line_of(letter, cast.technology)

    assigning.return_assignment(actor=actor_of(cast.head), assignment_id=line.pk, reason="Sai chức năng", now=NOW)

    letter.refresh_from_db()
    assert (letter.state, letter.forwarded_to_id) == (IncomingState.AWAITING_DIRECTION, cast.leader.pk)
    direct(cast, letter, [letters.to_unit(cast.legal)])
    assert letters.line_of(letter, cast.legal).role == LEAD
    assert Assignment.objects.filter(role=SUPPORT, state=AssignmentState.WITHDRAWN).count() == 1


def test_dialog_sends_and_keeps_what_was_typed(cast: Cast, client: Client) -> None:
    letter = letters.forwarded(cast)
    letters.enter(client, cast.leader)
    url = f"/documents/incoming/{letter.pk}/direct/"

    by_htmx = {"hx-request": "true"}
    refused = client.post(url, {"text": "Giao gấp", "recipients": "[]", "due_choice": "none"}, headers=by_htmx)
    assert refused.status_code == 422
    assert "Giao gấp" in refused.content.decode()
    picked = f'[{{"kind": "unit", "id": {cast.technology.pk}, "role": "lead"}}]'
    done = client.post(url, {"text": "Giao gấp", "recipients": picked, "due_choice": "none"}, headers=by_htmx)

    assert done.status_code == 204
    assert done.headers["HX-Redirect"] == f"/documents/incoming/{letter.pk}/"
    assert Directive.objects.get().text == "Giao gấp"
