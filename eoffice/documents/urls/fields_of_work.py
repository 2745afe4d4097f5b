from __future__ import annotations

from django.urls import URLPattern, path

from eoffice.documents.views import fields_of_work

urlpatterns: list[URLPattern] = [
    path("incoming/fields/", fields_of_work.incoming_fields, name="incoming_fields"),
    path("outgoing/fields/", fields_of_work.outgoing_fields, name="outgoing_fields"),
    path("drafts/fields/", fields_of_work.draft_fields, name="draft_fields"),
    path("incoming/<int:incoming_id>/field/", fields_of_work.incoming_field, name="incoming_field"),
    path("outgoing/<int:outgoing_id>/field/", fields_of_work.outgoing_field, name="outgoing_field"),
]
