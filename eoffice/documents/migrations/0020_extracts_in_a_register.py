"""Trích sao: extracts beside scans, numbered in a register of copies."""

import django.db.models.deletion
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

_ONE = (
    models.Q(incoming__isnull=False, outgoing__isnull=True, copy__isnull=True)
    | models.Q(incoming__isnull=True, outgoing__isnull=False, copy__isnull=True)
    | models.Q(incoming__isnull=True, outgoing__isnull=True, copy__isnull=False)
)


class Migration(migrations.Migration):
    dependencies = [("documents", "0019_seal_annexes")]

    operations = [
        migrations.AlterField(
            model_name="register",
            name="kind",
            field=models.CharField(
                choices=[
                    ("incoming", "Sổ đăng ký văn bản đến"),
                    ("outgoing", "Sổ đăng ký văn bản đi"),
                    ("copy", "Sổ đăng ký bản sao"),
                ],
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="papercopy",
            name="form",
            field=models.CharField(
                choices=[("sao_y", "Sao y"), ("sao_luc", "Sao lục"), ("trich_sao", "Trích sao")], max_length=12
            ),
        ),
        migrations.AlterField(
            model_name="papercopy",
            name="scan",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.storedfile"
            ),
        ),
        migrations.AddField(
            model_name="papercopy",
            name="outgoing",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="documents.outgoingdocument",
            ),
        ),
        migrations.AddField(model_name="papercopy", name="extract", field=models.JSONField(default=dict)),
        migrations.RemoveConstraint(model_name="papercopy", name="documents_paper_copy_form_fits"),
        migrations.AddConstraint(
            model_name="papercopy",
            constraint=models.CheckConstraint(
                condition=models.Q(form="sao_y", original_kind__in=["original", "main"])
                | models.Q(form="sao_luc", original_kind="copy")
                | models.Q(form="trich_sao", original_kind__in=["original", "main"]),
                name="documents_paper_copy_form_fits",
            ),
        ),
        migrations.AddConstraint(
            model_name="papercopy",
            constraint=models.CheckConstraint(
                condition=models.Q(scan__isnull=False) | models.Q(form="trich_sao", sealed_at__isnull=True),
                name="documents_paper_copy_has_file",
            ),
        ),
        migrations.AddField(
            model_name="registerentry",
            name="copy",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="entry",
                to="documents.papercopy",
            ),
        ),
        migrations.RemoveConstraint(model_name="registerentry", name="documents_entry_of_one_document"),
        AddConstraintNotValid(
            model_name="registerentry",
            constraint=models.CheckConstraint(condition=_ONE, name="documents_entry_of_one_document"),
        ),
    ]
