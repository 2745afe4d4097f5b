"""Commands of the administrator that belong to no single room."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from eoffice.audit import services as audit
from eoffice.core import job_board
from eoffice.organization.actor import Actor
from eoffice.web import permissions


@transaction.atomic
def run_job_again(*, actor: Actor, job_id: int, now: datetime) -> None:
    """Put a failed job back into its queue. Raises AdministratorOnly, JobNotFailed."""
    permissions.require(permissions.can_run_jobs_again(actor))
    job_board.retry_failed(job_id=job_id, now=now)
    audit.record(actor=actor.ref, action="web.job.run_again", object_kind="job", object_id=job_id, now=now)
