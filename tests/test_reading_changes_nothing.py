"""Every address asked with GET by people who do see the letters: nothing of the house changes, nothing breaks.

The addresses and the letters are those of `tests/test_outsiders.py`, so a new page is walked the day it is added.
"""

from __future__ import annotations

import json

import pytest
from django.db import connection

from tests.test_outsiders import World, addresses, client_of, filled, world

__all__ = ["world"]

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

PEOPLE = ("clerk", "leader", "head", "officer", "company_clerk", "administrator", "auditor")
MARKS_OF_READING = frozenset({"audit_entry", "audit_block", "django_session"})
"""What a reader may leave: the line of the audit that says so, and the session that asked."""
ODD_METHODS = ("HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "SEARCH")


@pytest.mark.parametrize("who", PEOPLE)
def test_reading_every_address_changes_no_table(world: World, who: str) -> None:
    client = client_of(getattr(world.cast, who))
    before, written = _checksums(), _rows_written()
    changed: dict[str, list[str]] = {}
    broken = {}

    for path in _paths(world):
        answer = client.get(path)
        if answer.streaming:
            list(answer)
        if answer.status_code >= 500:
            broken[path] = answer.status_code
        if _rows_written() == written:
            continue
        written, after = _rows_written(), _checksums()
        if after != before:
            changed[path] = sorted(name for name in after if after[name] != before.get(name))
            before = after

    assert broken == {}
    assert changed == {}
    assert _checksums() == before


@pytest.mark.timeout(900)  # eight methods at every address of the house
@pytest.mark.parametrize("who", ["clerk", "nobody"])
def test_no_address_breaks_or_stays_blank_when_asked_the_wrong_way(world: World, who: str) -> None:
    client = client_of(getattr(world.cast, who, None))
    before = _checksums()
    wrong = []

    for path in _paths(world):
        for method in (*ODD_METHODS, "GET"):
            answer = client.generic(method, path, "", content_type="application/json")
            is_blank_refusal = answer.status_code == 405 and method != "HEAD" and not _says_what_to_do(answer.content)
            if answer.status_code >= 500 or is_blank_refusal:
                wrong.append((method, path, answer.status_code))

    assert wrong == []
    assert _checksums() == before


def _says_what_to_do(refusal: bytes) -> bool:
    """In a page as in JSON."""
    text = refusal.decode()
    return "nút bấm" in (json.loads(text)["message"] if text.startswith("{") else text)


def _paths(world: World) -> list[str]:
    return [list(filled(address, world))[-1] for address in addresses()]


def _checksums() -> dict[str, str]:
    """One checksum for each table that reading must leave alone."""
    tables = sorted(set(connection.introspection.table_names()) - MARKS_OF_READING)
    asked = " UNION ALL ".join(
        f"SELECT '{name}', md5(string_agg(md5(t::text), '' ORDER BY md5(t::text))) FROM \"{name}\" AS t"
        for name in tables
    )
    with connection.cursor() as cursor:
        cursor.execute(asked)
        return {name: checksum or "" for name, checksum in cursor.fetchall()}


def _rows_written() -> int:
    """How many rows of those tables this transaction has written: a number that stands still spares the checksums."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_xact_user_tables WHERE relname <> ALL(%s)",
            [list(MARKS_OF_READING)],
        )
        (rows,) = cursor.fetchone()
    return int(rows)


def test_checksums_tell_a_single_changed_value(world: World) -> None:
    before, written = _checksums(), _rows_written()

    with connection.cursor() as cursor:
        cursor.execute("UPDATE organization_person SET full_name = full_name || '.' WHERE id = %s", [world.jobless.pk])

    after = _checksums()
    assert [name for name in after if after[name] != before[name]] == ["organization_person"]
    assert _rows_written() == written + 1
