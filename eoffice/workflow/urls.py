"""Addresses of the workflow room."""

from __future__ import annotations

from django.urls import path

from eoffice.workflow import views

app_name = "workflow"
urlpatterns = [
    path("", views.flows, name="flows"),
    path("create/", views.flow_create, name="flow_create"),
    path("<int:flow_id>/", views.flow_edit, name="flow"),
    path("<int:flow_id>/retire/", views.flow_retire, name="flow_retire"),
]
