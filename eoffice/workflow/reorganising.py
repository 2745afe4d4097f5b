"""Steps and flows of a unit that is no more: who went on for it is asked instead."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F, Max, Q, QuerySet

from eoffice.audit import services as audit
from eoffice.core.actor_ref import ActorRef
from eoffice.organization.models import Role
from eoffice.workflow.definitions import role_and_unit
from eoffice.workflow.models import FlowDefinition, FlowRun, FlowStep
from eoffice.workflow.states import StepState

_AHEAD = (StepState.WAITING, StepState.OPEN)


def steps_asking(unit_id: int) -> QuerySet[FlowStep]:
    """Steps of running papers that ask or will ask a role in this unit."""
    rows = FlowStep.objects.filter(unit_id=unit_id, state__in=_AHEAD, run__round=F("round"), run__ended_at__isnull=True)
    return rows.select_related("run").order_by("pk")


def flows_touching(unit_id: int) -> QuerySet[FlowDefinition]:
    """Flows in use that are this unit's, or ask a role in it."""
    asks = Q()
    for role in Role:
        asks |= Q(steps__contains=[{"who": f"role:{role}@{unit_id}"}])
    return (
        FlowDefinition.objects.filter(Q(unit_id=unit_id) | asks, retired_at__isnull=True)
        .select_related("unit")
        .order_by("pk")
    )


def pass_step_on(*, actor: ActorRef, step_id: int, old_id: int, heir_id: int, now: datetime) -> FlowStep | None:
    """Let a step ask the same roles in the unit that goes on; None when it asks the old one no longer.

    Locks the run; in the caller's transaction, who has locked the paper.
    """
    found = FlowStep.objects.filter(pk=step_id).values_list("run_id", flat=True).first()
    if found is None:
        return None
    run = FlowRun.objects.select_for_update(no_key=True).get(pk=found)
    step = run.steps.filter(pk=step_id, unit_id=old_id, round=run.round, state__in=_AHEAD).first()
    if step is None:
        return None
    step.unit_id = heir_id
    step.save(update_fields=["unit"])
    audit.record(
        actor=actor, action="workflow.step.passed_on", object_kind=run.subject_kind, object_id=run.subject_id,
        now=now, detail={"step": step.key, "from": old_id, "to": heir_id},
    )  # fmt: skip
    return step


def place_run(*, subject_kind: str, subject_id: int, unit_id: int, registry_id: int) -> None:
    """Let the run of a paper belong to the unit and registry that the paper now belongs to."""
    rows = FlowRun.objects.filter(subject_kind=subject_kind, subject_id=subject_id, ended_at__isnull=True)
    rows.update(unit_id=unit_id, registry_id=registry_id)


def pass_flow_on(
    *, actor: ActorRef, person_id: int, definition_id: int, old_id: int, heir_id: int, now: datetime
) -> FlowDefinition | None:
    """A new version of a flow that names the unit which goes on; runs keep the one they started with.

    A flow of the old unit becomes one of the heir, unless that has its own for the same papers: then it is retired.
    None when it was changed already. In the caller's transaction.
    """
    rows = FlowDefinition.objects.select_for_update(no_key=True)
    row = rows.filter(pk=definition_id, retired_at__isnull=True).first()
    if row is None:
        return None
    row.retired_at = now
    row.save(update_fields=["retired_at"])
    unit_id = heir_id if row.unit_id == old_id else row.unit_id
    same = FlowDefinition.objects.filter(unit_id=unit_id, document_type=row.document_type)
    audit.record(
        actor=actor, action="workflow.definition.passed_on", object_kind="flow", object_id=row.pk, now=now,
        detail={"from": old_id, "to": heir_id},
    )  # fmt: skip
    if same.filter(retired_at__isnull=True).exists():
        return row
    return FlowDefinition.objects.create(
        unit_id=unit_id,
        document_type=row.document_type,
        version=(same.aggregate(last=Max("version"))["last"] or 0) + 1,
        name=row.name,
        steps=[_renamed(step, old_id, heir_id) for step in row.steps],
        keeps_initials=row.keeps_initials,
        created_by_id=person_id,
        created_at=now,
    )


def _renamed(step: dict[str, object], old_id: int, heir_id: int) -> dict[str, object]:
    named = role_and_unit(str(step.get("who", "")))
    if named is None or named[1] != old_id:
        return step
    return step | {"who": f"role:{named[0]}@{heir_id}"}
