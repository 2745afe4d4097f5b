"""Papers on their way: opening, passing, returning, new rounds, definitions kept."""

from __future__ import annotations

import random
from collections.abc import Iterable

import pytest

from eoffice.core.errors import NotPermitted
from eoffice.workflow import permissions, queries, services
from eoffice.workflow.definitions import CHIEF, CLERK, SIGNER, UNIT_HEAD, StepDefinition, StepKind, default_steps
from eoffice.workflow.errors import FlowChanged, NobodyToAsk, NotYourStep
from eoffice.workflow.models import FlowDefinition, FlowRun, FlowStep
from eoffice.workflow.services import Progress
from eoffice.workflow.states import StepState
from eoffice.workflow.tests.office import NOW, Office, actor_of


def start(office: Office, *, version: int = 1, number: int = 1, kind: str = "letter") -> Progress:
    subject = office.paper(version=version, number=number, kind=kind)
    return services.start_run(actor=actor_of(office.officer), subject=subject, now=NOW)


def titles(steps: Iterable[FlowStep]) -> list[str]:
    return [step.title for step in steps]


def save(office: Office, *steps: StepDefinition, kind: str = "", keeps: bool = False) -> FlowDefinition:
    return services.save_definition(
        actor=actor_of(office.administrator), unit=office.board, document_type=kind, name="Quy trình của Ban",
        steps=[*steps, StepDefinition(key="s", title="Ký", kind=StepKind.SIGN, group=90, who=SIGNER)],
        keeps_initials=keeps, now=NOW,
    )  # fmt: skip


def initial(title: str, group: int, who: str = UNIT_HEAD, *, required: bool = True) -> StepDefinition:
    return StepDefinition(key="x", title=title, kind=StepKind.INITIAL, group=group, who=who, required=required)


def test_parallel_steps_open_together_and_the_next_waits_for_both(office: Office) -> None:
    save(office, initial("Trưởng ban", 1), initial("Chánh văn phòng", 1, CHIEF), initial("Văn thư", 2, CLERK))
    progress = start(office)
    assert titles(progress.open_steps) == ["Trưởng ban", "Chánh văn phòng"]
    first, second = progress.open_steps

    after_one = services.pass_step(
        actor=actor_of(office.chief), step_id=second.pk, comment="", subject_version=1, now=NOW
    )
    after_both = services.pass_step(
        actor=actor_of(office.head), step_id=first.pk, comment="", subject_version=1, now=NOW
    )

    assert titles(after_one.open_steps) == ["Trưởng ban"]
    assert titles(after_both.open_steps) == ["Văn thư"]


def test_a_return_ends_what_is_left_of_the_round(office: Office) -> None:
    save(office, initial("Trưởng ban", 1), initial("Chánh văn phòng", 1, CHIEF))
    first = start(office).open_steps[0]

    services.return_run(actor=actor_of(office.head), step_id=first.pk, reason="Sửa", subject_version=1, now=NOW)

    assert list(FlowStep.objects.order_by("position").values_list("state", flat=True)) == [
        StepState.RETURNED,
        StepState.VOID,
        StepState.VOID,
    ]


def test_a_running_paper_keeps_the_flow_it_started_with(office: Office) -> None:
    start(office)
    save(office, initial("Bước mới của ban", 1))

    again = start(office, version=2)
    other = start(office, number=2)

    assert titles(again.open_steps) == ["Trưởng đơn vị ký nháy"]
    assert titles(other.open_steps) == ["Bước mới của ban"]


def test_a_paper_that_changes_its_type_takes_the_flow_of_that_type(office: Office) -> None:
    start(office)
    save(office, initial("Pháp chế", 1), kind="decision")

    again = start(office, version=2, kind="decision")

    assert titles(again.open_steps) == ["Pháp chế"]


def test_initials_are_void_on_a_new_version_unless_the_flow_keeps_them(office: Office) -> None:
    save(office, initial("Trưởng ban", 1), initial("Văn thư", 2, CLERK), kind="plan", keeps=True)
    for kind, number in (("letter", 1), ("plan", 2)):
        step = start(office, number=number, kind=kind).open_steps[0]
        services.pass_step(actor=actor_of(office.head), step_id=step.pk, comment="", subject_version=1, now=NOW)

    void = start(office, number=1, version=2)
    kept = start(office, number=2, version=2, kind="plan")

    assert titles(void.open_steps) == ["Trưởng đơn vị ký nháy"]
    assert titles(kept.open_steps) == ["Văn thư"]
    carried = FlowStep.objects.get(run=kept.run, round=2, state=StepState.PASSED)
    assert (carried.decided_by_id, carried.subject_version) == (office.head.pk, 1)


def test_own_type_of_the_nearest_unit_wins(office: Office) -> None:
    save(office, initial("Mọi loại", 1))
    own = save(office, initial("Quyết định", 1), kind="decision")

    found = queries.definition_for(unit_id=office.team.pk, document_type="decision")

    assert found == own


def test_a_unit_without_head_asks_the_nearest_head_above(office: Office) -> None:
    subject = office.paper(unit=office.team)

    step = services.start_run(actor=actor_of(office.officer), subject=subject, now=NOW).open_steps[0]

    assert (step.unit_id, step.reason) == (office.board.pk, "Trưởng đơn vị soạn thảo (Ban Công nghệ)")


