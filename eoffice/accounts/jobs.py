"""Background entries of the accounts room."""

from __future__ import annotations

from procrastinate.contrib.django import app

from eoffice.accounts.services import handshakes, password_links, sessions, slowing, tokens
from eoffice.core import clock
from eoffice.core.jobs import RETRY


@app.periodic(cron="17 2 * * *")
@app.task(name="accounts.forget_old_entries", queue="system", queueing_lock="accounts.forget_old_entries")
def forget_old_entries(timestamp: int) -> None:
    """Delete, once a night, what no longer guards or shows anything: old tries, handshakes and ended sessions."""
    now = clock.now()
    slowing.forget_old_tries(now=now)
    handshakes.forget_old_handshakes(now=now)
    sessions.forget_old_sessions(now=now)
    password_links.forget_old_links(now=now)


@app.task(name=password_links.ANSWER_TASK, queue="messages", retry=RETRY)
def answer_reset_request(*, request_id: int) -> None:
    """Mail a link to who asked for a new password, where there is an account that may have one."""
    password_links.answer_reset_request(request_id=request_id, now=clock.now())


@app.periodic(cron="7 8 * * *")
@app.task(name="accounts.warn_of_ending_tokens", queue="system", queueing_lock="accounts.warn_of_ending_tokens")
def warn_of_ending_tokens(timestamp: int) -> None:
    """Once a morning: owners hear of tokens that end within a week."""
    tokens.warn_of_ending_tokens(now=clock.now())
