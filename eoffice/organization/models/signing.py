"""Thẩm quyền ký: who may sign what for which registry."""

from __future__ import annotations

from datetime import date

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from eoffice.organization.models.people import Person
from eoffice.organization.models.units import Unit


class SigningForm(models.TextChoices):
    """Quyền hạn ký (NĐ 30/2020/NĐ-CP, Điều 13)."""

    OWN = "own", "Ký trực tiếp"
    TM = "TM", "Thay mặt"
    Q = "Q", "Quyền"
    KT = "KT", "Ký thay"
    TL = "TL", "Thừa lệnh"
    TUQ = "TUQ", "Thừa ủy quyền"


class SigningCapacity(models.Model):
    """Thẩm quyền ký: who may sign what for which registry, in which form, on what basis, from when to when.

    `block_lines` are the printed lines above the signature (`KT. TỔNG GIÁM ĐỐC`, `PHÓ TỔNG GIÁM ĐỐC`): made
    from data, never typed on the letter. `document_types` empty means every type, `fields_of_work` empty every field;
    a paper that names no field is outside every capacity bound to fields. `content` is what else the basis says,
    for people.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="signing_capacities")
    registry = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="signing_capacities")
    form = models.CharField(max_length=8, choices=SigningForm)
    block_lines = ArrayField(models.CharField(max_length=200))
    position_title = models.CharField(max_length=100)
    document_types = ArrayField(models.CharField(max_length=32), default=list, blank=True)
    fields_of_work = ArrayField(models.BigIntegerField(), default=list, blank=True)
    """Keys of `FieldOfWork`."""
    content = models.CharField(max_length=200, blank=True)
    basis = models.CharField(max_length=300)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    given_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    """Who lets another sign (KT., TL., TUQ.): signs in his own right, for the collective or as acting head himself."""

    class Meta:
        db_table = "organization_signing_capacity"
        indexes = [models.Index(fields=["registry", "person"], name="organization_capacity_registry")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(form="TUQ") | Q(ends_on__isnull=False), name="organization_capacity_tuq_limited"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {' / '.join(self.block_lines)}"

    def covers(self, *, document_type: str, day: date) -> bool:
        """Type and day; the field is asked apart (`covers_field`), so that a refusal can say how to mend it."""
        if self.document_types and document_type not in self.document_types:
            return False
        return self.covers_day(day)

    def covers_field(self, field_of_work_id: int | None) -> bool:
        """A capacity bound to fields covers no paper that names none."""
        return not self.fields_of_work or field_of_work_id in self.fields_of_work

    def covers_day(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)
