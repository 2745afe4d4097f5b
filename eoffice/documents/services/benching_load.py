"""Documents by the hundred thousand for the benchmarks: ten lines each, rights as the services give them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection
from django.db.models import Max, Model
from django.db.models.expressions import DatabaseDefault

from eoffice.core.vietnamese import fold
from eoffice.documents.models import Assignment, AssignmentRole, IncomingDocument
from eoffice.documents.services.benching_group import BenchGroup
from eoffice.documents.states import AssignmentState, IncomingState
from eoffice.organization import access
from eoffice.organization.models import AccessReason, Role

LINES_A_DOCUMENT: Final = 10
OWN_LINES: Final = 200
"""Lead lines that wait for the reader; with them the archive grows, his work does not."""
OPEN_DOCUMENTS: Final = 2_000
"""The first so many documents are in work; everything younger is done."""
_UNREGISTERED: Final = 100
_BATCH: Final = 20_000
_SUBJECT: Final = "V/v báo cáo kết quả triển khai nhiệm vụ số "


@dataclass(frozen=True, slots=True)
class _Keys:
    """Keys the loaded rows get: that of document 0, that of its line 0."""

    document: int
    line: int


class BulkLoad:
    """Loads documents in slices into a bench group; `upto` may be called again with a larger amount."""

    def __init__(self, group: BenchGroup, now: datetime) -> None:
        self._group = group
        self._now = now
        self._loaded = 0
        self._units = [group.board.pk, *(unit.pk for unit in group.registries)]
        self._keys = _Keys(_next_key(IncomingDocument), _next_key(Assignment))

    def upto(self, documents: int) -> None:
        """Load until there are `documents`, then let the planner know them."""
        with _without_row_checks():
            for start in range(self._loaded, documents, _BATCH):
                self._slice(start, min(start + _BATCH, documents))
        self._loaded = max(self._loaded, documents)
        with connection.cursor() as cursor:
            for model in (IncomingDocument, Assignment):
                cursor.execute(
                    "SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)",
                    [model._meta.db_table, _next_key(model)],
                )
            cursor.execute("VACUUM ANALYZE")

    def _slice(self, start: int, end: int) -> None:
        _insert(self._document(), self._document_columns(), "generate_series(%(start)s, %(end)s - 1) AS d (k)",
                self._values(start, end))  # fmt: skip
        lines = f"generate_series(%(start)s, %(end)s - 1) AS d (k), generate_series(0, {LINES_A_DOCUMENT - 1}) AS l (j)"
        _insert(self._line(), self._line_columns(), lines, self._values(start, end))
        access.grant_to_roles(
            object_kind="incoming",
            places=list(self._places(start, end)),
            roles=[Role.UNIT_HEAD],
            reason=AccessReason.ASSIGNED,
        )
        access.grant_to_roles(
            object_kind="incoming",
            places=[(self._keys.document + k, self._registry(k), "registry") for k in range(start, end)],
            roles=[Role.CLERK, Role.LEADER],
            reason=AccessReason.REGISTRY,
        )

    def _places(self, start: int, end: int) -> Iterator[tuple[int, int, str]]:
        for k in range(start, end):
            for j in range(LINES_A_DOCUMENT):
                line = self._keys.line + k * LINES_A_DOCUMENT + j
                yield self._keys.document + k, self._holder(k, j), f"assignment:{line}"

    def _holder(self, k: int, j: int) -> int:
        """The unit of line `j` of document `k`; `_line_columns` says the same in SQL."""
        if (j == 0 and k < OWN_LINES) or (k + j) % 20 == 0:
            return self._units[0]
        return self._units[(k * 7 + j * 13) % len(self._units)]

    def _registry(self, k: int) -> int:
        """The registry of document `k`; `_document_columns` says the same in SQL."""
        if k < OPEN_DOCUMENTS or k % 10 == 0 or not self._group.registries:
            return self._group.registry.pk
        return self._group.registries[k % len(self._group.registries)].pk

    def _values(self, start: int, end: int) -> dict[str, Any]:
        return {
            "start": start,
            "end": end,
            "document": self._keys.document,
            "line": self._keys.line,
            "units": self._units,
            "registries": [unit.pk for unit in self._group.registries] or [self._group.registry.pk],
            "registry": self._group.registry.pk,
            "subject": _SUBJECT,
            "subject_fold": fold(_SUBJECT) + " ",
            "now": self._now,
            "day": timedelta(days=1),
        }

    def _document(self) -> IncomingDocument:
        return IncomingDocument(
            registry=self._group.registry, received_at=self._now, arrival_on=self._now.date(), document_type="letter",
            symbol="BKHCN-CĐSQG", issuing_body="Bộ Khoa học và Công nghệ",
        )  # fmt: skip

    def _document_columns(self) -> dict[str, str]:
        open_until, unregistered = OPEN_DOCUMENTS, OPEN_DOCUMENTS - _UNREGISTERED
        at_root = f"k < {OPEN_DOCUMENTS} OR k %% 10 = 0"
        return {
            "id": "%(document)s + k",
            "registry_id": f"CASE WHEN {at_root} THEN %(registry)s"
            " ELSE (%(registries)s::bigint[])[k %% cardinality(%(registries)s::bigint[]) + 1] END",
            "state": f"CASE WHEN k >= {open_until} THEN '{IncomingState.COMPLETED}'"
            f" WHEN k >= {unregistered} THEN '{IncomingState.RECEIVED}' ELSE '{IncomingState.IN_PROGRESS}' END",
            "arrival_number": "100000 + k",
            "number": "(k %% 9000 + 1)::text",
            "subject": "%(subject)s || k",
            "search_fold": "%(subject_fold)s || k",
        }

    def _line(self) -> Assignment:
        return Assignment(
            incoming_id=0, unit=self._group.board, assigned_by_id=self._group.leader.person_id, assigned_at=self._now
        )

    def _line_columns(self) -> dict[str, str]:
        is_open = f"k < {OPEN_DOCUMENTS}"
        is_own = f"(j = 0 AND k < {OWN_LINES})"
        return {
            "id": f"%(line)s + k * {LINES_A_DOCUMENT} + j",
            "incoming_id": "%(document)s + k",
            "unit_id": f"CASE WHEN {is_own} OR (k + j) %% 20 = 0 THEN (%(units)s::bigint[])[1]"
            " ELSE (%(units)s::bigint[])[(k * 7 + j * 13) %% cardinality(%(units)s::bigint[]) + 1] END",
            "role": f"CASE WHEN j = 0 THEN '{AssignmentRole.LEAD}' WHEN j < 5 THEN '{AssignmentRole.SUPPORT}'"
            f" ELSE '{AssignmentRole.INFORMED}' END",
            "state": f"CASE WHEN {is_open} THEN '{AssignmentState.WAITING}'"
            f" WHEN j = 0 THEN '{AssignmentState.COMPLETED}' WHEN j < 5 THEN '{AssignmentState.CLOSED_WITH_LEAD}'"
            f" ELSE '{AssignmentState.READ}' END",
            "due_at": "%(now)s::timestamptz + (k %% 30 - 5) * %(day)s::interval",
            "closed_at": f"CASE WHEN {is_open} THEN NULL ELSE %(now)s::timestamptz END",
        }


def _insert(row: Model, columns: Mapping[str, str], source: str, values: dict[str, Any]) -> None:
    """Insert a row for each of `source`: the columns of `row`, those in `columns` by their own expression."""
    names: list[str] = []
    expressions: list[str] = []
    filled = dict(values)
    for field in row._meta.concrete_fields:
        value, column = field.pre_save(row, add=True), str(field.column)
        if column in columns:
            names.append(column)
            expressions.append(columns[column])
        elif not isinstance(value, DatabaseDefault):
            names.append(column)
            expressions.append(f"%(own_{column})s")
            filled[f"own_{column}"] = field.get_db_prep_save(value, connection)
    # Names and expressions are those of this file; values stay apart.
    into = f"INSERT INTO {row._meta.db_table} ({', '.join(names)})"
    sql = f"{into} SELECT {', '.join(expressions)} FROM {source}"  # noqa: S608 - as said above
    with connection.cursor() as cursor:
        cursor.execute(sql, filled)


def _next_key(model: type[Model]) -> int:
    return int(model._default_manager.aggregate(last=Max("pk"))["last"] or 0) + 1


@contextmanager
def _without_row_checks() -> Iterator[None]:
    """Leave out the foreign-key lookups of millions of rows made to fit, where the role may."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        may = cursor.fetchone() == (True,)
        if may:
            cursor.execute("SET session_replication_role = replica")
        try:
            yield
        finally:
            if may:
                cursor.execute("SET session_replication_role = DEFAULT")
