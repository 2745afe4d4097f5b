"""Background work on the real queue: nothing without its change, nothing lost with a worker."""

from __future__ import annotations

import dataclasses
import logging
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.jobs import Job
from procrastinate.periodic import PeriodicRegistry

from eoffice.core import job_board, outbox, subscriptions
from eoffice.core.errors import Conflict
from eoffice.core.job_faults import OneTry, note
from eoffice.core.jobs import deliver_event, retry_stalled_jobs
from eoffice.core.models import JobFault, OutboxEvent
from eoffice.core.worker import QueueConnector

NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("empty_queue")]


@dataclasses.dataclass(frozen=True)
class SomethingHappened:
    number: int


@pytest.fixture
def heard() -> Iterator[list[int]]:
    numbers: list[int] = []

    def listen(payload: dict[str, int]) -> None:
        numbers.append(payload["number"])

    subscriptions.subscribe("core.test_happened")(listen)
    yield numbers
    subscriptions._subscribers.pop("core.test_happened")


def publish(number: int) -> OutboxEvent:
    return outbox.publish(SomethingHappened(number), name="core.test_happened", now=NOW)


def work_until_empty(*queues: str) -> None:
    connector = app.connector.get_worker_connector()  # type: ignore[attr-defined]  # the Django connector has it
    worker_app = app.with_connector(connector)
    worker_app.periodic_registry = PeriodicRegistry()  # only the jobs of the test
    worker_app.run_worker(queues=list(queues) or ["events"], wait=False, install_signal_handlers=False)


def work_as_served() -> None:
    """As `core.worker.run` does, until the queue of events is empty."""
    with app.replace_connector(QueueConnector(app.connector)) as worker_app:
        worker_app.run_worker(queues=["events"], wait=False, install_signal_handlers=False)


def waiting() -> list[str]:
    return list(ProcrastinateJob.objects.filter(status="todo").values_list("task_name", flat=True))


def fail_every_try(job_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE id = %s", [job_id])
        cursor.execute("UPDATE procrastinate_jobs SET status = 'failed' WHERE id = %s", [job_id])


def test_event_reaches_its_subscriber_once(heard: list[int]) -> None:
    with transaction.atomic():
        event = publish(7)

    work_until_empty()
    deliver_event(event_id=event.pk)

    assert heard == [7]
    event.refresh_from_db()
    assert event.delivered_at is not None


def test_event_and_job_of_a_rolled_back_change_are_gone(heard: list[int]) -> None:
    with transaction.atomic():
        publish(8)
        transaction.set_rollback(True)

    assert OutboxEvent.objects.count() == 0
    assert waiting() == []
    work_until_empty()
    assert heard == []


def test_event_outside_a_transaction_is_refused() -> None:
    with pytest.raises(RuntimeError, match="inside the transaction"):
        publish(9)

    assert OutboxEvent.objects.count() == 0


def test_job_of_a_dead_worker_is_taken_up_again(heard: list[int]) -> None:
    with transaction.atomic():
        publish(10)
    with connection.cursor() as cursor:
        # What a worker leaves behind that is killed in the middle of a job.
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '5 minutes') RETURNING id"
        )
        dead = cursor.fetchone()[0]
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s", [dead])
    assert waiting() == []

    retry_stalled_jobs.defer(timestamp=0)  # type: ignore[call-arg]  # what the periodic caller passes
    work_until_empty("system")
    work_until_empty("events")

    assert heard == [10]


def test_job_that_keeps_killing_workers_fails_for_the_administrator_to_see() -> None:
    with transaction.atomic():
        publish(11)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing', worker_id = NULL, attempts = 8")

    retry_stalled_jobs.defer(timestamp=0)  # type: ignore[call-arg]  # what the periodic caller passes
    work_until_empty("system")

    (job,) = job_board.failed_jobs()
    assert job.task_name == "core.deliver_event"
    assert job_board.counts().failed == 1


