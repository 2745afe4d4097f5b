"""Background entries of audit: the sealing of committed entries."""

from __future__ import annotations

from procrastinate.contrib.django import app

from eoffice.audit import services
from eoffice.core import clock


@app.periodic(cron="*/4 * * * * *")
@app.task(name="audit.seal", queue="system", queueing_lock="audit.seal", pass_context=False)
def seal(timestamp: int) -> None:
    """Every four seconds, so that no committed entry stays unsealed for more than five."""
    services.seal(now=clock.now())
