"""What the serving database role may do: everything its work needs, and nothing to the past.

A model with `insert_only = True` gives that role INSERT and SELECT alone (audit, stored files, the old system's data);
`django_migrations` may only be read. Granted anew after every migration, so a new table is never forgotten.
"""

from __future__ import annotations

from django.apps import AppConfig, apps
from django.conf import settings
from django.db import connection
from psycopg import sql

_READ_ONLY_TABLES = ("django_migrations",)


def insert_only_tables() -> list[str]:
    """Tables whose rows the serving role may add and read, never change or remove; in order of name."""
    return sorted(model._meta.db_table for model in apps.get_models() if getattr(model, "insert_only", False))


def grant_after_migrate(sender: AppConfig, **_: object) -> None:
    """Receiver of `post_migrate`: gives the serving role its rights, where it is another role than ours."""
    if settings.DATABASE_APP_ROLE:
        grant_to(settings.DATABASE_APP_ROLE)


def grant_to(role: str) -> None:
    """Give `role` its rights on all tables of the schema `public`. Runs as the owner; may run any number of times."""
    name = sql.Identifier(role)
    statements: list[sql.Composable] = [
        sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(name),
        sql.SQL("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}").format(name),
        sql.SQL("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}").format(name),
        sql.SQL("REVOKE CREATE ON SCHEMA public FROM PUBLIC, {}").format(name),
    ]
    for table in insert_only_tables():
        statements.append(_take_all(table, name))
        statements.append(sql.SQL("GRANT SELECT, INSERT ON TABLE {} TO {}").format(sql.Identifier(table), name))
    for table in _READ_ONLY_TABLES:
        statements.append(_take_all(table, name))
        statements.append(sql.SQL("GRANT SELECT ON TABLE {} TO {}").format(sql.Identifier(table), name))
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement.as_string())


def _take_all(table: str, name: sql.Identifier) -> sql.Composed:
    return sql.SQL("REVOKE ALL ON TABLE {} FROM {}").format(sql.Identifier(table), name)


def excess_rights() -> list[str]:
    """Rights of the present role that it should not have (`audit_entry: UPDATE`); empty is good."""
    excess: list[str] = []
    with connection.cursor() as cursor:
        for table in insert_only_tables():
            for right in ("UPDATE", "DELETE", "TRUNCATE"):
                cursor.execute("SELECT has_table_privilege(current_user, %s, %s)", [table, right])
                if cursor.fetchone()[0]:
                    excess.append(f"{table}: {right}")
    return excess
