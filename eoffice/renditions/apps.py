from django.apps import AppConfig


class RenditionsConfig(AppConfig):
    name = "eoffice.renditions"
    label = "renditions"
    default_auto_field = "django.db.models.BigAutoField"
