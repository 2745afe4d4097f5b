"""Keep signatures provable: see what is missing, add it by a job, renew it before it weakens.

Reserve, do, confirm: the job holds one lock for each file, speaks to the network and writes the completed file outside
any transaction, and confirms in a short one. Killed anywhere it leaves at most bytes nobody refers to, and runs again.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from django.db import transaction
from django.db.models import DateTimeField, Value
from django.db.models.functions import Coalesce
from procrastinate import exceptions
from procrastinate.contrib.django import app

from eoffice.audit import services as audit
from eoffice.core import files, locks, outbox
from eoffice.core.actor_ref import ActorRef
from eoffice.core.errors import ExpectedError, NotFound
from eoffice.core.models import StoredFile
from eoffice.organization.actor import Actor
from eoffice.signing import permissions
from eoffice.signing.engine.completing import complete_pdf, evidence_for
from eoffice.signing.engine.preparing import DATE_FIELD, NUMBER_FIELD
from eoffice.signing.engine.verdicts import SignatureVerdict, TimeSource, Verdict, Word
from eoffice.signing.engine.verifying import links_of_files, verify_files
from eoffice.signing.errors import TimeStampUnavailable
from eoffice.signing.events import FileCompleted
from eoffice.signing.models import (
    ArchiveAt,
    CompletionAttempt,
    CompletionRecord,
    LastingFile,
    Risk,
    WantedLevel,
)
from eoffice.signing.services.checking import keep_report
from eoffice.signing.services.revocation import WebRevocation
from eoffice.signing.services.time_stamps import has_time_stamps, level_rules, note_use, time_stamper
from eoffice.signing.services.trust import trust_anchors

COMPLETE_TASK: Final = "signing.complete_file"
SWEPT_AT_ONCE: Final = 500
_FIRST_WAIT: Final = timedelta(minutes=5)
_LONGEST_WAIT: Final = timedelta(hours=6)
_ORDER: Final = ("B-B", "B-T", "B-LT", "B-LTA")
_SYSTEM: Final = ActorRef(None, source="job")
_OUR_OPEN_FIELDS: Final = frozenset({NUMBER_FIELD, DATE_FIELD})
_PDF: Final = "application/pdf"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a file stands: its weakest level, until when it holds, what puts it at risk, and when to act."""

    level: str
    holds_until: datetime | None
    risk: Risk
    due_at: datetime | None


def keep_lasting(*, sha256: str, title: str, url: str, unit_id: int | None, now: datetime) -> None:
    """From now on keep the signatures of an issued file provable, as the rules say; in the running transaction.

    `url` is the path of its page. A file without a signature made here is passed over. Asked again it changes
    nothing but what is new. Without a time-stamping authority the file waits until one is set up.
    """
    rules = level_rules()
    later = timedelta(days=rules.archive_after_days) if rules.archive_at == ArchiveAt.LATER else timedelta()
    is_due = has_time_stamps()
    changed = LastingFile.objects.filter(file_id=sha256).update(
        title=title[:200],
        url=url[:300],
        unit_id=unit_id,
        wanted=WantedLevel.ARCHIVED,
        archive_from=Coalesce("archive_from", Value(now + later), output_field=DateTimeField()),
        due_at=now if is_due else None,
        tries=0,
    )
    if changed and is_due:
        order_completion(LastingFile.objects.get(file_id=sha256).pk)


def begin_lasting(*, before: str, after: StoredFile, verdict: Verdict, unit_id: int | None, now: datetime) -> None:
    """After a signature or a filling: the older file's place is taken by the newer one; in the running transaction."""
    LastingFile.objects.filter(file_id=before, superseded_at__isnull=True).update(superseded_at=now)
    standing = standing_of(verdict, WantedLevel.STAMPED, archive_from=None, now=now)
    waits = standing.due_at is not None and has_time_stamps()
    row, is_new = LastingFile.objects.get_or_create(
        file=after,
        defaults={
            "newest": after,
            "unit_id": unit_id,
            "wanted": WantedLevel.STAMPED,
            "level": standing.level,
            "holds_until": standing.holds_until,
            "risk": standing.risk,
            "due_at": standing.due_at if waits else None,
            "made_at": now,
        },
    )
    if is_new and waits:
        order_completion(row.pk)


def order_completion(lasting_id: int) -> None:
    """Have one file looked at by the job, in the running transaction."""
    app.configure_task(COMPLETE_TASK, queue="signing", allow_unknown=False).defer(lasting_id=lasting_id)


