"""Reads over flows: what waits for whom, who is next and why, and the definitions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import F, QuerySet

from eoffice.organization import queries as organization
from eoffice.organization.actor import Actor
from eoffice.organization.models import Role, Unit
from eoffice.workflow import permissions
from eoffice.workflow.definitions import (
    DEFAULT_NAME,
    StepDefinition,
    StepKind,
    default_steps,
    steps_from_json,
    with_cosigner,
)
from eoffice.workflow.errors import FlowNotFound
from eoffice.workflow.models import FlowDefinition, FlowRun, FlowStep
from eoffice.workflow.resolving import Asked, Subject, asked_by
from eoffice.workflow.states import StepState


@dataclass(frozen=True, slots=True, kw_only=True)
class StepLine:
    """One step as people read it. `names` are those asked today, `decided_by` who decided."""

    id: int | None
    kind: str
    kind_words: str
    title: str
    group: int
    is_parallel: bool
    state: str
    state_words: str
    names: tuple[str, ...]
    reason: str
    opened_at: datetime | None = None
    decided_by: str = ""
    decided_at: datetime | None = None
    comment: str = ""
    version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunView:
    """The way of one paper: this round's steps in order, and those of earlier rounds, newest round first."""

    name: str
    round: int
    steps: tuple[StepLine, ...]
    earlier: tuple[StepLine, ...]

    @property
    def open_steps(self) -> tuple[StepLine, ...]:
        return tuple(step for step in self.steps if step.state == StepState.OPEN)


def subjects_waiting_for(actor: Actor, *, subject_kind: str, kinds: Iterable[StepKind]) -> QuerySet[FlowStep, int]:
    """Ids of papers with an open step of `kinds` that this actor may decide; for `id__in`."""
    return (
        FlowStep.objects.filter(
            permissions.steps_of(actor),
            state=StepState.OPEN,
            kind__in=[str(kind) for kind in kinds],
            run__subject_kind=subject_kind,
        )
        .values_list("run__subject_id", flat=True)
        .order_by()
    )


def subjects_waiting_for_people(
    person_ids: Iterable[int], *, subject_kind: str, kinds: Iterable[StepKind]
) -> QuerySet[FlowStep, int]:
    """Ids of papers with an open step of `kinds` that asks one of these people by name; for `id__in`."""
    return (
        FlowStep.objects.filter(
            person_id__in=list(person_ids),
            state=StepState.OPEN,
            kind__in=[str(kind) for kind in kinds],
            run__subject_kind=subject_kind,
        )
        .values_list("run__subject_id", flat=True)
        .order_by()
    )


def subjects_decided_by(actor: Actor, *, subject_kind: str) -> QuerySet[FlowStep, int]:
    """Ids of papers on which this actor decided a step; for `id__in`."""
    return (
        FlowStep.objects.filter(decided_by_id=actor.person_id, run__subject_kind=subject_kind)
        .values_list("run__subject_id", flat=True)
        .order_by()
    )


def open_steps_of(*, subject_kind: str, subject_id: int) -> list[FlowStep]:
    """The steps a paper waits at now."""
    return list(
        FlowStep.objects.filter(
            run__subject_kind=subject_kind, run__subject_id=subject_id, run__round=F("round"), state=StepState.OPEN
        )
        .select_related("run", "unit", "person")
        .order_by("position")
    )


def open_step_for(actor: Actor, *, subject_kind: str, subject_id: int) -> FlowStep | None:
    """The first open step of a paper that this actor may decide; None when it waits for others."""
    steps = open_steps_of(subject_kind=subject_kind, subject_id=subject_id)
    return next((step for step in steps if permissions.can_decide(actor, step)), None)


