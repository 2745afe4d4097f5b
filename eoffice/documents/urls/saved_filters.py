"""Saved filters of the lists."""

from __future__ import annotations

from django.urls import path

from eoffice.documents.views import saved_filters

_ONE = "saved-filters/<int:filter_id>/"

urlpatterns = [
    path("saved-filters/save/", saved_filters.filter_save, name="filter_save"),
    path(_ONE, saved_filters.filter_apply, name="filter_apply"),
    path(f"{_ONE}rename/", saved_filters.filter_rename, name="filter_rename"),
    path(f"{_ONE}delete/", saved_filters.filter_delete, name="filter_delete"),
]