def order_due_completions(*, now: datetime) -> int:
    """Order every completion that is due, a bounded number at once. Returns how many."""
    due = LastingFile.objects.filter(superseded_at__isnull=True, due_at__lte=now).order_by("due_at", "pk")
    ids = list(due.values_list("pk", flat=True)[:SWEPT_AT_ONCE])
    for lasting_id in ids:
        try:
            app.configure_task(
                COMPLETE_TASK, queue="signing", queueing_lock=f"signing:lasting:{lasting_id}", allow_unknown=False
            ).defer(lasting_id=lasting_id)
        except exceptions.AlreadyEnqueued:
            continue
    return len(ids)


def retry_completion(*, actor: Actor, lasting_id: int, now: datetime) -> None:
    """Look at one file now instead of at its next turn. Raises NotFound for whom it does not concern."""
    with transaction.atomic():
        rows = LastingFile.objects.select_for_update(no_key=True).filter(permissions.lasting_visible_to(actor))
        row = rows.filter(pk=lasting_id, superseded_at__isnull=True).first()
        if row is None:
            raise NotFound
        row.due_at = now
        row.save(update_fields=["due_at"])
        order_completion(row.pk)
        audit.record(
            actor=actor.ref, action="signing.completion.asked", object_kind="file", object_id=row.file_id, now=now
        )


def complete_file(*, lasting_id: int, now: datetime) -> LastingFile:
    """Add to one file what it lacks, if it is due and something can be had. Every try is kept.

    Whatever is silent (time stamps, revocation) lowers what is reached, and the next try is set with growing waits.
    """
    with locks.one_at_a_time([f"signing:lasting:{lasting_id}"]):
        row = LastingFile.objects.get(pk=lasting_id)
        if row.is_due(now):
            _bring_further(row, now)
    return row


def standing_of(
    verdict: Verdict, wanted: WantedLevel, *, archive_from: datetime | None, now: datetime, renew_before_days: int = 90
) -> Standing:
    """What a verdict means for lasting. The file is as weak as its weakest signature."""
    if not verdict.signatures or verdict.verdict is Word.INVALID:
        return Standing("", None, Risk.INVALID, None)
    level = min((_strength(line) for line in verdict.signatures), key=_ORDER.index)
    ends = [line.holds_until_at for line in verdict.signatures if line.holds_until_at is not None]
    holds_until = min(ends) if ends else None
    risk, due_at = _risk_and_turn(level, holds_until, wanted, archive_from, now, renew_before_days)
    return Standing(level, holds_until, risk, due_at)


def _strength(line: SignatureVerdict) -> str:
    """The level by what proves it; a time stamp that could not be checked proves nothing."""
    return line.strength if line.time_source is TimeSource.TIME_STAMP else "B-B"


def _risk_and_turn(
    level: str,
    holds_until: datetime | None,
    wanted: WantedLevel,
    archive_from: datetime | None,
    now: datetime,
    renew_before_days: int,
) -> tuple[Risk, datetime | None]:
    rank = _ORDER.index(level)
    if rank < _ORDER.index("B-T"):
        return Risk.NO_TIME_STAMP, now
    if wanted == WantedLevel.STAMPED:
        return Risk.NONE, None
    if rank < _ORDER.index("B-LT"):
        return Risk.NO_REVOCATION, now
    renewal = holds_until - timedelta(days=renew_before_days) if holds_until is not None else None
    if rank == _ORDER.index("B-LTA"):
        if renewal is not None and renewal <= now:
            return Risk.ENDING, now
        return Risk.NONE, renewal
    if wanted == WantedLevel.ARCHIVED:
        due = min(moment for moment in (archive_from or now, renewal) if moment is not None)
        return Risk.NO_ARCHIVE, max(due, now)
    return Risk.NONE, renewal