def test_failed_try_stands_in_the_log_and_counts(caplog: pytest.LogCaptureFixture) -> None:
    @subscriptions.subscribe("core.test_happened")
    def break_down(payload: dict[str, int]) -> None:
        raise RuntimeError("the printer is on fire")

    with transaction.atomic():
        publish(14)
    with caplog.at_level(logging.WARNING, logger="eoffice.core.job_faults"):
        work_until_empty()
    subscriptions._subscribers.pop("core.test_happened")

    (line,) = job_board.waiting_jobs()
    assert (line.attempts, line.scheduled_at is not None) == (1, True)
    assert "core.deliver_event" in caplog.text
    assert "the printer is on fire" in caplog.text


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Conflict("Máy in đang bận."), "Máy in đang bận."),
        (RuntimeError("secret words of a letter"), "RuntimeError (eoffice/core/tests/test_jobs.py:"),
    ],
)
def test_why_a_try_failed_stands_beside_its_job_and_goes_with_it(fault: Exception, words: str) -> None:
    @subscriptions.subscribe("core.test_happened")
    def break_down(payload: dict[str, int]) -> None:
        raise fault

    with transaction.atomic():
        publish(16)
    work_until_empty()
    subscriptions._subscribers.pop("core.test_happened")

    until = time.monotonic() + 60
    while not JobFault.objects.exists() and time.monotonic() < until:
        time.sleep(0.05)
    (line,) = job_board.waiting_jobs()
    assert line.fault.startswith(words)
    assert "secret" not in line.fault

    ProcrastinateJob.objects.filter(pk=line.id).delete()
    assert not JobFault.objects.exists()


def test_task_without_another_try_keeps_its_fault_too() -> None:
    note(Job(id=None, queue="system", lock=None, queueing_lock=None, task_name="x"), RuntimeError("nobody's job"))
    with transaction.atomic():
        publish(17)
    (line,) = job_board.waiting_jobs()
    job = Job(id=line.id, queue="events", lock=None, queueing_lock=None, task_name="core.deliver_event")

    assert OneTry().get_retry_decision(exception=RuntimeError("anything"), job=job) is None

    until = time.monotonic() + 60
    while not JobFault.objects.exists() and time.monotonic() < until:
        time.sleep(0.05)
    assert [fault.words for fault in JobFault.objects.all()] == ["RuntimeError"]


def test_failed_job_can_be_run_again(heard: list[int]) -> None:
    with transaction.atomic():
        publish(12)
    (line,) = job_board.waiting_jobs()
    fail_every_try(line.id)

    job_board.retry_failed(job_id=line.id, now=datetime.now(UTC) - timedelta(seconds=1))
    work_until_empty()

    assert heard == [12]
    assert job_board.failed_jobs() == []


def test_job_that_is_not_failed_is_not_run_again() -> None:
    with transaction.atomic():
        publish(13)
    (line,) = job_board.waiting_jobs()

    with pytest.raises(job_board.JobNotFailed):
        job_board.retry_failed(job_id=line.id, now=NOW)

    assert job_board.counts() == job_board.JobCounts(waiting=1, running=0, failed=0)


def test_every_failed_job_is_run_again_at_once(heard: list[int]) -> None:
    with transaction.atomic():
        for number in (14, 15):
            publish(number)
    for line in job_board.waiting_jobs():
        fail_every_try(line.id)

    assert job_board.retry_all_failed(now=datetime.now(UTC) - timedelta(seconds=1)) == 2
    work_until_empty()

    assert sorted(heard) == [14, 15]


def test_job_ordered_by_a_job_goes_with_its_transaction() -> None:
    seen_elsewhere: list[int] = []

    def order_more(payload: dict[str, int]) -> None:
        if payload["number"] != 1:
            return
        with transaction.atomic():
            publish(2)
            seen_elsewhere.append(_events_seen_by_another_connection())
        with transaction.atomic():
            publish(3)
            transaction.set_rollback(True)

    subscriptions.subscribe("core.test_happened")(order_more)
    try:
        with transaction.atomic():
            publish(1)
        work_as_served()
    finally:
        subscriptions._subscribers.pop("core.test_happened")

    assert seen_elsewhere == [1]  # the job at work; the one it orders is not there before its event
    assert sorted(OutboxEvent.objects.values_list("payload__number", flat=True)) == [1, 2]
    assert list(ProcrastinateJob.objects.filter(task_name="core.deliver_event").values_list("status", flat=True)) == [
        "succeeded",
        "succeeded",
    ]


def _events_seen_by_another_connection() -> int:
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'core.deliver_event'")
            return int(cursor.fetchone()[0])
    finally:
        other.close()
