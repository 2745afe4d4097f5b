"""Bàn giao: the running work of a person who leaves or changes units, and to whom it goes."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class HandOverKind(models.TextChoices):
    LEAVES = "leaves", "Nghỉ việc"
    MOVES = "moves", "Chuyển đơn vị"


class Work(models.TextChoices):
    """Loại việc bàn giao."""

    LINES = "lines", "Việc đang giữ"
    DIRECTIONS = "directions", "Văn bản chờ cho ý kiến chỉ đạo"
    GIVEN = "given", "Việc đã giao, đang theo dõi"
    DRAFTS = "drafts", "Dự thảo chưa phát hành"
    REVIEWS = "reviews", "Bước duyệt đang chờ"
    OPINIONS = "opinions", "Ý kiến được xin, chưa trả lời"
    FLOWS = "flows", "Quy trình ghi đích danh"
    SIGNATURES = "signatures", "Văn bản trình người này ký"


class HandOver(models.Model):
    """Lần bàn giao: what was decided, and how far the job has come.

    `successors` gives the person id for each kind of work; `given` counts what each got (`"lines:12": 40`), `kept`
    lists what could not be given, with the reason. A job killed on the way goes on with what is still held.
    """

    person = models.ForeignKey("organization.Person", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=HandOverKind)
    first_day = models.DateField()
    basis = models.CharField(max_length=300)
    successors = models.JSONField(default=dict)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    given = models.JSONField(default=dict)
    kept = models.JSONField(default=list)
    decided_by = models.ForeignKey("organization.Person", on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "documents_hand_over"
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(finished_at__isnull=True), name="documents_hand_over_one_runs"
            )
        ]
        indexes = [models.Index(fields=["person", "id"], name="documents_hand_over_person")]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.kind} {self.done}/{self.total}"

    @property
    def is_busy(self) -> bool:
        return self.finished_at is None

    @property
    def percent(self) -> int:
        return min(100, 100 * self.done // self.total) if self.total else 100

    @property
    def returned(self) -> int:
        """How many papers went back to their authors because this person was to sign them: they have no receiver."""
        return self.done - sum(int(count) for count in self.given.values())
