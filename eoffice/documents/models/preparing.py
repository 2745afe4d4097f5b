"""What secretaries prepare on a letter that waits for their leader: a proposed directive, its place in his queue."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class ProposedDirective(models.Model):
    """Dự kiến bút phê: text, recipients and deadline as a secretary proposes them; only the leader makes it an order.

    `version` rises with every saving, so that nobody sends what he has not seen. One is open on a letter for a
    leader; it is closed when the leader sends any directive: `directive` is set when he sent this one, as it was or
    edited.
    """

    incoming = models.ForeignKey("documents.IncomingDocument", on_delete=models.PROTECT, related_name="proposals")
    leader = models.ForeignKey("organization.Person", on_delete=models.PROTECT, related_name="+")
    prepared_by = models.ForeignKey("organization.Person", on_delete=models.PROTECT, related_name="+")
    """Who saved it last."""
    text = models.TextField()
    recipients = models.JSONField(default=list)
    """`[{"kind": "unit", "id": 3, "role": "lead"}]`, checked at saving and once more at sending."""
    due_on = models.DateField(null=True)
    requires_reply = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)
    prepared_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    directive = models.ForeignKey("documents.Directive", null=True, on_delete=models.PROTECT, related_name="proposals")

    class Meta:
        db_table = "documents_proposed_directive"
        constraints = [
            models.UniqueConstraint(
                fields=["incoming", "leader"], condition=Q(closed_at__isnull=True), name="documents_proposal_one_open"
            )
        ]

    def __str__(self) -> str:
        return self.text[:60]


class QueueRank(models.IntegerChoices):
    """Thứ tự trong danh sách chờ cho ý kiến, as the secretary sets it."""

    NORMAL = 0, "Bình thường"
    FIRST = 1, "Xem trước"
    AT_ONCE = 2, "Cần ý kiến ngay"


class QueuePlace(models.Model):
    """Where a letter stands in the queue of the leader it waits for: set by a secretary, gone when it waits no more."""

    incoming = models.ForeignKey("documents.IncomingDocument", on_delete=models.PROTECT, related_name="queue_places")
    leader = models.ForeignKey("organization.Person", on_delete=models.PROTECT, related_name="+")
    rank = models.PositiveSmallIntegerField(choices=QueueRank)
    set_by = models.ForeignKey("organization.Person", on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()

    class Meta:
        db_table = "documents_queue_place"
        constraints = [
            models.UniqueConstraint(fields=["incoming", "leader"], name="documents_queue_place_once"),
            models.CheckConstraint(condition=Q(rank__gt=0), name="documents_queue_place_above"),
        ]

    def __str__(self) -> str:
        return f"{self.incoming_id}: {self.rank}"
