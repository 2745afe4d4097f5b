from django.apps import AppConfig
from django.db.models.signals import post_migrate

from eoffice.core import roles


class CoreConfig(AppConfig):
    name = "eoffice.core"
    label = "core"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # `post_migrate` is sent for each room after all migrations are done: once is enough.
        post_migrate.connect(roles.grant_after_migrate, sender=self, dispatch_uid="core.roles")
