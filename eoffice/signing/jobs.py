"""Background entries: checking files, and keeping revocation lists fresh."""

from __future__ import annotations

from procrastinate import JobContext
from procrastinate.contrib.django import app

from eoffice.core import clock
from eoffice.core.job_faults import LoggedRetry
from eoffice.signing import services
from eoffice.signing.services import (
    answering,
    asking,
    asking_issuers,
    certificates,
    comparing_holders,
    lasting,
    polling,
    program_files,
    warning_of_ends,
)

_RETRY = LoggedRetry(max_attempts=5, exponential_wait=4)
_POLLING_S = 110.0
"""So long that whoever is started in the next minute finds it at work, and takes over in the one after."""


@app.task(name="signing.check_file", queue="signing", retry=_RETRY)
def check_file(*, sha256: str, fresh: bool = False) -> None:
    """Check the signatures of one stored file."""
    services.check_file(sha256=sha256, now=clock.now(), fresh=fresh)


@app.task(name=asking.SEND_TASK, queue="signing", retry=_RETRY)
def send_request(*, request_id: int) -> None:
    """Prepare the papers of a signature request and hand their hashes to its key."""
    services.send_request(request_id=request_id, now=clock.now())


@app.task(name=answering.FINISH_TASK, queue="signing", retry=_RETRY)
def finish_request(*, request_id: int) -> None:
    """Close the files of a signature request whose values have come."""
    services.finish_request(request_id=request_id, now=clock.now())


@app.task(name=asking.POLL_TASK, queue="signing", pass_context=True)
def poll_requests(context: JobContext) -> None:
    """Ask what became of open requests, for as long as there are any; who asks already makes this one end at once."""
    polling.poll_while_open(clock=clock.now, lasts_s=_POLLING_S, should_stop=context.should_abort)


@app.periodic(cron="* * * * *")
@app.task(name="signing.go_on_polling", queue="signing", queueing_lock="signing.go_on_polling", pass_context=True)
def go_on_polling(context: JobContext, timestamp: int) -> None:
    """Every minute: where requests are open and nobody asks any more, ask on."""
    polling.poll_while_open(clock=clock.now, lasts_s=_POLLING_S, should_stop=context.should_abort)


@app.periodic(cron="* * * * *")
@app.task(name="signing.expire_requests", queue="system", queueing_lock="signing.expire_requests")
def expire_requests(timestamp: int) -> None:
    """Every minute: what was not confirmed in time is over."""
    services.expire_requests(now=clock.now())


@app.periodic(cron="*/5 * * * *")
@app.task(name="signing.recheck_due", queue="system", queueing_lock="signing.recheck_due")
def recheck_due(timestamp: int) -> None:
    """Every five minutes: check again what a silent source or a change of the trust list left open."""
    services.recheck_due(now=clock.now())


@app.task(name=lasting.COMPLETE_TASK, queue="signing", retry=_RETRY)
def complete_file(*, lasting_id: int) -> None:
    """Add to one signed file what it lacks to last."""
    services.complete_file(lasting_id=lasting_id, now=clock.now())


@app.periodic(cron="*/5 * * * *")
@app.task(name="signing.order_due_completions", queue="system", queueing_lock="signing.order_due_completions")
def order_due_completions(timestamp: int) -> None:
    """Every five minutes: signed files whose turn has come are completed or renewed."""
    services.order_due_completions(now=clock.now())


@app.periodic(cron="*/10 * * * *")
@app.task(name="signing.watch_certificates", queue="signing", queueing_lock="signing.watch_certificates")
def watch_certificates(timestamp: int) -> None:
    """Every ten minutes: certificates are entered, holders warned and compared, issuers asked whose turn has come."""
    certificates.note_certificates(now=clock.now())
    warning_of_ends.warn_of_ends(now=clock.now())
    asking_issuers.ask_issuers(now=clock.now())
    comparing_holders.compare_holders(now=clock.now())


@app.periodic(cron="7 */6 * * *")
@app.task(name="signing.renew_revocation_lists", queue="system", queueing_lock="signing.renew_revocation_lists")
def renew_revocation_lists(timestamp: int) -> None:
    """Four times a day: new lists before the old ones run out; what is over by a day is dropped."""
    services.trust_anchors(now=clock.now())
    services.forget_old_answers(now=clock.now())
    program_files.forget_passes(now=clock.now())
