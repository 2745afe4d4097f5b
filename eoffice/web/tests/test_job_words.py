"""Background work on the administrator's page: said in his words."""

from __future__ import annotations

from procrastinate.contrib.django import app

from eoffice.web.job_words import task_objects, task_words


def test_every_task_has_words() -> None:
    app.perform_import_paths()

    assert [name for name in app.tasks if task_words(name) == name] == []


def test_objects_are_short_and_nameless() -> None:
    assert task_objects({"sha256": "ab" * 32, "fresh": None, "draft_id": 7}) == "abababababababab, 7"
    assert task_objects({}) == ""
