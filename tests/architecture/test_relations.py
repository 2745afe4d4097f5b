"""A foreign key is an import too: it points down the map, and never at a room above or beside."""

from __future__ import annotations

from django.apps import apps
from django.db import models

from tests.architecture.rooms import may_look_at, rooms


def relations() -> list[tuple[str, str, str]]:
    """Room of the model, `Model.field`, room of the target; for relations between our own rooms."""
    return [
        (model._meta.app_label, f"{model.__name__}.{field.name}", field.related_model._meta.app_label)
        for model in apps.get_models()
        if model._meta.app_label in rooms()
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey | models.ManyToManyField)
        if field.related_model._meta.app_label in rooms()
    ]


def test_relations_follow_the_map() -> None:
    assert len(relations()) > 20
    assert [relation for relation in relations() if not may_look_at(relation[0], relation[2])] == []


def test_every_table_is_named_after_its_room() -> None:
    strange = [
        model._meta.db_table
        for model in apps.get_models()
        if model._meta.app_label in rooms()
        if not model._meta.db_table.startswith((f"{model._meta.app_label}_", f"{model._meta.app_label.rstrip('s')}_"))
    ]

    assert strange == []
