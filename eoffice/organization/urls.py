from __future__ import annotations

from django.urls import path

from eoffice.organization.views import lookup

app_name = "organization"
urlpatterns = [
    path("chuc-danh/", lookup.choose_posting, name="choose_posting"),
    path("don-vi/", lookup.units, name="units"),
    path("don-vi/<int:unit_id>/", lookup.unit, name="unit"),
]
