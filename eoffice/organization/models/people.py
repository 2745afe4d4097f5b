"""Người, chức vụ, đảm nhiệm: who holds which post from when to when."""

from __future__ import annotations

from datetime import date

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models import F, Q

from eoffice.organization.models.units import Unit


class Position(models.Model):
    """Chức vụ: a post's name and rank. `rank` 0 is the head, 1 a deputy, higher numbers are officers."""

    name = models.CharField(max_length=100)
    rank = models.PositiveSmallIntegerField(default=9)

    class Meta:
        db_table = "organization_position"
        constraints = [models.UniqueConstraint(fields=["name", "rank"], name="organization_position_once")]

    def __str__(self) -> str:
        return self.name


class Person(models.Model):
    """Người: a member of staff. Names are shown and signed without học hàm, học vị (NĐ 30, PL I)."""

    code = models.CharField(max_length=40, null=True, unique=True)
    """Mã nhân viên: the key of imports and directories. None: made by hand without one."""
    managed_by = models.CharField(max_length=24, blank=True, default="", db_default="")
    """Who keeps this row: empty by hand, `file` an imported list, `source:3` a directory. Only its keeper ends it."""
    user = models.OneToOneField("accounts.User", null=True, on_delete=models.PROTECT, related_name="person")
    full_name = models.CharField(max_length=100)
    name_fold = models.CharField(max_length=120)
    sort_key = models.CharField(max_length=300)
    phone = models.CharField(max_length=20, blank=True)
    left_on = models.DateField(null=True)

    class Meta:
        db_table = "organization_person"
        indexes = [
            # The picker: every typed word is the beginning of a word of the name (queries/recipients.py).
            # Without fastupdate: rows waiting in its list would be read by every search after an import.
            GinIndex(SearchVector("name_fold", config="simple"), name="organization_person_words", fastupdate=False),
            models.Index(fields=["sort_key", "id"], name="organization_person_sorted"),
        ]

    def __str__(self) -> str:
        return self.full_name

    @property
    def initials(self) -> str:
        words = self.full_name.split()
        return (words[0][0] + words[-1][0]).upper()


class Posting(models.Model):
    """Đảm nhiệm: a person holding a position in a unit from a date to a date (both included)."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="postings")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="postings")
    position = models.ForeignKey(Position, on_delete=models.PROTECT, related_name="postings")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    is_main = models.BooleanField(default=True)

    class Meta:
        db_table = "organization_posting"
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="organization_posting_dates_in_order",
            ),
        ]
        indexes = [
            models.Index(fields=["unit", "person"], name="organization_posting_unit"),
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.position} {self.unit}"

    def holds_on(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)
