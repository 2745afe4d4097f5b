"""What this room tells the rooms below it, and what it does by the clock; loaded when Django starts."""

from __future__ import annotations

from procrastinate.contrib.django import app

from eoffice.accounts import holders
from eoffice.core import clock
from eoffice.organization import queries
from eoffice.organization.services import deciding_rights

holders.tells_holder(queries.holder_of)


@app.periodic(cron="*/5 * * * *")
@app.task(name="organization.turn_sights", queue="system", queueing_lock="organization.turn_sights")
def turn_sights(timestamp: int) -> None:
    """Every five minutes: sights of single documents begin on their first day and end after their last."""
    deciding_rights.end_sights_that_are_over(now=clock.now())
    deciding_rights.open_sights_that_begin(now=clock.now())
