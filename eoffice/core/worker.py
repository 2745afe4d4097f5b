"""The worker process: takes jobs from the queue until it is told to stop."""

from __future__ import annotations

from collections.abc import Sequence

from procrastinate.connector import BaseConnector
from procrastinate.contrib.django import app, utils
from procrastinate.contrib.django.settings import settings
from procrastinate.psycopg_connector import PsycopgConnector

from eoffice.core.job_faults import OneTry

_GRACE_S = 20.0
_CONNECTION_WAIT_S = 8.0


class QueueConnector(PsycopgConnector):
    """Takes jobs over connections of its own; what a job enqueues goes over Django's, in the transaction of its change.

    The worker's app is the app that services enqueue with: over the queue's own connections a new job would be taken
    before its event is committed, and would stay when the change is rolled back.
    """

    def __init__(self, enqueueing: BaseConnector) -> None:
        # A worker whose database is gone for good says so soon: it waits for a connection at every step of its end.
        super().__init__(kwargs=utils.connector_params(settings.DATABASE_ALIAS), timeout=_CONNECTION_WAIT_S)
        self._enqueueing = enqueueing

    def get_sync_connector(self) -> BaseConnector:
        return self._enqueueing


def run(*, queues: Sequence[str] | None, concurrency: int) -> None:
    """Work on `queues` (None: all) with `concurrency` jobs at once; SIGTERM lets running jobs end within 20 seconds.

    Successful jobs are removed at once; failed ones stay for the administrator. Jobs of a killed worker are taken up
    again by `core.jobs.retry_stalled_jobs`.
    """
    with app.replace_connector(QueueConnector(app.connector)) as worker_app:
        for task in worker_app.tasks.values():
            task.retry_strategy = task.retry_strategy or OneTry()
        worker_app.run_worker(
            queues=list(queues) if queues else None,
            concurrency=concurrency,
            delete_jobs="successful",
            shutdown_graceful_timeout=_GRACE_S,
        )
