import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("signing", "0013_tokens_on_desks"),
    ]

    operations = [
        migrations.AlterField(
            model_name="signingmethod",
            name="kind",
            field=models.CharField(
                choices=[
                    ("remote", "Ký số từ xa"),
                    ("token", "USB token trên máy tính"),
                    ("program", "Chương trình ký trên máy tính"),
                ],
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="signingprovider",
            name="kind",
            field=models.CharField(
                choices=[
                    ("smartca", "VNPT SmartCA (SP769 v1, xác nhận trên điện thoại)"),
                    ("smartca_v2", "VNPT SmartCA tích hợp (SP769 v2)"),
                    ("mysign", "Viettel MySign"),
                    ("csc", "Dịch vụ theo chuẩn CSC (v1, v2)"),
                    ("vgca", "VGCA Sign Service (chương trình trên máy người ký)"),
                ],
                max_length=12,
            ),
        ),
        migrations.RemoveConstraint(model_name="signingmethod", name="signing_method_remote_has_provider"),
        migrations.AddConstraint(
            model_name="signingmethod",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ("remote", "program")), _negated=True)
                | models.Q(("provider__isnull", False)),
                name="signing_method_remote_has_provider",
            ),
        ),
        migrations.CreateModel(
            name="FilePass",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("token_sha256", models.CharField(max_length=64, unique=True)),
                ("made_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("spent_at", models.DateTimeField(null=True)),
                (
                    "paper",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="file_pass",
                        to="signing.signaturerequestpaper",
                    ),
                ),
            ],
            options={
                "db_table": "signing_file_pass",
                "indexes": [models.Index(fields=["expires_at"], name="signing_file_pass_over")],
            },
        ),
    ]
