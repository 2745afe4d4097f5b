"""Ủy quyền xử lý: who reads, directs or prepares in a leader's name, from when to when, on which decision."""

from __future__ import annotations

from datetime import date

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from eoffice.organization.models.people import Person, Posting
from eoffice.organization.models.units import Unit


class Delegation(models.Model):
    """Xử lý theo ủy quyền: days of Vietnam, both included. It never signs and cannot be passed on.

    It begins and ends by its days alone: nothing has to run. `posting` is the giver's post in which he gave it.
    """

    giver = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="delegations_given")
    posting = models.ForeignKey(Posting, on_delete=models.PROTECT, related_name="+")
    receiver = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="delegations_received")
    may_direct = models.BooleanField(default=False)
    may_prepare = models.BooleanField(default=False)
    """Reading is part of every delegation."""
    registry = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    """Only documents of this registry; None is all the giver sees."""
    document_types = ArrayField(models.CharField(max_length=32), default=list)
    """Only documents of these types; empty is all."""
    fields_of_work = ArrayField(models.BigIntegerField(), default=list)
    """Only documents of these fields of work, by key; empty is all. A document without a field is in none of them."""
    basis = models.CharField(max_length=300)
    """Number and day of the decision."""
    starts_on = models.DateField()
    ends_on = models.DateField()
    given_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    """Set when it was ended early."""
    ended_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    end_reason = models.CharField(max_length=300, blank=True)
    told_start_at = models.DateTimeField(null=True)
    told_end_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "organization_delegation"
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="organization_delegation_dates_in_order"
            ),
            models.CheckConstraint(condition=~Q(giver=F("receiver")), name="organization_delegation_to_another"),
        ]
        indexes = [
            models.Index(fields=["receiver", "ends_on"], name="organization_delegation_to"),
            models.Index(fields=["giver", "ends_on"], name="organization_delegation_by"),
        ]

    def __str__(self) -> str:
        return f"{self.giver} → {self.receiver}"

    def holds_on(self, day: date) -> bool:
        return self.ended_at is None and self.starts_on <= day <= self.ends_on
