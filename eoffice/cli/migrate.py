"""`eoffice migrate`: bring the database to the state this code needs, as the `owner` role."""

from __future__ import annotations

import argparse
import os

import django
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from eoffice import environment as env
from eoffice.cli.database import connected


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser("migrate", help="đưa cơ sở dữ liệu lên đúng phiên bản của chương trình")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    with connected(env.read(), as_owner=True):
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "eoffice.settings")
        django.setup()
        pending = pending_of_database()
        call_command("migrate", interactive=False, verbosity=0)
        print(f"Đã áp dụng {pending} bước cập nhật." if pending else "Cấu trúc dữ liệu đã đúng phiên bản.", flush=True)
    return 0


def pending_of_database() -> int:
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
