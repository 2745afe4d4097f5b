"""Addresses of keeping units and people: importing, directories, the tree, persons."""

from __future__ import annotations

from django.urls import path

from eoffice.organization.views import directory_sources, importing, keeping

app_name = "keeping"
urlpatterns = [
    path("", keeping.tree, name="tree"),
    path("<int:unit_id>/nhanh/", keeping.branch, name="branch"),
    path("don-vi/<int:unit_id>/", keeping.unit_change, name="unit_change"),
    path("don-vi/<int:unit_id>/them/", keeping.unit_add, name="unit_add"),
    path("don-vi/<int:unit_id>/them-nguoi/", keeping.person_add, name="person_add"),
    path("don-vi/<int:unit_id>/chuyen/", keeping.unit_move, name="unit_move"),
    path("don-vi/<int:unit_id>/dong/", keeping.unit_close, name="unit_close"),
    path("nguoi/<int:person_id>/", keeping.person, name="person"),
    path("nguoi/<int:person_id>/chuc-danh/", keeping.post_give, name="post_give"),
    path("nguoi/<int:person_id>/tai-khoan/", keeping.account_switch, name="account_switch"),
    path("nguoi/<int:person_id>/thu-moi/", keeping.person_invite, name="person_invite"),
    path("chuc-danh/<int:posting_id>/ket-thuc/", keeping.post_end, name="post_end"),
    path("danh-ba/", directory_sources.source_list, name="source_list"),
    path("danh-ba/them-<str:kind>/", directory_sources.source_add, name="source_add"),
    path("danh-ba/<int:source_id>/", directory_sources.source_change, name="source_change"),
    path("danh-ba/<int:source_id>/doc/", directory_sources.source_read, name="source_read"),
    path("nhap/", importing.import_list, name="import_list"),
    path("nhap/mau.xlsx", importing.import_template, name="import_template"),
    path("nhap/<int:run_id>/", importing.import_run, name="import_run"),
    path("nhap/<int:run_id>/tien-do/", importing.import_progress, name="import_progress"),
    path("nhap/<int:run_id>/xac-nhan/", importing.import_confirm, name="import_confirm"),
    path("nhap/<int:run_id>/moi/", importing.import_invite, name="import_invite"),
    path("nhap/<int:run_id>/bo/", importing.import_abandon, name="import_abandon"),
    path("nhap/<int:run_id>/loi.csv", importing.import_faults, name="import_faults"),
]
