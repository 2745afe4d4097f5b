"""One more reason why a session ended: its password was hashed anew."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_password_links_and_limits"),
    ]

    operations = [
        migrations.AlterField(
            model_name="opensession",
            name="ended_because",
            field=models.CharField(
                blank=True,
                choices=[
                    ("signed_out", "Đăng xuất"),
                    ("elsewhere", "Chủ tài khoản đăng xuất từ thiết bị khác"),
                    ("administrator", "Quản trị đăng xuất"),
                    ("password", "Đổi mật khẩu"),
                    ("kept_anew", "Mật khẩu được lưu lại an toàn hơn"),
                    ("closed", "Tài khoản đóng"),
                    ("idle", "Lâu không dùng"),
                    ("too_long", "Quá thời gian một phiên"),
                    ("provider", "Đăng xuất ở nơi đăng nhập chung"),
                ],
                max_length=16,
            ),
        ),
    ]
