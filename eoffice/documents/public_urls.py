"""Addresses open to everybody: short, printed on paper, and for ever."""

from __future__ import annotations

from django.urls import path

from eoffice.documents.views import public_check

app_name = "public_check"
urlpatterns = [
    path("", public_check.enter, name="enter"),
    path("<str:code>/", public_check.paper, name="paper"),
    path("<str:code>/doi-chieu/", public_check.compare, name="compare"),
]
