"""Keep a file that was signed here, once it has passed its check: record, report, audit, and who asked for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from eoffice.audit import services as audit
from eoffice.core.actor_ref import ActorRef
from eoffice.core.models import StoredFile
from eoffice.signing.engine.preparing import DATE_FIELD, NUMBER_FIELD
from eoffice.signing.engine.verdicts import Verdict, Word
from eoffice.signing.errors import SignatureRefused
from eoffice.signing.models import SignatureRecord, SignatureRequestPaper, Stage
from eoffice.signing.services.changing_request import end_paper, lock_request
from eoffice.signing.services.checking import keep_report, recheck_at
from eoffice.signing.services.lasting import begin_lasting
from eoffice.signing.states import RequestAction

_LOOKED_AT_AGAIN: Final = timedelta(minutes=5)
OUR_OPEN_FIELDS: Final = frozenset({NUMBER_FIELD, DATE_FIELD})


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A signature that was made: by whom, with which key, in which field of which file, and for which request."""

    actor: ActorRef
    person_id: int
    unit_id: int | None
    source_sha: str
    field: str
    stage: str
    key_id: int | None = None
    method_id: int | None = None
    asked_as: int | None = None


def require_sound(verdict: Verdict, field: str) -> None:
    """Refuse a file whose new signature is not whole, does not cover it, or broke an earlier one.

    What is only not known yet (revocation, a time stamp) costs no signature; who seals asks for more.
    Source: digital-signature G.2. Raises SignatureRefused.
    """
    own = verdict.of_field(field)
    broken = any(signature.verdict is Word.INVALID for signature in verdict.signatures)
    if own is None or not own.intact or not own.covers_file or broken:
        raise SignatureRefused


@transaction.atomic
def keep_signed(made: Made, stored: StoredFile, verdict: Verdict, now: datetime) -> StoredFile:
    """Record the signed file; for a paper of a request, end it as signed in the same moment, or leave all as it was."""
    if made.asked_as is not None and not _is_wanted(made.asked_as):
        return stored
    record, is_new = SignatureRecord.objects.get_or_create(
        file_after=stored,
        defaults={
            "file_before_id": made.source_sha,
            "field": made.field,
            "stage": made.stage,
            "key_id": made.key_id,
            "method_id": made.method_id,
            "person_id": made.person_id,
            "unit_id": made.unit_id,
            "signed_at": now,
        },
    )
    if is_new:
        report = keep_report(stored.pk, verdict, now)
        if verdict.verdict is Word.INDETERMINATE:  # somebody was silent: ask again soon, a seal waits for the answer
            recheck_at(report, now + _LOOKED_AT_AGAIN)
        audit.record(
            actor=made.actor,
            action="signing.file.sealed" if made.stage == Stage.SEAL else "signing.file.signed",
            object_kind="file",
            object_id=stored.pk,
            now=now,
            detail={"before": made.source_sha, "field": made.field, "stage": str(made.stage)},
        )
        begin_lasting(before=made.source_sha, after=stored, verdict=verdict, unit_id=made.unit_id, now=now)
    if made.asked_as is not None:
        note_signed(made.asked_as, record.file_after_id, now)
    return stored


def note_signed(paper_id: int, result_sha: str, now: datetime) -> None:
    """End a paper of a request as signed, in the caller's transaction; one that ended before stays as it is."""
    paper = SignatureRequestPaper.objects.get(pk=paper_id)
    lock_request(paper.request_id)
    paper.refresh_from_db()
    if paper.is_open:
        end_paper(paper, RequestAction.SIGN, now=now, result_sha=result_sha)


def _is_wanted(paper_id: int) -> bool:
    paper = SignatureRequestPaper.objects.get(pk=paper_id)
    lock_request(paper.request_id)
    paper.refresh_from_db()
    return paper.is_open
