from django.apps import AppConfig

from eoffice.documents.delegated_deeds import name_deeds


class DocumentsConfig(AppConfig):
    name = "eoffice.documents"
    label = "documents"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        name_deeds()
