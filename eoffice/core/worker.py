"""The worker process: takes jobs from the queue until it is told to stop."""

from __future__ import annotations

from collections.abc import Sequence

from procrastinate.contrib.django import app

_GRACE_S = 20.0


def run(*, queues: Sequence[str] | None, concurrency: int) -> None:
    """Work on `queues` (None: all) with `concurrency` jobs at once; SIGTERM lets running jobs end within 20 seconds.

    Successful jobs are removed at once; failed ones stay for the administrator. Jobs of a killed worker are taken up
    again by `core.jobs.retry_stalled_jobs`.
    """
    connector = app.connector.get_worker_connector()  # type: ignore[attr-defined]  # the Django connector has it
    with app.replace_connector(connector) as worker_app:
        worker_app.run_worker(
            queues=list(queues) if queues else None,
            concurrency=concurrency,
            delete_jobs="successful",
            shutdown_graceful_timeout=_GRACE_S,
        )
