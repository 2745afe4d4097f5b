import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_how_lists_look"),
    ]

    operations = [
        migrations.CreateModel(
            name="PasswordLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "purpose",
                    models.CharField(choices=[("invitation", "Thư mời"), ("reset", "Đặt lại mật khẩu")], max_length=12),
                ),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("email", models.EmailField(max_length=254)),
                ("made_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
                ("voided_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "accounts_password_link",
            },
        ),
        migrations.CreateModel(
            name="ResetRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("email", models.CharField(max_length=254)),
                ("network", models.CharField(max_length=50)),
                ("at", models.DateTimeField()),
                ("answered_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "accounts_reset_request",
            },
        ),
        migrations.AddField(
            model_name="entrypolicy",
            name="invitation_days",
            field=models.PositiveSmallIntegerField(default=7),
        ),
        migrations.AddField(
            model_name="entrypolicy",
            name="reset_minutes",
            field=models.PositiveSmallIntegerField(default=60),
        ),
        migrations.AddField(
            model_name="entrypolicy",
            name="token_days",
            field=models.PositiveSmallIntegerField(default=366),
        ),
        migrations.AddField(
            model_name="entrypolicy",
            name="tokens_each",
            field=models.PositiveSmallIntegerField(default=10),
        ),
        migrations.AddField(
            model_name="handshake",
            name="proves_user_id",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="personaltoken",
            name="warned_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name="personaltoken",
            index=models.Index(
                condition=models.Q(("revoked_at__isnull", True)), fields=["user", "-id"], name="accounts_token_user"
            ),
        ),
        migrations.AddIndex(
            model_name="personaltoken",
            index=models.Index(
                condition=models.Q(("revoked_at__isnull", True), ("warned_at__isnull", True)),
                fields=["expires_at"],
                name="accounts_token_unwarned",
            ),
        ),
        migrations.AddConstraint(
            model_name="entrypolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("invitation_days__range", (1, 60)),
                    ("reset_minutes__range", (5, 1440)),
                    ("token_days__range", (1, 366)),
                    ("tokens_each__lte", 100),
                ),
                name="accounts_entry_policy_bounds",
            ),
        ),
        migrations.AddField(
            model_name="passwordlink",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="password_links", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddIndex(
            model_name="resetrequest",
            index=models.Index(fields=["email", "at"], name="accounts_reset_email"),
        ),
        migrations.AddIndex(
            model_name="resetrequest",
            index=models.Index(fields=["network", "at"], name="accounts_reset_network"),
        ),
        migrations.AddIndex(
            model_name="passwordlink",
            index=models.Index(fields=["user", "-id"], name="accounts_password_link_user"),
        ),
        migrations.AddConstraint(
            model_name="passwordlink",
            constraint=models.CheckConstraint(
                condition=models.Q(("used_at__isnull", True), ("voided_at__isnull", True), _connector="OR"),
                name="accounts_password_link_one_end",
            ),
        ),
    ]
