"""Flows: their definitions, the runs of papers through them, and the steps of each run."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from eoffice.workflow.definitions import StepDefinition, StepKind, steps_from_json
from eoffice.workflow.states import StepState


class FlowDefinition(models.Model):
    """Quy trình duyệt of a unit (and those below it) for one document type, or for all (`document_type` empty).

    A change is a new version; older ones stay, because runs point to the one they started with.
    """

    unit = models.ForeignKey("organization.Unit", on_delete=models.PROTECT, related_name="flows")
    document_type = models.CharField(max_length=32, blank=True)
    version = models.PositiveIntegerField()
    name = models.CharField(max_length=200)
    steps = models.JSONField()
    keeps_initials = models.BooleanField(default=False)
    """Whether what was passed on an earlier version of the paper still counts on the next."""
    created_by = models.ForeignKey("organization.Person", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "workflow_definition"
        constraints = [
            models.UniqueConstraint(fields=["unit", "document_type", "version"], name="workflow_definition_version"),
            models.UniqueConstraint(
                fields=["unit", "document_type"], condition=Q(retired_at__isnull=True), name="workflow_definition_one"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} (bản {self.version})"

    @property
    def step_list(self) -> tuple[StepDefinition, ...]:
        return steps_from_json(self.steps)


class FlowRun(models.Model):
    """One paper on its way through a flow; `steps_taken` is the definition it started with and keeps.

    Each submission is a `round`; steps of earlier rounds stay as history. `subject_version` and
    `subject_sha256` name what is under review now. Lock this row before its steps.
    """

    subject_kind = models.CharField(max_length=24)
    subject_id = models.BigIntegerField()
    definition = models.ForeignKey(FlowDefinition, null=True, on_delete=models.PROTECT, related_name="runs")
    """None is the default flow."""
    name = models.CharField(max_length=200)
    steps_taken = models.JSONField()
    keeps_initials = models.BooleanField(default=False)
    unit = models.ForeignKey("organization.Unit", on_delete=models.PROTECT, related_name="+")
    registry = models.ForeignKey("organization.Unit", on_delete=models.PROTECT, related_name="+")
    document_type = models.CharField(max_length=32)
    round = models.PositiveIntegerField(default=1)
    subject_version = models.PositiveIntegerField()
    subject_sha256 = models.CharField(max_length=64, blank=True)
    started_by = models.ForeignKey("organization.Person", on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "workflow_run"
        constraints = [
            models.UniqueConstraint(fields=["subject_kind", "subject_id"], name="workflow_run_once"),
        ]

    def __str__(self) -> str:
        return f"{self.subject_kind}:{self.subject_id} lần {self.round}"


class FlowStep(models.Model):
    """Một bước: who is asked (a person, or whoever holds one of `roles` in `unit`), why, and what was decided."""

    run = models.ForeignKey(FlowRun, on_delete=models.PROTECT, related_name="steps")
    round = models.PositiveIntegerField()
    position = models.PositiveSmallIntegerField()
    group = models.PositiveSmallIntegerField()
    key = models.CharField(max_length=32)
    title = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=StepKind)
    state = models.CharField(max_length=10, choices=StepState, default=StepState.WAITING)
    person = models.ForeignKey("organization.Person", null=True, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey("organization.Unit", null=True, on_delete=models.PROTECT, related_name="+")
    roles = ArrayField(models.CharField(max_length=32), default=list)
    reason = models.CharField(max_length=300)
    """Why this one is asked: `Trưởng đơn vị soạn thảo`."""
    opened_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey("organization.Person", null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    comment = models.TextField(blank=True)
    subject_version = models.PositiveIntegerField(null=True)
    subject_sha256 = models.CharField(max_length=64, blank=True)
    """The version and file that were decided on: an initial is bound to them."""

    class Meta:
        db_table = "workflow_step"
        constraints = [
            models.UniqueConstraint(fields=["run", "round", "position"], name="workflow_step_once"),
            models.CheckConstraint(
                condition=Q(state__in=["skipped", "waiting", "void"])
                | Q(person__isnull=False)
                | Q(unit__isnull=False, roles__len__gt=0),
                name="workflow_step_asks_someone",
            ),
        ]
        indexes = [
            models.Index(fields=["person", "kind"], name="workflow_step_person", condition=Q(state="open")),
            models.Index(fields=["unit", "kind"], name="workflow_step_unit", condition=Q(state="open")),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.state})"
