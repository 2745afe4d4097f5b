"""Commands on flows: change a definition, start a run, pass and return steps."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from eoffice.audit import services as audit
from eoffice.core.clock import local_date
from eoffice.core.errors import IllegalTransition
from eoffice.core.vietnamese import tidy
from eoffice.organization.actor import Actor
from eoffice.organization.models import Unit
from eoffice.workflow import permissions, queries
from eoffice.workflow.definitions import (
    DEFAULT_NAME,
    UNIT_HEAD,
    StepDefinition,
    StepKind,
    checked_steps,
    default_steps,
    steps_from_json,
    with_cosigner,
)
from eoffice.workflow.errors import FlowChanged, FlowNotFound, NobodyToAsk, NotYourStep, StepNotFound, StepsInvalid
from eoffice.workflow.models import FlowDefinition, FlowRun, FlowStep
from eoffice.workflow.resolving import Asked, Subject, asked_by
from eoffice.workflow.states import STEP_TRANSITIONS, StepAction, StepState

NO_OPEN_STATES = (StepState.WAITING, StepState.OPEN)


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a run stands after a command: the steps now open. `awaits_signature` when only the signer is left."""

    run: FlowRun
    open_steps: tuple[FlowStep, ...]

    @property
    def awaits_signature(self) -> bool:
        return bool(self.open_steps) and all(step.kind == StepKind.SIGN for step in self.open_steps)

    @property
    def is_finished(self) -> bool:
        return not self.open_steps


@transaction.atomic
def save_definition(
    *,
    actor: Actor,
    unit: Unit,
    document_type: str,
    name: str,
    steps: Iterable[StepDefinition],
    now: datetime,
    keeps_initials: bool = False,
) -> FlowDefinition:
    """Set the flow of a unit for a document type ("" for all), as a new version; running papers keep theirs.

    Raises StepsInvalid, NotPermitted.
    """
    permissions.require(permissions.can_edit_flows(actor, unit), "Chỉ quản trị của đơn vị này sửa được quy trình.")
    checked = checked_steps(steps)
    if not tidy(name):
        raise StepsInvalid("Quy trình chưa có tên.", fields={"name": "Ghi tên quy trình."})
    earlier = list(
        FlowDefinition.objects.select_for_update(no_key=True)
        .filter(unit=unit, document_type=document_type)
        .order_by("-version")
    )
    _retire(earlier, now)
    definition = FlowDefinition.objects.create(
        unit=unit,
        document_type=document_type,
        version=earlier[0].version + 1 if earlier else 1,
        name=tidy(name)[:200],
        steps=[step.to_json() for step in checked],
        keeps_initials=keeps_initials,
        created_by_id=actor.person_id,
        created_at=now,
    )
    audit.record(
        actor=actor.ref,
        action="workflow.definition.saved",
        object_kind="flow",
        object_id=definition.pk,
        now=now,
        detail={"unit": unit.pk, "document_type": document_type, "version": definition.version},
    )
    return definition


@transaction.atomic
def retire_definition(*, actor: Actor, definition_id: int, now: datetime) -> None:
    """Stop using a flow: new papers take the one above it. Raises FlowNotFound, FlowChanged, NotPermitted."""
    definition = (
        FlowDefinition.objects.select_for_update(no_key=True, of=("self",))
        .select_related("unit")
        .filter(pk=definition_id)
        .first()
    )
    if definition is None:
        raise FlowNotFound
    permissions.require(
        permissions.can_edit_flows(actor, definition.unit), "Chỉ quản trị của đơn vị này sửa được quy trình."
    )
    if definition.retired_at is not None:
        raise FlowChanged("Quy trình này đã ngừng dùng, hoặc đã có bản mới. Tải lại trang.")
    _retire([definition], now)
    audit.record(
        actor=actor.ref, action="workflow.definition.retired", object_kind="flow", object_id=definition.pk, now=now
    )


def _retire(definitions: Iterable[FlowDefinition], now: datetime) -> None:
    for definition in definitions:
        if definition.retired_at is None:
            definition.retired_at = now
            definition.save(update_fields=["retired_at"])


