"""`eoffice bench letters`: register, direct, issue to hundreds of units; the inbox page over many documents."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Final

from django.db import connection
from django.test import Client
from django.urls import reverse

from eoffice.core import files
from eoffice.core.errors import Conflict
from eoffice.core.vietnamese import fold
from eoffice.documents.models import (
    Assignment,
    AssignmentRole,
    Channel,
    Draft,
    DraftRecipient,
    FilePurpose,
    FileVersion,
    IncomingDocument,
)
from eoffice.documents.services.benching_group import BenchGroup, make_group, require_empty_database
from eoffice.documents.services.directing import direct_incoming
from eoffice.documents.services.distributing import Recipient
from eoffice.documents.services.incoming_entry import IncomingEntry
from eoffice.documents.services.issuing import issue_outgoing
from eoffice.documents.services.numbering_outgoing import NumberChoice, take_number_for_draft
from eoffice.documents.services.registering import register_incoming
from eoffice.documents.states import AssignmentState, DraftState, IncomingState
from eoffice.layout.letters import LetterContent, render_letter
from eoffice.organization import access
from eoffice.organization import queries as organization
from eoffice.organization.models import AccessReason, Role

_BATCH: Final = 5_000
_OPEN_LINES: Final = 200
"""Lines that wait for the reader; the rest of the documents are other people's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured thing. Times are milliseconds a piece; `sql_share` is the part of the time spent in SQL."""

    what: str
    pieces: int
    median_ms: float
    p95_ms: float
    statements: int
    sql_share: float

    @property
    def per_second(self) -> float:
        return 1000 / self.median_ms if self.median_ms else 0.0


def bench_letters(*, letters: int, units: int, documents: int, now: datetime) -> list[Figure]:
    """Measure the way of a letter, then the inbox page. Raises Conflict in a database in use."""
    require_empty_database()
    group = make_group(companies=units, now=now)
    waiting = _received(group, letters, now)
    figures = [
        _measure("Đăng ký văn bản đến", [_registering(group, pk, now) for pk in waiting]),
        _measure("Bút phê, giao một đơn vị", [_directing(group, pk, now) for pk in waiting]),
        _measure(f"Phát hành đến {units} đơn vị", [_issuing(group, number, now) for number in range(3)]),
    ]
    _load(group, documents, now)
    return [*figures, _measure(f"Trang Chờ xử lý, {documents} văn bản", _pages(group))]


def _measure(what: str, work: list[Callable[[], object]]) -> Figure:
    """Run each piece once, in order, with its statements counted and timed."""
    times, shares, statements = [], [], 0
    for piece in work:
        with _sql_time() as clock:
            started = time.perf_counter()
            piece()
            spent = time.perf_counter() - started
        times.append(spent * 1000)
        shares.append(clock.seconds / spent)
        statements = clock.statements
    ordered = sorted(times)
    return Figure(
        what=what,
        pieces=len(work),
        median_ms=statistics.median(times),
        p95_ms=ordered[max(0, round(len(ordered) * 0.95) - 1)],
        statements=statements,
        sql_share=statistics.mean(shares),
    )


class _SqlClock:
    seconds = 0.0
    statements = 0

    def __call__(self, execute: Callable[..., Any], sql: str, params: object, many: bool, context: object) -> object:
        started = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.seconds += time.perf_counter() - started
            self.statements += 1


@contextmanager
def _sql_time() -> Iterator[_SqlClock]:
    clock = _SqlClock()
    with connection.execute_wrapper(clock):
        yield clock


# The way of a letter -----------------------------------------------------------------------------------------


def _received(group: BenchGroup, amount: int, now: datetime) -> list[int]:
    rows = IncomingDocument.objects.bulk_create(
        [
            IncomingDocument(
                registry=group.registry, channel=Channel.UPLOAD, received_at=now, subject=f"Văn bản {number}"
            )
            for number in range(amount)
        ]
    )
    access.grant_to_roles(
        object_kind="incoming",
        places=[(row.pk, group.registry.pk, "registry") for row in rows],
        roles=[Role.CLERK],
        reason=AccessReason.REGISTRY,
    )
    return [row.pk for row in rows]


def _registering(group: BenchGroup, incoming_id: int, now: datetime) -> Callable[[], object]:
    entry = IncomingEntry(
        issuing_body="Bộ Khoa học và Công nghệ", subject=f"V/v báo cáo kết quả lần {incoming_id}",
        number=str(incoming_id), symbol="BKHCN-CĐSQG", document_type="letter",
    )  # fmt: skip
    return lambda: register_incoming(
        actor=group.clerk, incoming_id=incoming_id, entry=entry, now=now, forward_to=group.leader.person_id
    )


