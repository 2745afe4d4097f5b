from __future__ import annotations

from django.urls import URLPattern, path

from eoffice.documents.views import registers

urlpatterns: list[URLPattern] = [
    path("registers/", registers.register_list, name="register_list"),
    path("registers/open/", registers.register_open, name="register_open"),
    path("registers/<int:register_id>/", registers.register_detail, name="register_detail"),
    path("registers/<int:register_id>/keep/", registers.register_keep, name="register_keep"),
    path("registers/<int:register_id>/explain/", registers.register_explain, name="register_explain"),
    path("registers/<int:register_id>/close/", registers.register_close, name="register_close"),
]