def waiting_words(subject_ids: Iterable[int], *, subject_kind: str, on: date) -> dict[int, str]:
    """`Trưởng đơn vị ký nháy: Đỗ Hữu Nghĩa` for each paper that waits at a step, by its id."""
    steps = list(
        FlowStep.objects.filter(
            run__subject_kind=subject_kind,
            run__subject_id__in=list(subject_ids),
            run__round=F("round"),
            state=StepState.OPEN,
        )
        .select_related("run", "unit", "person")
        .order_by("run_id", "position")
    )
    names = _Names(steps, on)
    words: dict[int, list[str]] = {}
    for step in steps:
        words.setdefault(step.run.subject_id, []).append(f"{step.title}: {names.short(step)}")
    return {subject_id: "; ".join(parts) for subject_id, parts in words.items()}


def run_of(*, subject_kind: str, subject_id: int, on: date) -> RunView | None:
    """Who decided, who is asked now, who is next and why; None before the paper was first submitted."""
    run = FlowRun.objects.filter(subject_kind=subject_kind, subject_id=subject_id).first()
    if run is None:
        return None
    rows = list(run.steps.select_related("person", "unit", "decided_by").order_by("-round", "position"))
    names = _Names([row for row in rows if row.round == run.round], on)
    current = [row for row in rows if row.round == run.round]
    return RunView(
        name=run.name,
        round=run.round,
        steps=tuple(_line(row, current, names) for row in current),
        earlier=tuple(_line(row, rows, names) for row in rows if row.round != run.round and row.decided_at),
    )


def definition_for(*, unit_id: int, document_type: str) -> FlowDefinition | None:
    """The flow in force for papers of a unit: the nearest unit upward wins, there its own type before "all".

    None means the default flow.
    """
    ancestors = organization.get_unit(unit_id).ancestor_ids
    found = FlowDefinition.objects.filter(
        unit_id__in=ancestors, document_type__in=["", document_type], retired_at__isnull=True
    )
    return max(found, key=lambda row: (ancestors.index(row.unit_id), row.document_type != ""), default=None)


def preview(*, subject: Subject, on: date) -> RunView:
    """Who would be asked if the paper were submitted now, and why."""
    definition = definition_for(unit_id=subject.unit_id, document_type=subject.document_type)
    return preview_of(
        definition.step_list if definition else default_steps(),
        name=definition.name if definition else DEFAULT_NAME,
        subject=subject,
        on=on,
    )


def next_round_preview(*, subject: Subject, on: date) -> RunView:
    """Like `preview`, for a paper that may have a run already: it keeps the definition it started with."""
    run = FlowRun.objects.filter(subject_kind=subject.kind, subject_id=subject.id).first()
    kept = run is not None and (run.unit_id, run.registry_id, run.document_type) == (
        subject.unit_id,
        subject.registry_id,
        subject.document_type,
    )
    if run is None or not kept:
        return preview(subject=subject, on=on)
    return preview_of(steps_from_json(run.steps_taken), name=run.name, subject=subject, on=on)


def preview_of(steps: Iterable[StepDefinition], *, name: str, subject: Subject, on: date) -> RunView:
    """The same for steps that are only being edited."""
    steps = list(with_cosigner(steps, has_cosigner=subject.cosigner_id is not None))
    asked = [(step, asked_by(step, subject=subject, on=on)) for step in steps]
    return RunView(name=name, round=0, steps=tuple(_planned(step, answer, steps) for step, answer in asked), earlier=())


def preview_in_unit(steps: Iterable[StepDefinition], *, unit_id: int, name: str, on: date) -> RunView:
    """Who would be asked about a paper drafted in a unit; the signer stands for whoever the drafter chooses.

    Raises NotFound, NoRegistryAbove.
    """
    unit = organization.get_unit(unit_id)
    subject = Subject(
        kind="preview",
        id=0,
        unit_id=unit.pk,
        registry_id=organization.registry_of(unit).pk,
        document_type="",
        author_id=0,
        signer_id=None,
        version=1,
    )
    return preview_of(steps, name=name, subject=subject, on=on)


def _planned(step: StepDefinition, asked: Asked, steps: list[StepDefinition]) -> StepLine:
    return StepLine(
        id=None,
        kind=step.kind,
        kind_words=StepKind(step.kind).label,
        title=step.title,
        group=step.group,
        is_parallel=sum(other.group == step.group for other in steps) > 1,
        state=StepState.WAITING,
        state_words="",
        names=asked.names,
        reason=asked.reason,
    )


