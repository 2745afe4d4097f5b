from importlib import import_module

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "eoffice.documents"
    label = "documents"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        import_module("eoffice.documents.delegated_deeds")
