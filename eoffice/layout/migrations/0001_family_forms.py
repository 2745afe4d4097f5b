"""Letterhead and symbols of families outside the state's rules."""

import django.db.models.deletion
from django.db import migrations, models

FAMILIES = [
    ("state", "Hành chính (NĐ 30)"),
    ("party", "Đảng"),
    ("union", "Công đoàn"),
    ("youth", "Đoàn Thanh niên"),
]


class Migration(migrations.Migration):
    initial = True
    dependencies = [
        ("organization", "0001_units_posts_and_rights"),
    ]

    operations = [
        migrations.CreateModel(
            name="FamilyForm",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("family", models.CharField(choices=FAMILIES, max_length=16, unique=True)),
                ("nation", models.CharField(max_length=100)),
                ("motto", models.CharField(blank=True, max_length=100)),
                ("typed_symbol", models.CharField(max_length=60)),
                ("letter_symbol", models.CharField(max_length=60)),
                ("basis", models.CharField(blank=True, max_length=300)),
                ("changed_at", models.DateTimeField()),
                (
                    "changed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organization.person"
                    ),
                ),
            ],
            options={
                "db_table": "layout_family_form",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("family", "state"), _negated=True), name="layout_family_form_states_is_law"
                    )
                ],
            },
        ),
    ]