def test_a_required_step_without_people_stops_the_submission_and_says_which(office: Office) -> None:
    save(office, initial("Lưu trữ", 1, f"role:archivist@{office.group.pk}"))

    with pytest.raises(NobodyToAsk, match="Lưu trữ"):
        start(office)

    assert FlowRun.objects.count() == 0


def test_an_optional_step_without_people_is_left_out(office: Office) -> None:
    save(office, initial("Lưu trữ", 1, f"role:archivist@{office.group.pk}", required=False), initial("Trưởng ban", 2))

    assert titles(start(office).open_steps) == ["Trưởng ban"]


def test_a_step_is_decided_once_and_on_the_version_seen(office: Office) -> None:
    step = start(office).open_steps[0]
    with pytest.raises(FlowChanged):
        services.pass_step(actor=actor_of(office.head), step_id=step.pk, comment="", subject_version=2, now=NOW)
    services.pass_step(actor=actor_of(office.head), step_id=step.pk, comment="", subject_version=1, now=NOW)

    with pytest.raises(FlowChanged):
        services.pass_step(actor=actor_of(office.head), step_id=step.pk, comment="", subject_version=1, now=NOW)


def test_only_those_asked_decide(office: Office) -> None:
    step = start(office).open_steps[0]

    for person in (office.officer, office.clerk, office.leader, office.outsider):
        with pytest.raises(NotYourStep):
            services.pass_step(actor=actor_of(person), step_id=step.pk, comment="", subject_version=1, now=NOW)

    assert FlowStep.objects.get(pk=step.pk).state == StepState.OPEN


def test_only_the_administrator_changes_flows_and_a_change_is_a_new_version(office: Office) -> None:
    first = save(office, initial("Một", 1))
    with pytest.raises(NotPermitted):
        services.save_definition(
            actor=actor_of(office.head), unit=office.board, document_type="", name="x", steps=default_steps(), now=NOW
        )

    second = save(office, initial("Hai", 1))

    first.refresh_from_db()
    assert (first.version, second.version) == (1, 2)
    assert first.retired_at == NOW
    assert second.retired_at is None


def test_both_faces_of_the_right_agree_on_random_steps(office: Office) -> None:
    """`can_decide` and `steps_of` say the same of every person and every step of many random flows."""
    chance = random.Random(20261123)
    rules = [UNIT_HEAD, CHIEF, CLERK, f"person:{office.outsider.pk}", f"role:officer@{office.board.pk}"]
    for number in range(1, 16):
        chosen = [initial(f"Bước {n}", chance.randint(1, 3), chance.choice(rules)) for n in range(chance.randint(1, 5))]
        save(office, *chosen, kind="plan")
        start(office, number=number, kind="plan")
    steps = list(FlowStep.objects.all())
    assert len(steps) > 30

    for person in office.people:
        actor = actor_of(person)
        by_rule = {step.pk for step in steps if permissions.can_decide(actor, step)}
        by_query = set(FlowStep.objects.filter(permissions.steps_of(actor)).values_list("pk", flat=True))
        assert by_rule == by_query


def test_random_players_never_open_a_group_before_the_one_ahead_is_settled(office: Office) -> None:
    """Random people press pass and return; after each press the round keeps its order."""
    chance = random.Random(7)
    save(office, initial("A", 1), initial("B", 1, CHIEF), initial("C", 2, CLERK), initial("D", 3, CHIEF), kind="plan")
    for number in range(1, 9):
        progress = start(office, number=number, kind="plan")
        for _ in range(25):
            run = FlowRun.objects.get(pk=progress.run.pk)
            step = chance.choice(list(run.steps.filter(round=run.round)))
            press = services.return_run if chance.random() < 0.15 else services.pass_step
            words = {"reason": "x"} if press is services.return_run else {"comment": "x"}
            try:
                press(
                    actor=actor_of(chance.choice(office.people)), step_id=step.pk, subject_version=1, now=NOW, **words
                )
            except (NotYourStep, FlowChanged):
                continue
            _check_order(run)


def _check_order(run: FlowRun) -> None:
    steps = list(run.steps.filter(round=run.round).order_by("position"))
    opened = {step.group for step in steps if step.state == StepState.OPEN}
    assert len(opened) <= 1
    for step in steps:
        if step.state == StepState.WAITING and opened:
            assert step.group > min(opened)
        if opened and step.group < min(opened):
            assert step.state in {StepState.PASSED, StepState.SKIPPED}


def test_who_is_next_and_why_is_told(office: Office) -> None:
    start(office)

    view = queries.run_of(subject_kind="draft", subject_id=1, on=NOW.date())

    assert view is not None
    assert [(line.names, line.reason, line.state_words) for line in view.steps] == [
        (("Đỗ Hữu Nghĩa",), "Trưởng đơn vị soạn thảo", "Đang chờ"),
        (("Phạm Đức Thuận", "Nguyễn Thị Thu Hương"), "Văn phòng hoặc văn thư nơi ban hành", "Chưa đến lượt"),
        (("Trần Quốc Khánh",), "Người ký đã chọn trên dự thảo", "Chưa đến lượt"),
    ]
