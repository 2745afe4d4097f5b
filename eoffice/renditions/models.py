"""What the house has made, or is making, of a stored file."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import models
from django.db.models import Q

LEASE: Final = timedelta(minutes=10)
"""Longer than any conversion may take: a rendition running since before was left by a killed worker."""


class RenditionKind(models.TextChoices):
    """Dạng: the PDF to look at, or the text to search."""

    PDF = "pdf", "Bản PDF"
    TEXT = "text", "Nội dung chữ"


class RenditionState(models.TextChoices):
    """Tình trạng."""

    WAITING = "waiting", "Chờ chuyển"
    RUNNING = "running", "Đang chuyển"
    DONE = "done", "Đã chuyển"
    FAILED = "failed", "Không chuyển được"


class Rendition(models.Model):
    """Bản thể hiện: one form of one stored file. The source is never touched, whatever happens here.

    `result` is the stored file of a PDF (the source itself if it is one already); `text` holds the pages of
    a text, parted by form feeds.
    """

    source = models.ForeignKey("core.StoredFile", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=RenditionKind)
    state = models.CharField(max_length=8, choices=RenditionState, default=RenditionState.WAITING)
    result = models.ForeignKey("core.StoredFile", null=True, on_delete=models.PROTECT, related_name="+")
    page_count = models.PositiveIntegerField(null=True)
    text = models.TextField(blank=True)
    error_code = models.CharField(max_length=40, blank=True)
    error_message = models.TextField(blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    requested_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "renditions_rendition"
        constraints = [
            models.UniqueConstraint(fields=["source", "kind"], name="renditions_once_per_kind"),
            models.CheckConstraint(
                condition=~Q(kind=RenditionKind.PDF, state=RenditionState.DONE) | Q(result__isnull=False),
                name="renditions_done_pdf_has_file",
            ),
        ]
        indexes = [
            models.Index(
                fields=["id"],
                name="renditions_open",
                condition=Q(state__in=[RenditionState.WAITING, RenditionState.RUNNING]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.source_id[:12]}: {self.state}"

    def is_abandoned(self, now: datetime) -> bool:
        """Left running by a worker that did not live to confirm it."""
        return self.state == RenditionState.RUNNING and (self.started_at is None or self.started_at < now - LEASE)
