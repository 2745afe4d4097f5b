"""Signed files that must hold: what was added to them, what is still missing, when it is tried again."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q


class WantedLevel(models.TextChoices):
    """How far a signed file is to be brought (ETSI EN 319 142-1: B-T, B-LT, B-LTA)."""

    STAMPED = "stamped", "Có dấu thời gian"
    LASTING = "lasting", "Kèm dữ liệu kiểm tra lâu dài"
    ARCHIVED = "archived", "Có dấu thời gian lưu trữ"


class Risk(models.TextChoices):
    """Nguy cơ: why the signatures of a file may stop being provable."""

    NONE = "", "Không có"
    NO_TIME_STAMP = "no_time_stamp", "Chưa có dấu thời gian"
    NO_REVOCATION = "no_revocation", "Thiếu dữ liệu thu hồi"
    NO_ARCHIVE = "no_archive", "Chưa có dấu thời gian lưu trữ"
    ENDING = "ending", "Dấu thời gian sắp hết giá trị"
    INVALID = "invalid", "Chữ ký không còn hợp lệ"


class LastingFile(models.Model):
    """Tệp đã ký cần giữ giá trị: one signed file as other rooms know it, and its newest completion.

    `title` and `url` are what the room above calls the paper and where it is read; rights are asked there.
    """

    file = models.OneToOneField("core.StoredFile", on_delete=models.PROTECT, related_name="+")
    newest = models.ForeignKey("core.StoredFile", on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey("organization.Unit", null=True, on_delete=models.PROTECT, related_name="+")
    """The registry whose clerk and archivist look after it."""
    title = models.CharField(max_length=200, blank=True)
    url = models.CharField(max_length=300, blank=True)
    wanted = models.CharField(max_length=8, choices=WantedLevel)
    archive_from = models.DateTimeField(null=True)
    """From when on an archive time stamp is wanted."""
    level = models.CharField(max_length=6, blank=True)
    """The weakest of its signatures: B-B, B-T, B-LT, B-LTA."""
    holds_until = models.DateTimeField(null=True)
    """When the first of its signatures can no longer be proven, if nothing is done."""
    risk = models.CharField(max_length=16, choices=Risk, blank=True)
    due_at = models.DateTimeField(null=True)
    """When the job looks at it next; None: nothing is left to do."""
    tries = models.PositiveSmallIntegerField(default=0)
    """Failed tries since the last success."""
    failure = models.CharField(max_length=300, blank=True)
    superseded_at = models.DateTimeField(null=True)
    """Signed, filled or sealed further: another file carries these signatures now."""
    made_at = models.DateTimeField()

    class Meta:
        db_table = "signing_lasting_file"
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=Q(superseded_at__isnull=True, due_at__isnull=False),
                name="signing_lasting_due",
            ),
            models.Index(
                fields=["-id"], condition=Q(superseded_at__isnull=True) & ~Q(risk=""), name="signing_lasting_at_risk"
            ),
            models.Index(fields=["newest"], name="signing_lasting_newest"),
        ]

    def __str__(self) -> str:
        return self.title or self.file_id[:12]

    def is_due(self, now: datetime) -> bool:
        return self.superseded_at is None and self.due_at is not None and self.due_at <= now


class CompletionRecord(models.Model):
    """Lần bổ sung: validation data or a document time stamp added, from which file to which. Rows are never changed."""

    file_before = models.ForeignKey("core.StoredFile", on_delete=models.PROTECT, related_name="+")
    file_after = models.OneToOneField("core.StoredFile", on_delete=models.PROTECT, related_name="+")
    lasting = models.ForeignKey(LastingFile, on_delete=models.PROTECT, related_name="completions")
    level_before = models.CharField(max_length=6, blank=True)
    level_after = models.CharField(max_length=6)
    authority = models.CharField(max_length=100, blank=True)
    """Who gave the time stamp; empty where only validation data was added."""
    made_at = models.DateTimeField()

    class Meta:
        db_table = "signing_completion"
        constraints = [
            models.CheckConstraint(condition=~Q(file_before=F("file_after")), name="signing_completion_new_file"),
        ]
        indexes = [models.Index(fields=["file_before"], name="signing_completion_before")]

    def __str__(self) -> str:
        return f"{self.level_before} → {self.level_after}"


class CompletionAttempt(models.Model):
    """Một lần thử bổ sung: when, what came of it, when it is tried again. Rows are never changed."""

    lasting = models.ForeignKey(LastingFile, on_delete=models.PROTECT, related_name="attempts")
    at = models.DateTimeField()
    is_done = models.BooleanField()
    words = models.CharField(max_length=300)
    next_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "signing_completion_attempt"
        indexes = [models.Index(fields=["lasting", "-id"], name="signing_attempt_of_file")]

    def __str__(self) -> str:
        return self.words
