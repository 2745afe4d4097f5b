from datetime import datetime, timezone

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("signing", "0014_files_for_programs_on_desks"),
    ]

    operations = [
        migrations.AddField(
            model_name="heldcertificate",
            name="ask_at",
            # Whatever is in the register already is asked about at once.
            field=models.DateTimeField(default=datetime(2026, 1, 1, tzinfo=timezone.utc)),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="heldcertificate", name="authority", field=models.CharField(blank=True, max_length=64)
        ),
        migrations.AddField(model_name="heldcertificate", name="compared_at", field=models.DateTimeField(null=True)),
        migrations.AddField(
            model_name="heldcertificate", name="list_addresses", field=models.CharField(blank=True, max_length=4000)
        ),
        migrations.AddField(
            model_name="heldcertificate",
            name="responder_addresses",
            field=models.CharField(blank=True, max_length=4000),
        ),
        migrations.AddField(
            model_name="heldcertificate", name="silences", field=models.PositiveSmallIntegerField(default=0)
        ),
        migrations.AddField(model_name="heldcertificate", name="standing_at", field=models.DateTimeField(null=True)),
        migrations.AddField(model_name="heldcertificate", name="tried_at", field=models.DateTimeField(null=True)),
        migrations.AddField(
            model_name="revocationrules",
            name="list_age_minutes",
            field=models.PositiveSmallIntegerField(default=60),
        ),
        migrations.RemoveIndex(model_name="heldcertificate", name="signing_held_to_ask"),
        migrations.AddIndex(
            model_name="heldcertificate",
            index=models.Index(
                condition=models.Q(("ended_at__isnull", True)), fields=["ask_at"], name="signing_held_to_ask"
            ),
        ),
        migrations.AddIndex(
            model_name="heldcertificate",
            index=models.Index(
                condition=models.Q(("ended_at__isnull", True)), fields=["authority"], name="signing_held_authority"
            ),
        ),
        migrations.AddIndex(
            model_name="heldcertificate",
            index=models.Index(
                condition=models.Q(("ended_at__isnull", True)), fields=["compared_at"], name="signing_held_to_compare"
            ),
        ),
    ]
