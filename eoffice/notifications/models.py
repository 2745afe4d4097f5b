"""What persons are told."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Notification(models.Model):
    """Thông báo: one line for one person, with a link to what it is about.

    `kind` is the code of what happened (`documents.assigned`); `title` and `text` are Vietnamese and hold nothing
    the person may not see. `url` is a path of this installation.
    """

    person = models.ForeignKey("organization.Person", on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=60)
    title = models.CharField(max_length=300)
    text = models.CharField(max_length=600, blank=True)
    url = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "notifications_notification"
        constraints = [
            models.CheckConstraint(
                condition=Q(url="") | (Q(url__startswith="/") & ~Q(url__startswith="//")),
                name="notifications_url_is_own_path",
            ),
        ]
        indexes = [
            models.Index(fields=["person", "-id"], name="notifications_newest"),
            models.Index(fields=["person"], name="notifications_unread", condition=Q(read_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} → {self.person_id}"
