"""Who of an import can be invited, and how far that has come."""

from __future__ import annotations

from datetime import datetime

from eoffice.accounts import queries as accounts
from eoffice.accounts.queries import Invited
from eoffice.organization.importing.columns import Table
from eoffice.organization.importing.plan import Action
from eoffice.organization.models import ImportRow, ImportRun, Person, RunState


def accounts_of_run(run_id: int) -> list[int]:
    """The accounts of the people in a run's list, but those it ended; by id."""
    keys = ImportRow.objects.filter(run_id=run_id, table=Table.PEOPLE).exclude(action=Action.ENDED).values("key")
    people = Person.objects.filter(code__in=keys, user__isnull=False, left_on__isnull=True)
    return list(people.order_by("user_id").values_list("user_id", flat=True))


def invitations_of_run(run: ImportRun, *, now: datetime) -> Invited | None:
    """How far the invitations of an applied run have come; None before, and where only other doors are open."""
    if run.state != RunState.APPLIED or not accounts.entry_policy().local_passwords:
        return None
    return accounts.invited_among(accounts_of_run(run.pk), now=now)