def _line(row: FlowStep, of_round: list[FlowStep], names: _Names) -> StepLine:
    return StepLine(
        id=row.pk,
        kind=row.kind,
        kind_words=StepKind(row.kind).label,
        title=row.title,
        group=row.group,
        is_parallel=sum(other.group == row.group and other.round == row.round for other in of_round) > 1,
        state=row.state,
        state_words=StepState(row.state).label,
        names=names.of(row),
        reason=row.reason,
        opened_at=row.opened_at,
        decided_by=row.decided_by.full_name if row.decided_by else "",
        decided_at=row.decided_at,
        comment=row.comment,
        version=row.subject_version,
    )


class _Names:
    """Names of those asked by some steps, read once for each role and unit."""

    def __init__(self, steps: Iterable[FlowStep], on: date) -> None:
        self._by_role: dict[tuple[str, int], tuple[str, ...]] = {}
        for step in steps:
            for role in step.roles:
                if step.unit_id is not None and (role, step.unit_id) not in self._by_role:
                    people = organization.holders_of(Role(role), step.unit_id, on=on)
                    self._by_role[(role, step.unit_id)] = tuple(person.full_name for person in people)

    def of(self, step: FlowStep) -> tuple[str, ...]:
        if step.person is not None:
            return (step.person.full_name,)
        if step.unit_id is None:
            return ()
        found = [name for role in step.roles for name in self._by_role.get((role, step.unit_id), ())]
        return tuple(dict.fromkeys(found))

    def short(self, step: FlowStep) -> str:
        """Up to two names; a larger circle is named by its rule."""
        names = self.of(step)
        return ", ".join(names) if 0 < len(names) <= 2 else step.reason


def person_ids_asked(step: FlowStep, *, on: date) -> list[int]:
    """Everyone who may decide this step on a day."""
    if step.person_id is not None:
        return [step.person_id]
    if step.unit_id is None:
        return []
    found = organization.holder_ids_of([Role(role) for role in step.roles], [step.unit_id], on=on)
    return list(dict.fromkeys(found.get(step.unit_id, [])))


def definitions(actor: Actor) -> list[FlowDefinition]:
    """Flows in force, by unit and type. Raises NotPermitted."""
    permissions.require(permissions.can_read_flows(actor), "Chỉ quản trị xem được danh mục quy trình.")
    return list(
        FlowDefinition.objects.filter(retired_at__isnull=True)
        .select_related("unit", "created_by")
        .order_by("unit__path", "document_type", "pk")[:1000]
    )


def get_definition(actor: Actor, definition_id: int) -> FlowDefinition:
    """One flow, old versions too. Raises FlowNotFound, NotPermitted."""
    permissions.require(permissions.can_read_flows(actor), "Chỉ quản trị xem được danh mục quy trình.")
    row = FlowDefinition.objects.select_related("unit", "created_by").filter(pk=definition_id).first()
    if row is None:
        raise FlowNotFound
    return row


def versions_of(definition: FlowDefinition) -> list[FlowDefinition]:
    """All versions of this unit and type, newest first."""
    return list(
        FlowDefinition.objects.filter(unit_id=definition.unit_id, document_type=definition.document_type)
        .select_related("created_by")
        .order_by("-version")[:100]
    )


def editable_units(actor: Actor) -> list[Unit]:
    """Units whose flow this administrator may set, in the order of the tree. Raises NotPermitted for others."""
    permissions.require(actor.plays(Role.ADMINISTRATOR), "Chỉ quản trị của đơn vị sửa được quy trình.")
    roots = [unit.path for unit in organization.units_by_id(actor.units_with(Role.ADMINISTRATOR)).values()]
    return [unit for unit in organization.active_units() if any(unit.path.startswith(root) for root in roots)]


def running_count(definition: FlowDefinition) -> int:
    """Papers on their way under any version of this flow."""
    return FlowRun.objects.filter(
        definition__unit_id=definition.unit_id,
        definition__document_type=definition.document_type,
        ended_at__isnull=True,
    ).count()
