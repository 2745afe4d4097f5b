"""The committed table of role and endpoint, HTML and API: who is answered where; strangers on no document's line.

Read from the answers of every address to each part of the known cast. `scripts/rights-tables` writes it anew.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator
from copy import deepcopy
from typing import Final

import pytest
from django.db import transaction
from django.test import Client

from eoffice.organization.models import Person
from tests.architecture.rooms import ROOT
from tests.test_outsiders import World, addresses, client_of, filled, world

__all__ = ["world"]
TABLE: Final = ROOT / "docs" / "rights" / "endpoints.csv"
WRITES: Final = os.environ.get("EOFFICE_WRITE_TABLES") == "1"
PARTS_PLAYED: Final = (
    "nobody", "jobless", "outsider", "officer", "head", "clerk", "chief", "leader", "administrator", "auditor",
)  # fmt: skip
STRANGERS: Final = ("nobody", "jobless", "outsider")
METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
OBJECTS_ASKED: Final = 2
_OUT_OF_TABLE: Final = ("static/", "web/components/", "web/demo-progress/")
_SIGNED_OUT: Final = ("/tai-khoan/dang-nhap", "/tai-khoan/login")


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.timeout(1800)
def test_table_of_roles_and_endpoints_is_the_committed_one(world: World) -> None:
    clients = {part: client_of(_person(world, part)) for part in PARTS_PLAYED}
    lines = [
        (method, address, *(reached[part] for part in PARTS_PLAYED))
        for address in addresses()
        if not address.startswith(_OUT_OF_TABLE)
        for method, reached in _reached(clients, address, world)
    ]

    table = io.StringIO()
    csv.writer(table, lineterminator="\n").writerows([("method", "address", *PARTS_PLAYED), *lines])
    _compare(table.getvalue())


def test_strangers_reach_no_document_in_the_committed_table() -> None:
    """What names an object is closed to strangers on every line; the few open ones are told apart by name."""
    rows = list(csv.DictReader(TABLE.read_text().splitlines()))
    named = ("<int:incoming_id>", "<int:outgoing_id>", "<int:draft_id>", "<incoming_id>", "<outgoing_id>", "<draft_id>")

    assert len(rows) > 100
    assert [
        (row["method"], row["address"])
        for row in rows
        if any(name in row["address"] for name in named)
        and any(row[part] == "x" or (row[part] and row["method"] == "GET") for part in STRANGERS)
    ] == []
    assert [row["address"] for row in rows if row["nobody"] == "x" and "quan-tri" in row["address"]] == []


def _person(world: World, part: str) -> Person | None:
    if part == "nobody":
        return None
    person: Person = world.jobless if part == "jobless" else getattr(world.cast, part)
    return person


def _reached(clients: dict[str, Client], address: str, world: World) -> Iterator[tuple[str, dict[str, str]]]:
    """Each method an address offers, and how it answers each part at its first objects."""
    paths = list(filled(address, world))[:OBJECTS_ASKED]
    for method in METHODS if address.startswith("api/") else METHODS[:2]:
        if _answer(clients["clerk"], method, paths[0]) != 405:
            yield method, {part: _mark(method, client, paths) for part, client in clients.items()}


def _mark(method: str, client: Client, paths: list[str]) -> str:
    """`x` done or shown; `f` an empty form is refused before its object is looked up; nothing: turned away."""
    best = ""
    for path in paths:
        status = _answer(client, method, path)
        if status < 300 or (method != "GET" and status in {302, 303, 409}):
            return "x"
        best = "f" if status in {400, 422} else best
    return best


def _answer(client: Client, method: str, path: str) -> int:
    """The status, with whatever the request did undone; a way to the sign-in or to the reason page is a refusal."""
    cookies = deepcopy(client.cookies)
    with transaction.atomic():
        answer = (
            client.generic(method, path, "{}", content_type="application/json")
            if path.startswith("/api/")
            else client.generic(method, path)
        )
        if answer.streaming:
            b"".join(answer)
        transaction.set_rollback(True)
    client.cookies = cookies  # signing out takes them away, and its undone session is wanted again
    leads = answer.headers.get("Location", "")
    if answer.status_code in {302, 303} and (leads.startswith(_SIGNED_OUT) or "quyen-quan-tri" in leads):
        return 403
    return answer.status_code


def _compare(made: str) -> None:
    if WRITES:
        TABLE.parent.mkdir(parents=True, exist_ok=True)
        TABLE.write_text(made)
    committed = TABLE.read_text() if TABLE.exists() else ""
    assert made == committed, "endpoints.csv: rights have changed; look at the diff of scripts/rights-tables"
