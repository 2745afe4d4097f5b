"""Background work of the whole-way tests: the real jobs on the real queue, worked off between two steps."""

from __future__ import annotations

import threading

from django.db import connections
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.periodic import PeriodicRegistry


def work() -> None:
    """Run every waiting job as the worker process would, and those they ask for; fail the test if one failed.

    In a thread of its own: Playwright keeps an event loop in the thread of the tests, and the worker needs one too.
    """
    told: list[Exception] = []
    worker = threading.Thread(target=_work_until_empty, args=(told,))
    worker.start()
    worker.join()
    assert told == []
    unfinished = ProcrastinateJob.objects.exclude(status="succeeded").exclude(queue_name="system")
    assert list(unfinished.values_list("task_name", "status", "attempts")) == []


def _work_until_empty(told: list[Exception]) -> None:
    try:
        connector = app.connector.get_worker_connector()  # type: ignore[attr-defined]  # the Django connector has it
        worker_app = app.with_connector(connector)
        worker_app.periodic_registry = PeriodicRegistry()  # what the clock starts is no part of a story
        worker_app.run_worker(wait=False, install_signal_handlers=False, delete_jobs="successful")
    except Exception as error:  # noqa: BLE001 - carried to the test's thread, which fails with it
        told.append(error)
    finally:
        connections.close_all()
