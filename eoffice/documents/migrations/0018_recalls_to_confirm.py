"""The index of recalled letters whose clerk has not confirmed yet."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("documents", "0017_keep_copies_of_papers")]

    operations = [
        AddIndexConcurrently(
            model_name="incomingdocument",
            index=models.Index(
                condition=models.Q(("recall_confirmed_at__isnull", True), ("recalled_at__isnull", False)),
                fields=["registry", "id"],
                name="documents_incoming_recalls",
            ),
        ),
    ]
