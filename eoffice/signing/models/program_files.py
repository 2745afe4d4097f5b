"""Files that a program on a person's computer fetches and brings back signed."""

from __future__ import annotations

from datetime import datetime

from django.db import models

from eoffice.signing.models.requests import SignatureRequestPaper


class FilePass(models.Model):
    """Vé lấy tệp: lets a program without a session fetch one file version and bring it back once, for some minutes.

    The token itself stands in the two addresses and nowhere else; here is its SHA-256. A paper has one pass at a time.
    """

    paper = models.OneToOneField(SignatureRequestPaper, on_delete=models.CASCADE, related_name="file_pass")
    token_sha256 = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    spent_at = models.DateTimeField(null=True)
    """When the file came back: it comes back once, good or bad."""

    class Meta:
        db_table = "signing_file_pass"
        indexes = [models.Index(fields=["expires_at"], name="signing_file_pass_over")]

    def __str__(self) -> str:
        return f"#{self.pk}"

    def is_good(self, now: datetime) -> bool:
        """Whether it opens anything now."""
        return self.spent_at is None and now < self.expires_at
