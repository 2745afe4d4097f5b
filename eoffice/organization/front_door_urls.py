"""Addresses of the login page's editor; apart from the room's others, as its logo is open to everybody."""

from __future__ import annotations

from django.urls import path

from eoffice.organization.views import front_door

app_name = "front_door"
urlpatterns = [
    path("", front_door.edit, name="edit"),
    path("thong-bao/", front_door.add_notice, name="notice_add"),
    path("thong-bao/<int:notice_id>/go/", front_door.end_notice, name="notice_end"),
    path("logo/<str:sha256>.png", front_door.logo, name="logo"),
]
