from __future__ import annotations

from django.urls import path

from eoffice.documents.views import search

urlpatterns = [path("search/", search.search, name="search")]
