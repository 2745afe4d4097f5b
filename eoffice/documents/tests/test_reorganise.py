"""Units merge, split, are renamed, moved, closed: people go along, running work goes on, nothing is left behind."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection, connections, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from eoffice.core.clock import local_date
from eoffice.core.errors import Conflict, ExpectedError, Invalid, NotPermitted
from eoffice.documents.errors import RegisterClosed
from eoffice.documents.models import (
    Assignment,
    AssignmentRole,
    Consultation,
    Delivery,
    DistributionRule,
    Draft,
    IncomingDocument,
    Register,
    RegisterKind,
    StateChange,
    UnitWork,
)
from eoffice.documents.queries import unit_work
from eoffice.documents.services import (
    assigning,
    consulting,
    forwarding,
    moving_work,
    numbering,
    registering,
    reorganising,
)
from eoffice.documents.services.issuing import issue_outgoing
from eoffice.documents.states import DraftState, IncomingState
from eoffice.documents.tests import drafts, letters, outgoing, reorganisations
from eoffice.documents.tests.cast import NOW, Cast, actor_of
from eoffice.documents.tests.reorganisations import DAY, LATER, carried_out, confirmed, keeper, new_unit, prepared, step
from eoffice.notifications.models import Notification
from eoffice.organization import access
from eoffice.organization import queries as organization
from eoffice.organization.errors import OwnProposal
from eoffice.organization.models import Posting, Reorganisation, Role, RoleGrant, StepKind, Unit
from eoffice.organization.queries import in_force
from eoffice.organization.services import deciding_reorganisation, preparing_reorganisation
from eoffice.organization.services.preparing_reorganisation import PersonPlace
from eoffice.signing import queries as signing
from eoffice.workflow.models import FlowStep

pytestmark = pytest.mark.django_db


def close_technology(cast: Cast) -> Reorganisation:
    """Ban Công nghệ is closed; Ban Pháp chế goes on."""
    return carried_out(cast, step(StepKind.CLOSE, cast.technology, target=cast.legal))


def test_the_running_letter_of_a_closed_unit_goes_on_in_the_one_that_goes_on(cast: Cast) -> None:
    letter = letters.directed(cast, [letters.to_unit(cast.technology)])
    line = letters.line_of(letter, cast.technology)

    row = close_technology(cast)

    line.refresh_from_db()
    assert (row.state, row.kept, line.unit) == ("done", [], cast.legal)
    head = actor_of(cast.legal_head, now=LATER)
    assigning.accept_assignment(actor=head, assignment_id=line.pk, now=LATER)
    assert StateChange.objects.filter(
        object_kind="assignment", object_id=line.pk, action="reorganise", reason__contains=row.basis
    ).exists()
    assert unit_work.counts_held([cast.technology.pk]) == dict.fromkeys(UnitWork, 0)


def test_people_and_roles_go_along_but_for_the_second_head(cast: Cast) -> None:
    row = close_technology(cast)

    for person in (cast.head, cast.officer, cast.second_officer):
        held = Posting.objects.filter(in_force(DAY), person=person)
        assert [(post.unit, post.starts_on, post.is_main) for post in held] == [(cast.legal, DAY, True)]
    eve = Posting.objects.get(person=cast.head, unit=cast.technology)
    assert eve.ends_on == DAY - timedelta(days=1)
    roles = set(RoleGrant.objects.filter(in_force(DAY), unit=cast.legal).values_list("person_id", "role"))
    assert roles >= {(cast.officer.pk, Role.OFFICER), (cast.legal_head.pk, Role.UNIT_HEAD)}
    assert (cast.head.pk, Role.UNIT_HEAD) not in roles
    assert any("Đỗ Hữu Nghĩa: Trưởng đơn vị" in note for note in row.notes)
    assert not RoleGrant.objects.filter(in_force(DAY), unit=cast.technology).exists()
    assert Notification.objects.filter(person=cast.officer, kind="post_reorganised").count() == 1


def test_the_successor_sees_what_the_old_unit_saw(cast: Cast) -> None:
    letter = letters.directed(cast, [letters.to_unit(cast.technology)])
    Assignment.objects.filter(incoming=letter).update(state="completed", closed_at=NOW)
    stranger = actor_of(cast.legal_head)
    assert not access.can_see(stranger, object_kind="incoming", object_id=letter.pk)

    close_technology(cast)

    assert access.can_see(actor_of(cast.legal_head, now=LATER), object_kind="incoming", object_id=letter.pk)
    assert not access.can_see(actor_of(cast.company_head, now=LATER), object_kind="incoming", object_id=letter.pk)


def test_two_units_become_a_new_one_with_both_pasts(cast: Cast) -> None:
    letter = letters.directed(cast)
    row = carried_out(
        cast, step(StepKind.MERGE, cast.technology, cast.legal, parts=[new_unit("Ban Công nghệ và Pháp chế", "CNPC")])
    )

    made = Unit.objects.get(pk=row.steps.get().made[0])
    assert {letters.line_of(letter, made).role} <= {"lead", "support"}
    assert Assignment.objects.filter(incoming=letter, unit=made).count() == 2
    assert {each.old for each in organization.unit_history(made.pk).came_from} == {cast.technology, cast.legal}
    assert (made.opened_on, made.parent) == (DAY, cast.group)
    found = organization.search_recipients("an toan thong tin", on=DAY, kinds=("unit",))
    assert [each.id for each in found] == [made.pk]
    assert "trước đây: Ban Công nghệ và An toàn thông tin" in found[0].detail


def test_a_unit_splits_and_its_people_are_divided(cast: Cast) -> None:
    letter = letters.directed(cast, [letters.to_unit(cast.technology)])
    row = prepared(
        cast,
        step(StepKind.SPLIT, cast.technology, parts=[new_unit("Ban Công nghệ", "BCN"), new_unit("Ban An toàn", "AT")]),
    )
    post = Posting.objects.get(person=cast.second_officer)
    preparing_reorganisation.place_people(
        actor=keeper(cast), step_id=row.steps.get().pk,
        places={post.pk: PersonPlace(to=1, position="Trưởng ban", rank=0)}, now=NOW,
    )  # fmt: skip

    row = reorganisations.carry_out_prepared(cast, row)

    first, second = (Unit.objects.get(pk=key) for key in row.steps.get().made)
    moved = Posting.objects.get(in_force(DAY), person=cast.second_officer)
    assert (moved.unit, moved.position.name, moved.position.rank) == (second, "Trưởng ban", 0)
    assert Posting.objects.get(in_force(DAY), person=cast.head).unit == first
    assert letters.line_of(letter, first).state == "waiting"
    assert RoleGrant.objects.filter(in_force(DAY), person=cast.second_officer, unit=second, role=Role.OFFICER).exists()


def test_a_part_is_cut_out_and_the_rest_stays(cast: Cast) -> None:
    letter = letters.directed(cast, [letters.to_unit(cast.technology)])
    row = prepared(
        cast, step(StepKind.SPLIT, cast.technology, parts=[new_unit("Ban An toàn", "AT")], keeps_source=True)
    )
    post = Posting.objects.get(person=cast.officer)
    preparing_reorganisation.place_people(
        actor=keeper(cast), step_id=row.steps.get().pk, places={post.pk: PersonPlace(to=0)}, now=NOW
    )

    row = reorganisations.carry_out_prepared(cast, row)

    cast.technology.refresh_from_db()
    part = Unit.objects.get(pk=row.steps.get().made[0])
    assert cast.technology.closed_on is None
    assert Posting.objects.get(in_force(DAY), person=cast.officer).unit == part
    assert Posting.objects.get(in_force(DAY), person=cast.head).unit == cast.technology
    assert letters.line_of(letter, cast.technology).unit == cast.technology


def test_a_unit_is_renamed_and_another_moved(cast: Cast) -> None:
    carried_out(
        cast,
        step(StepKind.RENAME, cast.legal, parts=[new_unit("Ban Pháp luật", "PL")]),
        step(StepKind.MOVE, cast.technology, target=cast.company),
    )

    legal, technology = Unit.objects.get(pk=cast.legal.pk), Unit.objects.get(pk=cast.technology.pk)
    assert (legal.name, legal.name_on(DAY - timedelta(days=1))) == ("Ban Pháp luật", "Ban Pháp chế và Kiểm tra nội bộ")
    assert legal.earlier_names[0].basis.startswith("Quyết định số 77/QĐ-TXG")
    assert technology.parent == cast.company
    assert organization.registry_of(technology) == cast.company


def company_closes(cast: Cast) -> Reorganisation:
    """The company, with registers and a seal, is closed; the group's legal board, without them, goes on."""
    return carried_out(cast, step(StepKind.CLOSE, cast.company, target=cast.legal))


