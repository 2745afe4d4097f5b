"""Bàn giao: running work of people who leave or change units."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("documents", "0006_saved_filters"),
        ("organization", "0001_units_posts_and_rights"),
    ]

    operations = [
        migrations.CreateModel(
            name="HandOver",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=[("leaves", "Nghỉ việc"), ("moves", "Chuyển đơn vị")], max_length=8)),
                ("first_day", models.DateField()),
                ("basis", models.CharField(max_length=300)),
                ("successors", models.JSONField(default=dict)),
                ("total", models.PositiveIntegerField(default=0)),
                ("done", models.PositiveIntegerField(default=0)),
                ("given", models.JSONField(default=dict)),
                ("kept", models.JSONField(default=list)),
                ("decided_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organization.person"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organization.person"
                    ),
                ),
            ],
            options={
                "db_table": "documents_hand_over",
                "indexes": [models.Index(fields=["person", "id"], name="documents_hand_over_person")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("finished_at__isnull", True)),
                        fields=("person",),
                        name="documents_hand_over_one_runs",
                    )
                ],
            },
        ),
    ]