def _bring_further(row: LastingFile, now: datetime) -> None:
    """Judge, add what is missing, judge again, keep."""
    rules = level_rules()
    trust = trust_anchors(now=now)
    path = files.path_of(row.newest_id)
    links = links_of_files([path], trust, now)
    material = WebRevocation().material(links, now=now)
    trust = trust.with_revocation(material)
    before = verify_files([path], trust, now, open_fields=_OUR_OPEN_FIELDS)[0]

    def stands(verdict: Verdict) -> Standing:
        return standing_of(
            verdict,
            WantedLevel(row.wanted),
            archive_from=row.archive_from,
            now=now,
            renew_before_days=rules.renew_before_days,
        )

    standing = stands(before)
    if standing.due_at is None or standing.due_at > now:
        _confirm(row, None, before, standing, "Không còn gì phải bổ sung.", now)
        return
    archives = row.wanted == WantedLevel.ARCHIVED and (row.archive_from or now) <= now
    needs_stamp = archives or standing.risk != Risk.NO_REVOCATION
    stamper = time_stamper(now=now, rested=False) if needs_stamp else None
    if needs_stamp and stamper is None:
        _fail(row, standing, "Chưa có dịch vụ cấp dấu thời gian nào đang dùng.", now, is_final=True)
        return
    with tempfile.TemporaryDirectory(prefix="eoffice-") as directory:
        target = Path(directory) / "completed.pdf"
        evidence = evidence_for(links, trust)
        try:
            try:
                complete_pdf(path, target, evidence=evidence, time_stamper=stamper)
            except TimeStampUnavailable:
                if standing.risk != Risk.NO_REVOCATION:
                    raise
                complete_pdf(path, target, evidence=evidence, time_stamper=None)  # what can be had already
        except TimeStampUnavailable:
            why = next(reversed(stamper.failures.values()), "") if stamper else ""
            _fail(row, standing, f"Không dịch vụ nào cấp dấu thời gian: {why}.", now)
            return
        except ExpectedError as error:
            _fail(row, standing, error.message, now)
            return
        finally:
            if stamper is not None:
                note_use(given=stamper.given, failures=stamper.failures, now=now)
        # The new time stamp has certificates of its own, so revocation is asked about once more.
        after = verify_files([target], trust, now, open_fields=_OUR_OPEN_FIELDS, revocation=WebRevocation())[0]
        if not _is_better(before, after, renews=standing.risk == Risk.ENDING):
            why = "; ".join(material.unreachable.values()) or after.reason
            _fail(row, standing, f"Chưa lấy được đủ dữ liệu kiểm tra: {why}", now)
            return
        stored = files.store_path(target, media_type=_PDF)
    authority = stamper.given[-1].source.name if stamper is not None and stamper.given else ""
    reached = stands(after)
    words = f"Đã bổ sung: {standing.level} thành {reached.level}." if reached.level != standing.level else "Đã gia hạn."
    _confirm(row, stored, after, reached, words, now, level_before=standing.level, authority=authority)


def _is_better(before: Verdict, after: Verdict, *, renews: bool) -> bool:
    """No signature lost anything, and something was gained."""
    if len(before.signatures) != len(after.signatures):
        return False
    gained = renews
    for old, new in zip(before.signatures, after.signatures, strict=True):
        worse = (old.verdict is Word.VALID and new.verdict is not Word.VALID) or new.verdict is Word.INVALID
        if worse or _ORDER.index(_strength(new)) < _ORDER.index(_strength(old)):
            return False
        gained = gained or _ORDER.index(_strength(new)) > _ORDER.index(_strength(old))
    return gained


@transaction.atomic
def _confirm(
    row: LastingFile,
    stored: StoredFile | None,
    verdict: Verdict,
    standing: Standing,
    words: str,
    now: datetime,
    *,
    level_before: str = "",
    authority: str = "",
) -> None:
    current = LastingFile.objects.select_for_update(no_key=True).get(pk=row.pk)
    before = current.newest_id
    if stored is not None:
        CompletionRecord.objects.create(
            file_before_id=before,
            file_after=stored,
            lasting=current,
            level_before=level_before,
            level_after=standing.level,
            authority=authority,
            made_at=now,
        )
        current.newest = stored
        keep_report(stored.pk, verdict, now)
        audit.record(
            actor=_SYSTEM, action="signing.file.completed", object_kind="file", object_id=stored.pk, now=now,
            detail={"before": before, "level": standing.level},
        )  # fmt: skip
        outbox.publish(FileCompleted(current.file_id, before, stored.pk), name="signing.file.completed", now=now)
    still_due = standing.due_at is not None and standing.due_at <= now
    current.level, current.holds_until, current.risk = standing.level, standing.holds_until, standing.risk
    current.due_at = now + _FIRST_WAIT if still_due else standing.due_at
    current.tries, current.failure = 0, ""
    current.save(update_fields=["newest", "level", "holds_until", "risk", "due_at", "tries", "failure"])
    CompletionAttempt.objects.create(lasting=current, at=now, is_done=True, words=words[:300], next_at=current.due_at)


@transaction.atomic
def _fail(row: LastingFile, standing: Standing, words: str, now: datetime, *, is_final: bool = False) -> None:
    """Keep why, and try again after a wait that doubles up to six hours; `is_final`: not before something is set up."""
    current = LastingFile.objects.select_for_update(no_key=True).get(pk=row.pk)
    wait = min(_FIRST_WAIT * 2 ** min(current.tries, 10), _LONGEST_WAIT)
    current.level, current.holds_until, current.risk = standing.level, standing.holds_until, standing.risk
    current.tries = min(current.tries + 1, 1000)
    current.due_at, current.failure = None if is_final else now + wait, words[:300]
    current.save(update_fields=["level", "holds_until", "risk", "tries", "due_at", "failure"])
    CompletionAttempt.objects.create(lasting=current, at=now, is_done=False, words=words[:300], next_at=current.due_at)
