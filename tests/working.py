"""Work beside the browser: the real jobs on the real queue, and services that need an event loop of their own.

Playwright keeps its loop running in the thread of the tests; the worker and the signing library start theirs.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connections
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.periodic import PeriodicRegistry

T = TypeVar("T")


def aside(call: Callable[[], T]) -> T:
    """Run a call in a thread of its own, which leaves no database connection behind."""

    def run() -> T:
        try:
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(run).result()


def work() -> None:
    """Run every waiting job as the worker process would, and those they ask for; fail the test if one failed."""
    aside(_work_until_empty)
    unfinished = ProcrastinateJob.objects.exclude(status="succeeded").exclude(queue_name="system")
    assert list(unfinished.values_list("task_name", "status", "attempts")) == []


def _work_until_empty() -> None:
    connector = app.connector.get_worker_connector()  # type: ignore[attr-defined]  # the Django connector has it
    worker_app = app.with_connector(connector)
    worker_app.periodic_registry = PeriodicRegistry()  # what the clock starts is no part of a story
    worker_app.run_worker(wait=False, install_signal_handlers=False, delete_jobs="successful")