def company_letter(cast: Cast, *, forwarded: bool = False) -> IncomingDocument:
    letter = letters.received(cast, text="Gửi công ty", by=cast.company_clerk)
    clerk = actor_of(cast.company_clerk)
    letter = registering.register_incoming(
        actor=clerk, incoming_id=letter.pk, entry=letters.entry(number="881"), now=NOW
    )
    if forwarded:
        letter = forwarding.forward_incoming(
            actor=clerk, incoming_id=letter.pk, leader_id=cast.company_leader.pk, now=NOW
        )
    return letter


def test_a_registry_closes_its_books_and_its_letters_go_to_the_registry_above(cast: Cast) -> None:
    waiting, letter = letters.received(cast, text="Chưa đăng ký", by=cast.company_clerk), company_letter(cast)
    directed = company_letter_to_leader(cast)

    row = company_closes(cast)

    book = Register.objects.get(pk=cast.company_incoming_register.pk)
    assert (book.closing_basis, book.next_number) == (row.basis, 3)
    assert any("số tiếp theo là 3" in note for note in row.notes)
    for each in (waiting, letter, directed):
        each.refresh_from_db()
        assert (each.registry, each.moved_from) == (cast.group, cast.company)
    assert letter.entry.register == book
    # Two leaders here: the office submits it again.
    assert (directed.state, directed.forwarded_to) == (IncomingState.REGISTERED, None)
    clerk = actor_of(cast.clerk, now=LATER)
    registered = registering.register_incoming(
        actor=clerk, incoming_id=waiting.pk, entry=letters.entry(number="882"), now=LATER
    )
    assert registered.entry.register == cast.incoming_register
    forwarding.forward_incoming(actor=clerk, incoming_id=letter.pk, leader_id=cast.leader.pk, now=LATER)
    with pytest.raises(RegisterClosed):
        numbering.take_number(register=book, dated_on=DAY)


