"""Letters of a registry that is no more go on in another; its registers say by which decision they closed."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("documents", "0013_opinions_end_with_their_letter"),
        ("organization", "0009_reorganisations"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="incomingdocument",
            name="documents_incoming_arrives_once",
        ),
        migrations.AddField(
            model_name="incomingdocument",
            name="moved_from",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organization.unit"
            ),
        ),
        migrations.AddField(
            model_name="register",
            name="closing_basis",
            field=models.CharField(blank=True, db_default="", max_length=300),
        ),
        migrations.AddConstraint(
            model_name="incomingdocument",
            constraint=models.UniqueConstraint(
                condition=models.Q(("moved_from__isnull", True), ("source_outgoing__isnull", False)),
                fields=("source_outgoing", "registry"),
                name="documents_incoming_arrives_once",
            ),
        ),
    ]
