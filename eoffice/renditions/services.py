"""Commands: asking for the renditions of a stored file, and making them (reserve, do, confirm)."""

from __future__ import annotations

import logging
import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from django.db import transaction
from django.db.models import F, Q
from procrastinate.contrib.django import app

from eoffice.audit import services as audit
from eoffice.core import clock, files, outbox
from eoffice.core.actor_ref import ActorRef
from eoffice.core.errors import ExpectedError, NotFound
from eoffice.core.models import StoredFile
from eoffice.renditions import converting, pages, sniffing
from eoffice.renditions.errors import ConversionTimedOut, RenditionFailed
from eoffice.renditions.events import FAILED, RENDERED, FileRendered, RenderingFailed
from eoffice.renditions.inspecting import inspect_pdf
from eoffice.renditions.models import LEASE, Rendition, RenditionKind, RenditionState
from eoffice.renditions.sniffing import FileKind

PAGE_BREAK: Final = "\f"
MAX_ATTEMPTS: Final = 4
"""Killed or timed-out tries after which a file is called unconvertible until somebody asks again."""
_TEXT_LIMIT: Final = 20_000_000
_QUEUE: Final = "renditions"
_WAITED_LONG: Final = timedelta(minutes=15)
logger = logging.getLogger(__name__)


@transaction.atomic
def request(*, sha256: str, now: datetime) -> None:
    """Ask for the PDF and the text of a stored file; a job makes them after commit.

    Asking again while they wait, run or are done changes nothing; what failed stays failed until `again`. A
    stored PDF is its own PDF at once, so that it can be shown before the job has run. Raises NotFound.
    """
    if _insert_missing(files.get(sha256), now):
        _enqueue(sha256)


@transaction.atomic
def again(*, actor: ActorRef, sha256: str, now: datetime) -> None:
    """Start failed renditions of a file anew, with a fresh count of tries. Locks its rows.

    The caller has checked that the actor may see the file. Does nothing where nothing failed. Raises NotFound.
    """
    rows = list(_lock(sha256))
    if not rows:
        raise NotFound
    failed = [row for row in rows if row.state == RenditionState.FAILED]
    for row in failed:
        row.state = RenditionState.WAITING
        row.attempts = 0
        row.error_code = row.error_message = ""
        row.requested_at = now
        row.save(update_fields=["state", "attempts", "error_code", "error_message", "requested_at"])
    if failed:
        audit.record(
            actor=actor, action="renditions.file.rendered_again", object_kind="file", object_id=sha256, now=now
        )
        _enqueue(sha256)


def render(*, sha256: str, now: datetime) -> None:
    """Make what is still missing of a file's renditions; the job's one call.

    Reserves the rows in one short transaction, reads and converts outside any, confirms in another. May be
    killed at any step and run twice: a second worker leaves a fresh reservation alone and takes over one
    older than `LEASE`. A failure of the file is written on its rows, not raised.
    """
    reserved = _reserve(sha256, now)
    if not reserved:
        return
    made = _make(sha256)
    if isinstance(made, ExpectedError):
        _confirm_failure(sha256, reserved, made)
    else:
        _confirm(sha256, made)


@transaction.atomic
def take_up_abandoned(*, now: datetime) -> int:
    """Enqueue again the files whose worker was killed or whose job was lost; return how many."""
    stale = (
        Rendition.objects.filter(
            Q(state=RenditionState.RUNNING, started_at__lt=now - LEASE)
            | Q(state=RenditionState.WAITING, requested_at__lt=now - _WAITED_LONG)
        )
        .order_by("source_id")
        .values_list("source_id", flat=True)
        .distinct()[:500]
    )
    found = list(stale)
    for sha256 in found:
        _enqueue(sha256)
    return len(found)


# Asking -----------------------------------------------------------------------------------------------------


def _insert_missing(stored: StoredFile, now: datetime) -> bool:
    """Lay the rows that are not there; True if there is work. Parallel askers lay each row once."""
    is_pdf = stored.media_type == FileKind.PDF.media_type
    pdf = Rendition(source=stored, kind=RenditionKind.PDF, requested_at=now)
    if is_pdf:
        pdf.state, pdf.result, pdf.finished_at = RenditionState.DONE, stored, now
    text = Rendition(source=stored, kind=RenditionKind.TEXT, requested_at=now)
    before = set(Rendition.objects.filter(source=stored).values_list("kind", flat=True))
    Rendition.objects.bulk_create([row for row in (pdf, text) if row.kind not in before], ignore_conflicts=True)
    return len(before) < len(RenditionKind)


def _enqueue(sha256: str) -> None:
    """By name: the job's module imports this one. Written in the running transaction, with the rows."""
    app.configure_task("renditions.render", queue=_QUEUE, allow_unknown=False).defer(sha256=sha256)


