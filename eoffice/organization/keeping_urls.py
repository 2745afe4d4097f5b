"""Addresses of keeping units and people: importing, directories, the tree, persons."""

from __future__ import annotations

from django.urls import path

from eoffice.organization.views import importing

app_name = "keeping"
urlpatterns = [
    path("nhap/", importing.import_list, name="import_list"),
    path("nhap/mau.xlsx", importing.import_template, name="import_template"),
    path("nhap/<int:run_id>/", importing.import_run, name="import_run"),
    path("nhap/<int:run_id>/tien-do/", importing.import_progress, name="import_progress"),
    path("nhap/<int:run_id>/xac-nhan/", importing.import_confirm, name="import_confirm"),
    path("nhap/<int:run_id>/bo/", importing.import_abandon, name="import_abandon"),
    path("nhap/<int:run_id>/loi.csv", importing.import_faults, name="import_faults"),
]
