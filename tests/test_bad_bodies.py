"""Bodies no program should send to the API: each is refused with a 4xx in words, whatever the operation.

Operations and fields are read from the API's own description, so a new one is walked the day it is added.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from eoffice.api import api
from tests.test_outsiders import World, addresses, client_of, filled, world

__all__ = ["world"]

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

LONE_SURROGATE = '"\\ud800"'
UNREADABLE = (
    b"[" * 200_000,
    b'{"a":' * 100_000,
    b"{" + b'"text":' + b"9" * 6000 + b"}",
    b'{"text": "\xff\xfe"}',
    b'{"text": NaN}',
    b"null",
    b"[]",
    b'"text"',
    b"7",
    b"",
    b"{",
)
ODD_VALUES = (
    LONE_SURROGATE,
    '"' + "x" * 70_000 + '"',
    str(10**40),
    str(-(10**19)),
    "9" * 5000,
    "1e400",
    "NaN",
    '"9999-12-31"',
    '"0001-01-01T00:00:00+23:59"',
    '"\\u0000"',
    "[[[]]]",
    '{"a": {"\\udc00": 1}}',
    '[{"kind": "unit", "id": 99999999999999999999}]',
    '[{"kind": "\\ud800", "id": 1, "name": "\\ud800"}]',
    "true",
    "null",
)


def _operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Method, address and the fields of the body of everything that changes something."""
    described = api.get_openapi_schema()
    parts = described["components"]["schemas"]
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            content = operation.get("requestBody", {}).get("content", {})
            if "application/json" not in content:
                continue
            reference = content["application/json"]["schema"].get("$ref", "")
            yield method.upper(), path, parts.get(reference.rpartition("/")[2], {}).get("properties", {})


def _bodies(fields: dict[str, Any]) -> Iterator[bytes]:
    yield from UNREADABLE
    for odd in ODD_VALUES:
        yield ("{" + ",".join(f"{json.dumps(name)}: {odd}" for name in fields) + "}").encode()
        for name in fields:
            others = {other: _plain(fields[other]) for other in fields if other != name}
            rest = "".join(f"{json.dumps(other)}: {json.dumps(value)}," for other, value in others.items())
            yield ("{" + rest + f"{json.dumps(name)}: {odd}" + "}").encode()


def _plain(field: dict[str, Any]) -> object:
    kinds = [field, *field.get("anyOf", [])]
    kind = next((each["type"] for each in kinds if "type" in each), "string")
    if any(each.get("format") == "date" for each in kinds):
        return "2026-12-04"
    return {"integer": 1, "boolean": False, "array": [], "object": {}}.get(str(kind), "Báo cáo")


def _paths_of(world: World) -> dict[str, str]:
    """The addresses of the API with a real object in each, by their description's spelling."""
    spelled = {
        "/" + address.replace("<int:", "{").replace("<", "{").replace(">", "}"): next(iter(filled(address, world)))
        for address in addresses()
        if address.startswith("api/")
    }
    return {address.replace("{int:", "{"): path for address, path in spelled.items()}


@pytest.mark.parametrize("who", ["clerk", "leader", "nobody"])
def test_no_body_breaks_an_operation(world: World, who: str) -> None:
    client = client_of(getattr(world.cast, who, None))
    paths = _paths_of(world)
    broken = set()
    asked = 0

    for method, address, fields in _operations():
        for body in _bodies(fields):
            with transaction.atomic():
                answer = client.generic(method, paths[address], body, content_type="application/json")
                asked += 1
                if answer.status_code >= 500 or b"Traceback" in answer.content:
                    broken.add((method, address, answer.status_code, body[:120]))
                transaction.set_rollback(True)

    assert asked > 300
    assert sorted(broken) == []
