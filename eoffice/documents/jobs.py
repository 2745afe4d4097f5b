"""Background entries of the documents room: load by id, call one service."""

from __future__ import annotations

from typing import Any

from procrastinate.contrib.django import app

from eoffice.core import clock, outbox
from eoffice.core.job_faults import LoggedRetry
from eoffice.documents.services import (
    attaching_files,
    freezing,
    handing_over,
    numbering_outgoing,
    preparing,
    reorganising,
    sealing_copies,
    sealing_elsewhere,
    signing_drafts,
    suggesting,
    telling_of_lateness,
)
from eoffice.organization.services import secretaries
from eoffice.renditions.events import RENDERED
from eoffice.signing.events import PAPER_FINISHED
from eoffice.signing.states import RequestState

_RETRY = LoggedRetry(max_attempts=6, exponential_wait=4)


@app.task(name=freezing.FREEZE_TASK, queue="documents", retry=_RETRY)
def freeze_draft(*, draft_id: int) -> None:
    """Make the signing file of a draft whose maker died first; done already, it stops."""
    freezing.freeze_draft(draft_id=draft_id, now=clock.now())


@app.task(name=numbering_outgoing.PAGE_TASK, queue="documents", retry=_RETRY)
def put_number_on_page(*, outgoing_id: int) -> None:
    """Write a taken number on its page, should the process that took it have died first; done already, it stops."""
    numbering_outgoing.put_number_on_page(outgoing_id=outgoing_id, now=clock.now())


@app.task(name=handing_over.TASK, queue="documents", retry=_RETRY)
def hand_over(*, hand_over_id: int) -> None:
    """Give the running work of somebody who leaves; killed on the way, the next run goes on with what is still held."""
    handing_over.carry_on(hand_over_id=hand_over_id, now=clock.now())


@outbox.subscribe(PAPER_FINISHED)
def take_signed_draft(payload: dict[str, Any]) -> None:
    """A draft's file has been signed by a key that answered later, or by a process that died before it could say so."""
    if payload["state"] == RequestState.SIGNED:
        signing_drafts.take_signed(paper_id=payload["paper_id"], now=clock.now())


@outbox.subscribe(PAPER_FINISHED)
def take_seal(payload: dict[str, Any]) -> None:
    """A key elsewhere has answered for a file of a paper that is to be sealed, well or not."""
    if payload["subject_kind"] in sealing_elsewhere.SUBJECT_KINDS:
        sealing_elsewhere.take_seal(paper_id=payload["paper_id"], now=clock.now())


@outbox.subscribe(PAPER_FINISHED)
def take_copy_seal(payload: dict[str, Any]) -> None:
    """A key elsewhere has sealed a copy."""
    if payload["subject_kind"] == sealing_copies.SEALED_COPY and payload["state"] == RequestState.SIGNED:
        sealing_copies.take_copy_seal(paper_id=payload["paper_id"], now=clock.now())


@app.task(name=reorganising.TASK, queue="documents", retry=_RETRY)
def reorganise(*, reorganisation_id: int) -> None:
    """Carry a reorganisation out; killed on the way, the next run goes on with what closed units still hold."""
    reorganising.carry_out(reorganisation_id=reorganisation_id, now=clock.now())


@app.periodic(cron="*/5 * * * *")
@app.task(name="documents.reorganise_due", queue="documents", queueing_lock="documents.reorganise_due")
def reorganise_due(timestamp: int) -> None:
    """Every five minutes, so also at 00:00 of Vietnam: reorganisations whose day has come, then late arrivals."""
    now = clock.now()
    for reorganisation_id in reorganising.due(now):
        reorganising.carry_out(reorganisation_id=reorganisation_id, now=now)
    reorganising.sweep(now=now)


@app.periodic(cron="0 1 * * *")
@app.task(name="documents.tell_of_lateness", queue="messages", queueing_lock="documents.tell_of_lateness")
def tell_of_lateness(timestamp: int) -> None:
    """At 08:00 of Vietnam: who chose it hears by SMS of what has become late."""
    telling_of_lateness.tell_of_lateness(now=clock.now())


@outbox.subscribe(RENDERED)
def find_places_of_upload(payload: dict[str, Any]) -> None:
    """Find the places on a draft's uploaded text as soon as it is a PDF; set by hand already, they stay."""
    for draft_id in attaching_files.drafts_of_upload(payload["source_sha256"]):
        attaching_files.find_draft_places(draft_id=draft_id, now=clock.now())


@outbox.subscribe(secretaries.NAMED)
def open_what_waits(payload: dict[str, Any]) -> None:
    """Let the first secretary of a leader see what has been waiting for him."""
    preparing.open_what_waits(leader_id=payload["leader_id"])


@outbox.subscribe(RENDERED)
def suggest_fields(payload: dict[str, Any]) -> None:
    """Read the fields of a letter that waits to be registered as soon as it is a PDF."""
    suggesting.suggest_fields(
        source_sha256=payload["source_sha256"],
        pdf_sha256=payload["pdf_sha256"],
        page_amount=payload["page_count"],
        now=clock.now(),
    )
