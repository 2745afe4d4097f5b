"""What this room tells the rooms below it, and what it does by the clock; loaded when Django starts."""

from __future__ import annotations

from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from eoffice.accounts import holders, special_powers
from eoffice.core import clock
from eoffice.core.actor_ref import ActorRef
from eoffice.core.jobs import RETRY
from eoffice.organization import gate, queries
from eoffice.organization.services import deciding_rights, delegating, directory_sources, importing, inviting

holders.tells_holder(queries.holder_of)
special_powers.guards_powers(gate.require_powers_of_request)


@app.periodic(cron="*/5 * * * *")
@app.task(name="organization.turn_sights", queue="system", queueing_lock="organization.turn_sights")
def turn_sights(timestamp: int) -> None:
    """Every five minutes: sights of single documents begin on their first day and end after their last."""
    deciding_rights.end_sights_that_are_over(now=clock.now())
    deciding_rights.open_sights_that_begin(now=clock.now())


@app.periodic(cron="*/5 * * * *")
@app.task(name="organization.tell_of_delegations", queue="system", queueing_lock="organization.tell_of_delegations")
def tell_of_delegations(timestamp: int) -> None:
    """Every five minutes: both sides hear of delegations that begin or are over. They do so by their days alone."""
    delegating.tell_of_turns(now=clock.now())


@app.task(name="organization.check_import", retry=RETRY)
def check_import(*, run_id: int) -> None:
    """Read the list of a run and keep its preview."""
    importing.check_import(actor=ActorRef(person_id=None, source="job"), run_id=run_id, now=clock.now())


@app.task(name="organization.apply_import", retry=RETRY)
def apply_import(*, run_id: int, person_id: int | None = None) -> None:
    """Carry a confirmed run out, in the name of who confirmed it."""
    importing.apply_import(actor=ActorRef(person_id=person_id, source="job"), run_id=run_id, now=clock.now())


@app.task(name="organization.invite_people", queue="messages", retry=RETRY)
def invite_people(*, run_id: int, person_id: int | None = None) -> None:
    """Mail the next people of an import their invitations, in the name of who asked for it."""
    actor = ActorRef(person_id=person_id, source="job")
    if inviting.send_invitations(actor=actor, run_id=run_id, now=clock.now()):
        put_invitations(run_id, person_id)


def put_check(run_id: int) -> None:
    check_import.defer(run_id=run_id)


def put_apply(run_id: int, person_id: int | None) -> None:
    apply_import.defer(run_id=run_id, person_id=person_id)


def put_invitations(run_id: int, person_id: int | None) -> None:
    invite_people.defer(run_id=run_id, person_id=person_id)


@app.task(name="organization.read_source")
def read_source(*, source_id: int, is_trial: bool = False, person_id: int | None = None) -> None:
    """Read a directory; one that does not answer is asked again at its next time, not at once."""
    directory_sources.read_source(
        actor=ActorRef(person_id=person_id, source="job"), source_id=source_id, is_trial=is_trial, now=clock.now()
    )


@app.periodic(cron="*/10 * * * *")
@app.task(name="organization.read_due_sources", queue="system", queueing_lock="organization.read_due_sources")
def read_due_sources(timestamp: int) -> None:
    """Every ten minutes: directories whose time has come are put into the queue."""
    for source_id in directory_sources.take_due_sources(now=clock.now()):
        put_read(source_id, is_trial=False, person_id=None)


def put_read(source_id: int, *, is_trial: bool, person_id: int | None) -> None:
    """Once: while one reading of the source waits, another is not added."""
    waiting = read_source.configure(queueing_lock=f"organization.read_source.{source_id}")
    try:
        waiting.defer(source_id=source_id, is_trial=is_trial, person_id=person_id)
    except AlreadyEnqueued:
        pass
