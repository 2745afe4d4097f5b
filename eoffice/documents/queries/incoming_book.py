"""Sổ đăng ký and sổ theo dõi giải quyết văn bản đến, with the columns of NĐ 30/2020/NĐ-CP, Phụ lục IV."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Prefetch, QuerySet

from eoffice.core.clock import VIETNAM, local_date
from eoffice.core.errors import NotFound
from eoffice.core.vietnamese import fold
from eoffice.documents.models import (
    Assignment,
    AssignmentRole,
    Draft,
    EntryState,
    RegisterEntry,
    RegisterKind,
)
from eoffice.documents.queries.books import BookFilter, BookPage, entries_of, joined, page_of, printed
from eoffice.documents.states import AssignmentState, DraftState, IncomingState
from eoffice.layout.types import type_of
from eoffice.organization.actor import Actor
from eoffice.organization.calendar import is_late


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingBookLine:
    """Sổ đăng ký văn bản đến: the ten columns, and why the entry was cancelled."""

    arrived_on: date
    number: str
    author: str
    code: str
    dated_on: date | None
    title: str
    receiver: str
    passed_on: date | None
    receipt: str
    note: str
    void_reason: str = ""
    incoming_id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpLine:
    """Sổ theo dõi giải quyết văn bản đến: the seven columns; `is_late` by the one definition of late."""

    number: str
    document: str
    receiver: str
    due_on: date | None
    progress: str
    reply: str
    note: str
    incoming_id: int = 0
    is_late: bool = False


def incoming_book(actor: Actor, wanted: BookFilter, *, after: str = "") -> BookPage[IncomingBookLine]:
    """One page of sổ đăng ký văn bản đến, newest first."""
    rows, next_after = page_of(_incoming_rows(actor, wanted), after)
    return BookPage(tuple(_incoming_line(row) for row in rows), next_after)


def incoming_book_to_print(actor: Actor, wanted: BookFilter) -> tuple[IncomingBookLine, ...]:
    """The whole period in the order of the book. Raises Invalid above `PRINTED_LIMIT`."""
    return tuple(_incoming_line(row) for row in printed(_incoming_rows(actor, wanted)))


def follow_up_book(actor: Actor, wanted: BookFilter, *, now: datetime, after: str = "") -> BookPage[FollowUpLine]:
    """One page of sổ theo dõi giải quyết văn bản đến, newest first; cancelled entries are not followed up."""
    rows, next_after = page_of(_incoming_rows(actor, wanted).filter(state=EntryState.ACTIVE), after)
    return BookPage(tuple(_follow_up_line(row, now) for row in rows), next_after)


def follow_up_book_to_print(actor: Actor, wanted: BookFilter, *, now: datetime) -> tuple[FollowUpLine, ...]:
    """The whole period in the order of the book. Raises Invalid above `PRINTED_LIMIT`."""
    rows = printed(_incoming_rows(actor, wanted).filter(state=EntryState.ACTIVE))
    return tuple(_follow_up_line(row, now) for row in rows)


def _incoming_rows(actor: Actor, wanted: BookFilter) -> QuerySet[RegisterEntry]:
    rows = entries_of(actor, wanted, RegisterKind.INCOMING)
    if wanted.document_type:
        rows = rows.filter(incoming__document_type=wanted.document_type)
    if wanted.text:
        rows = rows.filter(incoming__search_fold__contains=fold(wanted.text))
    lines = (
        Assignment.objects.filter(parent__isnull=True)
        .exclude(state__in=[AssignmentState.WITHDRAWN, AssignmentState.RETURNED])
        .select_related("unit", "person")
        .order_by("pk")
    )
    replies = Draft.objects.filter(state=DraftState.ISSUED).select_related("outgoing").order_by("pk")
    return rows.select_related("incoming__forwarded_to").prefetch_related(
        Prefetch("incoming__assignments", lines, to_attr="top_lines"),
        Prefetch("incoming__replies", replies, to_attr="issued_replies"),
    )


def _incoming_line(entry: RegisterEntry) -> IncomingBookLine:
    incoming = entry.incoming
    if incoming is None:
        raise NotFound
    lines: list[Assignment] = incoming.top_lines  # type: ignore[attr-defined]  # prefetched
    first = min((line.assigned_at for line in lines), default=None)
    return IncomingBookLine(
        arrived_on=entry.dated_on,
        number=entry.shown_number,
        author=incoming.issuing_body,
        code=incoming.shown_code,
        dated_on=incoming.issued_on,
        title=_incoming_title(incoming.document_type, incoming.type_name, incoming.subject),
        receiver=_receivers(lines) or (incoming.forwarded_to.full_name if incoming.forwarded_to else ""),
        passed_on=local_date(first) if first else None,
        receipt=_accepted_words(lines),
        note="Nơi gửi đã thu hồi" if incoming.recalled_at else "",
        void_reason=entry.state_reason if entry.state != EntryState.ACTIVE else "",
        incoming_id=incoming.pk,
    )


def _incoming_title(document_type: str, type_name: str, subject: str) -> str:
    name = type_of(document_type).name if document_type else type_name
    return " ".join(part for part in (name, subject) if part)


def _receivers(lines: Sequence[Assignment]) -> str:
    """Lead first, then support; informed ones receive a copy and do not sign for it."""
    wanted = [line for role in (AssignmentRole.LEAD, AssignmentRole.SUPPORT) for line in lines if line.role == role]
    names = [
        line.unit.names_on(line.called_on).short_name
        if line.unit
        else line.person.full_name if line.person else ""
        for line in wanted
    ]  # fmt: skip
    return joined(names, len(names))


def _accepted_words(lines: Sequence[Assignment]) -> str:
    """ "Ký nhận" is the acceptance of the lead: when."""
    accepted = [line.accepted_at for line in lines if line.role == AssignmentRole.LEAD and line.accepted_at]
    return f"Đã nhận {min(accepted).astimezone(VIETNAM):%H:%M %d/%m/%Y}" if accepted else ""


def _follow_up_line(entry: RegisterEntry, now: datetime) -> FollowUpLine:
    incoming = entry.incoming
    if incoming is None:
        raise NotFound
    lines: list[Assignment] = incoming.top_lines  # type: ignore[attr-defined]  # prefetched
    replies: list[Draft] = incoming.issued_replies  # type: ignore[attr-defined]  # prefetched
    lead = next((line for line in lines if line.role == AssignmentRole.LEAD), None)
    due_at = (lead.due_at if lead else None) or incoming.due_at
    done = incoming.state in {IncomingState.COMPLETED, IncomingState.FILED}
    closed_at = lead.closed_at if lead else None
    late = is_late(due_at, closed_at or now)
    return FollowUpLine(
        number=entry.shown_number,
        document=_described(entry),
        receiver=_receivers(lines),
        due_on=local_date(due_at) if due_at else None,
        progress=_progress(IncomingState(incoming.state), closed_at if done else None, late=late),
        reply="; ".join(draft.outgoing.shown_code for draft in replies),
        note="Nơi gửi đã thu hồi" if incoming.recalled_at else (lead.no_reply_reason if lead else ""),
        incoming_id=incoming.pk,
        is_late=late,
    )


def _described(entry: RegisterEntry) -> str:
    """Tên loại, số, ký hiệu, ngày, tháng và tên cơ quan ban hành, in one line."""
    incoming = entry.incoming
    if incoming is None:
        raise NotFound
    name = type_of(incoming.document_type).name if incoming.document_type else incoming.type_name or "Văn bản"
    parts = [f"{name} số {incoming.shown_code}" if incoming.shown_code else name]
    if incoming.issued_on:
        parts.append(f"ngày {incoming.issued_on:%d/%m/%Y}")
    if incoming.issuing_body:
        parts.append(f"của {incoming.issuing_body}")
    return " ".join(parts)


def _progress(state: IncomingState, closed_at: datetime | None, *, late: bool) -> str:
    words = state.label
    if closed_at is not None:
        words = f"{words} ngày {local_date(closed_at):%d/%m/%Y}"
    return f"{words}, quá hạn" if late else words
