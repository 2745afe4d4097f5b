"""Background entries: rendering, taking up what was abandoned, purging the hold."""

from __future__ import annotations

from procrastinate.contrib.django import app

from eoffice.core import clock
from eoffice.core.job_faults import LoggedRetry
from eoffice.renditions import hold, services

# Only bugs and a lost database reach the queue: a file's own failure is written on its rows.
_RETRY = LoggedRetry(max_attempts=5, exponential_wait=4)


@app.task(name="renditions.render", queue="renditions", retry=_RETRY)
def render(*, sha256: str) -> None:
    """Make the PDF and the text of one stored file."""
    services.render(sha256=sha256, now=clock.now())


@app.periodic(cron="*/5 * * * *")
@app.task(name="renditions.take_up_abandoned", queue="system", queueing_lock="renditions.take_up_abandoned")
def take_up_abandoned(timestamp: int) -> None:
    """Every five minutes: files whose worker was killed."""
    services.take_up_abandoned(now=clock.now())


@app.periodic(cron="*/5 * * * *")
@app.task(name="renditions.purge_hold", queue="system", queueing_lock="renditions.purge_hold")
def purge_hold(timestamp: int) -> None:
    """Every five minutes: uploads that waited an hour."""
    hold.purge(now=clock.now())
