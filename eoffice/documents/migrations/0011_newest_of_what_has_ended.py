"""Indexes by which "Đã xử lý" gives the newest lines of each holder."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

ENDED = ["completed", "closed_with_lead", "read", "returned"]


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("documents", "0010_check_codes")]

    operations = [
        AddIndexConcurrently(
            model_name="assignment",
            index=models.Index(
                condition=models.Q(("state__in", ENDED)),
                fields=["unit", "-closed_at", "-id"],
                name="documents_assignment_unit_done",
            ),
        ),
        AddIndexConcurrently(
            model_name="assignment",
            index=models.Index(
                condition=models.Q(("state__in", ENDED)),
                fields=["person", "-closed_at", "-id"],
                name="documents_assignment_own_done",
            ),
        ),
    ]
