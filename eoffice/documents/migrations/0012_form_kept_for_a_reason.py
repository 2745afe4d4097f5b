"""A draft with faults of form goes into review for a reason that is kept with its submission slip."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("documents", "0011_newest_of_what_has_ended")]

    operations = [
        migrations.AddField(
            model_name="submission",
            name="form_reason",
            field=models.CharField(blank=True, max_length=500),
        ),
        migrations.AddField(
            model_name="submission",
            name="form_faults",
            field=models.JSONField(default=list),
        ),
    ]