def company_letter_to_leader(cast: Cast) -> IncomingDocument:
    letter = letters.received(cast, text="Trình giám đốc", by=cast.company_clerk)
    clerk = actor_of(cast.company_clerk)
    registering.register_incoming(actor=clerk, incoming_id=letter.pk, entry=letters.entry(number="883"), now=NOW)
    return forwarding.forward_incoming(actor=clerk, incoming_id=letter.pk, leader_id=cast.company_leader.pk, now=NOW)


def test_no_register_opens_for_a_closed_registry_in_a_new_year(cast: Cast) -> None:
    company_closes(cast)
    new_year = datetime(2027, 1, 4, 1, 0, tzinfo=NOW.tzinfo)

    with pytest.raises(RegisterClosed, match="không còn hoạt động"):
        numbering.register_for(
            registry_id=cast.company.pk, kind=RegisterKind.INCOMING, document_type="letter", now=new_year
        )
    assert not Register.objects.filter(registry=cast.company, year=2027).exists()


def test_a_reorganisation_on_new_year_s_day_closes_the_old_year_and_opens_no_new_one(cast: Cast) -> None:
    first = date(2027, 1, 1)
    row = prepared(cast, step(StepKind.CLOSE, cast.company, target=cast.legal), effective_on=first)

    row = reorganisations.carry_out_prepared(cast, row, at=datetime(2026, 12, 31, 17, 0, tzinfo=NOW.tzinfo))

    assert row.state == "done"
    assert Unit.objects.get(pk=cast.company.pk).closed_on == first
    assert not Register.objects.filter(registry=cast.company, closed_at__isnull=True).exists()
    assert not Register.objects.filter(registry=cast.company, year=2027).exists()


def test_a_new_registry_begins_its_own_books(cast: Cast) -> None:
    row = carried_out(
        cast,
        step(
            StepKind.MERGE, cast.company, cast.legal,
            parts=[new_unit("Công ty Miền Trung", "MT", has_registry=True, kind="company")],
        ),
    )  # fmt: skip

    made = Unit.objects.get(pk=row.steps.get().made[0])
    books = Register.objects.filter(registry=made).order_by("kind")
    assert [(book.kind, book.next_number, book.opening_basis) for book in books] == [
        ("incoming", 1, row.basis),
        ("outgoing", 1, row.basis),
    ]
    assert any("cần chữ ký số cơ quan" in note for note in row.notes)


