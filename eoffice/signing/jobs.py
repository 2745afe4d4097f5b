"""Background entries: checking files, and keeping revocation lists fresh."""

from __future__ import annotations

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from eoffice.core import clock
from eoffice.signing import services

_RETRY = RetryStrategy(max_attempts=5, exponential_wait=4)


@app.task(name="signing.check_file", queue="signing", retry=_RETRY)
def check_file(*, sha256: str) -> None:
    """Check the signatures of one stored file."""
    services.check_file(sha256=sha256, now=clock.now())


@app.periodic(cron="7 */6 * * *")
@app.task(name="signing.renew_revocation_lists", queue="system", queueing_lock="signing.renew_revocation_lists")
def renew_revocation_lists(timestamp: int) -> None:
    """Four times a day: new lists before the old ones run out."""
    services.trust_anchors(now=clock.now())
    services.forget_old_answers(now=clock.now())
