"""Bộ lọc đã lưu: what a person named in her lists."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("documents", "0005_open_work_is_found_at_once"),
        ("organization", "0001_units_posts_and_rights"),
    ]

    operations = [
        migrations.CreateModel(
            name="SavedFilter",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60)),
                ("name_fold", models.CharField(max_length=60)),
                ("box", models.CharField(max_length=24)),
                ("filters", models.JSONField(default=dict)),
                ("saved_at", models.DateTimeField()),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organization.person"
                    ),
                ),
            ],
            options={
                "db_table": "documents_saved_filter",
                "constraints": [
                    models.UniqueConstraint(fields=("person", "name_fold"), name="documents_saved_filter_name_once")
                ],
            },
        ),
    ]
