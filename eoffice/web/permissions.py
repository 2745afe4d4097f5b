"""Who may open the pages of administration."""

from __future__ import annotations

from eoffice.organization.actor import Actor
from eoffice.organization.errors import AdministratorOnly
from eoffice.organization.models import Role


def require(allowed: bool) -> None:
    """Raise AdministratorOnly unless `allowed`."""
    if not allowed:
        raise AdministratorOnly


def can_run_jobs_again(actor: Actor) -> bool:
    return actor.plays(Role.ADMINISTRATOR)


def can_read_audit(actor: Actor) -> bool:
    """The administrator and the auditor; reading changes nothing."""
    return actor.plays(Role.ADMINISTRATOR, Role.AUDITOR)
