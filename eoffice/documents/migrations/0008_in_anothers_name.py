"""Xử lý theo ủy quyền: who did it, and in whose name."""

import django.db.models.deletion
from django.db import migrations, models


def _person():
    return models.ForeignKey(
        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organization.person"
    )


class Migration(migrations.Migration):
    dependencies = [
        ("documents", "0007_hand_overs"),
        ("organization", "0001_units_posts_and_rights"),
    ]

    operations = [
        migrations.AddField(model_name="assignment", name="given_through", field=_person()),
        migrations.AddField(model_name="comment", name="on_behalf_of", field=_person()),
        migrations.AddField(model_name="consultation", name="on_behalf_of", field=_person()),
        migrations.AddField(model_name="reminder", name="on_behalf_of", field=_person()),
        migrations.AddField(model_name="draft", name="prepared_by", field=_person()),
    ]
