"""Thư ký phục vụ lãnh đạo: who prepares for whom, from when to when, on which decision."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import F, Q

from eoffice.organization.models.people import Person


class SecretaryService(models.Model):
    """A secretary prepares for a leader, on days of Vietnam, both included; without a last day until it is ended.

    It begins and ends by its days alone. The secretary reads what waits for the leader and prepares; he sends, signs
    and decides nothing.
    """

    leader = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="secretary_services")
    secretary = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="services_as_secretary")
    basis = models.CharField(max_length=300)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    named_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    named_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    """Set when it was ended by hand."""
    ended_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    end_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "organization_secretary_service"
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="organization_secretary_dates_in_order",
            ),
            models.CheckConstraint(condition=~Q(leader=F("secretary")), name="organization_secretary_of_another"),
            models.UniqueConstraint(
                fields=["leader", "secretary"],
                condition=Q(ended_at__isnull=True, ends_on__isnull=True),
                name="organization_secretary_once",
            ),
        ]
        indexes = [
            models.Index(fields=["secretary", "ends_on"], name="organization_secretary_who"),
            models.Index(fields=["leader", "ends_on"], name="organization_secretary_whose"),
        ]

    def __str__(self) -> str:
        return f"{self.secretary} → {self.leader}"

    def holds_on(self, day: date) -> bool:
        return self.ended_at is None and self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)