# Reserve ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Made:
    """What was made: a PDF not stored yet (None: the source is one), its pages and their texts."""

    pdf: bytes | None
    page_count: int
    texts: tuple[str, ...]


def _lock(sha256: str) -> list[Rendition]:
    return list(Rendition.objects.select_for_update(no_key=True).filter(source_id=sha256).order_by("pk").defer("text"))


@transaction.atomic
def _reserve(sha256: str, now: datetime) -> list[int]:
    """Mark the file's open rows as running and return their keys; empty if another worker has them."""
    rows = _lock(sha256)
    open_rows = [row for row in rows if row.state in {RenditionState.WAITING, RenditionState.RUNNING}]
    if any(row.state == RenditionState.RUNNING and not row.is_abandoned(now) for row in open_rows):
        return []
    if any(row.attempts >= MAX_ATTEMPTS for row in open_rows):
        _fail([row.pk for row in open_rows], ConversionTimedOut(), now)
        _publish_failure(sha256, ConversionTimedOut(), now)
        return []
    keys = [row.pk for row in open_rows]
    Rendition.objects.filter(pk__in=keys).update(
        state=RenditionState.RUNNING, started_at=now, attempts=F("attempts") + 1
    )
    return keys


# Do: no transaction is open here ----------------------------------------------------------------------------


def _make(sha256: str) -> _Made | ExpectedError:
    source = files.path_of(sha256)
    if not source.exists():
        return RenditionFailed(reason="missing bytes")
    try:
        kind = sniffing.sniff(source)
        if kind is FileKind.PDF:
            return _Made(None, inspect_pdf(source).pages, pages.texts_of(source))
        pdf = converting.to_pdf(source, kind=kind)
        return _read_made(pdf)
    except ExpectedError as error:
        return error


def _read_made(pdf: bytes) -> _Made:
    with tempfile.TemporaryDirectory(prefix="eoffice-") as directory:
        path = Path(directory) / "made.pdf"
        path.write_bytes(pdf)
        return _Made(pdf, inspect_pdf(path).pages, pages.texts_of(path))


# Confirm ----------------------------------------------------------------------------------------------------


def _confirm(sha256: str, made: _Made) -> None:
    now = clock.now()
    text = PAGE_BREAK.join(one.replace(PAGE_BREAK, "\n") for one in made.texts)[:_TEXT_LIMIT]
    with transaction.atomic():
        result = sha256 if made.pdf is None else files.store(made.pdf, media_type=FileKind.PDF.media_type).pk
        rows = _lock(sha256)
        if all(row.state == RenditionState.DONE for row in rows):
            return  # another worker, thinking this one dead, was faster
        for row in rows:
            row.state, row.page_count, row.finished_at = RenditionState.DONE, made.page_count, now
            row.error_code = row.error_message = ""
            changed = ["state", "page_count", "finished_at", "error_code", "error_message"]
            if row.kind == RenditionKind.PDF:
                row.result_id = result
                row.save(update_fields=[*changed, "result"])
            else:
                row.text = text
                row.save(update_fields=[*changed, "text"])
        event = FileRendered(source_sha256=sha256, pdf_sha256=result, page_count=made.page_count)
        outbox.publish(event, name=RENDERED, now=now)


def _confirm_failure(sha256: str, reserved: list[int], error: ExpectedError) -> None:
    """A time-out goes back to the queue while tries are left; anything else is the file's own fault."""
    now = clock.now()
    logger.warning("renditions.failed file=%s code=%s", sha256[:12], error.code)
    with transaction.atomic():
        rows = [row for row in _lock(sha256) if row.pk in reserved and row.state == RenditionState.RUNNING]
        if not rows:
            return
        if isinstance(error, ConversionTimedOut) and all(row.attempts < MAX_ATTEMPTS for row in rows):
            Rendition.objects.filter(pk__in=reserved).update(state=RenditionState.WAITING, requested_at=now)
            _enqueue(sha256)
            return
        _fail([row.pk for row in rows], error, now)
        _publish_failure(sha256, error, now)


def _fail(keys: list[int], error: ExpectedError, now: datetime) -> None:
    Rendition.objects.filter(pk__in=keys).update(
        state=RenditionState.FAILED,
        error_code=error.code,
        error_message=_message_of(error),
        finished_at=now,
    )


def _message_of(error: ExpectedError) -> str:
    """Refusals at the door say that nothing was stored; here the original is."""
    return error.message if isinstance(error, RenditionFailed) else RenditionFailed.default_message


def _publish_failure(sha256: str, error: ExpectedError, now: datetime) -> None:
    event = RenderingFailed(source_sha256=sha256, code=error.code, message=_message_of(error))
    outbox.publish(event, name=FAILED, now=now)
