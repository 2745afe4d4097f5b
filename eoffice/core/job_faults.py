"""Why a background job failed: kept for the administrator's page, told by the retry strategy of every task."""

from __future__ import annotations

import logging
import traceback
from datetime import datetime
from pathlib import Path
from threading import Thread
from typing import Final

from django.db import DatabaseError, connection
from procrastinate import BaseRetryStrategy, RetryDecision, RetryStrategy
from procrastinate.jobs import Job

from eoffice.core import clock
from eoffice.core.errors import ExpectedError
from eoffice.core.models import JobFault

_log: Final = logging.getLogger(__name__)
_OURS: Final = Path(__file__).resolve().parents[1]
_LONGEST: Final = 500


class LoggedRetry(RetryStrategy):
    """Writes each failed try into the log with its fault, and the fault beside the job; the queue knows neither."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        decision = super().get_retry_decision(exception=exception, job=job)
        if decision is not None:
            _log.warning("Job %s (%s), try %d failed", job.id, job.task_name, job.attempts + 1, exc_info=exception)
        note(job, exception)
        return decision


class OneTry(BaseRetryStrategy):
    """For tasks that come again by the clock: no second try, but the fault is kept."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        note(job, exception)
        return None


def note(job: Job, exception: BaseException) -> None:
    """Keep the fault beside its job, from a thread of its own: the worker's loop must not wait for the database."""
    if job.id is not None:
        Thread(target=_keep, args=(job.id, words_of(exception), clock.now()), daemon=True).start()


def words_of(exception: BaseException) -> str:
    """The words of an expected error; of another its name and the line of ours where it arose, never what it says."""
    if isinstance(exception, ExpectedError):
        return str(exception)[:_LONGEST]
    ours = [frame for frame in traceback.extract_tb(exception.__traceback__) if _OURS in Path(frame.filename).parents]
    place = f" ({Path(ours[-1].filename).relative_to(_OURS.parent)}:{ours[-1].lineno})" if ours else ""
    return f"{type(exception).__name__}{place}"[:_LONGEST]


def _keep(job_id: int, words: str, at: datetime) -> None:
    try:
        JobFault.objects.bulk_create(
            [JobFault(job_id=job_id, words=words, at=at)],
            update_conflicts=True, unique_fields=["job_id"], update_fields=["words", "at"],
        )  # fmt: skip
    except DatabaseError:
        _log.exception("Fault of job %s not kept", job_id)
    finally:
        connection.close()
