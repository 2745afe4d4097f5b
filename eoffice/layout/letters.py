"""A letter drawn as PDF after Nghị định 30/2020, with the places of what is filled in later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal

import pypdfium2 as pdfium
from PIL import ImageFont

from eoffice.core.geometry import Box, LetterPlaces
from eoffice.core.typesetting import FONTS_DIR, typeset_with_places, unprintable
from eoffice.core.vietnamese import nfc, tidy
from eoffice.layout.errors import ContentInvalid
from eoffice.layout.flow import Block, blocks_of
from eoffice.layout.forms import Extra, Introduction, Invitation, LeavePermit, Minutes, form_blocks
from eoffice.layout.schema import empty_body
from eoffice.layout.types import DocumentType, Template, type_of
from eoffice.layout.wording import URGENCY_WIDTH_MM, URGENCY_WORDS, date_line, listed, roman

__all__ = [
    "STATE",
    "Appendix",
    "Extra",
    "Family",
    "Introduction",
    "Invitation",
    "LeavePermit",
    "LetterContent",
    "Minutes",
    "RenderedLetter",
    "SignatureBlock",
    "Urgency",
    "drawing_data",
    "render_letter",
    "seal_box",
]

Urgency = Literal["none", "khan", "thuong_khan", "hoa_toc"]

POINTS_PER_MM: Final = 72 / 25.4
PAGE_HEIGHT: Final = 297 * POINTS_PER_MM
SEAL_DIAMETER_MM: Final = 36.0
"""Size of a seal that nobody measured; the mark itself is drawn by `signing`."""

_LETTER: Final = Path(__file__).resolve().parent / "drawings" / "letter.typ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Letterhead of a family of units. Only the state's is given by NĐ 30; the others are data of the installation."""

    code: str
    nation: str
    motto: str


STATE: Final = Family(code="state", nation="CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", motto="Độc lập - Tự do - Hạnh phúc")


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureBlock:
    """Box 7: lines of authority and title (`KT. TỔNG GIÁM ĐỐC`, `PHÓ TỔNG GIÁM ĐỐC`), and the name without titles."""

    lines: tuple[str, ...]
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Appendix:
    """A phụ lục in the same file, or the text a decision issues under its own head: then `issued_type` is its type."""

    title: str
    body: Mapping[str, object]
    issued_type: str = ""
    landscape: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterContent:
    """All that stands on a letter.

    Names are in ordinary case; the layout writes capitals where PL I asks for them. `number` and `issued_on` are
    None until the clerk numbers the letter: their space stays free. A letter without `symbol` has no number
    line (internal papers). `signatures` are in order of signing; on a biên bản secretary then chair.
    `recipients` are the lines of "Nơi nhận" without dash and stop; the last is usually `Lưu: VT, …`.
    `drafter_mark` (`PL.(300)`) follows the last of them.
    """

    type: str
    issuing_body: str
    superior_body: str | None = None
    symbol: str = ""
    number: str | None = None
    place: str = ""
    issued_on: date | None = None
    subject: str = ""
    addressees: tuple[str, ...] = ()
    authority: str = ""
    legal_bases: tuple[str, ...] = ()
    body: Mapping[str, object] = field(default_factory=empty_body)
    recipients: tuple[str, ...] = ()
    signatures: tuple[SignatureBlock, ...] = ()
    urgency: Urgency = "none"
    circulation_mark: str = ""
    drafter_mark: str = ""
    footer_address: str = ""
    appendices: tuple[Appendix, ...] = ()
    extra: Extra | None = None
    sealed: bool = True
    seal_diameter_mm: float = SEAL_DIAMETER_MM
    family: Family = STATE


@dataclass(frozen=True, slots=True)
class RenderedLetter:
    """PDF/A-2b bytes, the places on it, and its number of pages with appendices."""

    pdf: bytes
    places: LetterPlaces
    page_count: int


def render_letter(content: LetterContent) -> RenderedLetter:
    """Draw the letter. Boxes count in points from the lower left corner.

    Source: NĐ 30/2020/NĐ-CP, PL I and PL III.
    Raises BodyInvalid, ContentInvalid.
    """
    data = drawing_data(content)
    _refuse_unprintable(data)
    pdf, marks = typeset_with_places(_LETTER, data)
    document = pdfium.PdfDocument(pdf)
    try:
        page_count = len(document)
    finally:
        document.close()
    diameter_mm = content.seal_diameter_mm if content.sealed else None
    return RenderedLetter(pdf, _places(marks, seal_mm=diameter_mm), page_count)


