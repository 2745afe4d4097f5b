from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "eoffice.documents"
    label = "documents"
    default_auto_field = "django.db.models.BigAutoField"
