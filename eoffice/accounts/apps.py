from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in


class AccountsConfig(AppConfig):
    name = "eoffice.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # `OpenSession` says when and from where; Django's own column would cost every sign-in a write more.
        user_logged_in.disconnect(dispatch_uid="update_last_login")