def _refuse_unprintable(data: dict[str, object]) -> None:
    """What is going to be signed must say exactly what was typed, so nothing is replaced in silence."""
    strange = sorted(unprintable(data))
    if strange:
        raise ContentInvalid(
            f"Văn bản có ký tự không in được: {' '.join(strange[:12])}. Nội dung đã nhập vẫn còn nguyên; "
            "xóa hoặc thay các ký tự này rồi xem lại.",
            characters=strange,
        )


def drawing_data(content: LetterContent) -> dict[str, object]:
    """What the drawing shows, word for word; the DOCX twin follows the same data."""
    kind = type_of(content.type)
    is_letter = kind.template is Template.LETTER
    head = _capitals(content.issuing_body)
    if not head:
        raise ContentInvalid("Chưa có tên cơ quan ban hành. Nội dung đã nhập vẫn còn nguyên.")
    return {
        "title": " ".join(part for part in (kind.name, tidy(content.subject)) if part),
        "nation": content.family.nation,
        "motto": content.family.motto,
        "left_mm": _left_column_mm(tidy(content.place)),
        "superior": _capitals(content.superior_body or ""),
        "issuing": head,
        "symbol": tidy(content.symbol),
        "number": content.number,
        "dated": kind.template is not Template.MINUTES,
        "date": date_line(tidy(content.place), content.issued_on) if content.issued_on else None,
        "letter_subject": f"V/v {_lower_first(_without_about(content.subject))}"
        if is_letter and content.subject
        else "",
        "type_name": "" if is_letter else kind.name.upper(),
        "subject": "" if is_letter else tidy(content.subject),
        "urgency": _urgency(content.urgency),
        "authority": _capitals(content.authority),
        "bases": [nfc(line) for line in listed(content.legal_bases)],
        "resolves": _resolves(kind),
        "addressee_label": _addressee_label(content, kind),
        "addressees": _addressees(content, kind),
        "circulation": _capitals(content.circulation_mark),
        "body": [_json(block) for block in _text_of(content)],
        "recipients": _recipients(content),
        "signatures": [
            {"lines": [_capitals(line) for line in block.lines], "name": tidy(block.name)}
            for block in content.signatures
        ],
        "footer": tidy(content.footer_address),
        "appendices": _appendices(content, kind),
    }


@lru_cache(maxsize=256)
def _left_column_mm(place: str) -> float:
    """Width of the left column of the head: as wide as the longest date line of this place leaves it."""
    font = ImageFont.truetype(str(FONTS_DIR / "Tinos-Italic.ttf"), 1300)
    longest = font.getlength(date_line(place, date(2000, 12, 20))) / 100 / POINTS_PER_MM
    return min(68.0, max(165 - longest - 2, 54.0))


def _capitals(text: str) -> str:
    return tidy(text).upper()


def _without_about(subject: str) -> str:
    """The subject without a "V/v" or "Về việc" typed before it."""
    text = tidy(subject)
    for opening in ("V/v:", "V/v", "Về việc:", "Về việc"):
        if text.lower().startswith(opening.lower()):
            return text[len(opening) :].strip(" :")
    return text


def _lower_first(text: str) -> str:
    """Lower-case a first word written like an ordinary word; abbreviations and names of one letter stay."""
    first, _, rest = text.partition(" ")
    if len(first) > 1 and first[0].isupper() and first[1:].islower() and first in _VERBS:
        return f"{first.lower()} {rest}".strip()
    return text


_VERBS: Final = frozenset(
    {"Báo", "Bổ", "Cho", "Chấp", "Chuẩn", "Cung", "Cử", "Cập", "Đăng", "Đề", "Đính", "Đôn", "Giải", "Giao", "Góp"}
    | {"Gửi", "Hướng", "Khắc", "Kiểm", "Lấy", "Mời", "Phê", "Phối", "Phúc", "Rà", "Tăng", "Tham", "Thay", "Thông"}
    | {"Thu", "Thực", "Tiếp", "Trả", "Triển", "Trình", "Xác", "Xin", "Xử", "Yêu"}
)
"""First words of a subject that do not open a proper name."""


