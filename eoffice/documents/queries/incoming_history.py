"""What happened to one letter and its lines."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from django.db.models import QuerySet

from eoffice.core.clock import local_date
from eoffice.documents.models import (
    Assignment,
    ExtensionRequest,
    IncomingDocument,
    Reminder,
    StateChange,
)
from eoffice.documents.queries.incoming import holder_name
from eoffice.organization.acting import acting_words


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One line of the history, newest first."""

    title: str
    by: str
    at: datetime | None
    note: str = ""
    tone: str = "done"


STEP_WORDS: Final = {
    "received": "Tiếp nhận",
    "register": "Văn thư đăng ký",
    "refuse": "Trả lại nơi gửi",
    "forward": "Trình lãnh đạo",
    "distribute": "Phân phối xử lý",
    "keep_for_information": "Lưu để biết",
    "cancel": "Hủy đăng ký",
    "return": "Trả lại văn thư",
    "direct": "Cho ý kiến chỉ đạo",
    "take_back": "Rút lại ý kiến chỉ đạo",
    "lead_refuses": "Nơi chủ trì trả lại",
    "complete": "Hoàn thành xử lý",
    "reopen": "Mở lại để xử lý tiếp",
    "file": "Đưa vào hồ sơ",
    "created": "Đến hệ thống",
    "arrive": "Nơi gửi phát hành đến đơn vị",
    "arrive_again": "Nơi gửi gửi lại",
    "hand_over": "Bàn giao người cho ý kiến chỉ đạo",
    "reorganise": "Chuyển theo quyết định sắp xếp tổ chức",
}


_LINE_STEPS = {
    "accept_as_unit": "tiếp nhận",
    "accept_as_person": "tiếp nhận",
    "pass_on": "chuyển tiếp việc",
    "take_on": "tự xử lý",
    "report_done": "báo cáo hoàn thành",
    "complete": "hoàn thành",
    "confirm": "được xác nhận hoàn thành",
    "send_back": "được yêu cầu xử lý tiếp",
    "close_with_lead": "kết thúc theo chủ trì",
    "read": "đã xem",
    "return": "trả lại việc",
    "withdraw": "được rút lại",
    "recall": "kết thúc do nơi gửi thu hồi",
    "child_returned": "nhận lại việc đã giao",
    "reopen": "được mở lại",
    "hand_over": "nhận bàn giao việc",
    "reorganise": "tiếp nhận theo sắp xếp tổ chức",
    "hand_over_giver": "có người theo dõi mới",
}


def history_of(
    incoming: IncomingDocument,
    lines: list[Assignment],
    reminders: list[Reminder],
    extensions: list[ExtensionRequest],
) -> list[Moment]:
    """Every step of the letter and of its lines, reminders, later deadlines; newest first, at most 200; one query."""
    names = {line.pk: holder_name(line) for line in lines}
    changes: QuerySet[StateChange] = (
        StateChange.objects.filter(object_kind="incoming", object_id=incoming.pk)
        | StateChange.objects.filter(object_kind="assignment", object_id__in=list(names))
    ).select_related("person", "on_behalf_of")
    moments: list[Moment] = []
    for change in changes.order_by("-at", "-pk")[:200]:
        by = acting_words(change.person, change.on_behalf_of, nobody="Hệ thống")
        if change.object_kind == "incoming":
            title = STEP_WORDS.get(change.action, change.action)
            if change.action == "register" and incoming.shown_arrival:
                title = f"Văn thư đăng ký, số đến {incoming.shown_arrival}"
            elif change.action == "distribute" and change.person is None:
                title = "Phân phối theo quy tắc của văn phòng"
        elif change.action in _LINE_STEPS:
            title = f"{names[change.object_id]} {_LINE_STEPS[change.action]}"
            if change.action == "pass_on":
                title += _to_whom(change, lines, names)
        else:
            continue  # the birth of a line stands in the directive
        moments.append(Moment(title=title, by=by, at=change.at, note=change.reason))
    moments = _moments_of_reminders(names, reminders) + _moments_of_extensions(names, extensions) + moments
    moments += _moments_of_recall(incoming)
    return sorted(moments, key=_moment_at, reverse=True)[:200]


def _to_whom(change: StateChange, lines: list[Assignment], names: dict[int, str]) -> str:
    """Who got what was passed on in this step; many places as their number."""
    given = [names[line.pk] for line in lines if line.parent_id == change.object_id and line.assigned_at == change.at]
    if not given:
        return ""
    return f" cho {', '.join(given)}" if len(given) <= 3 else f" cho {len(given)} nơi"


def _moments_of_reminders(names: dict[int, str], reminders: list[Reminder]) -> list[Moment]:
    """Đôn đốc, those reminded together in one line."""
    together: dict[tuple[int, datetime, str], list[str]] = {}
    people: dict[int, str] = {}
    for row in reminders:
        together.setdefault((row.reminded_by_id, row.reminded_at, row.note), []).append(names[row.assignment_id])
        people[row.reminded_by_id] = acting_words(row.reminded_by, row.on_behalf_of)
    return [
        Moment(title=f"Đôn đốc {', '.join(holders)}", by=people[by], at=at, note=note)
        for (by, at, note), holders in together.items()
    ]


def _moments_of_extensions(names: dict[int, str], extensions: list[ExtensionRequest]) -> list[Moment]:
    """Xin gia hạn and what was decided: both sides read the same."""
    moments = []
    for row in extensions:
        until = f"{local_date(row.asked_due_at):%d/%m/%Y}"
        holder = names[row.assignment_id]
        moments.append(
            Moment(
                title=f"{holder} xin gia hạn đến {until}", by=row.asked_by.full_name, at=row.asked_at, note=row.reason
            )
        )
        if row.decided_by is not None:
            words = f"Cho {holder} gia hạn đến {until}" if row.granted else f"Không cho {holder} gia hạn"
            moments.append(Moment(title=words, by=row.decided_by.full_name, at=row.decided_at, note=row.decision_note))
    return moments


def _moments_of_recall(incoming: IncomingDocument) -> list[Moment]:
    """Facts beside the life cycle: that the sender recalled the letter, that the clerk confirmed it."""
    facts = (
        ("Nơi gửi thu hồi", incoming.issuing_body, incoming.recalled_at),
        ("Xác nhận thu hồi", "Văn thư", incoming.recall_confirmed_at),
    )
    return [Moment(title=title, by=by, at=at) for title, by, at in facts if at is not None]


def _moment_at(moment: Moment) -> datetime:
    return moment.at or datetime.max.replace(tzinfo=UTC)
