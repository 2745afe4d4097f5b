"""Lần nhập danh sách, nguồn danh bạ: what was read from files and directories, and what became of it."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from eoffice.organization.models.people import Person


class SourceKind(models.TextChoices):
    """Loại nguồn: where a list of people comes from by itself."""

    LDAP = "ldap", "LDAP, Active Directory"
    SCIM = "scim", "SCIM 2.0"


class DirectorySource(models.Model):
    """Nguồn danh bạ: a directory that is read on a schedule.

    `settings` are the plain values of the adapter (address, base, names of attributes); the password or token lies
    encrypted in `secret`. `most_ended_percent` stops a run that would end more people than that.
    """

    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=8, choices=SourceKind)
    settings = models.JSONField(default=dict)
    secret = models.TextField(blank=True)
    ends_missing = models.BooleanField(default=True)
    most_ended_percent = models.PositiveSmallIntegerField(default=5)
    every_hours = models.PositiveSmallIntegerField(default=0)
    """0: only by hand."""
    next_run_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "organization_directory_source"
        constraints = [models.UniqueConstraint(fields=["name"], name="organization_source_name_once")]

    def __str__(self) -> str:
        return self.name

    @property
    def managed_by(self) -> str:
        return f"source:{self.pk}"


class RunState(models.TextChoices):
    """Trạng thái lần nhập."""

    WAITING = "waiting", "Đang đọc danh sách"
    REFUSED = "refused", "Không đọc được"
    FAULTY = "faulty", "Có lỗi, chưa nhập"
    READY = "ready", "Chờ xác nhận"
    APPLYING = "applying", "Đang ghi"
    APPLIED = "applied", "Đã nhập"
    ABANDONED = "abandoned", "Đã bỏ"


class ImportRun(models.Model):
    """Lần nhập: one list, from a file or a source, with its preview; kept as the record of what it changed.

    `content` holds the file, then the rows that were read from it (compressed), until the run is over. `digest` is
    that of the preview: what is applied is what was shown. `is_trial`: a try that nobody can apply.
    """

    file_name = models.CharField(max_length=200)
    source = models.ForeignKey(DirectorySource, null=True, on_delete=models.PROTECT, related_name="runs")
    content = models.BinaryField(null=True)
    is_read = models.BooleanField(default=False)
    is_full = models.BooleanField(default=False)
    """Whoever is kept by this list and not in it leaves."""
    is_trial = models.BooleanField(default=False)
    applies_itself = models.BooleanField(default=False)
    state = models.CharField(max_length=12, choices=RunState, default=RunState.WAITING)
    refusal = models.TextField(blank=True)
    counts = models.JSONField(default=dict)
    ended_people = models.PositiveIntegerField(default=0)
    kept_people = models.PositiveIntegerField(default=0)
    """How many people this list's keeper had before: what the safety limit is measured on."""
    digest = models.CharField(max_length=64, blank=True)
    created_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    checked_at = models.DateTimeField(null=True)
    applied_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    applied_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "organization_import_run"

    def __str__(self) -> str:
        return f"{self.file_name} ({self.state})"

    @property
    def is_busy(self) -> bool:
        return self.state in {RunState.WAITING, RunState.APPLYING}

    @property
    def managed_by(self) -> str:
        return f"source:{self.source_id}" if self.source_id else "file"


class ImportProgress(models.Model):
    """How far a run has come. A row of its own: it is written while the run's row is locked."""

    run = models.OneToOneField(ImportRun, on_delete=models.CASCADE, primary_key=True, related_name="progress")
    step = models.CharField(max_length=80, blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "organization_import_progress"

    def __str__(self) -> str:
        return f"{self.step} {self.done}/{self.total}"

    @property
    def percent(self) -> int:
        return 100 * self.done // self.total if self.total else 0


class ImportRow(models.Model):
    """Dòng của lần nhập: one row of the list with what it changes (`label`, `before`, `after`) or what is wrong."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="rows")
    table = models.CharField(max_length=8)
    line = models.PositiveIntegerField()
    key = models.CharField(max_length=254)
    title = models.CharField(max_length=200)
    action = models.CharField(max_length=12)
    changes = models.JSONField(default=list)
    faults = models.JSONField(default=list)

    class Meta:
        db_table = "organization_import_row"
        indexes = [models.Index(fields=["run", "action", "id"], name="organization_import_row_action")]

    def __str__(self) -> str:
        return f"{self.table} {self.line}: {self.action}"
