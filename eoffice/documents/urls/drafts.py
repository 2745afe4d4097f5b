from __future__ import annotations

from django.urls import URLPattern, path

from eoffice.documents.views import drafts

urlpatterns: list[URLPattern] = [
    path("drafts/", drafts.draft_list, name="draft_list"),
    path("drafts/<int:draft_id>/", drafts.draft_detail, name="draft_detail"),
]
