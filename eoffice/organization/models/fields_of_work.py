"""Lĩnh vực công tác: the list by which delegations and signing capacities are bound."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

NAME_LENGTH = 100


class FieldOfWork(models.Model):
    """Lĩnh vực: one list for the installation. A field is renamed or closed, never deleted: papers keep theirs."""

    name = models.CharField(max_length=NAME_LENGTH)
    name_fold = models.CharField(max_length=NAME_LENGTH)
    """The name without tones and capitals: no two fields differ by these alone."""
    sort_key = models.CharField(max_length=NAME_LENGTH * 4)
    closed_at = models.DateTimeField(null=True)
    """Since then it is offered to no new paper; what is in it stays in it."""
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "organization_field_of_work"
        constraints = [models.UniqueConstraint(fields=["name_fold"], name="organization_field_of_work_once")]

    def __str__(self) -> str:
        return self.name
