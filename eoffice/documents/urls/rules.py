from __future__ import annotations

from django.urls import URLPattern, path

from eoffice.documents.views import rules

_ONE = "distribution-rules/<int:rule_id>/"

urlpatterns: list[URLPattern] = [
    path("distribution-rules/", rules.rule_list, name="rule_list"),
    path("distribution-rules/create/", rules.rule_create, name="rule_create"),
    path("distribution-rules/preview/<int:registry_id>/", rules.rule_preview, name="rule_preview"),
    path(_ONE, rules.rule_change, name="rule_change"),
    path(f"{_ONE}move/", rules.rule_move, name="rule_move"),
    path(f"{_ONE}switch/", rules.rule_switch, name="rule_switch"),
    path("handling/", rules.handling, name="handling"),
]
