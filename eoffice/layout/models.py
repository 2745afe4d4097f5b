"""Hệ thể thức: what letters of units outside the state's rules carry, as data of the installation."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from eoffice.organization.models import Family


class FamilyForm(models.Model):
    """Letterhead and symbols of one family (Đảng, Công đoàn, Đoàn Thanh niên); none for a family: the state's hold.

    `basis` names the text that sets them and is empty until an administrator confirms: the page says "chưa xác nhận".
    """

    family = models.CharField(max_length=16, choices=Family, unique=True)
    nation = models.CharField(max_length=100)
    """The first line at the right, bold: `ĐẢNG CỘNG SẢN VIỆT NAM`."""
    motto = models.CharField(max_length=100, blank=True)
    """The line under it; empty where the family writes none."""
    typed_symbol = models.CharField(max_length=60)
    """Pattern of ký hiệu of typed documents, with the words in braces of `families.PLACES`."""
    letter_symbol = models.CharField(max_length=60)
    """The same of a công văn and of types without an abbreviation."""
    basis = models.CharField(max_length=300, blank=True)
    changed_by = models.ForeignKey("organization.Person", on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "layout_family_form"
        constraints = [
            models.CheckConstraint(condition=~Q(family=Family.STATE), name="layout_family_form_states_is_law"),
        ]

    def __str__(self) -> str:
        return f"{self.get_family_display()}"
