"""Trích sao: a paper's form set anew with the part that is copied, and under it the form of the copy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Final

from eoffice.core.typesetting import typeset, unprintable
from eoffice.core.vietnamese import tidy
from eoffice.layout.errors import ContentInvalid
from eoffice.layout.flow import blocks_of
from eoffice.layout.letters import STATE, Family
from eoffice.layout.types import Template, type_of
from eoffice.layout.wording import date_line, listed

_EXTRACT: Final = Path(__file__).resolve().parent / "drawings" / "extract.typ"
_LEFT_MM: Final = 70.0
_SEAL_WORDS: Final = "Chữ ký số của cơ quan sao ở góc trên bên phải trang đầu"


@dataclass(frozen=True, slots=True, kw_only=True)
class CopiedPaper:
    """The form of the paper that is copied: all its parts stand on the extract again. Names in ordinary case."""

    type: str
    issuing_body: str
    code: str
    dated: date
    subject: str
    signer_name: str
    superior_body: str = ""
    place: str = ""
    signer_lines: tuple[str, ...] = ()
    family: Family = STATE


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractContent:
    """An extract. `number` is number and symbol of the copy (`05/TrS-TXG`), blank until it is taken."""

    paper: CopiedPaper
    body: Mapping[str, object]
    copier: str
    number: str
    place: str
    copied_on: date
    basis: str
    recipients: tuple[str, ...] = ()


def render_extract(content: ExtractContent) -> bytes:
    """Draw the extract as PDF/A-2b on A4; the upper right corner of page 1 stays free for the seal's words.

    Source: NĐ 30/2020/NĐ-CP, Điều 25; PL I, phần II. Raises BodyInvalid, ContentInvalid.
    """
    paper = content.paper
    kind = type_of(paper.type)
    is_letter = kind.template is Template.LETTER
    subject = tidy(paper.subject)
    data: dict[str, object] = {
        "title": f"Trích sao {tidy(paper.code)}",
        "left_mm": _LEFT_MM,
        "nation": paper.family.nation,
        "motto": paper.family.motto,
        "superior": tidy(paper.superior_body).upper(),
        "issuing": tidy(paper.issuing_body).upper(),
        "code": tidy(paper.code),
        "date": date_line(tidy(paper.place), paper.dated).removeprefix(", "),
        "letter_subject": f"V/v {subject.removeprefix('V/v ')}" if is_letter and subject else "",
        "type_name": "" if is_letter else kind.name.upper(),
        "subject": "" if is_letter else subject,
        "body": [asdict(block) for block in blocks_of(content.body, end_mark=False)],
        "signer_lines": [tidy(line).upper() for line in paper.signer_lines if tidy(line)],
        "signer_name": tidy(paper.signer_name),
        "copier": tidy(content.copier).upper(),
        "number": tidy(content.number),
        "copied_on": date_line(tidy(content.place), content.copied_on).removeprefix(", "),
        "basis": f"Người quyết định việc sao: {tidy(content.basis)}",
        "recipients": listed(content.recipients),
        "seal_words": _SEAL_WORDS,
    }
    strange = sorted(unprintable(data))
    if strange:
        raise ContentInvalid(
            f"Bản trích sao có ký tự không in được: {' '.join(strange[:12])}. Nội dung đã nhập vẫn còn nguyên; "
            "xóa hoặc thay các ký tự này rồi xem lại.",
            characters=strange,
        )
    return typeset(_EXTRACT, data)
