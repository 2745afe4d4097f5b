"""Tables without domain words: stored files and the outbox."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now


class StoredFile(models.Model):
    """Bytes kept once, addressed by their SHA-256 (lower-case hex). Rows are never changed or deleted."""

    insert_only: ClassVar[bool] = True

    sha256 = models.CharField(primary_key=True, max_length=64)
    size_bytes = models.BigIntegerField()
    media_type = models.CharField(max_length=120)
    stored_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "core_file"
        constraints = [
            models.CheckConstraint(condition=models.Q(sha256__regex=r"^[0-9a-f]{64}$"), name="core_file_sha256_hex")
        ]

    def __str__(self) -> str:
        return self.sha256[:12]


class OutboxEvent(models.Model):
    """Something that happened, written in the transaction that did it; delivered by jobs at least once."""

    name = models.CharField(max_length=120)
    payload = models.JSONField(default=dict)
    occurred_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "core_outbox_event"
        indexes = [
            models.Index(fields=["id"], name="core_outbox_undelivered", condition=models.Q(delivered_at__isnull=True))
        ]

    def __str__(self) -> str:
        return f"{self.name} #{self.pk}"
