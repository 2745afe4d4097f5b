"""The 29 types of administrative documents, their abbreviations and the template that sets each.

Source: NĐ 30/2020/NĐ-CP, Điều 7 (types) and Phụ lục III mục I (abbreviations, templates).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from eoffice.core.vietnamese import fold
from eoffice.layout.errors import ContentInvalid


class Template(StrEnum):
    """Which drawing of Phụ lục III sets a type."""

    LETTER = "letter"
    """Mẫu 1.5."""
    DECISION = "decision"
    """Mẫu 1.2 and 1.3 (with a text issued by it)."""
    RESOLUTION = "resolution"
    """Mẫu 1.1."""
    TYPED = "typed"
    """Mẫu 1.4, and the types without a template of their own."""
    TELEGRAM = "telegram"
    """Mẫu 1.6."""
    INVITATION = "invitation"
    """Mẫu 1.7."""
    INTRODUCTION = "introduction"
    """Mẫu 1.8."""
    MINUTES = "minutes"
    """Mẫu 1.9."""
    LEAVE_PERMIT = "leave_permit"
    """Mẫu 1.10."""


@dataclass(frozen=True, slots=True)
class DocumentType:
    """One of the 29 types. `code` is stored; `abbreviation` is empty for công văn and thư công."""

    code: str
    name: str
    abbreviation: str
    template: Template

    @property
    def may_be_addressed(self) -> bool:
        """ "Kính gửi" stands only on công văn, and on tờ trình and báo cáo sent upward (PL I, II.9a)."""
        return self.code in {"letter", "proposal", "report"}


_T = Template.TYPED
TYPES: Final[tuple[DocumentType, ...]] = (
    DocumentType("resolution", "Nghị quyết", "NQ", Template.RESOLUTION),
    DocumentType("decision", "Quyết định", "QĐ", Template.DECISION),
    DocumentType("instruction", "Chỉ thị", "CT", _T),
    DocumentType("regulation", "Quy chế", "QC", _T),
    DocumentType("rules", "Quy định", "QyĐ", _T),
    DocumentType("communique", "Thông cáo", "TC", _T),
    DocumentType("notice", "Thông báo", "TB", _T),
    DocumentType("guidance", "Hướng dẫn", "HD", _T),
    DocumentType("programme", "Chương trình", "CTr", _T),
    DocumentType("plan", "Kế hoạch", "KH", _T),
    DocumentType("option_plan", "Phương án", "PA", _T),
    DocumentType("scheme", "Đề án", "ĐA", _T),
    DocumentType("project", "Dự án", "DA", _T),
    DocumentType("report", "Báo cáo", "BC", _T),
    DocumentType("minutes", "Biên bản", "BB", Template.MINUTES),
    DocumentType("proposal", "Tờ trình", "TTr", _T),
    DocumentType("contract", "Hợp đồng", "HĐ", _T),
    DocumentType("letter", "Công văn", "", Template.LETTER),
    DocumentType("telegram", "Công điện", "CĐ", Template.TELEGRAM),
    DocumentType("memorandum", "Bản ghi nhớ", "BGN", _T),
    DocumentType("agreement", "Bản thỏa thuận", "BTT", _T),
    DocumentType("power_of_attorney", "Giấy ủy quyền", "GUQ", _T),
    DocumentType("invitation", "Giấy mời", "GM", Template.INVITATION),
    DocumentType("introduction", "Giấy giới thiệu", "GGT", Template.INTRODUCTION),
    DocumentType("leave_permit", "Giấy nghỉ phép", "GNP", Template.LEAVE_PERMIT),
    DocumentType("dispatch_slip", "Phiếu gửi", "PG", _T),
    DocumentType("transfer_slip", "Phiếu chuyển", "PC", _T),
    DocumentType("report_slip", "Phiếu báo", "PB", _T),
    DocumentType("open_letter", "Thư công", "", _T),
)
"""In the order of Điều 7."""

_BY_CODE: Final = {each.code: each for each in TYPES}
_BY_NAME: Final = {fold(each.name): each for each in TYPES}


def type_of(code: str) -> DocumentType:
    """The type with this code; raises ContentInvalid."""
    try:
        return _BY_CODE[code]
    except KeyError:
        raise ContentInvalid(f"Không có loại văn bản “{code}”. Chọn một trong 29 loại của Nghị định 30.") from None


def type_named(name: str) -> DocumentType | None:
    """The type with this Vietnamese name, whatever its case and tone marks; None when it is not one of the 29."""
    return _BY_NAME.get(fold(name))


def symbol_of(code: str, *, body: str, drafter: str = "") -> str:
    """Ký hiệu of a document: `QĐ-TXG` for a typed one, `TXG-VP` for a công văn drafted by VP.

    `body` and `drafter` are the abbreviations kept with the units. Source: NĐ 30, PL I, mục II.3.
    """
    abbreviation = type_of(code).abbreviation
    return "-".join(part for part in ((abbreviation, body) if abbreviation else (body, drafter)) if part)
