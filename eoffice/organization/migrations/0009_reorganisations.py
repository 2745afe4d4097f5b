"""Sắp xếp tổ chức: decisions with their steps, and which unit went on for which."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("organization", "0008_names_of_then"),
    ]

    operations = [
        migrations.CreateModel(
            name="Reorganisation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.CharField(max_length=200)),
                ("decision_number", models.CharField(max_length=50)),
                ("decided_on", models.DateField()),
                ("effective_on", models.DateField()),
                ("note", models.CharField(blank=True, max_length=500)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Đang soạn"),
                            ("waiting", "Chờ xác nhận"),
                            ("confirmed", "Đã xác nhận, chờ đến ngày"),
                            ("running", "Đang chuyển việc"),
                            ("done", "Đã thực hiện"),
                            ("failed", "Không thực hiện được"),
                            ("withdrawn", "Đã rút"),
                        ],
                        default="draft",
                        max_length=12,
                    ),
                ),
                ("prepared_at", models.DateTimeField()),
                ("submitted_at", models.DateTimeField(null=True)),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("is_alone", models.BooleanField(default=False)),
                ("remark", models.CharField(blank=True, max_length=500)),
                ("structured_at", models.DateTimeField(null=True)),
                ("total", models.PositiveIntegerField(default=0)),
                ("done", models.PositiveIntegerField(default=0)),
                ("moved", models.JSONField(default=dict)),
                ("kept", models.JSONField(default=list)),
                ("notes", models.JSONField(default=list)),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organization.person",
                    ),
                ),
                (
                    "prepared_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organization.person"
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organization.unit"
                    ),
                ),
            ],
            options={
                "db_table": "organization_reorganisation",
            },
        ),
        migrations.CreateModel(
            name="ReorganisationStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("merge", "Sáp nhập, hợp nhất"),
                            ("split", "Chia, tách"),
                            ("rename", "Đổi tên"),
                            ("move", "Chuyển sang cấp trên khác"),
                            ("close", "Giải thể"),
                        ],
                        max_length=8,
                    ),
                ),
                ("units", django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ("parts", models.JSONField(default=list)),
                ("keeps_source", models.BooleanField(default=False)),
                ("places", models.JSONField(default=dict)),
                (
                    "made",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                (
                    "reorganisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="steps",
                        to="organization.reorganisation",
                    ),
                ),
                (
                    "target",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organization.unit"
                    ),
                ),
            ],
            options={
                "db_table": "organization_reorganisation_step",
            },
        ),
        migrations.CreateModel(
            name="UnitSuccession",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("work", "Kế thừa"), ("registry", "Giữ sổ, văn bản"), ("part", "Nhận một phần")],
                        max_length=8,
                    ),
                ),
                ("is_direct", models.BooleanField(default=True)),
                ("since", models.DateField()),
                ("basis", models.CharField(max_length=300)),
                (
                    "heir",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="inheritances", to="organization.unit"
                    ),
                ),
                (
                    "old",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="successions", to="organization.unit"
                    ),
                ),
                (
                    "reorganisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="successions",
                        to="organization.reorganisation",
                    ),
                ),
            ],
            options={
                "db_table": "organization_unit_succession",
            },
        ),
        migrations.AddIndex(
            model_name="reorganisation",
            index=models.Index(fields=["state", "effective_on"], name="organization_reorganise_due"),
        ),
        migrations.AddConstraint(
            model_name="reorganisation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("confirmed_by__isnull", True),
                    ("is_alone", True),
                    models.Q(("confirmed_by", models.F("prepared_by")), _negated=True),
                    _connector="OR",
                ),
                name="organization_reorganisation_four_eyes",
            ),
        ),
        migrations.AddConstraint(
            model_name="reorganisation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["confirmed", "running", "done"]), _negated=True),
                    ("confirmed_by__isnull", False),
                    _connector="OR",
                ),
                name="organization_reorganisation_confirmed",
            ),
        ),
        migrations.AddConstraint(
            model_name="reorganisationstep",
            constraint=models.UniqueConstraint(
                fields=("reorganisation", "position"), name="organization_reorganisation_step_once"
            ),
        ),
        migrations.AddIndex(
            model_name="unitsuccession",
            index=models.Index(fields=["heir", "kind"], name="organization_succession_heir"),
        ),
        migrations.AddConstraint(
            model_name="unitsuccession",
            constraint=models.UniqueConstraint(fields=("old", "heir", "kind"), name="organization_succession_once"),
        ),
        migrations.AddConstraint(
            model_name="unitsuccession",
            constraint=models.CheckConstraint(
                condition=models.Q(("old", models.F("heir")), _negated=True), name="organization_succession_to_another"
            ),
        ),
    ]
