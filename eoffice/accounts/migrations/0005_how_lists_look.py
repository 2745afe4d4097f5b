from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_second_factors"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="has_dense_lists",
            field=models.BooleanField(db_default=False),
        ),
        migrations.AddField(
            model_name="user",
            name="list_width_px",
            field=models.PositiveSmallIntegerField(null=True),
        ),
    ]
