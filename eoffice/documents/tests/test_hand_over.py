"""Somebody leaves or changes units: everything held ends, all running work goes to those named, nothing is left."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection, connections
from django.test import Client

from eoffice.accounts import services as accounts
from eoffice.accounts.models import PersonalToken
from eoffice.core.clock import local_date
from eoffice.core.errors import Conflict, ExpectedError, Invalid, NotPermitted
from eoffice.documents.models import Assignment, Consultation, Draft, HandOver, HandOverKind, StateChange, Work
from eoffice.documents.queries.handing_over import counts_held
from eoffice.documents.services import assigning, consulting, handing_over, reviewing
from eoffice.documents.services.handing_over import HandOverTerms
from eoffice.documents.states import DraftState
from eoffice.documents.tests import drafts, letters
from eoffice.documents.tests.cast import NOW, Cast, actor_of
from eoffice.notifications.models import Notification
from eoffice.organization import access
from eoffice.organization.models import Person, Posting, RoleGrant
from eoffice.organization.queries import in_force
from eoffice.organization.services.leaving import NewPost
from eoffice.workflow import services as workflow
from eoffice.workflow.definitions import StepDefinition, StepKind, default_steps
from eoffice.workflow.models import FlowDefinition

TODAY = local_date(NOW)
LATER = NOW + timedelta(minutes=1)
BASIS = "Quyết định số 152/QĐ-TXG ngày 20/11/2026"


def terms(successor: Person | None, **changed: object) -> HandOverTerms:
    values: dict[str, object] = {
        "kind": HandOverKind.LEAVES,
        "first_day": TODAY,
        "basis": BASIS,
        "successor_id": successor.pk if successor else None,
    }
    return HandOverTerms(**(values | changed))  # type: ignore[arg-type]  # fields of the terms by name


def handed_over(cast: Cast, person: Person, successor: Person | None, **changed: object) -> HandOver:
    row = handing_over.start_hand_over(
        actor=actor_of(cast.administrator), person_id=person.pk, terms=terms(successor, **changed), now=NOW
    )
    return handing_over.carry_on(hand_over_id=row.pk, now=LATER)


def busy_officer(cast: Cast) -> tuple[Assignment, Draft, Consultation]:
    """A line passed on to the officer, a draft of his under review, a question to him."""
    letter = letters.passed_on(cast)
    question = consulting.ask_opinion(
        actor=actor_of(cast.head), incoming_id=letter.pk, kind="person", asked_id=cast.officer.pk,
        question="Đề nghị cho ý kiến.", now=NOW,
    )  # fmt: skip
    return letters.line_of(letter, cast.officer), drafts.in_review(cast), question


@pytest.mark.django_db
def test_nothing_is_left_with_somebody_who_leaves(cast: Cast) -> None:
    line, draft, question = busy_officer(cast)

    row = handed_over(cast, cast.officer, cast.second_officer)

    assert row.kept == []
    assert counts_held(cast.officer.pk) == dict.fromkeys(Work, 0)
    for each in (line, draft, question):
        each.refresh_from_db()
    assert (line.person, draft.author, question.person) == (cast.second_officer,) * 3
    assert draft.state == DraftState.IN_REVIEW
    successor = actor_of(cast.second_officer)
    for kind, key in (("incoming", line.incoming_id), ("draft", draft.pk)):
        assert access.can_see(successor, object_kind=kind, object_id=key)
    assert (row.done, row.total) == (3, 3)


@pytest.mark.django_db
def test_the_account_and_all_that_was_held_end_at_once(cast: Cast, client: Client) -> None:
    letters.enter(client, cast.officer)
    assert cast.officer.user is not None
    accounts.create_token(
        actor=actor_of(cast.officer).ref, user_id=cast.officer.user.pk, name="Báo cáo", scopes=["documents:read"],
        expires_at=NOW + timedelta(days=30), now=NOW,
    )  # fmt: skip

    handing_over.start_hand_over(
        actor=actor_of(cast.administrator), person_id=cast.officer.pk, terms=terms(cast.second_officer), now=NOW
    )

    cast.officer.refresh_from_db()
    cast.officer.user.refresh_from_db()
    assert (cast.officer.left_on, cast.officer.user.is_active) == (TODAY, False)
    assert not Posting.objects.filter(in_force(TODAY), person=cast.officer).exists()
    assert not RoleGrant.objects.filter(in_force(TODAY), person=cast.officer).exists()
    assert not PersonalToken.objects.filter(user=cast.officer.user, revoked_at__isnull=True).exists()
    assert client.get("/").status_code == 302


@pytest.mark.django_db
def test_a_leader_s_papers_go_to_a_leader_and_come_back_unsigned(cast: Cast) -> None:
    waiting = letters.forwarded(cast)
    given = letters.directed(cast)
    paper = drafts.awaiting_signature(cast)

    row = handed_over(cast, cast.leader, cast.deputy_leader)

    waiting.refresh_from_db()
    paper.refresh_from_db()
    line = letters.line_of(given, cast.technology)
    assert (waiting.forwarded_to, line.assigned_by) == (cast.deputy_leader, cast.deputy_leader)
    assert line.directive is not None
    assert line.directive.author == cast.leader  # who ordered it then stays
    assert (paper.state, paper.signing_file_id) == (DraftState.DRAFT, None)
    assert "Chọn người ký khác" in paper.returned_reason
    assert (row.kept, row.returned) == ([], 1)


@pytest.mark.django_db
def test_what_a_successor_cannot_take_is_listed_and_given_to_another(cast: Cast) -> None:
    letter = letters.forwarded(cast, subject="Phương án mua lại công ty Bình Minh")

    row = handed_over(cast, cast.leader, cast.head)

    assert [(each["work"], each["name"]) for each in row.kept] == [
        ("directions", f"Văn bản đến số {letter.shown_arrival}")
    ]
    assert "không phải lãnh đạo" in row.kept[0]["why"]
    handing_over.give_rest(
        actor=actor_of(cast.administrator), hand_over_id=row.pk, successor_id=cast.deputy_leader.pk, now=LATER
    )
    row = handing_over.carry_on(hand_over_id=row.pk, now=LATER)
    letter.refresh_from_db()
    assert (row.kept, letter.forwarded_to) == ([], cast.deputy_leader)


@pytest.mark.django_db
def test_steps_and_flows_that_name_somebody_name_the_successor(cast: Cast) -> None:
    legal = StepDefinition(
        key="legal", title="Pháp chế cho ý kiến", kind=StepKind.OPINION, group=1, who=f"person:{cast.legal_officer.pk}"
    )
    steps = (legal, *(StepDefinition(
        key=each.key, title=each.title, kind=each.kind, group=each.group + 1, who=each.who
    ) for each in default_steps()))  # fmt: skip
    workflow.save_definition(
        actor=actor_of(cast.administrator), unit=cast.group, document_type="", name="Có pháp chế", steps=steps, now=NOW
    )
    draft = drafts.in_review(cast)

    row = handed_over(cast, cast.legal_officer, cast.legal_head)

    assert row.kept == []
    reviewing.pass_review(actor=actor_of(cast.legal_head), draft_id=draft.pk, seen_version=draft.version, now=LATER)
    in_use = FlowDefinition.objects.get(unit=cast.group, retired_at__isnull=True)
    assert in_use.step_list[0].who == f"person:{cast.legal_head.pk}"


@pytest.mark.django_db
def test_each_kind_may_go_to_somebody_else_and_everyone_is_told_once(cast: Cast) -> None:
    line, draft, _ = busy_officer(cast)

    row = handed_over(cast, cast.officer, cast.second_officer, others={Work.DRAFTS: cast.head.pk})

    line.refresh_from_db()
    draft.refresh_from_db()
    assert (line.person, draft.author) == (cast.second_officer, cast.head)
    told = Notification.objects.filter(kind="work_handed_over").order_by("person_id")
    assert {note.person_id for note in told} == {cast.second_officer.pk, cast.head.pk}
    assert told.count() == 2
    assert row.given == {
        f"lines:{cast.second_officer.pk}": 1, f"opinions:{cast.second_officer.pk}": 1, f"drafts:{cast.head.pk}": 1
    }  # fmt: skip
    change = StateChange.objects.get(object_kind="assignment", object_id=line.pk, action="hand_over")
    assert change.reason == f"{cast.officer.full_name} bàn giao cho {cast.second_officer.full_name} theo {BASIS}"


@pytest.mark.django_db
def test_who_changes_units_keeps_the_account_and_sees_what_he_had(cast: Cast) -> None:
    line, _, _ = busy_officer(cast)

    handed_over(
        cast, cast.officer, cast.second_officer, kind=HandOverKind.MOVES,
        new_post=NewPost(unit_id=cast.legal.pk, position_name="Chuyên viên"),
    )  # fmt: skip

    moved = actor_of(cast.officer)
    assert moved.unit_ids == {cast.legal.pk}
    assert moved.roles == frozenset()
    assert access.can_see(moved, object_kind="incoming", object_id=line.incoming_id)
    assert counts_held(cast.officer.pk) == dict.fromkeys(Work, 0)


@pytest.mark.django_db
def test_a_killed_job_goes_on_where_it_was(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process dies after the second piece; the next run gives the rest and counts nothing twice."""
    for _ in range(3):
        letters.directed(cast, [letters.to_person(cast.officer)])
    row = handing_over.start_hand_over(
        actor=actor_of(cast.administrator), person_id=cast.officer.pk, terms=terms(cast.second_officer), now=NOW
    )
    real, seen = handing_over._count, []

    def dies_at_the_third(*args: object) -> None:
        seen.append(args)
        if len(seen) == 3:
            raise SystemExit
        real(*args)  # type: ignore[arg-type]  # passed on

    monkeypatch.setattr(handing_over, "_count", dies_at_the_third)
    with pytest.raises(SystemExit):
        handing_over.carry_on(hand_over_id=row.pk, now=LATER)
    row.refresh_from_db()
    assert (row.done, row.is_busy, counts_held(cast.officer.pk)[Work.LINES]) == (2, True, 1)
    monkeypatch.undo()

    row = handing_over.carry_on(hand_over_id=row.pk, now=LATER)
    again = handing_over.carry_on(hand_over_id=row.pk, now=LATER)

    assert (row.done, row.given, row.kept) == (3, {f"lines:{cast.second_officer.pk}": 3}, [])
    assert again.finished_at == row.finished_at
    assert Notification.objects.filter(kind="work_handed_over").count() == 1


