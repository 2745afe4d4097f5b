"""The minutes of a seal's hand-over as a page to print, sign by hand where that is asked for, and keep."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Final

from eoffice.core.clock import VIETNAM
from eoffice.core.typesetting import typeset
from eoffice.signing.models import SealHandOver
from eoffice.signing.states import HandOverState

_TEMPLATE: Final = Path(__file__).resolve().parent / "engine" / "templates" / "minutes.typ"
_CLOSINGS: Final = {
    HandOverState.WAITING: "Biên bản đang chờ các bên xác nhận; con dấu chưa đổi người giữ.",
    HandOverState.DONE: "Hai bên đã xác nhận. Bên nhận giữ thiết bị tại trụ sở cơ quan và đổi mã PIN ngay khi nhận.",
    HandOverState.REFUSED: "Việc bàn giao không thành; con dấu không đổi người giữ.",
    HandOverState.WITHDRAWN: "Biên bản đã được rút; con dấu không đổi người giữ.",
}


def minutes_pdf(row: SealHandOver) -> bytes:
    """The minutes as PDF/A; `row` comes with its people and its unit. Decree 30/2020/ND-CP, Art. 32."""
    above = row.unit.parent
    facts = [
        ("Thiết bị bàn giao", row.device),
        ("Văn bản cho phép", row.permission),
        ("Ngày bàn giao", f"{row.handed_on:%d/%m/%Y}"),
        ("Lý do", row.reason),
        ("Người chứng kiến", row.witness),
        ("Người lập biên bản", f"{row.proposed_by.full_name}, lúc {_moment(row.proposed_at)}"),
    ]
    if row.refusal:
        facts.append((row.get_state_display(), row.refusal))
    return typeset(
        _TEMPLATE,
        {
            "title": "Bàn giao thiết bị lưu khóa bí mật của con dấu" if row.from_person else "Cử người giữ con dấu",
            "unit_above": above.name if above is not None else "",
            "unit": row.unit.name,
            "facts": facts,
            "closing": _CLOSINGS[HandOverState(row.state)],
            "sides": _sides(row),
        },
    )


def _sides(row: SealHandOver) -> list[dict[str, str]]:
    gives = row.from_person or row.given_by
    sides = [
        {"role": "Bên giao", "name": gives.full_name if gives else "", "confirmed": _given(row)},
        {"role": "Bên nhận", "name": row.to_person.full_name, "confirmed": _confirmed(row.taken_at)},
        {"role": "Người chứng kiến", "name": "", "confirmed": "(ký, ghi rõ họ tên)"},
    ]
    return sides if row.from_person or row.given_by else sides[1:]


def _given(row: SealHandOver) -> str:
    stands_in = row.given_by is not None and row.from_person is not None and row.given_by != row.from_person
    if stands_in and row.given_by is not None:
        return f"{row.given_by.full_name} xác nhận thay lúc {_moment(row.given_at)}"
    return _confirmed(row.given_at)


def _confirmed(moment: datetime | None) -> str:
    return f"Đã xác nhận trên hệ thống lúc {_moment(moment)}" if moment is not None else "(chưa xác nhận)"


def _moment(moment: datetime | None) -> str:
    return f"{moment.astimezone(VIETNAM):%H:%M %d/%m/%Y}" if moment is not None else ""
