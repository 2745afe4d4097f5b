"""Codes by which anybody checks a paper, and where an office prints them."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("documents", "0009_deadline_before_a_directive"),
        ("organization", "0001_units_posts_and_rights"),
    ]

    operations = [
        migrations.CreateModel(
            name="CheckCode",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=12, unique=True)),
                ("made_at", models.DateTimeField()),
                (
                    "draft",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="check_code", to="documents.draft"
                    ),
                ),
            ],
            options={"db_table": "documents_check_code"},
        ),
        migrations.CreateModel(
            name="CheckMarkRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "place",
                    models.CharField(
                        choices=[
                            ("first_left", "first_left"),
                            ("first_right", "first_right"),
                            ("last_left", "last_left"),
                            ("last_right", "last_right"),
                            ("nowhere", "nowhere"),
                        ],
                        max_length=12,
                    ),
                ),
                ("changed_at", models.DateTimeField()),
                (
                    "changed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organization.person"
                    ),
                ),
                (
                    "registry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organization.unit"
                    ),
                ),
            ],
            options={"db_table": "documents_check_mark_rule"},
        ),
    ]