def test_a_draft_for_a_closed_registry_comes_back_and_one_of_a_closed_unit_goes_on(cast: Cast) -> None:
    going_on = drafts.in_review(cast)

    close_technology(cast)

    going_on.refresh_from_db()
    assert (going_on.unit, going_on.registry, going_on.state) == (cast.legal, cast.group, DraftState.IN_REVIEW)
    step_now = going_on_steps(going_on)
    assert cast.technology.pk not in step_now


def going_on_steps(draft: Draft) -> set[int | None]:
    rows = FlowStep.objects.filter(run__subject_id=draft.pk, state__in=["open", "waiting"])
    return set(rows.values_list("unit_id", flat=True))


def test_questions_rules_and_flows_go_on(cast: Cast) -> None:
    letter = letters.directed(cast)
    question = consulting.ask_opinion(
        actor=actor_of(cast.leader), incoming_id=letter.pk, kind="unit", asked_id=cast.technology.pk,
        question="Đề nghị cho ý kiến.", now=NOW,
    )  # fmt: skip
    rule = DistributionRule.objects.create(
        registry=cast.group, name="Công nghệ", subject_contains="chữ ký số", lead_unit=cast.technology
    )

    close_technology(cast)

    question = Consultation.objects.get(pk=question.pk)
    rule.refresh_from_db()
    assert (question.unit, rule.lead_unit, rule.is_active) == (cast.legal, cast.legal, True)


def test_a_letter_to_a_closed_unit_goes_to_its_successor_and_says_so(cast: Cast) -> None:
    draft = outgoing.signed_as_written(cast, drafts.make_draft(cast))
    outgoing.address_to(draft, cast.technology)
    paper = outgoing.sealed(cast, draft=draft)
    close_technology(cast)

    issue_outgoing(actor=actor_of(cast.clerk, now=LATER), outgoing_id=paper.pk, now=LATER)

    delivery = Delivery.objects.get(outgoing=paper, unit=cast.legal)
    assert not Delivery.objects.filter(outgoing=paper, unit=cast.technology).exists()
    assert (delivery.unit, delivery.name) == (cast.legal, cast.legal.name)
    assert "kế thừa Ban Công nghệ" in delivery.note


def test_only_a_second_person_confirms(cast: Cast) -> None:
    row = prepared(cast, step(StepKind.CLOSE, cast.technology, target=cast.legal))
    reorganising.submit(actor=keeper(cast), reorganisation_id=row.pk, now=NOW)

    with pytest.raises(OwnProposal):
        reorganising.confirm(actor=keeper(cast), reorganisation_id=row.pk, now=NOW)
    for person in (cast.clerk, cast.head, cast.leader):
        with pytest.raises(ExpectedError):
            reorganising.confirm(actor=actor_of(person), reorganisation_id=row.pk, now=NOW)
    row.refresh_from_db()
    assert (row.state, row.confirmed_by) == ("waiting", None)


def test_others_prepare_nothing(cast: Cast) -> None:
    for person in (cast.clerk, cast.chief, cast.head):
        with pytest.raises(NotPermitted):
            preparing_reorganisation.prepare(
                actor=actor_of(person), terms=reorganisations.terms(), unit_id=cast.group.pk, now=NOW
            )
    assert not Reorganisation.objects.exists()


def test_it_waits_for_its_day_and_can_be_withdrawn_until_then(cast: Cast) -> None:
    row = confirmed(cast, step(StepKind.CLOSE, cast.technology, target=cast.legal))

    assert reorganising.carry_out(reorganisation_id=row.pk, now=NOW).state == "confirmed"
    assert reorganising.due(NOW) == []
    assert reorganising.due(LATER) == [row.pk]
    deciding_reorganisation.withdraw(actor=actor_of(cast.chief), reorganisation_id=row.pk, page="/", now=NOW)
    assert reorganising.carry_out(reorganisation_id=row.pk, now=LATER).state == "withdrawn"
    assert Unit.objects.get(pk=cast.technology.pk).closed_on is None


def test_what_is_no_more_as_it_was_prepared_changes_nothing_and_is_told(cast: Cast) -> None:
    row = confirmed(
        cast,
        step(StepKind.RENAME, cast.legal, parts=[new_unit("Ban Pháp luật", "PL")]),
        step(StepKind.CLOSE, cast.technology, target=cast.company_department),
    )
    Unit.objects.filter(pk=cast.company_department.pk).update(closed_on=DAY)

    row = reorganising.carry_out(reorganisation_id=row.pk, now=LATER)

    assert (row.state, "không còn hoạt động" in row.remark) == ("failed", True)
    assert Unit.objects.get(pk=cast.legal.pk).name == "Ban Pháp chế và Kiểm tra nội bộ"
    assert Unit.objects.get(pk=cast.technology.pk).closed_on is None
    assert Notification.objects.filter(person=cast.administrator, kind="reorganisation_failed").exists()


