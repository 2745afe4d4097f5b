from __future__ import annotations

from django.urls import URLPattern, path

from eoffice.documents.views import copies, extracts

urlpatterns: list[URLPattern] = [
    path("copies/", copies.copy_list, name="copy_list"),
    path("copies/new/", copies.copy_new, name="copy_new"),
    path("copies/extracts/new/", extracts.extract_new, name="extract_new"),
    path("copies/<int:copy_id>/extract/", extracts.extract_edit, name="extract_edit"),
    path("copies/<int:copy_id>/", copies.copy_detail, name="copy_detail"),
    path("copies/<int:copy_id>/seal/", copies.copy_seal, name="copy_seal"),
    path("copies/<int:copy_id>/void/", copies.copy_void, name="copy_void"),
    path("copies/<int:copy_id>/file/", copies.copy_file, name="copy_file"),
]
