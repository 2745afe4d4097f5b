"""What the login page says besides asking who comes: logo, notices."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q

from eoffice.core.models import StoredFile


class FrontDoorContent(models.Model):
    """The one row of what an administrator has put on the login page (trang đăng nhập), beside `Installation`."""

    singleton = models.BooleanField(primary_key=True, default=True)
    logo = models.ForeignKey(StoredFile, null=True, on_delete=models.PROTECT, related_name="+")
    hotline_note = models.CharField(max_length=100, blank=True)
    """When the hotline answers."""

    class Meta:
        db_table = "organization_front_door"
        constraints = [models.CheckConstraint(condition=Q(singleton=True), name="organization_front_door_single")]

    def __str__(self) -> str:
        return "Trang đăng nhập"


class SystemNotice(models.Model):
    """Thông báo hệ thống: shown on the login page from one moment to another."""

    text = models.CharField(max_length=400)
    is_important = models.BooleanField(default=False)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        db_table = "organization_system_notice"
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="organization_notice_in_order")
        ]
        indexes = [models.Index(fields=["ends_at"], name="organization_notice_ends")]

    def __str__(self) -> str:
        return self.text

    def is_shown(self, now: datetime) -> bool:
        return self.starts_at <= now < self.ends_at
