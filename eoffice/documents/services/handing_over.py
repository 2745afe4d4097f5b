"""Bàn giao: a person leaves or changes units, and a job gives all running work to those named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from django.db import transaction
from django.urls import reverse
from procrastinate.contrib.django import app

from eoffice.audit import services as audit
from eoffice.core.clock import local_date
from eoffice.core.errors import Conflict, ExpectedError, Invalid
from eoffice.core.vietnamese import tidy
from eoffice.documents.models import HandOver, HandOverKind, Work
from eoffice.documents.queries import handing_over as held
from eoffice.documents.services.giving_work import GIVERS, Giving, name_without_content
from eoffice.notifications import services as notifications
from eoffice.organization import queries as organization
from eoffice.organization.actor import Actor
from eoffice.organization.models import Person
from eoffice.organization.queries.leaving import is_at_work
from eoffice.organization.services import leaving
from eoffice.organization.services.leaving import NewPost

TASK: Final = "documents.hand_over"
_MOST_KEPT: Final = 500
"""So many pieces that could not be given are listed one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOverTerms:
    """What was decided: `successor_id` takes everything, except the kinds that `others` names a person for."""

    kind: HandOverKind
    first_day: date
    basis: str
    successor_id: int | None
    others: Mapping[Work, int] = field(default_factory=dict)
    new_post: NewPost | None = None

    @property
    def successors(self) -> dict[Work, int]:
        by_kind = {work: self.successor_id for work in Work if self.successor_id is not None}
        return by_kind | dict(self.others)


@transaction.atomic
def start_hand_over(*, actor: Actor, person_id: int, terms: HandOverTerms, now: datetime) -> HandOver:
    """End what a person holds at once and order the job that gives his running work to the successors.

    Work of a kind without a successor stays and is listed. Locks the person. Raises NotFound, NotPermitted, Invalid,
    Conflict (left already; an earlier hand-over still runs).
    """
    basis = tidy(terms.basis)
    if not basis or len(basis) > 300:
        raise Invalid(fields={"basis": "Ghi căn cứ: số, ngày quyết định; tối đa 300 ký tự."})
    if (terms.kind == HandOverKind.MOVES) != (terms.new_post is not None):
        raise Invalid(fields={"unit": "Chọn đơn vị mới khi người này chuyển đơn vị."})
    leaving.end_holdings(
        actor=actor, person_id=person_id, first_day=terms.first_day, basis=basis, now=now, new_post=terms.new_post
    )
    if HandOver.objects.filter(person_id=person_id, finished_at__isnull=True).exists():
        raise Conflict("Lần bàn giao trước của người này còn đang chạy. Chờ xong rồi làm tiếp.")
    _require_successors(person_id, terms.successors, now)
    row = HandOver.objects.create(
        person_id=person_id,
        kind=terms.kind,
        first_day=terms.first_day,
        basis=basis,
        successors={str(work): each for work, each in terms.successors.items()},
        total=sum(held.counts_held(person_id).values()),
        decided_by_id=actor.person_id,
        decided_at=now,
    )
    _record(actor, "documents.hand_over.started", row, now)
    _order(row)
    return row


@transaction.atomic
def give_rest(*, actor: Actor, hand_over_id: int, successor_id: int, now: datetime) -> HandOver:
    """Give what could not be given to one more person. Raises NotFound, Conflict while the job runs, Invalid."""
    row = _lock(held.get_hand_over(actor, hand_over_id).pk)
    if row.is_busy:
        raise Conflict("Việc bàn giao còn đang chạy. Chờ xong rồi giao phần còn lại.")
    if HandOver.objects.filter(person_id=row.person_id, finished_at__isnull=True).exists():
        raise Conflict("Một lần bàn giao khác của người này đang chạy. Chờ xong rồi làm tiếp.")
    _require_successors(row.person_id, dict.fromkeys(Work, successor_id), now)
    row.successors = {str(work): successor_id for work in Work}
    row.total = row.done + sum(held.counts_held(row.person_id).values())
    row.kept, row.finished_at, row.decided_by_id, row.decided_at = [], None, actor.person_id, now
    row.save(update_fields=["successors", "total", "kept", "finished_at", "decided_by", "decided_at"])
    _record(actor, "documents.hand_over.continued", row, now)
    _order(row)
    return row


