"""Đôn đốc: who gave work that is still open reminds those who have it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from eoffice.audit import services as audit
from eoffice.core.clock import local_date
from eoffice.core.errors import Invalid
from eoffice.core.vietnamese import tidy
from eoffice.documents import fitting_posts
from eoffice.documents.errors import AlreadyReminded
from eoffice.documents.models import Assignment, Reminder
from eoffice.documents.permissions import assignments as permissions
from eoffice.documents.permissions.registers import require
from eoffice.documents.services import telling
from eoffice.documents.services.assigning import NOT_GIVER
from eoffice.documents.services.locking_incoming import lock_incoming, lock_lines
from eoffice.organization.actor import Actor

NOTE_LIMIT = 200


@transaction.atomic
def remind_holders(
    *, actor: Actor, incoming_id: int, assignment_ids: Sequence[int], now: datetime, note: str = ""
) -> list[Assignment]:
    """Tell the holders of open lines of one letter that their giver waits; all of them or none.

    A line is reminded of once on a day in Vietnam. Locks the letter, then the lines. Raises DocumentNotFound,
    NotPermitted, AlreadyReminded, Invalid.
    """
    incoming = lock_incoming(actor, incoming_id)
    actor = fitting_posts.without_asking(actor, incoming)
    lines = lock_lines(incoming, pk__in=list(assignment_ids))
    clean = tidy(note)
    if not lines or len(lines) != len(set(assignment_ids)):
        raise Invalid(fields={"lines": "Chọn nơi cần đôn đốc."})
    if len(clean) > NOTE_LIMIT:
        raise Invalid(fields={"note": f"Tối đa {NOTE_LIMIT} ký tự."})
    require(all(permissions.gave(actor, line) for line in lines), NOT_GIVER)
    if not all(permissions.can_be_reminded(line) for line in lines):
        raise Invalid(fields={"lines": "Có nơi đã xong hoặc đã báo hoàn thành. Tải lại trang để xem trạng thái mới."})
    _require_first_today(lines, now)
    for line in lines:
        Reminder.objects.create(
            assignment=line,
            note=clean,
            reminded_by_id=actor.person_id,
            on_behalf_of_id=actor.on_behalf_of_id,
            reminded_at=now,
            reminded_on=local_date(now),
        )
        audit.record(
            actor=actor.ref, action="documents.assignment.reminded", object_kind="assignment", object_id=line.pk,
            now=now, detail={"incoming": incoming.pk},
        )  # fmt: skip
    telling.tell(
        person_ids=telling.holders_of(lines, now=now), kind="reminded", incoming=incoming, now=now, actor=actor,
        title=f"{actor.shown_name} đôn đốc: {clean}" if clean else f"{actor.shown_name} đôn đốc xử lý văn bản",
    )  # fmt: skip
    return lines


def _require_first_today(lines: Sequence[Assignment], now: datetime) -> None:
    done = Reminder.objects.filter(assignment__in=lines, reminded_on=local_date(now)).select_related(
        "assignment__unit", "assignment__person"
    )
    names = [str(each.assignment.unit or each.assignment.person) for each in done.order_by("pk")]
    if names:
        raise AlreadyReminded(f"Hôm nay đã đôn đốc {', '.join(names)}. Mỗi nơi được đôn đốc một lần trong ngày.")
