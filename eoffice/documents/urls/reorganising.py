from __future__ import annotations

from django.urls import URLPattern, path

from eoffice.documents.views import reorganising as views

_ALL = "reorganisations/"
_ONE = f"{_ALL}<int:reorganisation_id>/"
_STEP = f"{_ALL}steps/<int:step_id>/"

urlpatterns: list[URLPattern] = [
    path(_ALL, views.reorganisation_list, name="reorganisations"),
    path(f"{_ALL}create/", views.reorganisation_create, name="reorganisation_create"),
    path(_ONE, views.reorganisation, name="reorganisation"),
    path(f"{_ONE}change/", views.reorganisation_change, name="reorganisation_change"),
    path(f"{_ONE}steps/<slug:kind>/", views.step_add, name="reorganisation_step_add"),
    path(f"{_ONE}submit/", views.submit, name="reorganisation_submit"),
    path(f"{_ONE}confirm/", views.confirm, name="reorganisation_confirm"),
    path(f"{_ONE}return/", views.give_back, name="reorganisation_return"),
    path(f"{_ONE}withdraw/", views.withdraw, name="reorganisation_withdraw"),
    path(f"{_ONE}reopen/", views.reopen, name="reorganisation_reopen"),
    path(f"{_ONE}progress/", views.progress, name="reorganisation_progress"),
    path(f"{_STEP}people/", views.step_people, name="reorganisation_people"),
    path(f"{_STEP}remove/", views.step_remove, name="reorganisation_step_remove"),
]
