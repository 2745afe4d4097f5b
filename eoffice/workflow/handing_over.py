"""Steps and flows that name a person who leaves: who waits for him, and how they are given to somebody else."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F, QuerySet

from eoffice.audit import services as audit
from eoffice.core.actor_ref import ActorRef
from eoffice.workflow.definitions import StepDefinition, StepKind, person_id_of
from eoffice.workflow.models import FlowDefinition, FlowRun, FlowStep
from eoffice.workflow.states import StepState

_AHEAD = (StepState.WAITING, StepState.OPEN)


def steps_ahead_of(person_id: int) -> QuerySet[FlowStep]:
    """Steps of running papers that ask or will ask this very person, without signing steps."""
    return (
        FlowStep.objects.filter(person_id=person_id, state__in=_AHEAD, run__round=F("round"))
        .exclude(kind=StepKind.SIGN)
        .select_related("run")
        .order_by("pk")
    )


def flows_naming(person_id: int) -> QuerySet[FlowDefinition]:
    """Flows in use with a step for this very person."""
    return (
        FlowDefinition.objects.filter(retired_at__isnull=True, steps__contains=[{"who": f"person:{person_id}"}])
        .select_related("unit")
        .order_by("pk")
    )


def steps_with(definition: FlowDefinition, *, person_id: int, successor_id: int) -> list[StepDefinition]:
    """The steps of a flow with one person put in another's place."""
    return [
        StepDefinition(
            key=step.key, title=step.title, kind=step.kind, group=step.group, required=step.required,
            who=f"person:{successor_id}" if person_id_of(step.who) == person_id else step.who,
        )
        for step in definition.step_list
    ]  # fmt: skip


def give_step(*, actor: ActorRef, step_id: int, person_id: int, successor_id: int, now: datetime) -> FlowStep | None:
    """Let a step that asks one person ask another; None when it asks him no longer. Locks the run.

    In the caller's transaction, who has locked the paper.
    """
    found = FlowStep.objects.filter(pk=step_id).values_list("run_id", flat=True).first()
    if found is None:
        return None
    run = FlowRun.objects.select_for_update(no_key=True).get(pk=found)
    step = run.steps.filter(pk=step_id, person_id=person_id, round=run.round, state__in=_AHEAD).first()
    if step is None:
        return None
    step.person_id = successor_id
    step.reason = f"{step.reason} (nhận bàn giao)"[:300]
    step.save(update_fields=["person", "reason"])
    audit.record(
        actor=actor, action="workflow.step.handed_over", object_kind=run.subject_kind, object_id=run.subject_id,
        now=now, detail={"step": step.key, "from": person_id, "to": successor_id},
    )  # fmt: skip
    return step
