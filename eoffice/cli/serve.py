"""`eoffice serve web|events|worker`: one part of a node, in the foreground, on the database of DATABASE_URL."""

from __future__ import annotations

import argparse
import os
import sys
from importlib import import_module

import django

from eoffice import environment as env


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser("serve", help="chạy một phần của hệ thống trên nút này")
    parts = parser.add_subparsers(required=True, metavar="web|events|worker")
    web = parts.add_parser("web", help="máy chủ web")
    web.add_argument("--workers", type=int, default=2, help="số tiến trình (mặc định 2)")
    web.set_defaults(run=serve_web)
    events = parts.add_parser("events", help="kênh báo số đếm tức thời (server-sent events)")
    events.set_defaults(run=serve_events)
    worker = parts.add_parser("worker", help="xử lý công việc nền")
    worker.add_argument("--queues", default="", help="chỉ các hàng đợi này, cách nhau bằng dấu phẩy")
    worker.add_argument("--concurrency", type=int, default=4, help="số việc cùng lúc (mặc định 4)")
    worker.set_defaults(run=serve_worker)


def serve_web(arguments: argparse.Namespace) -> int:
    environment = _served_environment()
    return _become_granian(
        environment,
        ["--interface", "wsgi", "--port", str(environment.port), "--workers", str(arguments.workers)],
        # One blocking thread per worker: each keeps one database connection and no pool is needed (stack.md).
        ["--blocking-threads", "1", "--no-ws", "eoffice.wsgi:application"],
    )


def serve_events(arguments: argparse.Namespace) -> int:
    environment = _served_environment()
    return _become_granian(
        environment,
        ["--interface", "asgi", "--port", str(environment.events_port), "--workers", "1", "--no-ws"],
        ["eoffice.asgi:application"],
    )


def _become_granian(environment: env.Environment, *parts: list[str]) -> int:
    command = [sys.executable, "-m", "granian", "--host", environment.host, "--log-level", "warning"]
    command += ["--respawn-failed-workers", *(word for part in parts for word in part)]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "eoffice.settings")
    os.execv(sys.executable, command)  # noqa: S606 - a fixed program, replacing this one


def serve_worker(arguments: argparse.Namespace) -> int:
    _served_environment()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "eoffice.settings")
    django.setup()
    queues = [name for name in arguments.queues.split(",") if name]
    # Loaded only now: it needs Django set up.
    import_module("eoffice.core.worker").run(queues=queues or None, concurrency=arguments.concurrency)
    return 0


def _served_environment() -> env.Environment:
    environment = env.read()
    if not environment.database_url:
        raise env.EnvironmentInvalid(
            "«eoffice serve» cần DATABASE_URL."
            " Trên một máy duy nhất hãy dùng «eoffice up»: lệnh đó tự chạy cơ sở dữ liệu."
        )
    return environment
