"""An opinion that nobody gave ends with the letter or draft it was asked about."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("documents", "0012_form_kept_for_a_reason")]

    operations = [
        migrations.AddField(
            model_name="consultation",
            name="ended_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddConstraint(
            model_name="consultation",
            constraint=models.CheckConstraint(
                condition=Q(answered_at__isnull=True) | Q(ended_at__isnull=True),
                name="documents_consultation_answered_or_ended",
            ),
        ),
    ]
