"""Emptying a demo, so that it can be made anew. A real installation is never touched."""

from __future__ import annotations

import shutil
from typing import Final

import psycopg
from django.conf import settings
from django.db import connection
from psycopg import sql

from eoffice.core.errors import Conflict
from eoffice.organization import queries as organization

_KEPT: Final = frozenset({"django_migrations", "django_content_type"})
_TABLES: Final = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"


class NotADemo(Conflict):
    """The database is a real one."""

    code = "not_a_demo"
    default_message = "Cơ sở dữ liệu này là của một đơn vị thật; không nạp dữ liệu mẫu vào đây."


def require_demo() -> bool:
    """Whether a demo is there already. Raises NotADemo when the installation is a real one."""
    installation = organization.installation()
    if installation is not None and not installation.is_demo:
        raise NotADemo
    return installation is not None


def empty_demo() -> None:
    """Remove every row and every file of a demo. Raises NotADemo; then nothing is removed.

    Works as the owner of the tables, because the serving role may not remove what only grows (audit, files).
    """
    if not require_demo():
        return
    # Django's connection lets go first: it would hold locks that the owner's has to wait for.
    connection.close()
    with psycopg.connect(settings.ENVIRONMENT.database_owner_url or _own_address()) as owner:
        names = [row[0] for row in owner.execute(_TABLES).fetchall() if row[0] not in _KEPT]
        tables = sql.SQL(", ").join(sql.Identifier(name) for name in names)
        owner.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY CASCADE").format(tables))
    for folder in (settings.ENVIRONMENT.files_dir, settings.ENVIRONMENT.hold_dir):
        shutil.rmtree(folder, ignore_errors=True)


def _own_address() -> str:
    if settings.ENVIRONMENT.database_url is None:
        raise NotADemo("Chưa biết cơ sở dữ liệu nào để dựng lại. Đặt DATABASE_URL hoặc chạy «eoffice up --demo» trước.")
    return settings.ENVIRONMENT.database_url
