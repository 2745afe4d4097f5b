from __future__ import annotations

from django.urls import URLPattern, path

from eoffice.documents.views import handing_over

_ONE = "hand-overs/<int:hand_over_id>/"

urlpatterns: list[URLPattern] = [
    path("hand-overs/person/<int:person_id>/", handing_over.leaving, name="leaving"),
    path(_ONE, handing_over.hand_over, name="hand_over"),
    path(f"{_ONE}progress/", handing_over.hand_over_progress, name="hand_over_progress"),
    path(f"{_ONE}rest/", handing_over.hand_over_rest, name="hand_over_rest"),
]
