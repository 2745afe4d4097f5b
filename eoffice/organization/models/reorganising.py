"""Sắp xếp tổ chức: a dated decision with its steps, and which unit went on as which."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from eoffice.organization.models.people import Person
from eoffice.organization.models.units import Unit


class ReorganisationState(models.TextChoices):
    DRAFT = "draft", "Đang soạn"
    WAITING = "waiting", "Chờ xác nhận"
    CONFIRMED = "confirmed", "Đã xác nhận, chờ đến ngày"
    RUNNING = "running", "Đang chuyển việc"
    DONE = "done", "Đã thực hiện"
    FAILED = "failed", "Không thực hiện được"
    WITHDRAWN = "withdrawn", "Đã rút"


class StepKind(models.TextChoices):
    """Loại sắp xếp."""

    MERGE = "merge", "Sáp nhập, hợp nhất"
    SPLIT = "split", "Chia, tách"
    RENAME = "rename", "Đổi tên"
    MOVE = "move", "Chuyển sang cấp trên khác"
    CLOSE = "close", "Giải thể"


class Reorganisation(models.Model):
    """Quyết định sắp xếp tổ chức: prepared, previewed, confirmed by a second person, carried out on its day.

    `unit` is the nearest unit above everything touched: who keeps its rights may confirm. `moved` counts what was
    given to successors by kind of work, `kept` lists what was not, with the reason; `notes` are things the structure
    left for somebody to do. A job killed on the way goes on with what closed units still hold.
    """

    title = models.CharField(max_length=200)
    decision_number = models.CharField(max_length=50)
    decided_on = models.DateField()
    """Day of the decision itself."""
    effective_on = models.DateField()
    """First day of the new structure: carried out at 00:00 of it in Vietnam."""
    note = models.CharField(max_length=500, blank=True)
    state = models.CharField(max_length=12, choices=ReorganisationState, default=ReorganisationState.DRAFT)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    prepared_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    prepared_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    is_alone = models.BooleanField(default=False)
    """Confirmed by its preparer, because the installation has nobody else."""
    remark = models.CharField(max_length=500, blank=True)
    """Why it was given back, withdrawn or could not be carried out."""
    structured_at = models.DateTimeField(null=True)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    moved = models.JSONField(default=dict)
    kept = models.JSONField(default=list)
    notes = models.JSONField(default=list)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "organization_reorganisation"
        constraints = [
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | Q(is_alone=True) | ~Q(confirmed_by=F("prepared_by")),
                name="organization_reorganisation_four_eyes",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["confirmed", "running", "done"]) | Q(confirmed_by__isnull=False),
                name="organization_reorganisation_confirmed",
            ),
        ]
        indexes = [models.Index(fields=["state", "effective_on"], name="organization_reorganise_due")]

    def __str__(self) -> str:
        return self.title

    @property
    def basis(self) -> str:
        """How histories name it: `Quyết định số 12/QĐ-TXG ngày 01/12/2026`."""
        return f"Quyết định số {self.decision_number} ngày {self.decided_on:%d/%m/%Y}"

    @property
    def is_busy(self) -> bool:
        return self.state == ReorganisationState.RUNNING

    @property
    def percent(self) -> int:
        return min(100, 100 * self.done // self.total) if self.total else 100


class ReorganisationStep(models.Model):
    """Một việc sắp xếp. `units` are those it is done to.

    `target` is the unit that goes on (merge, close) or the new one above (move). `parts` are units to be made (merge,
    split) or the new names (rename): `name`, `short_name`, `symbol`, `kind`, `has_registry`, `code`. `places` says
    where a posting goes other than to the first: `{"12": {"to": 1, "position": "", "rank": 9, "keeps_roles": true}}`,
    `to` counts `parts` from 0, None is the unit that goes on.
    """

    reorganisation = models.ForeignKey(Reorganisation, on_delete=models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=8, choices=StepKind)
    units = ArrayField(models.BigIntegerField())
    target = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    parts = models.JSONField(default=list)
    keeps_source = models.BooleanField(default=False)
    """Tách: the unit itself goes on with whom no part takes."""
    places = models.JSONField(default=dict)
    made = ArrayField(models.BigIntegerField(), default=list)
    """Units that carrying it out made, in the order of `parts`."""

    class Meta:
        db_table = "organization_reorganisation_step"
        constraints = [
            models.UniqueConstraint(fields=["reorganisation", "position"], name="organization_reorganisation_step_once")
        ]

    def __str__(self) -> str:
        return f"{self.position}. {self.get_kind_display()}"


class SuccessionKind(models.TextChoices):
    WORK = "work", "Kế thừa"
    REGISTRY = "registry", "Giữ sổ, văn bản"
    PART = "part", "Nhận một phần"


class UnitSuccession(models.Model):
    """Kế thừa: which unit goes on for one that is no more, or was cut out of it, since when, by which decision.

    `work` takes over running work and the sight of what is older; `registry` is the registry above that keeps books
    and letters where the successor has none of its own; `part` is shown and gives nothing. When a successor ends
    itself, its rows are written for its own successor too (`is_direct` False), so that one look is enough.
    """

    old = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="successions")
    heir = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="inheritances")
    kind = models.CharField(max_length=8, choices=SuccessionKind)
    is_direct = models.BooleanField(default=True)
    since = models.DateField()
    basis = models.CharField(max_length=300)
    reorganisation = models.ForeignKey(Reorganisation, on_delete=models.PROTECT, related_name="successions")

    class Meta:
        db_table = "organization_unit_succession"
        constraints = [
            models.UniqueConstraint(fields=["old", "heir", "kind"], name="organization_succession_once"),
            models.CheckConstraint(condition=~Q(old=F("heir")), name="organization_succession_to_another"),
        ]
        indexes = [models.Index(fields=["heir", "kind"], name="organization_succession_heir")]

    def __str__(self) -> str:
        return f"{self.old} → {self.heir}"
