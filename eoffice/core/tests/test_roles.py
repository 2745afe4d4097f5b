"""The serving role cannot rewrite the past: proved with raw SQL as that role."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import ProgrammingError, connection, transaction

from eoffice.core import roles

ROLE = "eoffice_test_serving"
INSERT_ONLY = ["audit_block", "audit_entry", "audit_sealed", "core_file"]


@pytest.fixture
def as_serving_role(db: None) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE])
        if not cursor.fetchone():
            cursor.execute(f"CREATE ROLE {ROLE}")
        roles.grant_to(ROLE)
        cursor.execute(f"SET ROLE {ROLE}")
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")


def refused(statement: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    except ProgrammingError as error:
        return "permission denied" in str(error) or "must be owner" in str(error)
    return False


def test_the_tables_of_the_past_are_these() -> None:
    assert set(INSERT_ONLY) <= set(roles.insert_only_tables())


@pytest.mark.usefixtures("as_serving_role")
@pytest.mark.parametrize("table", INSERT_ONLY)
def test_serving_role_cannot_change_remove_or_empty(table: str) -> None:
    column = {"audit_block": "count", "audit_entry": "at", "audit_sealed": "position", "core_file": "media_type"}[table]

    assert refused(f"UPDATE {table} SET {column} = {column}")
    assert refused(f"DELETE FROM {table}")
    assert refused(f"TRUNCATE {table} CASCADE")
    assert refused(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
    assert refused(f"DROP TABLE {table}")
    assert not refused(f"SELECT count(*) FROM {table}")


@pytest.mark.usefixtures("as_serving_role")
def test_serving_role_adds_files_and_entries() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_file (sha256, size_bytes, media_type) VALUES (repeat('a', 64), 1, 'application/pdf')"
        )
        cursor.execute(
            "INSERT INTO audit_entry (at, source, action, object_kind, object_id, detail, address)"
            " VALUES (now(), 'web', 'a', 'k', '1', '{}', '')"
        )

    assert roles.excess_rights() == []


@pytest.mark.usefixtures("as_serving_role")
def test_serving_role_works_on_other_tables_but_not_on_their_shape() -> None:
    assert not refused("UPDATE core_outbox_event SET name = name")
    assert not refused("DELETE FROM core_outbox_event")
    assert refused("CREATE TABLE smuggled (id int)")
    assert refused("INSERT INTO django_migrations (app, name, applied) VALUES ('core', 'x', now())")


def test_owner_shows_as_excess(db: None) -> None:
    assert "audit_entry: UPDATE" in roles.excess_rights()
