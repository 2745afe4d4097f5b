"""A seal taken out of use with its unit."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("signing", "0006_keep_trust_periods_and_evidence"),
    ]

    operations = [
        migrations.AddField(
            model_name="signingkey",
            name="withdrawn_at",
            field=models.DateTimeField(null=True),
        ),
    ]
