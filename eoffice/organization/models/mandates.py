"""Phạm vi kiểm tra and phiên quyền quản trị: rights that exist only within bounds and for a time."""

from __future__ import annotations

from datetime import date, datetime

from django.db import models
from django.db.models import F, Q

from eoffice.organization.models.people import Person
from eoffice.organization.models.units import Unit


class Mandate(models.Model):
    """Phạm vi kiểm tra: what an auditor may read, and nothing beyond it.

    The registries of `unit` and of every unit below it; documents that arrived or were numbered from
    `documents_from` to `documents_to` (days of Vietnam, both included; None is open); read from `starts_on` to
    `ends_on`. The role of auditor alone shows no document.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="mandates")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="mandates")
    documents_from = models.DateField(null=True)
    documents_to = models.DateField(null=True)
    basis = models.CharField(max_length=300)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)

    class Meta:
        db_table = "organization_mandate"
        constraints = [
            models.CheckConstraint(
                condition=Q(documents_from__isnull=True)
                | Q(documents_to__isnull=True)
                | Q(documents_to__gte=F("documents_from")),
                name="organization_mandate_period_in_order",
            ),
        ]
        indexes = [models.Index(fields=["person", "starts_on"], name="organization_mandate_person")]

    def __str__(self) -> str:
        return f"{self.person}: {self.unit}"

    def holds_on(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)


class PowersSession(models.Model):
    """Phiên quyền quản trị: an administrator's special powers, switched on for a reason and a short time."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="powers_sessions")
    reason = models.CharField(max_length=500)
    started_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    uses = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "organization_powers_session"
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("started_at")), name="organization_powers_session_times_in_order"
            ),
        ]
        indexes = [models.Index(fields=["person", "id"], name="organization_powers_person")]

    def __str__(self) -> str:
        return f"{self.person}: {self.started_at:%d/%m/%Y %H:%M}"

    def is_on(self, now: datetime) -> bool:
        return self.ended_at is None and self.started_at <= now < self.ends_at
