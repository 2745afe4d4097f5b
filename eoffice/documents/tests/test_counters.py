"""The fast counters show what the lists hold: same conditions, same rights, for everyone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

from eoffice.core import counted
from eoffice.documents.models import Assignment, AssignmentRole, IncomingDocument
from eoffice.documents.permissions import assignments as rules
from eoffice.documents.queries import drafts, incoming_counters
from eoffice.documents.queries.incoming_boxes import Box, letters_in, lines_in
from eoffice.documents.services import assigning, closing, consulting
from eoffice.documents.services.benching_group import make_group
from eoffice.documents.services.benching_load import BulkLoad
from eoffice.documents.states import OPEN_ASSIGNMENT_STATES
from eoffice.documents.tests import letters
from eoffice.documents.tests.cast import NOW, Cast, actor_of
from eoffice.organization import access
from eoffice.organization.actor import Actor
from eoffice.organization.models import Access, Role

pytestmark = pytest.mark.django_db

SUPPORT, INFORMED = AssignmentRole.SUPPORT, AssignmentRole.INFORMED
EVERYONE = (
    "clerk", "leader", "chief", "head", "officer", "legal_head", "legal_officer", "company_clerk", "outsider",
    "administrator", "auditor",
)  # fmt: skip
LATER = NOW + timedelta(days=40)
"""Past every deadline of the letters."""


def of_the_lists(actor: Actor, box: Box) -> tuple[int, int]:
    """What the plain list of a box holds, and how much of it is late."""
    lines = lines_in(actor, box, LATER)
    rows = lines if lines is not None else letters_in(actor, box)
    return rows.count(), rows.filter(due_at__lt=LATER).count()


def assert_counted(cast: Cast) -> None:
    for who in EVERYONE:
        actor = actor_of(getattr(cast, who))
        found = incoming_counters.counters(actor, LATER)
        boxes = [Box(key) for key in found if not key.endswith("_late") or key == Box.GIVEN_LATE]
        assert {box: (found[box], found[f"{box}_late"]) for box in boxes} == {
            box: of_the_lists(actor, box) for box in boxes
        }


def test_counters_show_what_the_lists_hold(cast: Cast) -> None:
    letters.received(cast)
    letters.registered(cast)
    letters.forwarded(cast)
    letters.directed(cast, [letters.to_unit(cast.legal), letters.to_person(cast.officer, SUPPORT)])
    letters.directed(cast, [letters.to_unit(cast.technology), letters.to_unit(cast.legal, INFORMED)])
    letter = letters.passed_on(cast)
    line = letters.line_of(letter, cast.officer)
    consulting.ask_opinion(
        actor=actor_of(cast.head), incoming_id=letter.pk, kind="person", asked_id=cast.legal_officer.pk,
        question="Đề nghị cho ý kiến", now=NOW,
    )  # fmt: skip
    assert_counted(cast)

    assigning.accept_assignment(actor=actor_of(cast.officer), assignment_id=line.pk, now=NOW)
    assert_counted(cast)

    closing.report_done(actor=actor_of(cast.officer), assignment_id=line.pk, result="Đã xong", now=NOW)
    assert_counted(cast)
    assert incoming_counters.counters(actor_of(cast.head), NOW)[Box.GIVEN_TO_CONFIRM] == 1


def test_people_of_one_shape_share_a_statement_and_not_their_numbers(cast: Cast) -> None:
    letters.directed(cast, [letters.to_unit(cast.legal)])
    technology, legal = actor_of(cast.head), actor_of(cast.legal_head)

    assert incoming_counters.counters(technology, NOW)[Box.TO_HANDLE] == 0
    assert incoming_counters.counters(legal, NOW)[Box.TO_HANDLE] == 1
    assert incoming_counters.counters(technology, NOW)[Box.TO_HANDLE] == 0


def test_counters_lose_what_may_no_longer_be_seen(cast: Cast) -> None:
    letter = letters.directed(cast, [letters.to_unit(cast.legal)])
    legal = actor_of(cast.legal_head)
    assert incoming_counters.counters(legal, NOW)[Box.TO_HANDLE] == 1

    line = letters.line_of(letter, cast.legal)
    access.withdraw(object_kind="incoming", object_id=letter.pk, source=f"assignment:{line.pk}")

    assert incoming_counters.counters(legal, NOW)[Box.TO_HANDLE] == of_the_lists(legal, Box.TO_HANDLE)[0]


def test_counting_ends_at_its_limit(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counted, "LIMIT", 2)
    monkeypatch.setattr(incoming_counters, "_COMPILED", type(incoming_counters._COMPILED)(incoming_counters._statement))
    for _ in range(3):
        letters.registered(cast)

    assert incoming_counters.counters(actor_of(cast.clerk), NOW)[Box.TO_FORWARD] == 2


def test_a_lost_connection_prepares_again(cast: Cast) -> None:
    clerk = actor_of(cast.clerk)
    before = drafts.counters(clerk, NOW)

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'eoffice_%%'")
        assert cursor.fetchone()[0] > 0
    assert drafts.counters(clerk, NOW) == before


def test_parts_of_what_was_given_have_no_line_in_common(cast: Cast) -> None:
    letters.passed_on(cast)
    letters.directed(cast, [letters.to_unit(cast.legal), letters.to_person(cast.officer, SUPPORT)])

    for who in EVERYONE:
        actor = actor_of(getattr(cast, who))
        parts = [Assignment.objects.filter(part) for part in rules.open_given_by(actor)]
        keys = [pk for part in parts for pk in part.values_list("pk", flat=True)]
        whole = Assignment.objects.filter(rules.given_by(actor), state__in=OPEN_ASSIGNMENT_STATES)
        whole = whole.exclude(role=INFORMED)
        assert sorted(keys) == sorted(whole.values_list("pk", flat=True))


def test_the_bulk_load_of_the_benchmark_gives_rights_to_those_who_hold() -> None:
    group = make_group(companies=3, now=NOW)

    load = BulkLoad(group, NOW)
    load._slice(0, 40)

    assert IncomingDocument.objects.count() == 40
    assert Assignment.objects.count() == 400
    for line in Assignment.objects.select_related("unit")[:400]:
        assert line.unit is not None
        principal = access.principal_of_role(Role.UNIT_HEAD, line.unit.pk)
        reasons = Access.objects.filter(object_id=line.incoming_id, source=f"assignment:{line.pk}")
        assert [row.principal_id for row in reasons] == [principal]
    assert incoming_counters.counters(group.head, NOW)[Box.TO_HANDLE] == 40
