"""The administrator's view of background work: what waits, runs and failed; running failed jobs again."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection
from procrastinate.contrib.django import app

from eoffice.core.errors import Conflict

PAGE_SIZE: Final = 50


@dataclass(frozen=True, slots=True)
class JobCounts:
    """How many jobs wait, run and have failed for good."""

    waiting: int
    running: int
    failed: int


@dataclass(frozen=True, slots=True)
class JobLine:
    """One job. `since` is its newest event; `scheduled_at` the earliest time of the next try, None at once.

    `fault` says why its newest failed try failed, empty where none did.
    """

    id: int
    queue: str
    task_name: str
    arguments: dict[str, Any]
    status: str
    attempts: int
    scheduled_at: datetime | None
    since: datetime | None
    fault: str


class JobNotFailed(Conflict):
    """Only a failed job can be run again."""

    code = "job_not_failed"
    default_message = "Việc này không còn ở trạng thái lỗi. Tải lại danh sách để xem trạng thái mới."


def counts() -> JobCounts:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FILTER (WHERE status = 'todo'), count(*) FILTER (WHERE status = 'doing'),"
            " count(*) FILTER (WHERE status = 'failed')"
            " FROM procrastinate_jobs WHERE status IN ('todo', 'doing', 'failed')"
        )
        return JobCounts(*cursor.fetchone())


def waiting_jobs(*, below: int | None = None) -> list[JobLine]:
    """Jobs that wait for their turn or their next try, newest first, `PAGE_SIZE` with ids under `below`."""
    return _jobs("todo", below)


def running_jobs(*, below: int | None = None) -> list[JobLine]:
    """Jobs a worker holds now, newest first."""
    return _jobs("doing", below)


def failed_jobs(*, below: int | None = None) -> list[JobLine]:
    """Jobs that used up their tries, newest first."""
    return _jobs("failed", below)


def retry_failed(*, job_id: int, now: datetime) -> None:
    """Put one failed job back into its queue. Raises JobNotFailed when it is not (or no longer) failed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM procrastinate_jobs WHERE id = %s AND status = 'failed'", [job_id])
        if cursor.fetchone() is None:
            raise JobNotFailed(job_id=job_id)
    app.job_manager.retry_job_by_id(job_id, retry_at=now)


def retry_all_failed(*, now: datetime) -> int:
    """Put every failed job back into its queue and return how many there were."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM procrastinate_jobs WHERE status = 'failed' ORDER BY id")
        failed = [row[0] for row in cursor.fetchall()]
    for job_id in failed:
        app.job_manager.retry_job_by_id(job_id, retry_at=now)
    return len(failed)


def _jobs(status: str, below: int | None) -> list[JobLine]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, queue_name, task_name, args::text, status::text, attempts, scheduled_at,"
            " (SELECT max(at) FROM procrastinate_events WHERE job_id = job.id), coalesce(fault.words, '')"
            " FROM procrastinate_jobs job LEFT JOIN core_job_fault fault ON fault.job_id = job.id"
            " WHERE status = %s::procrastinate_job_status AND (%s::bigint IS NULL OR id < %s)"
            " ORDER BY id DESC LIMIT %s",
            [status, below, below, PAGE_SIZE],
        )
        return [
            JobLine(
                id=row[0],
                queue=row[1],
                task_name=row[2],
                arguments=json.loads(row[3]),
                status=row[4],
                attempts=row[5],
                scheduled_at=row[6],
                since=row[7],
                fault=row[8],
            )
            for row in cursor.fetchall()
        ]
