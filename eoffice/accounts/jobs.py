"""Background entries of the accounts room."""

from __future__ import annotations

from procrastinate.contrib.django import app

from eoffice.accounts.services import handshakes, sessions, slowing
from eoffice.core import clock


@app.periodic(cron="17 2 * * *")
@app.task(name="accounts.forget_old_entries", queue="system", queueing_lock="accounts.forget_old_entries")
def forget_old_entries(timestamp: int) -> None:
    """Delete, once a night, what no longer guards or shows anything: old tries, handshakes and ended sessions."""
    now = clock.now()
    slowing.forget_old_tries(now=now)
    handshakes.forget_old_handshakes(now=now)
    sessions.forget_old_sessions(now=now)
