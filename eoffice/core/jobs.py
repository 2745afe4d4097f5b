"""Background entries of the core: delivering events, taking up the jobs of killed workers."""

from __future__ import annotations

from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.jobs import Status

from eoffice.core import clock
from eoffice.core.channels import receipts, sending
from eoffice.core.job_faults import LoggedRetry
from eoffice.core.models import OutboxEvent
from eoffice.core.subscriptions import subscribers_of

RETRY = LoggedRetry(max_attempts=8, exponential_wait=3)
"""Eight tries over about an hour; then the job stands as failed for the administrator."""


@app.task(name="core.deliver_event", queue="events", retry=RETRY)
def deliver_event(*, event_id: int) -> None:
    """Hand one event to its subscribers; a delivered one is not handed out again."""
    event = OutboxEvent.objects.get(pk=event_id)
    if event.delivered_at is not None:
        return
    for subscriber in subscribers_of(event.name):
        subscriber(event.payload)
    event.delivered_at = clock.now()
    event.save(update_fields=["delivered_at"])


@app.task(name=sending.TASK, queue=sending.QUEUE, retry=RETRY)
def send_message(*, message_id: int) -> None:
    """One try to send a message; a failed one orders the next itself."""
    sending.try_to_send(message_id=message_id, now=clock.now())


@app.task(name=receipts.TASK, queue=receipts.QUEUE, retry=RETRY)
def note_receipt(*, gateway_id: int, provider_id: str, delivered: bool, attempt: int) -> None:
    """Note a delivery report; one about a part nobody knows is looked at a few times more."""
    known = receipts.record_receipt(
        gateway_id=gateway_id, provider_id=provider_id, delivered=delivered, now=clock.now()
    )
    if not known and attempt < receipts.TRIES:
        receipts.note_later(gateway_id=gateway_id, provider_id=provider_id, delivered=delivered, attempt=attempt + 1)


LOST_AFTER_S = 30
"""A worker that gave no sign for this long counts as dead; it signs every ten seconds."""
_MOST_ATTEMPTS = 8


@app.periodic(cron="* * * * *")
@app.task(name="core.retry_stalled_jobs", queue="system", queueing_lock="core.retry_stalled_jobs", pass_context=True)
async def retry_stalled_jobs(context: JobContext, timestamp: int) -> None:
    """Every minute: jobs whose worker died are put back into their queue; one that keeps killing workers fails."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=LOST_AFTER_S):
        if job.attempts >= _MOST_ATTEMPTS:
            await manager.finish_job(job, status=Status.FAILED, delete_job=False)
        else:
            await manager.retry_job(job, retry_at=clock.now())
