"""Importing lists of units and people: take a list in, check it, show it, carry it out whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection, transaction

from eoffice.audit import services as audit
from eoffice.core.actor_ref import ActorRef
from eoffice.core.clock import local_date
from eoffice.core.vietnamese import tidy
from eoffice.organization import tree
from eoffice.organization.actor import Actor
from eoffice.organization.errors import ImportNotReady, ListUnreadable, OwnList, TooManyEndings
from eoffice.organization.importing import stored
from eoffice.organization.importing.columns import SourceRow, Table
from eoffice.organization.importing.entries import post_entry, unit_entry
from eoffice.organization.importing.plan import Plan
from eoffice.organization.importing.planning import make_plan
from eoffice.organization.importing.reading import read_list
from eoffice.organization.importing.snapshot import take_snapshot
from eoffice.organization.importing.writing import Writer
from eoffice.organization.models import ImportProgress, ImportRun, Person, RunState
from eoffice.organization.permissions import importing as permissions
from eoffice.organization.queries import imports

LIMIT_PERCENT_OF_FILES: Final = 10
"""A file that ends a larger share of the people it keeps is carried out only on an explicit word."""
_SMALL_HOUSE: Final = 20
"""Below so many people a share says nothing."""
Defer = Callable[[int], None]
"""Puts the next step of the run with this id into the queue."""
DeferInName = Callable[[int, int | None], None]
"""The same, with the person in whose name it is done."""


@transaction.atomic
def start_import(
    *, actor: Actor, file_name: str, content: bytes, is_full: bool, now: datetime, defer: Defer
) -> ImportRun:
    """Take a file in; `defer` puts the check of the run into the queue. Raises NotPermitted."""
    permissions.require(permissions.can_import(actor))
    run = new_run(file_name=file_name, content=content, is_full=is_full, created_by_id=actor.person_id, now=now)
    audit.record(actor=actor.ref, action="organization.import.started", object_kind="import", object_id=run.pk, now=now)
    defer(run.pk)
    return run


def new_run(
    *,
    file_name: str,
    content: bytes,
    is_full: bool,
    now: datetime,
    created_by_id: int | None = None,
    source_id: int | None = None,
    is_read: bool = False,
    is_trial: bool = False,
    applies_itself: bool = False,
) -> ImportRun:
    """Write the row of a run with its progress; `is_read`: `content` is packed rows, not a file."""
    run = ImportRun.objects.create(
        file_name=tidy(file_name)[:200],
        content=content,
        is_full=is_full,
        created_by_id=created_by_id,
        created_at=now,
        source_id=source_id,
        is_read=is_read,
        is_trial=is_trial,
        applies_itself=applies_itself,
    )
    ImportProgress.objects.create(run=run, step="Chờ đọc danh sách")
    return run


@transaction.atomic
def check_import(*, actor: ActorRef, run_id: int, now: datetime) -> ImportRun:
    """Read the list of a run, compare it with what is in force and keep the preview. Twice is once.

    The outcome is the run's state: refused (unreadable), faulty, or ready.
    """
    run = _lock(run_id)
    if run.state not in {RunState.WAITING, RunState.READY, RunState.FAULTY}:
        return run
    report = _reporter(run_id)
    report("Đọc danh sách", 0, 3)
    try:
        rows = _rows(run)
    except ListUnreadable as unreadable:
        run.state, run.refusal, run.content = RunState.REFUSED, unreadable.message, None
        run.save(update_fields=["state", "refusal", "content"])
        return run
    report("So với dữ liệu hiện có", 1, 3)
    plan = _plan(run, rows, now)
    report("Ghi bản xem trước", 2, 3)
    _keep_preview(run, plan, now)
    audit.record(
        actor=actor,
        action="organization.import.checked",
        object_kind="import",
        object_id=run.pk,
        now=now,
        detail=plan.counts,
    )
    return run


@transaction.atomic
def confirm_import(*, actor: Actor, run_id: int, accepts_endings: bool, now: datetime, defer: DeferInName) -> ImportRun:
    """Let a checked run be carried out by a job; one that changes roles needs another person than who took it in.

    Raises NotPermitted, OwnList, ImportNotReady, TooManyEndings.
    """
    run = _lock(run_id)
    permissions.require(permissions.can_import(actor))
    if run.state != RunState.READY or run.is_trial:
        raise ImportNotReady
    if imports.must_wait_for_another(actor, run, on=local_date(now)):
        raise OwnList
    _require_few_endings(run, accepts_endings)
    run.state, run.applied_by_id = RunState.APPLYING, actor.person_id
    run.save(update_fields=["state", "applied_by"])
    audit.record(
        actor=actor.ref, action="organization.import.confirmed", object_kind="import", object_id=run.pk, now=now
    )
    defer(run.pk, actor.person_id)
    return run


@transaction.atomic
def apply_import(*, actor: ActorRef, run_id: int, now: datetime, password_hash: str | None = None) -> ImportRun:
    """Carry a confirmed run out: everything or nothing, in this one transaction. Twice is once.

    When the house has changed since the preview, nothing is written; the new preview waits to be confirmed again.
    """
    run = _lock(run_id)
    if run.state != RunState.APPLYING:
        return run
    tree.lock_tree()
    report = _reporter(run_id)
    report("So với dữ liệu hiện có", 0, 1)
    plan = _plan(run, stored.unpack(bytes(run.content or b"")), now)
    if stored.digest_of(plan.outcomes) != run.digest:
        _keep_preview(run, plan, now)
        return run
    Writer(actor, run.managed_by, now, report, password_hash).write(plan)
    run.state, run.applied_at, run.content = RunState.APPLIED, now, None
    run.save(update_fields=["state", "applied_at", "content"])
    audit.record(
        actor=actor,
        action="organization.import.applied",
        object_kind="import",
        object_id=run.pk,
        now=now,
        detail=plan.counts,
    )
    return run


@transaction.atomic
def abandon_import(*, actor: Actor, run_id: int, now: datetime) -> ImportRun:
    """Leave a run that has not been carried out; its list is forgotten. Raises NotPermitted, ImportNotReady."""
    run = _lock(run_id)
    permissions.require(permissions.can_import(actor))
    if run.state not in {RunState.READY, RunState.FAULTY, RunState.WAITING}:
        raise ImportNotReady
    run.state, run.content = RunState.ABANDONED, None
    run.save(update_fields=["state", "content"])
    audit.record(
        actor=actor.ref, action="organization.import.abandoned", object_kind="import", object_id=run.pk, now=now
    )
    return run


@transaction.atomic
def import_at_once(
    *,
    actor: ActorRef,
    file_name: str,
    content: bytes,
    is_full: bool,
    applies: bool,
    accepts_endings: bool,
    now: datetime,
    is_read: bool = False,
    password_hash: str | None = None,
) -> ImportRun:
    """The whole way in one call, for the command line. Raises TooManyEndings; then nothing is written."""
    run = new_run(file_name=file_name, content=content, is_full=is_full, is_read=is_read, now=now)
    run = check_import(actor=actor, run_id=run.pk, now=now)
    if not applies or run.state != RunState.READY:
        return run
    _require_few_endings(run, accepts_endings)
    run.state = RunState.APPLYING
    run.save(update_fields=["state"])
    return apply_import(actor=actor, run_id=run.pk, now=now, password_hash=password_hash)


def is_many(ended: int, kept: int, percent: int) -> bool:
    """Whether a list ends so many of its people that somebody must say so first."""
    return kept >= _SMALL_HOUSE and ended * 100 > kept * percent


def _require_few_endings(run: ImportRun, accepts_endings: bool) -> None:
    if not accepts_endings and is_many(run.ended_people, run.kept_people, LIMIT_PERCENT_OF_FILES):
        raise TooManyEndings(
            f"Danh sách này cho {run.ended_people} trên {run.kept_people} người nghỉ. Chưa có gì được ghi;"
            " kiểm tra lại tệp, hoặc xác nhận rõ là đúng."
        )


def _lock(run_id: int) -> ImportRun:
    run = ImportRun.objects.select_for_update(no_key=True).filter(pk=run_id).first()
    if run is None:
        raise ImportNotReady("Không tìm thấy lần nhập này.")
    return run


def _rows(run: ImportRun) -> list[SourceRow]:
    content = bytes(run.content or b"")
    if run.is_read:
        return stored.unpack(content)
    rows = read_list(content, file_name=run.file_name)
    run.content, run.is_read = stored.pack(rows), True
    return rows


def _plan(run: ImportRun, rows: list[SourceRow], now: datetime) -> Plan:
    on = local_date(now)
    return make_plan(
        units=[unit_entry(row) for row in rows if row.table == Table.UNITS],
        posts=[post_entry(row) for row in rows if row.table == Table.PEOPLE],
        snapshot=take_snapshot(on=on),
        on=on,
        managed_by=run.managed_by,
        is_full=run.is_full,
        actor_person_id=run.created_by_id,
    )


def _keep_preview(run: ImportRun, plan: Plan, now: datetime) -> None:
    stored.write_outcomes(run.pk, plan.outcomes)
    # A directory is never wholly clean: its faulty rows stay as they are, the others go on. A file is mended first.
    run.state = RunState.FAULTY if plan.is_faulty and run.source_id is None else RunState.READY
    run.counts = plan.counts
    run.ended_people = plan.ended_people
    run.kept_people = Person.objects.filter(managed_by=run.managed_by, left_on__isnull=True).count()
    run.digest = stored.digest_of(plan.outcomes)
    run.checked_at = now
    run.save(
        update_fields=[
            "state", "counts", "ended_people", "kept_people", "digest", "checked_at", "content", "is_read",
        ]
    )  # fmt: skip


@dataclass(slots=True)
class _Progress:
    """Writes on a connection of its own, so that the bar moves while the import's transaction is open."""

    run_id: int

    def __call__(self, step: str, done: int, total: int) -> None:
        aside = connection.copy()
        try:
            with aside.cursor() as cursor:
                cursor.execute(
                    "UPDATE organization_import_progress SET step = %s, done = %s, total = %s WHERE run_id = %s",
                    [step, done, total, self.run_id],
                )
        finally:
            aside.close()


def _reporter(run_id: int) -> _Progress:
    return _Progress(run_id)
