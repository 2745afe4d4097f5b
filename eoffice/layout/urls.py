"""Addresses of the layout room."""

from __future__ import annotations

from django.urls import path

from eoffice.layout import views

app_name = "layout"
urlpatterns = [
    path("", views.families, name="families"),
    path("<str:family>/", views.family_edit, name="family_edit"),
    path("<str:family>/sample.pdf", views.family_sample, name="family_sample"),
]
