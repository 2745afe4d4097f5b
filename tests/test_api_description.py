"""The description programs read: every operation says in Vietnamese what it does."""

from __future__ import annotations

from eoffice.api import api


def test_every_operation_says_in_vietnamese_what_it_does() -> None:
    operations = [
        (path, method, operation.get("summary", ""))
        for path, methods in api.get_openapi_schema()["paths"].items()
        for method, operation in methods.items()
    ]

    assert len(operations) > 80
    assert [each for each in operations if each[2].isascii()] == []
