"""Types with fields of their own (PL III, mẫu 1.7–1.10): the set sentences that these fields fill."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from eoffice.core.vietnamese import nfc
from eoffice.layout.flow import Block, Paragraph, Run, blocks_of
from eoffice.layout.wording import listed


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """Fields of a giấy mời (mẫu 1.7); the body holds the notes."""

    invited: str
    event: str
    chair: str
    time: str
    venue: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Minutes:
    """Fields of a biên bản (mẫu 1.9); the body holds what was said. `ended` is written after "kết thúc vào"."""

    started: str
    venue: str
    attendees: tuple[str, ...]
    chair: str
    secretary: str
    ended: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Introduction:
    """Fields of a giấy giới thiệu (mẫu 1.8)."""

    person: str
    position: str
    sent_to: str
    purpose: str
    valid_until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class LeavePermit:
    """Fields of a giấy nghỉ phép (mẫu 1.10)."""

    requested_on: date
    person: str
    position: str
    days: str
    starts_on: date
    ends_on: date
    venue: str
    counted_as: str


Extra = Invitation | Minutes | Introduction | LeavePermit


def form_blocks(extra: Extra, *, issuing_body: str, subject: str, body: Mapping[str, object]) -> list[Block]:
    """The text of a letter with fields of its own; `body` is its free part, if it has one. Raises BodyInvalid."""
    if isinstance(extra, Invitation):
        return [*_invitation_lines(extra, issuing_body), *blocks_of(body)]
    if isinstance(extra, Minutes):
        closing = _line("", f"{_meeting(subject)} kết thúc vào {extra.ended}./.")
        return [*_minutes_lines(extra), *blocks_of(body, end_mark=False), closing]
    if isinstance(extra, Introduction):
        return _introduction_lines(extra, issuing_body)
    return _leave_lines(extra, issuing_body)


def _meeting(subject: str) -> str:
    """ "Hội nghị" or "Hội thảo" where the subject names one, else "Cuộc họp"."""
    folded = subject.lower()
    return "Hội nghị" if "hội nghị" in folded else "Hội thảo" if "hội thảo" in folded else "Cuộc họp"


def _line(label: str, text: str) -> Paragraph:
    return Paragraph((Run(f"{label}{nfc(text)}"),))


def _invitation_lines(extra: Invitation, issuing_body: str) -> list[Block]:
    return [
        _line(f"{issuing_body} trân trọng kính mời: ", extra.invited),
        _line("Tới dự ", extra.event),
        _line("Chủ trì: ", extra.chair),
        _line("Thời gian: ", extra.time),
        _line("Địa điểm: ", extra.venue),
    ]


def _minutes_lines(extra: Minutes) -> list[Block]:
    return [
        _line("Thời gian bắt đầu: ", extra.started),
        _line("Địa điểm: ", extra.venue),
        _line("Thành phần tham dự: ", "" if len(extra.attendees) > 1 else "".join(extra.attendees)),
        *(_line("- ", entry) for entry in listed(extra.attendees) if len(extra.attendees) > 1),
        _line("Chủ trì (chủ tọa): ", extra.chair),
        _line("Thư ký (người ghi biên bản): ", extra.secretary),
        _line("Nội dung:", ""),
    ]


def _introduction_lines(extra: Introduction, issuing_body: str) -> list[Block]:
    return [
        Paragraph((Run(f"{issuing_body} trân trọng giới thiệu:"),), align="center", indent=False),
        _line("Ông (bà): ", extra.person),
        _line("Chức vụ: ", extra.position),
        _line("Được cử đến: ", extra.sent_to),
        _line("Về việc: ", extra.purpose),
        _line("", "Đề nghị Quý cơ quan tạo điều kiện để ông (bà) có tên ở trên hoàn thành nhiệm vụ."),
        _line("Giấy này có giá trị đến hết ngày ", f"{extra.valid_until:%d/%m/%Y}./."),
    ]


def _leave_lines(extra: LeavePermit, issuing_body: str) -> list[Block]:
    return [
        _line(
            "",
            f"Xét Đơn đề nghị nghỉ phép ngày {extra.requested_on:%d/%m/%Y} của ông (bà) {extra.person}, "
            f"{issuing_body} cấp cho:",
        ),
        _line("Ông (bà): ", extra.person),
        _line("Chức vụ: ", extra.position),
        _line(
            "Được nghỉ phép trong thời gian ",
            f"{extra.days} kể từ ngày {extra.starts_on:%d/%m/%Y} đến hết ngày {extra.ends_on:%d/%m/%Y} "
            f"tại {extra.venue}.",
        ),
        _line("Số ngày nghỉ phép nêu trên được tính vào thời gian ", f"{extra.counted_as}./."),
    ]
