"""The fields of an incoming document as they are entered in the register."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Final

from eoffice.core.clock import local_date
from eoffice.core.errors import Invalid
from eoffice.core.vietnamese import fold, tidy
from eoffice.documents.models import IncomingDocument, Urgency
from eoffice.documents.queries.duplicates import body_fold, code_fold
from eoffice.layout.types import TYPES, type_named
from eoffice.organization import queries as organization

_TYPE_CODES: Final = frozenset(each.code for each in TYPES)


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingEntry:
    """What the clerk reads from the page (NĐ 30/2020/NĐ-CP, Phụ lục VI, phần II, văn bản đến).

    Text fields are stored in NFC on one line; lengths are those of the annex. `document_type` is a code of
    `layout.types` or empty, then `type_name` tells. `due_at` is the deadline of the registry, if any.
    """

    issuing_body: str
    subject: str
    number: str = ""
    symbol: str = ""
    issued_on: date | None = None
    document_type: str = ""
    type_name: str = ""
    field_of_work_id: int | None = None
    language: str = "Tiếng Việt"
    page_amount: int | None = None
    description: str = ""
    signer_position: str = ""
    signer_name: str = ""
    urgency: int = Urgency.NORMAL
    circulation: str = ""
    file_notation: str = ""
    due_at: datetime | None = None


LABELS: Final = {
    "issuing_body": "Cơ quan ban hành",
    "subject": "Trích yếu",
    "number": "Số",
    "symbol": "Ký hiệu",
    "issued_on": "Ngày văn bản",
    "document_type": "Loại văn bản",
    "type_name": "Tên loại khác",
    "field_of_work_id": "Lĩnh vực",
    "language": "Ngôn ngữ",
    "page_amount": "Số trang",
    "description": "Ghi chú",
    "signer_position": "Chức vụ người ký",
    "signer_name": "Người ký",
    "urgency": "Độ khẩn",
    "circulation": "Phạm vi lưu hành",
    "file_notation": "Số và ký hiệu hồ sơ",
    "due_at": "Hạn trả lời",
}
ENTRY_FIELDS: Final = tuple(field.name for field in fields(IncomingEntry))
_REQUIRED: Final = ("issuing_body", "subject")


def checked_entry(entry: IncomingEntry, *, now: datetime, kept_field_id: int | None = None) -> IncomingEntry:
    """The entry in its stored form. Raises Invalid naming every field at fault.

    `kept_field_id` is the field of work the letter has: it may be closed by now, a new one may not.
    """
    values: dict[str, object] = {name: getattr(entry, name) for name in ENTRY_FIELDS}
    faults: dict[str, str] = {}
    for name in ENTRY_FIELDS:
        value = values[name]
        if isinstance(value, str):
            values[name] = text = tidy(value)
            limit = getattr(IncomingDocument._meta.get_field(name), "max_length", None)
            if limit is not None and len(text) > limit:
                faults[name] = f"{LABELS[name]} dài {len(text)} ký tự; tối đa {limit} ký tự. Rút gọn rồi đăng ký."
            elif name in _REQUIRED and not text:
                faults[name] = f"Chưa nhập {LABELS[name].lower()}."
    _check_type(values, faults)
    if entry.field_of_work_id is not None and not organization.may_take_field(
        entry.field_of_work_id, kept=kept_field_id
    ):
        faults["field_of_work_id"] = "Lĩnh vực đã đóng hoặc không có trong danh mục. Chọn lại."
    if entry.issued_on is not None and entry.issued_on > local_date(now):
        faults["issued_on"] = "Ngày văn bản sau ngày đến. Xem lại ngày trên trang."
    if entry.urgency not in Urgency.values:
        faults["urgency"] = "Chọn một mức độ khẩn trong danh sách."
    if entry.page_amount is not None and not 0 < entry.page_amount <= 99_999:
        faults["page_amount"] = "Số trang phải từ 1 trở lên."
    if faults:
        raise Invalid("Chưa đăng ký: có trường cần xem lại. Nội dung đã nhập được giữ.", fields=faults)
    return IncomingEntry(**values)  # type: ignore[arg-type]  # the same fields, checked above


def _check_type(values: dict[str, object], faults: dict[str, str]) -> None:
    code, name = str(values["document_type"]), str(values["type_name"])
    if code and code not in _TYPE_CODES:
        faults["document_type"] = "Chọn một loại văn bản trong danh sách."
    elif not code and name and (known := type_named(name)) is not None:
        values["document_type"], values["type_name"] = known.code, ""
    elif code:
        values["type_name"] = ""


def fill(incoming: IncomingDocument, entry: IncomingEntry) -> tuple[str, ...]:
    """Put a checked entry and what is derived from it on the row; returns the names of the columns to save."""
    for name in ENTRY_FIELDS:
        setattr(incoming, name, getattr(entry, name))
    incoming.code_fold = code_fold(incoming.number, incoming.symbol)[:80]
    incoming.body_fold = body_fold(incoming.issuing_body)
    refresh_search(incoming)
    return (*ENTRY_FIELDS, "code_fold", "body_fold", "search_fold")


def refresh_search(incoming: IncomingDocument) -> None:
    """Set what the simple search reads: arrival number, code, issuer, subject, signer, folded."""
    parts = (
        incoming.shown_arrival,
        incoming.shown_code,
        incoming.issuing_body,
        incoming.subject,
        incoming.signer_name,
    )
    incoming.search_fold = fold(" ".join(part for part in parts if part))