@pytest.mark.django_db
def test_only_an_administrator_of_all_his_units_lets_somebody_go(cast: Cast) -> None:
    for person in (cast.head, cast.clerk, cast.outsider, cast.auditor):
        with pytest.raises(NotPermitted):
            handing_over.start_hand_over(
                actor=actor_of(person), person_id=cast.officer.pk, terms=terms(cast.second_officer), now=NOW
            )
    cast.officer.refresh_from_db()
    assert cast.officer.left_on is None
    assert not HandOver.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "changed",
    [
        {"first_day": TODAY + timedelta(days=1)},
        {"basis": "  "},
        {"kind": HandOverKind.MOVES},
    ],
)
def test_bad_input_changes_nothing(cast: Cast, changed: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        handed_over(cast, cast.officer, cast.second_officer, **changed)
    with pytest.raises(Invalid):
        handed_over(cast, cast.officer, cast.officer)
    cast.officer.refresh_from_db()
    assert cast.officer.left_on is None
    assert Posting.objects.filter(in_force(TODAY), person=cast.officer).exists()


@pytest.mark.django_db
def test_somebody_leaves_once_and_nobody_lets_himself_go(cast: Cast) -> None:
    handed_over(cast, cast.officer, cast.second_officer)
    with pytest.raises(Conflict):
        handed_over(cast, cast.officer, cast.second_officer)
    with pytest.raises(Conflict):
        handed_over(cast, cast.administrator, cast.second_officer)
    assert HandOver.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_somebody_works_while_his_work_is_given(django_db_serialized_rollback: None) -> None:
    """The officer reports a line done while the job gives it away: one of the two comes first, nothing is lost."""
    from eoffice.documents.tests.cast import make_cast

    cast = make_cast()
    letter = letters.passed_on(cast)
    line = letters.line_of(letter, cast.officer)
    officer = actor_of(cast.officer)
    row = handing_over.start_hand_over(
        actor=actor_of(cast.administrator), person_id=cast.officer.pk, terms=terms(cast.second_officer), now=NOW
    )
    together, refused = Barrier(2), []

    def work() -> None:
        together.wait()
        try:
            assigning.accept_assignment(actor=officer, assignment_id=line.pk, now=LATER)
        except ExpectedError as error:
            refused.append(error)
        finally:
            connections.close_all()

    def give() -> None:
        together.wait()
        handing_over.carry_on(hand_over_id=row.pk, now=LATER)
        connections.close_all()

    threads = [Thread(target=work), Thread(target=give)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    line.refresh_from_db()
    assert line.person == cast.second_officer
    assert line.state == ("waiting" if refused else "in_progress")
    assert counts_held(cast.officer.pk)[Work.LINES] == 0
    assert connection.vendor == "postgresql"


@pytest.mark.django_db
def test_the_screen_lets_somebody_go_and_shows_what_was_given(cast: Cast, client: Client) -> None:
    busy_officer(cast)
    letters.enter(client, cast.administrator)
    address = f"/documents/hand-overs/person/{cast.officer.pk}/"

    page = client.get(address).content.decode()
    assert "Việc đang giữ" in page
    assert "Dự thảo chưa phát hành" in page
    bad = client.post(address, {"kind": "leaves", "first_day": "32/13/2026", "basis": BASIS})
    assert bad.status_code == 422
    assert BASIS in bad.content.decode()
    sent = {"kind": "leaves", "first_day": f"{TODAY:%d/%m/%Y}", "basis": BASIS, "successor": cast.second_officer.pk}
    answer = client.post(address, sent)
    assert answer.status_code == 303, answer.content.decode()
    row = HandOver.objects.get()
    assert "Đang bàn giao" in client.get(answer["Location"]).content.decode()
    handing_over.carry_on(hand_over_id=row.pk, now=LATER)
    shown = client.get(answer["Location"]).content.decode()
    assert "không còn việc nào" in shown
    assert cast.second_officer.full_name in shown


@pytest.mark.django_db
def test_outsiders_see_no_hand_over(cast: Cast, client: Client) -> None:
    row = handed_over(cast, cast.officer, cast.second_officer)
    for person in (cast.head, cast.clerk, cast.outsider):
        letters.enter(client, person)
        assert client.get(f"/documents/hand-overs/{row.pk}/").status_code == 404
        assert client.get(f"/documents/hand-overs/person/{cast.second_officer.pk}/").status_code == 403