@transaction.atomic
def start_run(*, actor: Actor, subject: Subject, now: datetime) -> Progress:
    """Send a paper through its flow, or through it again in a new round.

    A paper that ran before keeps the definition it started with, unless its unit or type changed. Steps
    passed on an older version are void; where the flow keeps initials they stay. Raises NobodyToAsk.
    """
    run = _locked_run(subject.kind, subject.id)
    if run is None:
        run = _new_run(actor, subject, now)
        passed: dict[str, FlowStep] = {}
    else:
        passed = _next_round(run, subject, now)
    _lay_steps(run, subject, passed, now)
    progress = _advance(run, now)
    audit.record(
        actor=actor.ref,
        action="workflow.run.started",
        object_kind=subject.kind,
        object_id=subject.id,
        now=now,
        detail={"round": run.round, "version": subject.version},
    )
    return progress


@transaction.atomic
def pass_step(*, actor: Actor, step_id: int, comment: str, subject_version: int, now: datetime) -> Progress:
    """Decide a step in favour, bound to the version and file under review.

    Locks the run. Raises StepNotFound, NotYourStep, FlowChanged (decided already, or another version).
    """
    step = _decided(actor, step_id, StepAction.PASS, comment, subject_version, now)
    return _advance(step.run, now)


@transaction.atomic
def return_run(*, actor: Actor, step_id: int, reason: str, subject_version: int, now: datetime) -> FlowRun:
    """Return the paper at this step; what is left of the round ends. Raises as `pass_step`."""
    step = _decided(actor, step_id, StepAction.RETURN, reason, subject_version, now)
    _end(step.run, now)
    return step.run


@transaction.atomic
def stop_run(*, actor: Actor, subject_kind: str, subject_id: int, now: datetime) -> None:
    """End a round because the paper itself was abandoned or returned later; nothing to do without one."""
    run = _locked_run(subject_kind, subject_id)
    if run is None:
        return
    _end(run, now)
    audit.record(
        actor=actor.ref, action="workflow.run.stopped", object_kind=subject_kind, object_id=subject_id, now=now
    )


def _locked_run(subject_kind: str, subject_id: int) -> FlowRun | None:
    return (
        FlowRun.objects.select_for_update(no_key=True).filter(subject_kind=subject_kind, subject_id=subject_id).first()
    )


def _new_run(actor: Actor, subject: Subject, now: datetime) -> FlowRun:
    definition = queries.definition_for(unit_id=subject.unit_id, document_type=subject.document_type)
    return FlowRun.objects.create(
        subject_kind=subject.kind,
        subject_id=subject.id,
        unit_id=subject.unit_id,
        registry_id=subject.registry_id,
        document_type=subject.document_type,
        subject_version=subject.version,
        subject_sha256=subject.sha256,
        started_by_id=actor.person_id,
        started_at=now,
        **_taken(definition),
    )


def _taken(definition: FlowDefinition | None) -> dict[str, object]:
    """What a run copies from its definition, so that a later change of the flow does not reach it."""
    if definition is None:
        steps = [step.to_json() for step in default_steps()]
        return {"definition": None, "name": DEFAULT_NAME, "steps_taken": steps, "keeps_initials": False}
    return {
        "definition": definition,
        "name": definition.name,
        "steps_taken": definition.steps,
        "keeps_initials": definition.keeps_initials,
    }


def _next_round(run: FlowRun, subject: Subject, now: datetime) -> dict[str, FlowStep]:
    """Move a locked run to its next round; return the passed steps that still count, by key."""
    changed = (run.unit_id, run.registry_id, run.document_type) != (
        subject.unit_id,
        subject.registry_id,
        subject.document_type,
    )
    if changed:
        run.unit_id, run.registry_id, run.document_type = subject.unit_id, subject.registry_id, subject.document_type
        for field, value in _taken(
            queries.definition_for(unit_id=subject.unit_id, document_type=subject.document_type)
        ).items():
            setattr(run, field, value)
    current = list(run.steps.filter(round=run.round).order_by("position"))
    passed = {step.key: step for step in current if step.state == StepState.PASSED and step.kind != StepKind.SIGN}
    keeps = run.keeps_initials and not changed
    for step in current:
        if step.state in NO_OPEN_STATES or (step.state == StepState.PASSED and not keeps):
            _move(step, StepAction.VOID)
    run.round += 1
    run.subject_version, run.subject_sha256, run.ended_at = subject.version, subject.sha256, None
    run.save(
        update_fields=[
            "unit",
            "registry",
            "document_type",
            "definition",
            "name",
            "steps_taken",
            "keeps_initials",
            "round",
            "subject_version",
            "subject_sha256",
            "ended_at",
        ]
    )
    return passed if keeps else {}


