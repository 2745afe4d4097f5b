"""The shell's only table: which stories of the demo group have been played."""

from __future__ import annotations

from django.db import models


class DemoStory(models.Model):
    """One story of the demo's plan by its place in it. The bar on the pages counts these rows."""

    position = models.PositiveIntegerField(primary_key=True)
    played_at = models.DateTimeField(null=True)
    """None while it waits for its turn."""

    class Meta:
        db_table = "web_demo_story"

    def __str__(self) -> str:
        return f"{self.position}"
