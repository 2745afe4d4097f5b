"""Slips that travel with a paper: phiếu trình and phiếu giải quyết văn bản đến."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final

from eoffice.core.clock import VIETNAM
from eoffice.core.typesetting import typeset
from eoffice.core.vietnamese import nfc, tidy
from eoffice.layout.letters import STATE
from eoffice.layout.wording import date_line, listed

_SLIP: Final = Path(__file__).resolve().parent / "drawings" / "slip.typ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What somebody wrote on the slip, and when. `who` is name and post as shown."""

    who: str
    text: str
    given_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipHead:
    """Letterhead of a slip."""

    body: str
    superior_body: str | None = None
    place: str
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmissionSlip:
    """Phiếu trình: the proposal that travels with a draft, its opinions, and the leader's decision.

    `facts` are further lines of the head, label and value. `decided` holds the decision once it is given; until then
    free lines are drawn for it.
    """

    head: SlipHead
    submitted_to: str
    submitted_by: str
    draft_type: str
    subject: str
    proposal: str
    facts: tuple[tuple[str, str], ...] = ()
    attachments: tuple[str, ...] = ()
    opinions: tuple[Opinion, ...] = ()
    decided: Opinion | None = None
    drafter: str = ""
    unit_head: str = ""
    unit_head_title: str = "Lãnh đạo đơn vị trình"


@dataclass(frozen=True, slots=True, kw_only=True)
class HandlingSlip:
    """Phiếu giải quyết văn bản đến. Source: NĐ 30/2020/NĐ-CP, PL IV.

    `leaders` are opinions of the body's leaders (who leads, who supports, deadlines), `unit_leaders` those of the
    unit in charge, `proposals` those of the person who handles it.
    """

    head: SlipHead
    arrival_number: str
    arrived_on: date
    document_type: str
    number_symbol: str
    issued_on: date | None
    issuer: str
    subject: str
    lead: str = ""
    support: tuple[str, ...] = ()
    due_on: date | None = None
    leaders: tuple[Opinion, ...] = ()
    unit_leaders: tuple[Opinion, ...] = ()
    proposals: tuple[Opinion, ...] = ()


def render_submission_slip(slip: SubmissionSlip) -> bytes:
    """Draw the phiếu trình as PDF/A-2b on A4."""
    return typeset(
        _SLIP,
        {
            **_head(slip.head),
            "title": f"Phiếu trình: {tidy(slip.subject)}",
            "heading": "PHIẾU TRÌNH",
            "subheading": "",
            "fields": _fields(
                ("Kính trình:", slip.submitted_to),
                ("Đơn vị trình:", slip.submitted_by),
                ("Văn bản trình:", slip.draft_type),
                ("Trích yếu:", slip.subject),
                *((f"{label}:", value) for label, value in slip.facts),
            ),
            "parts": [
                _part("1. Tóm tắt nội dung và đề xuất", (Opinion(who="", text=slip.proposal),)),
                _part("2. Tài liệu kèm theo", _attachments(slip.attachments)),
                _part("3. Ý kiến của các đơn vị, cá nhân", slip.opinions),
                _part("4. Ý kiến của lãnh đạo", (slip.decided,) if slip.decided else (), blank_lines=5),
            ],
            "signatures": [
                {"lines": ["NGƯỜI SOẠN THẢO"], "note": "", "name": tidy(slip.drafter)},
                {"lines": [tidy(slip.unit_head_title).upper()], "note": "", "name": tidy(slip.unit_head)},
            ],
            "foot": "",
        },
    )


def render_handling_slip(slip: HandlingSlip) -> bytes:
    """Draw the phiếu giải quyết văn bản đến as PDF/A-2b on A4. Source: NĐ 30/2020/NĐ-CP, PL IV."""
    issued = f"{slip.issued_on:%d/%m/%Y}" if slip.issued_on else ""
    return typeset(
        _SLIP,
        {
            **_head(slip.head),
            "title": f"Phiếu giải quyết văn bản đến số {slip.arrival_number}",
            "heading": "PHIẾU GIẢI QUYẾT VĂN BẢN ĐẾN",
            "subheading": "",
            "fields": _fields(
                ("Số đến, ngày đến:", f"{slip.arrival_number}, ngày {slip.arrived_on:%d/%m/%Y}"),
                ("Tên loại văn bản:", slip.document_type),
                ("Số, ký hiệu; ngày:", "; ".join(part for part in (slip.number_symbol, issued) if part)),
                ("Cơ quan ban hành:", slip.issuer),
                ("Trích yếu:", slip.subject),
                ("Chủ trì:", slip.lead),
                ("Phối hợp:", "; ".join(tidy(each) for each in slip.support)),
                ("Thời hạn giải quyết:", f"{slip.due_on:%d/%m/%Y}" if slip.due_on else ""),
            ),
            "parts": [
                _part("1. Ý kiến của lãnh đạo cơ quan, tổ chức", slip.leaders, blank_lines=5),
                _part("2. Ý kiến của lãnh đạo đơn vị", slip.unit_leaders, blank_lines=4),
                _part("3. Đề xuất của người giải quyết", slip.proposals, blank_lines=4),
            ],
            "signatures": [],
            "foot": "",
        },
    )


def _head(head: SlipHead) -> dict[str, object]:
    return {
        "nation": STATE.nation,
        "motto": STATE.motto,
        "superior": tidy(head.superior_body or "").upper(),
        "issuing": tidy(head.body).upper(),
        "date": date_line(tidy(head.place), head.day),
    }


def _fields(*pairs: tuple[str, str]) -> list[dict[str, str]]:
    return [{"label": label, "value": nfc(value)} for label, value in pairs if value]


def _attachments(names: Sequence[str]) -> tuple[Opinion, ...]:
    return (Opinion(who="", text="\n".join(f"- {line}" for line in listed(names))),) if names else ()


def _part(heading: str, opinions: Sequence[Opinion], *, blank_lines: int = 2) -> dict[str, object]:
    entries = [
        {
            **asdict(opinion),
            "text": nfc(opinion.text),
            "when": f"{opinion.given_at.astimezone(VIETNAM):%H:%M %d/%m/%Y}" if opinion.given_at else "",
            "given_at": None,
        }
        for opinion in opinions
    ]
    return {"heading": heading, "entries": entries, "blank_lines": blank_lines}
