"""What lies on the clerk's desk, for the home page: the first letters of each tray that waits for a clerk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from django.urls import reverse

from eoffice.documents.queries import incoming_lists, outgoing_lists
from eoffice.documents.queries.incoming_boxes import BOX_WORDS, Box
from eoffice.documents.queries.incoming_rows import IncomingRow
from eoffice.documents.queries.outgoing_lists import OutgoingLine
from eoffice.organization.actor import Actor
from eoffice.organization.models import Role

LINES: Final = 5
"""Most lines of one tray; the list behind it has the rest."""
_INCOMING: Final = (
    (Box.TO_REGISTER, "Đăng ký"),
    (Box.TO_FORWARD, "Trình, chuyển"),
    (Box.RECALLS, "Xác nhận thu hồi"),
)
_OUTGOING: Final = ((outgoing_lists.TO_NUMBER, "Cấp số, đóng dấu"), (outgoing_lists.TO_ISSUE, "Phát hành"))


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskLine:
    """One letter of a tray. `days_left` counts working days and is None exactly when `due_at` is."""

    href: str
    subject: str
    meta: str
    due_at: datetime | None = None
    days_left: int | None = None


@dataclass(frozen=True, slots=True)
class Tray:
    """One box of the clerk with something in it. `waiting` is "50+" when the box has further pages."""

    key: str
    words: str
    action: str
    href: str
    waiting: str
    lines: list[DeskLine]


def trays_of(actor: Actor, *, now: datetime) -> list[Tray]:
    """The trays of a clerk that are not empty, in the order of the work; none for others."""
    if not actor.plays(Role.CLERK):
        return []
    trays = [_incoming_tray(actor, box, action, now) for box, action in _INCOMING]
    trays += [_outgoing_tray(actor, box, action) for box, action in _OUTGOING]
    return [tray for tray in trays if tray.lines]


def words_of(trays: list[Tray]) -> str:
    """One sentence under the day: how much of what waits."""
    if not trays:
        return "Không có văn bản chờ văn thư."
    return "; ".join(f"{tray.waiting} văn bản {tray.words.lower()}" for tray in trays) + "."


def _incoming_tray(actor: Actor, box: Box, action: str, now: datetime) -> Tray:
    page = incoming_lists.box_page(actor, box=box, now=now)
    lines = [_incoming_line(row, box) for row in page.rows[:LINES]]
    waiting = f"{len(page.rows)}{'+' if page.next_after else ''}"
    href = f"{reverse('documents:incoming_list')}?{urlencode({'box': box.value})}"
    return Tray(box.value, BOX_WORDS[box], action, href, waiting, lines)


def _incoming_line(row: IncomingRow, box: Box) -> DeskLine:
    name = "documents:incoming_register" if box == Box.TO_REGISTER else "documents:incoming_detail"
    return DeskLine(
        href=reverse(name, args=[row.incoming_id]),
        subject=row.subject or row.file_name or "Chưa có trích yếu",
        meta=" · ".join(part for part in (row.arrival, row.code, row.issuing_body) if part) or "Chưa đọc được nơi gửi",
        due_at=row.due_at,
        days_left=row.days_left,
    )


def _outgoing_tray(actor: Actor, box: str, action: str) -> Tray:
    page = outgoing_lists.outgoing_list(actor, box=box)
    lines = [_outgoing_line(row) for row in page.lines[:LINES]]
    waiting = f"{len(page.lines)}{'+' if page.next_after else ''}"
    href = f"{reverse('documents:outgoing_list')}?{urlencode({'box': box})}"
    return Tray(box, page.title, action, href, waiting, lines)


def _outgoing_line(row: OutgoingLine) -> DeskLine:
    name = "documents:draft_number" if row.is_draft else "documents:outgoing_detail"
    return DeskLine(
        href=reverse(name, args=[row.id]),
        subject=row.subject,
        meta=" · ".join(part for part in (row.code, row.type_name, row.drafting_unit, row.state) if part),
    )
