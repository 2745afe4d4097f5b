"""A directive taken back gives the letter its earlier deadline back."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("documents", "0008_in_anothers_name")]

    operations = [
        migrations.AddField(
            model_name="directive",
            name="letter_due_at",
            field=models.DateTimeField(null=True),
        ),
    ]
