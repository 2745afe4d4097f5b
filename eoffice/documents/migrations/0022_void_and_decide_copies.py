"""Copies that end unsealed, and who of the unit decided that a paper is copied."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("documents", "0021_check_register_entries"),
        ("organization", "0011_fields_of_work"),
    ]

    operations = [
        migrations.AddField(
            model_name="papercopy",
            name="decider",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="organization.signingcapacity",
            ),
        ),
        migrations.AddField(
            model_name="papercopy",
            name="voided_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organization.person"
            ),
        ),
        migrations.AddField(model_name="papercopy", name="voided_at", field=models.DateTimeField(null=True)),
        migrations.AddField(
            model_name="papercopy",
            name="void_reason",
            field=models.CharField(blank=True, db_default="", max_length=500),
        ),
        migrations.AddConstraint(
            model_name="papercopy",
            constraint=models.CheckConstraint(
                condition=models.Q(voided_at__isnull=True, voided_by__isnull=True)
                | (
                    models.Q(voided_at__isnull=False, voided_by__isnull=False, sealed_at__isnull=True)
                    & ~models.Q(void_reason="")
                ),
                name="documents_paper_copy_voided_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="papercopy",
            constraint=models.CheckConstraint(
                condition=models.Q(decider__isnull=False) | ~models.Q(basis=""), name="documents_paper_copy_decided"
            ),
        ),
    ]