def carry_on(*, hand_over_id: int, now: datetime) -> HandOver:
    """Give everything still held, one transaction for each piece; killed on the way, the next run goes on.

    What a successor cannot take is kept with the reason. At the end each successor is told once.
    """
    row = HandOver.objects.select_related("person", "decided_by").get(pk=hand_over_id)
    if not row.is_busy:
        return row
    actor = _decider(row, now)
    successors = organization.persons_by_id(row.successors.values())
    kept: list[dict[str, str]] = []
    for work in GIVERS:
        after = 0
        while keys := held.keys_held(work, row.person_id, after=after):
            for key in keys:
                why = _give(row, work, key, successors.get(row.successors.get(str(work), 0)), actor, now)
                if why:
                    kept.append({"work": str(work), "name": name_without_content(work, key), "why": why})
            after = keys[-1]
    return _finish(row.pk, kept, actor, now)


def _give(row: HandOver, work: Work, key: int, successor: Person | None, actor: Actor, now: datetime) -> str:
    """Give one piece; why it could not be given, else empty."""
    if successor is None and work != Work.SIGNATURES:
        return "Chưa chọn người nhận."
    # What waits for a signature goes back to its author, whoever takes the rest.
    giving = Giving(actor=actor, person=row.person, successor=successor or row.person, basis=row.basis, now=now)
    try:
        with transaction.atomic():
            running = _lock(row.pk)
            if GIVERS[work](giving, key):
                _count(running, work, giving.successor.pk if work != Work.SIGNATURES else None)
    except ExpectedError as refused:
        return refused.message
    return ""


def _count(row: HandOver, work: Work, successor_id: int | None) -> None:
    """Count a piece in the transaction that gave it, so that a killed job counts nothing twice."""
    row.done += 1
    if successor_id is not None:
        name = f"{work}:{successor_id}"
        row.given[name] = row.given.get(name, 0) + 1
    row.save(update_fields=["done", "given"])


@transaction.atomic
def _finish(hand_over_id: int, kept: list[dict[str, str]], actor: Actor, now: datetime) -> HandOver:
    row = _lock(hand_over_id)
    if not row.is_busy:
        return row
    row.kept, row.finished_at = kept[:_MOST_KEPT], now
    row.save(update_fields=["kept", "finished_at"])
    _record(actor, "documents.hand_over.finished", row, now, kept=len(kept))
    person = organization.get_person(row.person_id)
    for successor_id, words in _words_by_successor(row).items():
        notifications.notify(
            person_ids=[successor_id],
            kind="work_handed_over",
            title=f"Nhận bàn giao từ {person.full_name}",
            text=f"{words}. Theo {row.basis}.",
            url=reverse("documents:incoming_list"),
            now=now,
        )
    notifications.notify(
        person_ids=[row.decided_by_id],
        kind="hand_over_finished",
        title=f"Đã bàn giao xong việc của {person.full_name}",
        text=f"Còn {len(kept)} việc chưa giao được." if kept else "Không còn việc nào chưa giao.",
        url=reverse("documents:hand_over", args=[row.pk]),
        now=now,
    )
    return row


def _words_by_successor(row: HandOver) -> dict[int, str]:
    found: dict[int, list[str]] = {}
    for name, count in row.given.items():
        work, successor_id = name.split(":")
        found.setdefault(int(successor_id), []).append(f"{Work(work).label}: {count}")
    return {successor_id: "; ".join(sorted(words)) for successor_id, words in found.items()}


def _require_successors(person_id: int, successors: Mapping[Work, int], now: datetime) -> None:
    for each in set(successors.values()):
        if each == person_id:
            raise Invalid(fields={"successor": "Không bàn giao cho chính người này. Chọn người khác."})
        if not is_at_work(each, on=local_date(now)):
            raise Invalid(fields={"successor": "Người nhận không giữ chức danh nào hôm nay. Chọn người khác."})


def _decider(row: HandOver, now: datetime) -> Actor:
    """Who decided, as he stands today; the job acts in his name. Raises NoPosting when he has left himself."""
    return organization.actor_of(user_id=row.decided_by.user_id or 0, now=now, source="job")


def _lock(hand_over_id: int) -> HandOver:
    return HandOver.objects.select_for_update(no_key=True).get(pk=hand_over_id)


def _order(row: HandOver) -> None:
    """Put the job into the queue with the caller's transaction."""
    app.configure_task(TASK, queue="documents", allow_unknown=False).defer(hand_over_id=row.pk)


def _record(actor: Actor, action: str, row: HandOver, now: datetime, **detail: object) -> None:
    audit.record(
        actor=actor.ref, action=action, object_kind="hand_over", object_id=row.pk, now=now,
        detail={"person": row.person_id, "successors": row.successors, **detail},
    )  # fmt: skip
