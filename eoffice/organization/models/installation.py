"""The installation itself, and its calendar."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class Holiday(models.Model):
    """Ngày nghỉ, ngày làm bù: days that break the Monday–Friday rule."""

    day = models.DateField(primary_key=True)
    name = models.CharField(max_length=100)
    is_working = models.BooleanField(default=False)

    class Meta:
        db_table = "organization_holiday"

    def __str__(self) -> str:
        return f"{self.day:%d/%m/%Y} {self.name}"


class Installation(models.Model):
    """The one row about this installation: group's name, support contacts, demo or real."""

    singleton = models.BooleanField(primary_key=True, default=True)
    name = models.CharField(max_length=200)
    is_demo = models.BooleanField(default=False)
    hotline = models.CharField(max_length=40, blank=True)
    support_email = models.EmailField(blank=True)
    support_contacts = models.TextField(blank=True)
    notice = models.TextField(blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "organization_installation"
        constraints = [models.CheckConstraint(condition=Q(singleton=True), name="organization_installation_single")]

    def __str__(self) -> str:
        return self.name
