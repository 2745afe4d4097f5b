"""The address plan: which room answers under which prefix."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from eoffice.api import api
from eoffice.core import views

_ROOMS = {
    "": "eoffice.web.urls",
    "tai-khoan/": "eoffice.accounts.urls",
    "organization/": "eoffice.organization.urls",
    "mat-tien/": "eoffice.organization.front_door_urls",
    "co-cau/": "eoffice.organization.keeping_urls",
    "documents/": "eoffice.documents.urls",
    "kt/": "eoffice.documents.public_urls",
    "signing/": "eoffice.signing.urls",
    "workflow/": "eoffice.workflow.urls",
    "notifications/": "eoffice.notifications.urls",
    "the-thuc/": "eoffice.layout.urls",
    "reports/": "eoffice.reports.urls",
}

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("api/v1/", api.urls),
    *[path(prefix, include(module)) for prefix, module in _ROOMS.items()],
]

handler400 = "eoffice.web.failures.bad_request"
handler403 = "eoffice.web.failures.no_permission"
handler404 = "eoffice.web.failures.not_found"
handler500 = "eoffice.web.failures.server_error"
