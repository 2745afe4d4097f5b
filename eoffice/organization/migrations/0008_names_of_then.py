"""Tên trước đây: names a unit held before stand in its row; a search finds it under them too."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("organization", "0007_delegations"),
    ]

    operations = [
        migrations.AddField(
            model_name="unit",
            name="former_names",
            field=models.JSONField(db_default=[], default=list),
        ),
        migrations.AddField(
            model_name="unit",
            name="known_as",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=200), db_default=[], default=list, size=None
            ),
        ),
        migrations.AlterField(
            model_name="unit",
            name="name_fold",
            field=models.CharField(max_length=2000),
        ),
    ]
