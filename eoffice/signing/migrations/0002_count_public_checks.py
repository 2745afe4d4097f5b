from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("signing", "0001_keys_trust_and_records")]

    operations = [
        migrations.CreateModel(
            name="PublicCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("address", models.GenericIPAddressField()),
                ("at", models.DateTimeField()),
            ],
            options={
                "db_table": "signing_public_check",
                "indexes": [models.Index(fields=["address", "at"], name="signing_public_check_address")],
            },
        ),
    ]
