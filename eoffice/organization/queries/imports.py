"""Runs of imports: the newest, one with its rows, its faults."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db.models import Prefetch, Q, QuerySet, TextField
from django.db.models.functions import Cast

from eoffice.core.errors import NotFound
from eoffice.core.paging import PAGE_SIZE
from eoffice.organization.actor import Actor
from eoffice.organization.importing.columns import SHEET_NAMES, Table
from eoffice.organization.importing.plan import ROLE_OVER, ROLES_AT, Action
from eoffice.organization.models import DirectorySource, ImportProgress, ImportRow, ImportRun, Role, RoleGrant
from eoffice.organization.queries.changes import lone_administrator_allowed
from eoffice.organization.queries.validity import in_force

ACTION_WORDS: Final = {
    Action.FAULTY: "Lỗi",
    Action.NEW: "Thêm mới",
    Action.CHANGED: "Thay đổi",
    Action.ENDED: "Kết thúc",
    Action.UNCHANGED: "Không đổi",
}


@dataclass(frozen=True, slots=True)
class FaultLine:
    """One fault of a list, as the administrator mends it."""

    sheet: str
    line: int
    key: str
    column: str
    value: str
    message: str


@dataclass(frozen=True, slots=True)
class RowsPage:
    """Rows of one kind; `next_after` asks for the following ones."""

    rows: list[ImportRow]
    next_after: int | None


def import_runs() -> QuerySet[ImportRun]:
    """Every run without its list, with who began it."""
    return ImportRun.objects.defer("content").select_related("created_by", "applied_by", "source")


def get_import_run(run_id: int) -> ImportRun:
    """One run. Raises NotFound."""
    run = import_runs().filter(pk=run_id).first()
    if run is None:
        raise NotFound("Không tìm thấy lần nhập này.")
    return run


def get_import_progress(run_id: int) -> ImportProgress:
    """How far a run has come. Raises NotFound."""
    progress = ImportProgress.objects.filter(pk=run_id).first()
    if progress is None:
        raise NotFound("Không tìm thấy lần nhập này.")
    return progress


def import_rows(run_id: int, *, action: str, after: int | None) -> RowsPage:
    """Rows of a run that do `action`, in the order of the list."""
    found = ImportRow.objects.filter(run_id=run_id, action=action, pk__gt=after or 0).order_by("pk")
    rows = list(found[: PAGE_SIZE + 1])
    return RowsPage(rows[:PAGE_SIZE], rows[PAGE_SIZE - 1].pk if len(rows) > PAGE_SIZE else None)


def import_faults(run_id: int) -> Iterator[FaultLine]:
    """Every fault of a run, row by row."""
    for row in ImportRow.objects.filter(run_id=run_id).exclude(faults=[]).order_by("pk").iterator():
        for fault in row.faults:
            yield FaultLine(
                SHEET_NAMES[Table(row.table)], row.line, row.key, fault["column"], fault["value"], fault["message"]
            )


def changes_roles(run_id: int) -> bool:
    """Whether the preview of a run gives or ends roles of people who stay."""
    texts = ImportRow.objects.filter(run_id=run_id).annotate(text=Cast("changes", TextField()))
    said = Q(text__contains=f'"label": "{ROLES_AT} ') | Q(text__contains=f'"label": "{ROLE_OVER}"')
    return texts.filter(said).exists()


def must_wait_for_another(actor: Actor, run: ImportRun, *, on: date) -> bool:
    """Whether somebody else has to confirm this run: it changes roles, and the actor took it in.

    NĐ 30/2020/NĐ-CP, Phụ lục VI, III.3.c; the only administrator of an installation confirms alone where that is set,
    as for single proposals (`queries.changes.may_confirm_alone`).
    """
    if run.created_by_id != actor.person_id or not changes_roles(run.pk):
        return False
    others = RoleGrant.objects.filter(
        in_force(on),
        role=Role.ADMINISTRATOR,
        unit__parent__isnull=True,
        person__left_on__isnull=True,
        person__user__is_active=True,
    ).exclude(person_id=actor.person_id)
    return not lone_administrator_allowed() or others.exists()


def directory_sources() -> list[DirectorySource]:
    """Every source with its newest run as `newest` (a list of at most one). Two statements."""
    newest = (
        ImportRun.objects.defer("content").filter(is_trial=False).order_by("source_id", "-pk").distinct("source_id")
    )
    return list(
        DirectorySource.objects.prefetch_related(Prefetch("runs", newest, to_attr="newest")).order_by("name", "pk")
    )


def get_directory_source(source_id: int) -> DirectorySource:
    """One source. Raises NotFound."""
    source = DirectorySource.objects.filter(pk=source_id).first()
    if source is None:
        raise NotFound("Không tìm thấy nguồn danh bạ này.")
    return source
