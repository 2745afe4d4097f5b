"""The four books of NĐ 30/2020/NĐ-CP, Phụ lục IV: their columns in order, and how a line fills them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from eoffice.core.tables import Align, Column, Value
from eoffice.documents.queries.incoming_book import FollowUpLine, IncomingBookLine
from eoffice.documents.queries.outgoing_book import OutgoingBookLine
from eoffice.documents.queries.postal_book import PostalLine


class BookKind(StrEnum):
    """Which book; the values stand in addresses."""

    OUTGOING = "outgoing"
    INCOMING = "incoming"
    FOLLOW_UP = "follow-up"
    POSTAL = "postal"


@dataclass(frozen=True, slots=True)
class BookForm:
    """Title and columns of a book. `numbers_on_cover` is False where the form has no "từ số … đến số …"."""

    title: str
    columns: tuple[Column, ...]
    numbers_on_cover: bool


def _column(name: str, width: float, align: Align = "left") -> Column:
    return Column(name, width, align)


FORMS: Final = {
    BookKind.OUTGOING: BookForm(
        "Sổ đăng ký văn bản đi",
        (
            _column("Số, ký hiệu văn bản", 1.5),
            _column("Ngày tháng văn bản", 1.1, "center"),
            _column("Tên loại và trích yếu nội dung văn bản", 3.6),
            _column("Người ký", 1.5),
            _column("Nơi nhận văn bản", 2.4),
            _column("Đơn vị, người nhận bản lưu", 1.4),
            _column("Số lượng bản", 0.8, "right"),
            _column("Ngày chuyển", 1.1, "center"),
            _column("Ký nhận", 1.3),
            _column("Ghi chú", 1.3),
        ),
        numbers_on_cover=True,
    ),
    BookKind.INCOMING: BookForm(
        "Sổ đăng ký văn bản đến",
        (
            _column("Ngày đến", 1.1, "center"),
            _column("Số đến", 0.7, "right"),
            _column("Tác giả", 1.8),
            _column("Số, ký hiệu văn bản", 1.5),
            _column("Ngày tháng văn bản", 1.1, "center"),
            _column("Tên loại và trích yếu nội dung văn bản", 3.6),
            _column("Đơn vị hoặc người nhận", 1.8),
            _column("Ngày chuyển", 1.1, "center"),
            _column("Ký nhận", 1.3),
            _column("Ghi chú", 1.2),
        ),
        numbers_on_cover=True,
    ),
    BookKind.FOLLOW_UP: BookForm(
        "Sổ theo dõi giải quyết văn bản đến",
        (
            _column("Số đến", 0.7, "right"),
            _column("Tên loại, số, ký hiệu, ngày, tháng và tên cơ quan, tổ chức ban hành văn bản", 4),
            _column("Đơn vị hoặc người nhận", 2),
            _column("Thời hạn giải quyết", 1.2, "center"),
            _column("Tiến độ giải quyết", 2),
            _column("Số, ký hiệu văn bản trả lời", 1.5),
            _column("Ghi chú", 1.5),
        ),
        numbers_on_cover=False,
    ),
    BookKind.POSTAL: BookForm(
        "Sổ gửi văn bản đi bưu điện",
        (
            _column("Ngày chuyển", 1.1, "center"),
            _column("Số, ký hiệu văn bản", 1.5),
            _column("Nơi nhận văn bản", 4),
            _column("Số lượng bì", 0.8, "right"),
            _column("Ký nhận và dấu bưu điện", 2.2),
            _column("Ghi chú", 1.8),
        ),
        numbers_on_cover=True,
    ),
}

BookLine = OutgoingBookLine | IncomingBookLine | FollowUpLine | PostalLine


@dataclass(frozen=True, slots=True)
class DrawnLine:
    """One line as a table draws it. `route` and `object_id` lead to the document; `tone` marks what needs care."""

    cells: tuple[Value, ...]
    route: str
    object_id: int
    void_reason: str = ""
    tone: str = ""


def drawn(line: BookLine) -> DrawnLine:
    """A line in the columns of its book. A voided number keeps its line, with the reason as its note."""
    if isinstance(line, OutgoingBookLine):
        return _outgoing(line)
    if isinstance(line, IncomingBookLine):
        return _incoming(line)
    if isinstance(line, FollowUpLine):
        return _follow_up(line)
    return _postal(line)


def _outgoing(line: OutgoingBookLine) -> DrawnLine:
    cells = (
        line.code, line.dated_on, line.title, line.signer, line.recipients, line.keeper, line.copies, line.sent_on,
        line.receipt, _note(line.note, line.void_reason),
    )  # fmt: skip
    tone = "amber" if line.is_behind else ""
    return DrawnLine(cells, "documents:outgoing_detail", line.outgoing_id, line.void_reason, tone)


def _incoming(line: IncomingBookLine) -> DrawnLine:
    cells = (
        line.arrived_on, line.number, line.author, line.code, line.dated_on, line.title, line.receiver,
        line.passed_on, line.receipt, _note(line.note, line.void_reason),
    )  # fmt: skip
    return DrawnLine(cells, "documents:incoming_detail", line.incoming_id, line.void_reason)


def _follow_up(line: FollowUpLine) -> DrawnLine:
    cells = (line.number, line.document, line.receiver, line.due_on, line.progress, line.reply, line.note)
    return DrawnLine(cells, "documents:incoming_detail", line.incoming_id, tone="late" if line.is_late else "")


def _postal(line: PostalLine) -> DrawnLine:
    cells = (line.sent_on, line.code, line.recipient, line.envelopes, line.receipt, line.note)
    return DrawnLine(cells, "documents:outgoing_detail", line.outgoing_id)


def _note(note: str, void_reason: str) -> str:
    return "; ".join(part for part in (f"Đã hủy: {void_reason}" if void_reason else "", note) if part)


def span_of_numbers(kind: BookKind, lines: Sequence[BookLine]) -> tuple[str, str] | None:
    """First and last number of a book as its cover names them; None where the form has none, or the book is empty."""
    if not lines or not FORMS[kind].numbers_on_cover:
        return None
    return _number(lines[0]), _number(lines[-1])


def _number(line: BookLine) -> str:
    return line.number if isinstance(line, IncomingBookLine | FollowUpLine) else line.code


def day_words(day: date) -> str:
    return f"{day:%d/%m/%Y}"
