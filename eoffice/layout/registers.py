"""The registers of Phụ lục IV: their columns, cover and closing signatures, ready for `core.tables`.

Source: NĐ 30/2020/NĐ-CP, PL IV (minimum columns). Who fills them with rows is `reports`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from eoffice.core.tables import Column, Cover, Signature, Table, Value
from eoffice.core.vietnamese import tidy
from eoffice.layout.wording import date_line


@dataclass(frozen=True, slots=True)
class RegisterForm:
    """One of the books: `counted` says whether its cover names the first and last number."""

    code: str
    title: str
    columns: tuple[Column, ...]
    counted: bool = True


OUTGOING: Final = RegisterForm(
    "outgoing",
    "SỔ ĐĂNG KÝ VĂN BẢN ĐI",
    (
        Column("Số, ký hiệu văn bản", 1.6),
        Column("Ngày tháng văn bản", 1.35, "center"),
        Column("Tên loại và trích yếu nội dung văn bản", 4),
        Column("Người ký", 1.5),
        Column("Nơi nhận văn bản", 2.2),
        Column("Đơn vị, người nhận bản lưu", 1.5),
        Column("Số lượng bản", 0.8, "center"),
        Column("Ngày chuyển", 1.35, "center"),
        Column("Ký nhận", 1.35),
        Column("Ghi chú", 1.1),
    ),
)
INCOMING: Final = RegisterForm(
    "incoming",
    "SỔ ĐĂNG KÝ VĂN BẢN ĐẾN",
    (
        Column("Ngày đến", 1.35, "center"),
        Column("Số đến", 0.8, "center"),
        Column("Tác giả", 2),
        Column("Số, ký hiệu văn bản", 1.6),
        Column("Ngày tháng văn bản", 1.35, "center"),
        Column("Tên loại và trích yếu nội dung văn bản", 4),
        Column("Đơn vị hoặc người nhận", 1.8),
        Column("Ngày chuyển", 1.35, "center"),
        Column("Ký nhận", 1.35),
        Column("Ghi chú", 1.1),
    ),
)
FOLLOW_UP: Final = RegisterForm(
    "follow_up",
    "SỔ THEO DÕI GIẢI QUYẾT VĂN BẢN ĐẾN",
    (
        Column("Số đến", 0.8, "center"),
        Column("Tên loại, số, ký hiệu, ngày, tháng và tên cơ quan, tổ chức ban hành văn bản", 4),
        Column("Đơn vị hoặc người nhận", 2),
        Column("Thời hạn giải quyết", 1.4, "center"),
        Column("Tiến độ giải quyết", 2.2),
        Column("Số, ký hiệu văn bản trả lời", 1.8),
        Column("Ghi chú", 1.3),
    ),
    counted=False,
)
POSTAL: Final = RegisterForm(
    "postal",
    "SỔ GỬI VĂN BẢN ĐI BƯU ĐIỆN",
    (
        Column("Ngày chuyển", 1.2, "center"),
        Column("Số, ký hiệu văn bản", 2),
        Column("Nơi nhận văn bản", 3.5),
        Column("Số lượng bì", 0.9, "center"),
        Column("Ký nhận và dấu bưu điện", 2),
        Column("Ghi chú", 1.5),
    ),
)
KEPT_COPIES: Final = RegisterForm(
    "kept_copies",
    "SỔ SỬ DỤNG BẢN LƯU",
    (
        Column("Ngày tháng", 1.3, "center"),
        Column("Họ tên người sử dụng", 1.8),
        Column("Số, ký hiệu, ngày tháng văn bản", 1.8),
        Column("Tên loại và trích yếu nội dung văn bản", 3.6),
        Column("Số và ký hiệu HS", 1.2),
        Column("Ký nhận", 1.2),
        Column("Ngày trả", 1.3, "center"),
        Column("Người cho phép sử dụng", 1.6),
        Column("Ghi chú", 1.1),
    ),
)
REGISTERS: Final = (OUTGOING, INCOMING, FOLLOW_UP, POSTAL, KEPT_COPIES)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterBook:
    """What stands around the rows of a printed register. `first_number` and `last_number` are as printed."""

    superior_body: str | None
    body: str
    first_day: date
    last_day: date
    first_number: str = ""
    last_number: str = ""
    volume: int = 1
    place: str = ""
    closed_on: date | None = None
    kept_by: str = ""
    head_title: str = "Chánh Văn phòng"
    head_name: str = ""


def register_table(form: RegisterForm, book: RegisterBook, rows: Sequence[Sequence[Value]]) -> Table:
    """The register as a table with cover, period and closing signatures, to print or to calculate with."""
    head = tuple(tidy(name).upper() for name in (book.superior_body or "", book.body) if name)
    days = f"Từ ngày {book.first_day:%d/%m/%Y} đến ngày {book.last_day:%d/%m/%Y}"
    numbers = f"Từ số {book.first_number or '…'} đến số {book.last_number or '…'}"
    years = (
        str(book.first_day.year)
        if book.first_day.year == book.last_day.year
        else (f"{book.first_day.year} - {book.last_day.year}")
    )
    return Table(
        title=form.title,
        columns=form.columns,
        rows=rows,
        head=head,
        lines=(days,),
        closing=(f"Tổng số: {len(rows)} dòng.",),
        signatures=(
            Signature(lines=("NGƯỜI LẬP SỔ",), name=tidy(book.kept_by)),
            Signature(
                lines=(tidy(book.head_title).upper(),),
                name=tidy(book.head_name),
                place=date_line(tidy(book.place), book.closed_on) if book.place and book.closed_on else "",
            ),
        ),
        cover=Cover(
            head=head,
            title=form.title,
            lines=(f"Năm: {years}", days, *((numbers,) if form.counted else ()), f"Quyển số: {book.volume:02d}"),
        ),
        numbered=True,
    )