def _directing(group: BenchGroup, incoming_id: int, now: datetime) -> Callable[[], object]:
    recipients = [Recipient("unit", group.board.pk, AssignmentRole.LEAD)]
    return lambda: direct_incoming(
        actor=group.leader, incoming_id=incoming_id, text="Ban Công nghệ chủ trì.", recipients=recipients, now=now
    )


def _issuing(group: BenchGroup, number: int, now: datetime) -> Callable[[], object]:
    """A numbered document without seal: signing and sealing have figures of their own (`eoffice bench sign`)."""
    subject = f"V/v phát hành diện rộng lần {number + 1}"
    draft = Draft.objects.create(
        author_id=group.head.person_id, unit=group.board, registry=group.registry, state=DraftState.SIGNED,
        document_type="letter", subject=subject, symbol="TXG-CN", needs_seal=False, capacity=group.capacity,
        updated_at=now,
    )  # fmt: skip
    access.grant_to_roles(
        object_kind="draft",
        places=[(draft.pk, group.registry.pk, "registry")],
        roles=[Role.CLERK],
        reason=AccessReason.REGISTRY,
    )
    DraftRecipient.objects.bulk_create(
        [DraftRecipient(draft=draft, position=position, unit=unit) for position, unit in enumerate(group.registries, 1)]
    )
    outgoing = take_number_for_draft(actor=group.clerk, draft_id=draft.pk, now=now, choice=NumberChoice())
    content = LetterContent(type="letter", issuing_body=group.registry.name, symbol="TXG-CN", subject=subject)
    letter = render_letter(content)
    stored = files.store(letter.pdf, media_type="application/pdf")
    outgoing.file = FileVersion.objects.create(
        outgoing=outgoing, purpose=FilePurpose.NUMBERED, file=stored, name="van-ban.pdf", created_at=now
    )
    outgoing.save(update_fields=["file"])
    return lambda: issue_outgoing(actor=group.clerk, outgoing_id=outgoing.pk, now=now)


# The inbox page ----------------------------------------------------------------------------------------------


def _load(group: BenchGroup, amount: int, now: datetime) -> None:
    """Documents of the whole registry by bulk load; `_OPEN_LINES` of them wait for the reader."""
    for start in range(0, amount, _BATCH):
        rows = IncomingDocument.objects.bulk_create(
            [_document(group, number, now) for number in range(start, min(start + _BATCH, amount))]
        )
        lines = Assignment.objects.bulk_create(
            [_line(group, row, number, now) for number, row in enumerate(rows, start=start)]
        )
        access.grant_to_roles(
            object_kind="incoming",
            places=[(line.incoming_id, group.board.pk, f"assignment:{line.pk}") for line in lines],
            roles=[Role.UNIT_HEAD],
            reason=AccessReason.ASSIGNED,
        )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _document(group: BenchGroup, number: int, now: datetime) -> IncomingDocument:
    subject = f"V/v báo cáo kết quả triển khai nhiệm vụ số {number}"
    return IncomingDocument(
        registry=group.registry, state=IncomingState.IN_PROGRESS, received_at=now, arrival_number=100_000 + number,
        arrival_on=now.date(), document_type="letter", number=str(number % 9000 + 1), symbol="BKHCN-CĐSQG",
        issuing_body="Bộ Khoa học và Công nghệ", subject=subject, search_fold=fold(subject),
    )  # fmt: skip


def _line(group: BenchGroup, incoming: IncomingDocument, number: int, now: datetime) -> Assignment:
    is_open = number < _OPEN_LINES
    return Assignment(
        incoming=incoming,
        unit=group.board,
        role=AssignmentRole.LEAD,
        state=AssignmentState.WAITING if is_open else AssignmentState.COMPLETED,
        due_at=now + timedelta(days=number % 30 - 5),
        assigned_by_id=group.leader.person_id,
        assigned_at=now,
        closed_at=None if is_open else now,
    )


def _pages(group: BenchGroup) -> list[Callable[[], object]]:
    reader = organization.get_person(group.head.person_id).user
    if reader is None:
        raise Conflict("Người đo chưa có tài khoản.")
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(reader)
    address = f"{reverse('documents:incoming_list')}?box=to_handle"

    def page() -> None:
        response = client.get(address)
        if response.status_code != HTTPStatus.OK:
            raise RuntimeError(f"{address}: {response.status_code}")

    page()
    return [page] * 60
