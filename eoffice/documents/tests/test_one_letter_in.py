"""The thin way of a letter in: receive, register, forward, direct, accept, pass on, report, confirm, complete."""

from __future__ import annotations

import pytest
from django.test import Client

from eoffice.documents.models import RegisterEntry
from eoffice.documents.queries import incoming_counters, incoming_lists
from eoffice.documents.queries.incoming_boxes import Box
from eoffice.documents.queries.incoming_detail import incoming_detail
from eoffice.documents.services import assigning, closing
from eoffice.documents.states import AssignmentState, IncomingState
from eoffice.documents.tests import letters
from eoffice.documents.tests.cast import NOW, Cast, actor_of

pytestmark = pytest.mark.django_db


def test_letter_goes_from_the_clerk_to_the_officer_and_is_completed(cast: Cast) -> None:
    letter = letters.directed(cast)
    assert letter.state == IncomingState.IN_PROGRESS
    assert letter.arrival_number == 1
    assert RegisterEntry.objects.get(incoming=letter).number == 1

    head, officer, leader = (actor_of(each) for each in (cast.head, cast.officer, cast.leader))
    unit_line = letters.line_of(letter, cast.technology)
    assigning.accept_assignment(actor=head, assignment_id=unit_line.pk, now=NOW)
    assigning.pass_on(
        actor=head, assignment_id=unit_line.pk, recipients=[letters.to_person(cast.officer)],
        instruction="Dự thảo trả lời.", now=NOW,
    )  # fmt: skip
    own = letters.line_of(letter, cast.officer)
    assigning.accept_assignment(actor=officer, assignment_id=own.pk, now=NOW)
    closing.report_done(actor=officer, assignment_id=own.pk, result="Đã báo cáo Bộ.", now=NOW)
    closing.confirm_done(actor=head, assignment_id=own.pk, now=NOW)
    unit_line.refresh_from_db()
    assert unit_line.state == AssignmentState.REPORTED
    assert unit_line.result == "Đã báo cáo Bộ."

    closing.confirm_done(actor=leader, assignment_id=unit_line.pk, now=NOW)

    letter.refresh_from_db()
    assert letter.state == IncomingState.COMPLETED
    assert letters.line_of(letter, cast.legal).state == AssignmentState.CLOSED_WITH_LEAD


def test_each_sees_the_letter_in_the_right_box(cast: Cast) -> None:
    letter = letters.passed_on(cast)

    def ids(person, box):
        return [row.incoming_id for row in incoming_lists.box_page(actor_of(person), box=box, now=NOW).rows]

    assert ids(cast.officer, Box.TO_HANDLE) == [letter.pk]
    assert ids(cast.head, Box.FOLLOWING) == [letter.pk]
    assert ids(cast.legal_head, Box.SUPPORT) == [letter.pk]
    assert ids(cast.leader, Box.GIVEN_OPEN) == [letter.pk]
    assert ids(cast.clerk, Box.IN_PROGRESS) == [letter.pk]
    assert ids(cast.outsider, Box.ALL) == []


def test_counters_count_what_the_boxes_hold(cast: Cast) -> None:
    letters.passed_on(cast)

    counted = incoming_counters.counters(actor_of(cast.head), NOW)

    assert counted["following"] == 1
    assert counted["given_open"] == 1
    assert counted["to_handle"] == 0
    assert incoming_counters.counters(actor_of(cast.officer), NOW)["to_handle"] == 1
    assert set(incoming_counters.counters(actor_of(cast.outsider), NOW).values()) == {0}


def test_pages_open_for_each_part(cast: Cast, client: Client) -> None:
    letter = letters.passed_on(cast)
    for person in (cast.clerk, cast.leader, cast.chief, cast.head, cast.officer, cast.legal_head):
        letters.enter(client, person)
        assert client.get("/documents/incoming/").status_code == 200
        page = client.get(f"/documents/incoming/{letter.pk}/?box=all")
        assert page.status_code == 200
        assert letter.subject in page.content.decode()


def test_outsider_gets_not_found(cast: Cast, client: Client) -> None:
    letter = letters.passed_on(cast)
    letters.enter(client, cast.outsider)

    assert client.get(f"/documents/incoming/{letter.pk}/").status_code == 404
    assert client.get(f"/documents/incoming/{letter.pk}/access/").status_code == 404
    file_id = letter.files.get().pk
    assert client.get(f"/documents/incoming/{letter.pk}/files/{file_id}/").status_code == 404


def test_reader_is_offered_what_he_may_press(cast: Cast) -> None:
    letter = letters.directed(cast)

    head = incoming_detail(actor_of(cast.head), letter.pk, now=NOW).commands
    clerk = incoming_detail(actor_of(cast.clerk), letter.pk, now=NOW).commands
    leader = incoming_detail(actor_of(cast.leader), letter.pk, now=NOW).commands

    assert head.accept
    assert not head.direct
    assert clerk.correct
    assert not clerk.accept
    assert leader.take_back
    assert not leader.return_line
