"""A cast is made through the services once for each worker; a test then gets the same rows back in one statement.

Making one takes a quarter of a second of processor time, hundreds of tests begin with it, and it comes out the same
each time. What comes back is every row of every table that the making filled, whatever room it belongs to.
"""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

from django.db import connection, transaction

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _World:
    """What making left behind. `cast` is nobody's: each test gets a copy."""

    cast: object
    filled: str
    """A question: does one of the tables hold a row already?"""
    rows: str
    """The statements that put the rows back."""


def made_once(make: Callable[P, T]) -> Callable[P, T]:
    """Keep what `make()` builds in an empty database, and put it back when it is asked for again.

    Made anew all the same: with arguments (another day), beside rows that are there already, where something else than
    new rows came of it (a changed row, a thing to do after the commit), or where the role may not pass over triggers.
    """
    kept: list[_World] = []

    @functools.wraps(make)
    def give(*args: P.args, **kwargs: P.kwargs) -> T:
        if args or kwargs:
            return make(*args, **kwargs)
        if not kept:
            cast, world = _watched(make)
            if world is not None:
                kept.append(world)
            return cast
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(kept[0].filled)
            if cursor.fetchone() == (False,):
                cursor.execute(kept[0].rows)
                return copy.deepcopy(kept[0].cast)  # type: ignore[return-value]  # the copy of a T
        return make(*args, **kwargs)

    return give


def _watched(make: Callable[[], T]) -> tuple[T, _World | None]:
    tables = _tables()
    before = {table: _print_of(table) for table in tables}
    promised = len(connection.run_on_commit)
    cast = make()
    changed = [table for table in tables if _print_of(table) != before[table]]
    plain = all(before[table] is None for table in changed) and len(connection.run_on_commit) == promised
    if not changed or not plain or not _may_pass_over_triggers():
        return cast, None
    filled = " UNION ALL ".join(f"SELECT 1 FROM {table}" for table in changed)
    statements = [
        "SET LOCAL session_replication_role = replica",
        *(_insert(table) for table in changed),
        *(statement for table in changed for statement in _raised(table)),
        "SET LOCAL session_replication_role = origin",
    ]
    return cast, _World(copy.deepcopy(cast), f"SELECT EXISTS ({filled})", ";\n".join(statements))


def _tables() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        )
        return [name for (name,) in cursor.fetchall()]


def _print_of(table: str) -> str | None:
    """None for an empty table."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT md5(string_agg(row::text, '|' ORDER BY row::text)) FROM {table} AS row")
        found: tuple[str | None] = cursor.fetchone()  # an aggregate has one row
        return found[0]


def _may_pass_over_triggers() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('is_superuser')")
        return bool(cursor.fetchone() == ("on",))


def _insert(table: str) -> str:
    """One statement with every row that `table` holds, values written as PostgreSQL writes them itself."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT quote_ident(attname) FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
            " AND NOT attisdropped AND attgenerated = '' ORDER BY attnum",
            [table],
        )
        columns = [name for (name,) in cursor.fetchall()]
        values = ", ".join(f"quote_nullable({column}::text)" for column in columns)
        cursor.execute(f"SELECT string_agg('(' || concat_ws(', ', {values}) || ')', ', ') FROM {table}")
        (rows,) = cursor.fetchone()
    return f"INSERT INTO {table} ({', '.join(columns)}) OVERRIDING SYSTEM VALUE VALUES {rows}"


def _raised(table: str) -> list[str]:
    """The next key comes after the highest here, also where sequences began anew in between."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attname, pg_get_serial_sequence(%s, attname) FROM pg_attribute WHERE attrelid = %s::regclass"
            " AND attnum > 0 AND NOT attisdropped AND pg_get_serial_sequence(%s, attname) IS NOT NULL",
            [table] * 3,
        )
        return [
            f"SELECT setval('{sequence}', GREATEST(nextval('{sequence}'), (SELECT max(\"{column}\") FROM {table})))"
            for column, sequence in cursor.fetchall()
        ]
