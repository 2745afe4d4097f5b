"""Authorities that give time stamps, and how long signatures are to hold."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class TimeStampAuthority(models.Model):
    """Dịch vụ cấp dấu thời gian (TSA): asked in the order of `position` while `is_on`."""

    name = models.CharField(max_length=100, unique=True)
    url = models.CharField(max_length=500)
    user = models.CharField(max_length=100, blank=True)
    secrets = models.TextField(blank=True)
    """Password, and certificate with key for TLS, as `core.secret_text` encrypts them; never shown again."""
    issuer_pem = models.TextField(blank=True)
    """Root of the service's own TLS certificate, where the system does not know it."""
    timeout_s = models.PositiveSmallIntegerField(default=10)
    position = models.PositiveSmallIntegerField(default=0)
    is_on = models.BooleanField(default=True)
    tested_at = models.DateTimeField(null=True)
    test_passed = models.BooleanField(null=True)
    test_words = models.CharField(max_length=300, blank=True)
    answered_at = models.DateTimeField(null=True)
    certificate_ends_at = models.DateTimeField(null=True)
    """Of the certificate in its newest time stamp."""
    failed_at = models.DateTimeField(null=True)
    """When it last gave none; None again once it answers."""
    failure = models.CharField(max_length=300, blank=True)
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "signing_time_stamp_authority"
        constraints = [
            models.CheckConstraint(condition=Q(timeout_s__gte=1, timeout_s__lte=60), name="signing_tsa_timeout"),
        ]

    def __str__(self) -> str:
        return self.name


class ArchiveAt(models.TextChoices):
    ISSUE = "issue", "Ngay khi phát hành"
    LATER = "later", "Sau khi phát hành một số ngày"


class LevelRules(models.Model):
    """Quy định về giá trị lâu dài của chữ ký of this installation: one row."""

    archive_at = models.CharField(max_length=8, choices=ArchiveAt, default=ArchiveAt.ISSUE)
    archive_after_days = models.PositiveSmallIntegerField(default=30)
    """Counts where `archive_at` is later."""
    renew_before_days = models.PositiveSmallIntegerField(default=90)
    """How long before the certificate under the newest archive time stamp ends the next one is added."""

    class Meta:
        db_table = "signing_level_rules"
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="signing_level_rules_one_row"),
            models.CheckConstraint(
                condition=Q(renew_before_days__gte=7, renew_before_days__lte=730, archive_after_days__lte=3650),
                name="signing_level_rules_range",
            ),
        ]

    def __str__(self) -> str:
        return self.get_archive_at_display()
