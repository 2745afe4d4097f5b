"""What a person arranged in the lists for herself."""

from __future__ import annotations

from django.db import models


class SavedFilter(models.Model):
    """Bộ lọc đã lưu: a box with its filters under a name of the person's own; only she sees it.

    `filters` holds the fields of `queries.incoming_lists.Filters` that are set: `text`, and "1" for each mark.
    """

    person = models.ForeignKey("organization.Person", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)
    name_fold = models.CharField(max_length=60)
    box = models.CharField(max_length=24)
    filters = models.JSONField(default=dict)
    saved_at = models.DateTimeField()

    class Meta:
        db_table = "documents_saved_filter"
        constraints = [models.UniqueConstraint(fields=["person", "name_fold"], name="documents_saved_filter_name_once")]

    def __str__(self) -> str:
        return self.name