def _lay_steps(run: FlowRun, subject: Subject, passed: dict[str, FlowStep], now: datetime) -> None:
    on = local_date(now)
    rows = []
    steps = with_cosigner(steps_from_json(run.steps_taken), has_cosigner=subject.cosigner_id is not None)
    for position, definition in enumerate(steps):
        asked = asked_by(definition, subject=subject, on=on)
        row = FlowStep(
            run=run,
            round=run.round,
            position=position,
            group=definition.group,
            key=definition.key,
            title=definition.title,
            kind=definition.kind,
            person_id=asked.person_id,
            unit_id=asked.unit_id,
            roles=list(asked.roles),
            reason=asked.reason[:300],
        )
        _settle_at_start(row, definition, asked, subject, passed.get(definition.key))
        rows.append(row)
    FlowStep.objects.bulk_create(rows)


def _settle_at_start(
    row: FlowStep, definition: StepDefinition, asked: Asked, subject: Subject, earlier: FlowStep | None
) -> None:
    """A step may need nothing from the start: kept from the last round, nobody to ask, or the author's own."""
    if earlier is not None:
        row.state = StepState.PASSED
        row.decided_by_id, row.decided_at, row.comment = earlier.decided_by_id, earlier.decided_at, earlier.comment
        row.subject_version, row.subject_sha256 = earlier.subject_version, earlier.subject_sha256
    elif asked.is_nobody:
        if definition.required:
            raise NobodyToAsk(
                f"Chưa trình được: bước “{definition.title}” chưa tìm thấy người duyệt ({asked.reason}). "
                "Dự thảo còn nguyên; báo quản trị đơn vị phân công người.",
                step=definition.title,
            )
        row.state, row.comment = StepState.SKIPPED, "Chưa có người giữ vai trò này."
    elif definition.who == UNIT_HEAD and subject.author_id in asked.person_ids:
        row.state, row.comment = StepState.SKIPPED, "Trưởng đơn vị tự soạn thảo."


def _advance(run: FlowRun, now: datetime) -> Progress:
    """Open the next group once nothing is open; a run with nothing left ends."""
    steps = list(run.steps.filter(round=run.round).order_by("position"))
    opened = [step for step in steps if step.state == StepState.OPEN]
    if not opened:
        waiting = [step for step in steps if step.state == StepState.WAITING]
        opened = [step for step in waiting if step.group == waiting[0].group]
        for step in opened:
            step.opened_at = now
            _move(step, StepAction.OPEN, "opened_at")
    if not opened and run.ended_at is None:
        run.ended_at = now
        run.save(update_fields=["ended_at"])
    return Progress(run, tuple(opened))


def _decided(
    actor: Actor, step_id: int, action: StepAction, comment: str, subject_version: int, now: datetime
) -> FlowStep:
    found = FlowStep.objects.filter(pk=step_id).values_list("run_id", flat=True).first()
    if found is None:
        raise StepNotFound
    run = FlowRun.objects.select_for_update(no_key=True).get(pk=found)
    step = run.steps.get(pk=step_id)
    if not permissions.can_decide(actor, step):
        raise NotYourStep
    if step.round != run.round or step.state != StepState.OPEN:
        raise FlowChanged
    if run.subject_version != subject_version:
        raise FlowChanged("Dự thảo đã đổi sau lần xem gần nhất. Xem lần mới rồi duyệt.")
    step.decided_by_id, step.decided_at, step.comment = actor.person_id, now, comment.strip()
    step.subject_version, step.subject_sha256 = run.subject_version, run.subject_sha256
    _move(step, action, "decided_by", "decided_at", "comment", "subject_version", "subject_sha256")
    step.run = run
    audit.record(
        actor=actor.ref,
        action=f"workflow.step.{'passed' if action is StepAction.PASS else 'returned'}",
        object_kind=run.subject_kind,
        object_id=run.subject_id,
        now=now,
        detail={"step": step.key, "version": run.subject_version},
    )
    return step


def _end(run: FlowRun, now: datetime) -> None:
    for step in run.steps.filter(round=run.round, state__in=NO_OPEN_STATES).order_by("position"):
        _move(step, StepAction.VOID)
    run.ended_at = now
    run.save(update_fields=["ended_at"])


def _move(step: FlowStep, action: StepAction, *also: str) -> None:
    """The one place where a step's state is written; the run is locked by the caller."""
    target = STEP_TRANSITIONS.get((StepState(step.state), action))
    if target is None:
        raise IllegalTransition(step.state, action)
    step.state = target
    step.save(update_fields=["state", *also])
