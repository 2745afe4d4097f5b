from __future__ import annotations

from django.urls import path

from eoffice.organization import views

app_name = "organization"
urlpatterns = [
    path("chuc-danh/", views.choose_posting, name="choose_posting"),
    path("don-vi/", views.units, name="units"),
    path("don-vi/<int:unit_id>/", views.unit, name="unit"),
]
