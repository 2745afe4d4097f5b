"""Registers (sổ), their lines, reserved numbers, corrections and the ledger of gaps."""

from __future__ import annotations

from datetime import date

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from eoffice.core.clock import local_date


class RegisterKind(models.TextChoices):
    INCOMING = "incoming", "Sổ đăng ký văn bản đến"
    OUTGOING = "outgoing", "Sổ đăng ký văn bản đi"
    COPY = "copy", "Sổ đăng ký bản sao"


class Register(models.Model):
    """Sổ: one series of numbers of one registry in one calendar year of Vietnam.

    `next_number` is the locked counter; it only grows. `document_types` empty means one series for all
    types; else the types of this series (NĐ 30/2020/NĐ-CP, Điều 15). `opening_basis` tells where the
    numbers before the first one are (`1–5648: hệ thống cũ`).
    """

    registry = models.ForeignKey("organization.Unit", on_delete=models.PROTECT, related_name="registers")
    kind = models.CharField(max_length=12, choices=RegisterKind)
    series = models.CharField(max_length=30, default="chung")
    """Stable code of the series within registry and year: `chung`, `quyet_dinh`."""
    name = models.CharField(max_length=200)
    year = models.PositiveSmallIntegerField()
    document_types = ArrayField(models.CharField(max_length=32), default=list, blank=True)
    first_number = models.PositiveIntegerField(default=1)
    next_number = models.PositiveIntegerField(default=1)
    opening_basis = models.CharField(max_length=300, blank=True)
    last_dated_on = models.DateField(null=True)
    """Date of the newest entry: dates never run backwards along the numbers."""
    closed_at = models.DateTimeField(null=True)
    closing_basis = models.CharField(max_length=300, blank=True, db_default="")
    """The decision by which its registry is no more; empty where the clerk closed it."""
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "documents_register"
        constraints = [
            models.UniqueConstraint(fields=["registry", "kind", "year", "series"], name="documents_register_once"),
            models.CheckConstraint(
                condition=Q(next_number__gte=F("first_number")) & Q(first_number__gte=1),
                name="documents_register_counter_grows",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.year}"

    @property
    def called_on(self) -> date:
        """The day whose name its registry is called by: the last one on which a number could leave it."""
        year_end = date(self.year, 12, 31)
        return min(year_end, local_date(self.closed_at)) if self.closed_at else year_end


class EntryState(models.TextChoices):
    ACTIVE = "active", "Có hiệu lực"
    CANCELLED = "cancelled", "Đã hủy đăng ký"
    VOID = "void", "Số đã hủy"


class RegisterEntry(models.Model):
    """Một dòng trong sổ: a number taken. Corrected or cancelled, never deleted.

    `suffix` is for numbers squeezed in (`12a`). Exactly one of `incoming`, `outgoing`, `copy` is set.
    """

    register = models.ForeignKey(Register, on_delete=models.PROTECT, related_name="entries")
    number = models.PositiveIntegerField()
    suffix = models.CharField(max_length=2, blank=True)
    dated_on = models.DateField()
    """Ngày đến, or the date of the outgoing document."""
    state = models.CharField(max_length=12, choices=EntryState, default=EntryState.ACTIVE)
    state_reason = models.CharField(max_length=500, blank=True)
    incoming = models.OneToOneField(
        "documents.IncomingDocument", null=True, on_delete=models.PROTECT, related_name="entry"
    )
    outgoing = models.OneToOneField(
        "documents.OutgoingDocument", null=True, on_delete=models.PROTECT, related_name="entry"
    )
    copy = models.OneToOneField("documents.PaperCopy", null=True, on_delete=models.PROTECT, related_name="entry")
    entered_by = models.ForeignKey("organization.Person", on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()

    class Meta:
        db_table = "documents_register_entry"
        constraints = [
            models.UniqueConstraint(fields=["register", "number", "suffix"], name="documents_entry_number_once"),
            models.CheckConstraint(
                condition=(
                    Q(incoming__isnull=False, outgoing__isnull=True, copy__isnull=True)
                    | Q(incoming__isnull=True, outgoing__isnull=False, copy__isnull=True)
                    | Q(incoming__isnull=True, outgoing__isnull=True, copy__isnull=False)
                ),
                name="documents_entry_of_one_document",
            ),
            models.CheckConstraint(condition=Q(suffix__regex=r"^[a-z]{0,2}$"), name="documents_entry_suffix_letters"),
        ]
        indexes = [models.Index(fields=["register", "dated_on", "number"], name="documents_entry_by_date")]

    def __str__(self) -> str:
        return self.shown_number

    @property
    def shown_number(self) -> str:
        """As written on paper: below ten with a leading zero (NĐ 30/2020/NĐ-CP, PL I)."""
        return f"{self.number:02d}{self.suffix}"


class EntryCorrection(models.Model):
    """Sửa dòng sổ: the value before and after, who and why. The line shows both."""

    entry = models.ForeignKey(RegisterEntry, on_delete=models.PROTECT, related_name="corrections")
    field = models.CharField(max_length=40)
    old_value = models.TextField()
    new_value = models.TextField()
    reason = models.CharField(max_length=500)
    corrected_by = models.ForeignKey("organization.Person", on_delete=models.PROTECT, related_name="+")
    corrected_at = models.DateTimeField()

    class Meta:
        db_table = "documents_entry_correction"

    def __str__(self) -> str:
        return f"{self.field}: {self.old_value} → {self.new_value}"


class BlockHolder(models.TextChoices):
    LEGACY = "legacy", "Hệ thống cũ"
    RESERVED = "reserved", "Văn thư giữ số"


class NumberBlock(models.Model):
    """Dải số giữ: numbers first..last (both included) that the counter steps over.

    Kept by the old system in a parallel period, or reserved by the clerk for papers on their way. Blocks
    of a register never overlap one another or numbers taken; checked under the register's lock.
    """

    register = models.ForeignKey(Register, on_delete=models.PROTECT, related_name="blocks")
    first = models.PositiveIntegerField()
    last = models.PositiveIntegerField()
    holder = models.CharField(max_length=12, choices=BlockHolder)
    basis = models.CharField(max_length=300)
    created_by = models.ForeignKey("organization.Person", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        db_table = "documents_number_block"
        constraints = [models.CheckConstraint(condition=Q(last__gte=F("first")), name="documents_block_in_order")]

    def __str__(self) -> str:
        return f"{self.first}–{self.last}"


class NumberGap(models.Model):
    """Giải trình số: why a number of a register stands on no valid document."""

    register = models.ForeignKey(Register, on_delete=models.PROTECT, related_name="gaps")
    number = models.PositiveIntegerField()
    suffix = models.CharField(max_length=2, blank=True)
    reason = models.CharField(max_length=500)
    recorded_by = models.ForeignKey("organization.Person", null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "documents_number_gap"
        constraints = [models.UniqueConstraint(fields=["register", "number", "suffix"], name="documents_gap_once")]

    def __str__(self) -> str:
        return f"{self.number}{self.suffix}: {self.reason}"
