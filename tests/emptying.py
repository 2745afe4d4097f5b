"""Emptying the database after a test that commits: only the tables that hold something, and no lock on the others.

Django's own way truncates all of them, a hundred and forty files each time, and makes its content types anew.
"""

from __future__ import annotations

import functools
import time
from typing import Final

from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection, transaction

_KEPT: Final = {Permission._meta.db_table, ContentType._meta.db_table}
"""The same rows after every migration."""
_OTHERS_PATIENCE_S: Final = 10.0


def empty_database() -> None:
    """Delete what tests committed, once nobody else is in a transaction: what ends later would stay behind.

    As Django's `flush`, it leaves the tables of others (the job queue, migrations) and the sequences as they are.
    """
    if not _is_superuser() or not _others_rest():
        call_command("flush", verbosity=0, interactive=False, reset_sequences=False)
        return
    with connection.cursor() as cursor:
        cursor.execute(_question())
        filled: list[str] = cursor.fetchone()[0]
    if not filled:
        return
    with transaction.atomic(), connection.cursor() as cursor:
        # Neither keys nor triggers are asked: all of it goes.
        deletions = "; ".join(f'DELETE FROM "{table}"' for table in filled)
        cursor.execute(f"SET LOCAL session_replication_role = replica; {deletions}")


@functools.cache
def _question() -> str:
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    asked = ", ".join(
        f"CASE WHEN EXISTS (SELECT 1 FROM \"{name}\") THEN '{name}' END" for name in sorted(set(names) - _KEPT)
    )
    return f"SELECT array_remove(ARRAY[{asked}], NULL)"


@functools.cache
def _is_superuser() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('is_superuser')")
        return bool(cursor.fetchone() == ("on",))


def _others_rest() -> bool:
    deadline = time.monotonic() + _OTHERS_PATIENCE_S
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND xact_start IS NOT NULL"
                " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
            if cursor.fetchone() == (0,):
                return True
        time.sleep(0.02)
    return False