def _urgency(urgency: Urgency) -> dict[str, object] | None:
    if urgency == "none":
        return None
    return {"word": URGENCY_WORDS[urgency], "width_mm": URGENCY_WIDTH_MM[urgency]}


def _resolves(kind: DocumentType) -> str:
    return {Template.DECISION: "QUYẾT ĐỊNH:", Template.RESOLUTION: "QUYẾT NGHỊ:"}.get(kind.template, "")


def _addressee_label(content: LetterContent, kind: DocumentType) -> str:
    if kind.template is Template.TELEGRAM:
        return f"{tidy(content.authority or content.issuing_body)} điện"
    return "Kính gửi"


def _addressees(content: LetterContent, kind: DocumentType) -> list[str]:
    if not (kind.may_be_addressed or kind.template is Template.TELEGRAM):
        if content.addressees:
            raise ContentInvalid(
                f"{kind.name} không có phần “Kính gửi” (Phụ lục I, mục II.9). Chuyển các nơi này sang “Nơi nhận”."
            )
        return []
    named = [nfc(each) for each in content.addressees]
    return [each.rstrip(".") for each in listed(named)] if len(named) == 1 else listed(named)


def _recipients(content: LetterContent) -> list[str]:
    lines = listed([tidy(line) for line in content.recipients])
    if lines and content.drafter_mark:
        lines[-1] = f"{lines[-1]} {tidy(content.drafter_mark)}"
    return lines


def _text_of(content: LetterContent) -> list[Block]:
    if content.extra is None:
        return blocks_of(content.body)
    return form_blocks(
        content.extra, issuing_body=tidy(content.issuing_body), subject=content.subject, body=content.body
    )


def _appendices(content: LetterContent, kind: DocumentType) -> list[dict[str, object]]:
    annexes = [each for each in content.appendices if not each.issued_type]
    drawn: list[dict[str, object]] = []
    for each in content.appendices:
        issued = bool(each.issued_type)
        label = "Phụ lục" if len(annexes) < 2 else f"Phụ lục {roman(annexes.index(each) + 1)}" if not issued else ""
        drawn.append(
            {
                "letterhead": issued,
                "label": "" if issued else label,
                "title": _capitals(each.issued_type if issued else each.title),
                "subtitle": tidy(each.title) if issued else "",
                "reference": _reference(content, kind, issued=issued),
                "landscape": each.landscape,
                "body": [_json(block) for block in blocks_of(each.body)],
            }
        )
    return drawn


def _reference(content: LetterContent, kind: DocumentType, *, issued: bool) -> str:
    """Number and day stay blank in an electronic document. Source: NĐ 30, PL I, mục II; PL III, mẫu 1.3 and 2.2."""
    parent = kind.name if issued or kind.template is not Template.LETTER else "Công văn"
    gap = "\u00a0" * 6
    number = f"{gap}/{tidy(content.symbol)}" if content.symbol else gap
    return f"(Kèm theo {parent} số{number} ngày{gap}tháng{gap}năm{gap} của {tidy(content.issuing_body)})"


def _json(block: Block) -> dict[str, object]:
    return asdict(block)


def _places(marks: Sequence[Mapping[str, object]], *, seal_mm: float | None) -> LetterPlaces:
    boxes = {str(mark["name"]): _box(mark) for mark in marks}
    signatures = tuple(boxes[name] for name in sorted(boxes) if name.startswith("signature-"))
    return LetterPlaces(
        number=boxes.get("number"),
        date=boxes.get("date"),
        signatures=signatures,
        seal=seal_box(signatures[-1], diameter_mm=seal_mm) if seal_mm and signatures else None,
    )


def _box(mark: Mapping[str, object]) -> Box:
    x, y, width, height = (float(str(mark[name])) for name in ("x", "y", "width", "height"))
    page = int(str(mark["page"])) - 1
    return Box(page, x, PAGE_HEIGHT - y - height, x + width, PAGE_HEIGHT - y)


def seal_box(signature: Box, *, diameter_mm: float = SEAL_DIAMETER_MM) -> Box:
    """A seal of real size over the left third of a signature. Source: NĐ 30, PL I, mục II.8a."""
    diameter = diameter_mm * POINTS_PER_MM
    x1 = signature.x0 + signature.width / 3
    middle = (signature.y0 + signature.y1) / 2
    return Box(signature.page, x1 - diameter, middle - diameter / 2, x1, middle + diameter / 2)