@pytest.mark.parametrize(
    ("kind", "changed"),
    [
        (StepKind.CLOSE, {"target": None}),
        (StepKind.MERGE, {"target": None}),
        (StepKind.SPLIT, {"parts": [new_unit("Một", "M")]}),
        (StepKind.RENAME, {"parts": []}),
        (StepKind.MOVE, {"target": None}),
    ],
)
def test_a_step_that_cannot_be_is_refused_with_its_field(
    cast: Cast, kind: StepKind, changed: dict[str, object]
) -> None:
    with pytest.raises(Invalid) as refused:
        prepared(cast, step(kind, cast.technology, **changed))  # type: ignore[arg-type]  # by name
    assert set(refused.value.fields) & {"target", "parts", "units"}


def test_a_unit_that_ended_in_one_step_takes_part_in_no_other(cast: Cast) -> None:
    row = prepared(
        cast,
        step(StepKind.CLOSE, cast.technology, target=cast.legal),
        step(StepKind.CLOSE, cast.legal, target=cast.technology),
    )
    with pytest.raises(Invalid, match="Bước 2"):
        reorganising.submit(actor=keeper(cast), reorganisation_id=row.pk, now=NOW)


def test_a_killed_job_goes_on_and_a_repeated_one_changes_nothing(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    made = [letters.directed(cast, [letters.to_unit(cast.technology)]) for _ in range(3)]
    row = confirmed(cast, step(StepKind.CLOSE, cast.technology, target=cast.legal))
    whole, count = moving_work.MOVERS[UnitWork.LINES], 0

    def dying(moving: moving_work.Moving, key: int) -> bool:
        nonlocal count
        count += 1
        if count == 2:
            raise KeyboardInterrupt
        return whole(moving, key)

    monkeypatch.setitem(moving_work.MOVERS, UnitWork.LINES, dying)
    with pytest.raises(KeyboardInterrupt):
        reorganising.carry_out(reorganisation_id=row.pk, now=LATER)
    row.refresh_from_db()
    assert (row.state, row.done) == ("running", 1)
    assert reorganising.due(LATER) == [row.pk]

    monkeypatch.undo()
    row = reorganising.carry_out(reorganisation_id=row.pk, now=LATER)
    again = reorganising.carry_out(reorganisation_id=row.pk, now=LATER)

    assert (row.state, row.done, again.done) == ("done", 3, 3)
    assert {letters.line_of(each, cast.legal).unit for each in made} == {cast.legal}
    assert Posting.objects.filter(in_force(DAY), person=cast.officer).count() == 1


def test_what_reaches_a_closed_unit_late_is_swept_up(cast: Cast) -> None:
    row = close_technology(cast)
    late = letters.directed(cast, [letters.to_unit(cast.company_department)])
    Assignment.objects.filter(incoming=late).update(unit=cast.technology)

    assert reorganising.sweep(now=LATER) == 1
    assert reorganising.sweep(now=LATER) == 0
    row.refresh_from_db()
    assert letters.line_of(late, cast.legal).unit == cast.legal
    assert row.done == 1


def test_a_successor_that_ends_itself_passes_everything_on(cast: Cast) -> None:
    letter = letters.directed(cast, [letters.to_unit(cast.technology)])
    Assignment.objects.filter(incoming=letter).update(state="completed", closed_at=NOW)
    close_technology(cast)

    carried_out(cast, step(StepKind.CLOSE, cast.legal, target=cast.office), at=LATER + timedelta(days=5))

    assert organization.heirs_of([cast.technology.pk])[cast.technology.pk] == cast.office
    chief = actor_of(cast.chief, now=LATER + timedelta(days=6))
    assert access.can_see(chief, object_kind="incoming", object_id=letter.pk)


def test_the_seal_of_a_closed_registry_seals_no_more(cast: Cast) -> None:
    made = reorganisations.give_seal(cast)
    assert signing.key_of_unit(cast.company.pk) == made

    company_closes(cast)

    assert signing.key_of_unit(cast.company.pk) is None
    made.refresh_from_db()
    assert (made.withdrawn_at is not None, made.revoked_at) == (True, None)


def test_the_root_only_changes_its_name(cast: Cast) -> None:
    with pytest.raises(Invalid):
        prepared(cast, step(StepKind.CLOSE, cast.group, target=cast.legal))
    carried_out(cast, step(StepKind.RENAME, cast.group, parts=[new_unit("Tập đoàn Số Trường Xuân", "TXS")]))
    assert Unit.objects.get(pk=cast.group.pk).symbol == "TXS"


@pytest.mark.django_db(transaction=True)
def test_a_letter_registered_while_its_registry_closes_is_never_lost(cast: Cast) -> None:
    letter = letters.received(cast, text="Đang đăng ký", by=cast.company_clerk)
    row = confirmed(cast, step(StepKind.CLOSE, cast.company, target=cast.legal))
    clerk, start, refused = actor_of(cast.company_clerk), Barrier(2), []

    def register() -> None:
        start.wait()
        try:
            registering.register_incoming(
                actor=clerk, incoming_id=letter.pk, entry=letters.entry(number="901"), now=LATER
            )
        except ExpectedError as error:
            refused.append(error)
        finally:
            connections.close_all()

    def reorganise() -> None:
        start.wait()
        reorganising.carry_out(reorganisation_id=row.pk, now=LATER)
        connections.close_all()

    threads = [Thread(target=register), Thread(target=reorganise)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    reorganising.sweep(now=LATER)

    letter.refresh_from_db()
    book = Register.objects.get(pk=cast.company_incoming_register.pk)
    assert (letter.registry, letter.moved_from) == (cast.group, cast.company)
    assert book.closed_at is not None
    assert letter.state in ({IncomingState.RECEIVED} if refused else {IncomingState.REGISTERED})
    assert book.entries.count() == (0 if refused else 1)
    connection.close()


_WORKS = st.lists(st.sampled_from(["line", "letter", "question", "draft", "rule", "waiting"]), min_size=1, max_size=4)


@settings(
    max_examples=5, deadline=None, database=None, phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(works=_WORKS, kind=st.sampled_from([StepKind.CLOSE, StepKind.MERGE, StepKind.SPLIT]))
def test_no_open_work_is_left_with_a_closed_unit(cast: Cast, works: list[str], kind: StepKind) -> None:
    with transaction.atomic():
        for work in works:
            _make(cast, work)
        target = cast.legal if kind == StepKind.CLOSE else None
        parts = [] if kind == StepKind.CLOSE else [new_unit("Ban Mới", "BM"), new_unit("Ban Mới hai", "BH")]
        units = [cast.technology, cast.legal] if kind == StepKind.MERGE else [cast.technology]
        row = carried_out(cast, step(kind, *units, target=target, parts=parts[:1] if kind == StepKind.MERGE else parts))
        closed = Unit.objects.filter(closed_on__isnull=False).values_list("pk", flat=True)
        assert (row.state, row.kept) == ("done", [])
        assert sum(unit_work.counts_held(closed).values()) == 0
        transaction.set_rollback(True)


def _make(cast: Cast, work: str) -> None:
    if work == "line":
        letters.directed(cast, [letters.to_unit(cast.technology)])
    elif work == "letter":
        letters.directed(cast, [letters.to_unit(cast.technology), letters.to_unit(cast.legal, AssignmentRole.INFORMED)])
    elif work == "question":
        letter = letters.directed(cast)
        consulting.ask_opinion(
            actor=actor_of(cast.leader), incoming_id=letter.pk, kind="unit", asked_id=cast.technology.pk,
            question="Đề nghị cho ý kiến.", now=NOW,
        )  # fmt: skip
    elif work == "draft":
        drafts.in_review(cast)
    elif work == "rule":
        DistributionRule.objects.create(
            registry=cast.group, name="Quy tắc", subject_contains="phòng cháy", lead_unit=cast.technology
        )
    else:
        letters.forwarded(cast)


def test_a_step_of_another_s_units_is_refused(cast: Cast) -> None:
    with pytest.raises((Conflict, Invalid, NotPermitted)):
        preparing_reorganisation.prepare(
            actor=actor_of(cast.company_clerk), terms=reorganisations.terms(), unit_id=cast.company.pk, now=NOW
        )
    assert local_date(NOW) < DAY
