"""Sắp xếp tổ chức: carried out on its day; the structure at once and whole, running work piece by piece after it.

The first transaction changes tree, people, roles, registers and seals together. Then a job asks the database what units
that are no more still hold and moves each piece in a transaction of its own; killed on the way, the next run goes on.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from procrastinate.contrib.django import app

from eoffice.audit import services as audit
from eoffice.core import outbox
from eoffice.core.actor_ref import ActorRef
from eoffice.core.clock import local_date
from eoffice.core.errors import ExpectedError
from eoffice.documents.events import UnitsReorganised
from eoffice.documents.models import Draft, Register, UnitWork
from eoffice.documents.queries import unit_work as held
from eoffice.documents.services.composing import symbol_for
from eoffice.documents.services.moving_work import MOVERS, Moving, name_without_content
from eoffice.documents.states import DraftState
from eoffice.notifications import services as notifications
from eoffice.organization import queries as organization
from eoffice.organization.actor import Actor
from eoffice.organization.errors import NoPosting
from eoffice.organization.models import (
    Person,
    Reorganisation,
    ReorganisationState,
    Role,
    Unit,
)
from eoffice.organization.queries import reorganisations, successions
from eoffice.organization.services import deciding_reorganisation as deciding
from eoffice.organization.services.restructuring import Restructured, Went, restructure
from eoffice.signing.services.withdrawing import withdraw_seal

TASK: Final = "documents.reorganise"
_MOST_KEPT: Final = 500


def page_of(reorganisation_id: int) -> str:
    """The address of its page."""
    return reverse("documents:reorganisation", args=[reorganisation_id])


def submit(*, actor: Actor, reorganisation_id: int, now: datetime) -> Reorganisation:
    """Send it to be confirmed. Raises as `deciding_reorganisation.submit`."""
    return deciding.submit(actor=actor, reorganisation_id=reorganisation_id, page=page_of(reorganisation_id), now=now)


@transaction.atomic
def confirm(*, actor: Actor, reorganisation_id: int, now: datetime) -> Reorganisation:
    """Confirm it; one whose day has come is ordered in the same transaction.

    Raises as `deciding_reorganisation.confirm`.
    """
    row = deciding.confirm(actor=actor, reorganisation_id=reorganisation_id, page=page_of(reorganisation_id), now=now)
    if row.effective_on <= local_date(now):
        order(row.pk)
    return row


def order(reorganisation_id: int) -> None:
    """Put the job into the queue with the caller's transaction."""
    app.configure_task(TASK, queue="documents", allow_unknown=False).defer(reorganisation_id=reorganisation_id)


def carry_out(*, reorganisation_id: int, now: datetime) -> Reorganisation:
    """Carry out a confirmed reorganisation whose day has come, or go on with one that was killed on the way.

    What cannot be done as it was prepared leaves everything as it was and is told to both. May run twice.
    """
    try:
        row = _change_structure(reorganisation_id, now)
    except ExpectedError as refused:
        return _fail(reorganisation_id, refused.message, now)
    if row.state != ReorganisationState.RUNNING:
        return row
    actor = decider(row, now)
    kept: list[dict[str, str]] = []
    for old_id, heir_id in _successions(row):
        kept += move_work(row, old_id, heir_id, actor, now)
    return _finish(row.pk, kept, actor, now)


def sweep(*, now: datetime) -> int:
    """Move what reached a closed unit after its day (a page that was open then); how many pieces. May run twice."""
    moved = 0
    for old_id, heir_id, reorganisation_id in successions.closed_with_heirs():
        if not held.holds_anything(old_id):
            continue
        row = reorganisations.reorganisation_for_job(reorganisation_id)
        if row.state == ReorganisationState.DONE:
            before = row.done
            move_work(row, old_id, heir_id, decider(row, now), now)
            row.refresh_from_db(fields=["done"])
            moved += row.done - before
    return moved


def decider(row: Reorganisation, now: datetime) -> Actor:
    """In whose name the job works: who confirmed it, else who prepared it. Raises NoPosting when both have left."""
    try:
        return organization.actor_of(user_id=_account(row.confirmed_by), now=now, source="job")
    except NoPosting:
        return organization.actor_of(user_id=_account(row.prepared_by), now=now, source="job")


def _account(person: Person | None) -> int:
    return (person.user_id or 0) if person else 0


@transaction.atomic
def _change_structure(reorganisation_id: int, now: datetime) -> Reorganisation:
    row = _lock(reorganisation_id)
    if row.state != ReorganisationState.CONFIRMED or row.effective_on > local_date(now):
        return row
    actor = decider(row, now)
    result = restructure(row=row, actor=actor.ref, now=now)
    for went in result.went:
        _close_books(row, went, result, actor, now)
        if withdraw_seal(actor=actor.ref, unit_id=went.old.pk, basis=row.basis, now=now) is not None:
            result.notes.append(f"Chữ ký số cơ quan của {went.old.name} đã thôi dùng.")
    _note_new_registries(result)
    _renew_symbols(result)
    row.state, row.structured_at, row.notes = ReorganisationState.RUNNING, now, result.notes[:_MOST_KEPT]
    row.total = sum(held.counts_held(went.old.pk for went in result.went).values())
    row.save(update_fields=["state", "structured_at", "notes", "total"])
    _record(actor, "carried_out", row, now, closed=[went.old.pk for went in result.went])
    outbox.publish(
        UnitsReorganised(row.pk, tuple(went.old.pk for went in result.went), tuple(unit.pk for unit in result.made)),
        name="documents.units.reorganised",
        now=now,
    )
    _tell_people(row, result, now)
    return row


def _close_books(row: Reorganisation, went: Went, result: Restructured, actor: Actor, now: datetime) -> None:
    """Close the registers of a unit that is no more, each under its lock: a number is taken before it or not at all."""
    books = Register.objects.select_for_update(no_key=True).filter(registry=went.old, closed_at__isnull=True)
    for book in books.order_by("pk"):
        book.closed_at, book.closing_basis = now, row.basis
        book.save(update_fields=["closed_at", "closing_basis"])
        audit.record(
            actor=actor.ref, action="documents.register.closed", object_kind="register", object_id=book.pk, now=now,
            detail={"next_number": book.next_number, "reorganisation": row.pk},
        )  # fmt: skip
        result.notes.append(f"{book.name} {book.year} của {went.old.name} đã khóa; số tiếp theo là {book.next_number}.")
        if went.heir in result.made and went.heir.has_registry:
            _open_book(row, went.heir, book, actor, now)


def _open_book(row: Reorganisation, heir: Unit, like: Register, actor: Actor, now: datetime) -> None:
    """A new registry begins with the series of the one it goes on for, from 1 on."""
    if like.year != local_date(now).year:
        return
    book, is_new = Register.objects.get_or_create(
        registry=heir, kind=like.kind, year=like.year, series=like.series,
        defaults={"name": like.name, "document_types": like.document_types, "opening_basis": row.basis},
    )  # fmt: skip
    if is_new:
        audit.record(
            actor=actor.ref, action="documents.register.opened", object_kind="register", object_id=book.pk, now=now,
            detail={"first_number": 1, "reorganisation": row.pk},
        )  # fmt: skip


def _renew_symbols(result: Restructured) -> None:
    """Drafts that nobody has sent into review follow the new name; a page that is set already keeps the old one."""
    for unit in result.renamed:
        drafts = Draft.objects.filter(Q(unit=unit) | Q(registry=unit), state=DraftState.DRAFT)
        for draft in drafts.select_for_update(no_key=True, of=("self",)).select_related("unit", "registry"):
            draft.symbol = symbol_for(document_type=draft.document_type, registry=draft.registry, unit=draft.unit)
            draft.save(update_fields=["symbol"])


def _note_new_registries(result: Restructured) -> None:
    for unit in result.made:
        if unit.has_registry:
            result.notes.append(
                f"{unit.name}: cần chữ ký số cơ quan, ảnh con dấu và thẩm quyền ký trước văn bản đi đầu tiên."
            )


def _successions(row: Reorganisation) -> list[tuple[int, int]]:
    """(old, heir) of this reorganisation; where the heir itself is no more, its own heir."""
    old_ids = successions.ended_by(row.pk)
    heirs = organization.heirs_of(old_ids)
    return [(old_id, heirs[old_id].pk) for old_id in old_ids if old_id in heirs]


def move_work(row: Reorganisation, old_id: int, heir_id: int, actor: Actor, now: datetime) -> list[dict[str, str]]:
    """Move everything that a closed unit still holds; what could not be moved, with the reason."""
    units = organization.units_by_id([old_id, heir_id])
    heir = units[heir_id]
    registry = organization.registry_of(heir)
    moving = Moving(actor=actor, old=units[old_id], heir=heir, registry=registry, basis=row.basis, now=now)
    kept = []
    for work in MOVERS:
        after = 0
        while keys := held.keys_held(work, old_id, after=after):
            for key in keys:
                why = _move(row.pk, moving, work, key)
                if why:
                    kept.append({"work": str(work), "name": name_without_content(work, key), "why": why})
            after = keys[-1]
    return kept


def _move(reorganisation_id: int, moving: Moving, work: UnitWork, key: int) -> str:
    """Move one piece, counted in its own transaction; why it could not be moved, else empty."""
    try:
        with transaction.atomic():
            row = _lock(reorganisation_id)
            if MOVERS[work](moving, key):
                row.done += 1
                name = f"{work}:{moving.heir.pk}"
                row.moved[name] = row.moved.get(name, 0) + 1
                row.save(update_fields=["done", "moved"])
    except ExpectedError as refused:
        return refused.message
    return ""


@transaction.atomic
def _finish(reorganisation_id: int, kept: list[dict[str, str]], actor: Actor, now: datetime) -> Reorganisation:
    row = _lock(reorganisation_id)
    if row.state != ReorganisationState.RUNNING:
        return row
    row.state, row.kept, row.finished_at = ReorganisationState.DONE, kept[:_MOST_KEPT], now
    row.save(update_fields=["state", "kept", "finished_at"])
    _record(actor, "finished", row, now, kept=len(kept))
    _tell_heads(row, now)
    left = f"Còn {len(kept)} việc chưa chuyển được." if kept else "Không còn việc nào ở đơn vị đã thôi hoạt động."
    notifications.notify(
        person_ids={row.prepared_by_id, row.confirmed_by_id or row.prepared_by_id}, kind="reorganisation_done",
        title=f"Đã thực hiện: {row.title}", text=left, url=page_of(row.pk), now=now,
    )  # fmt: skip
    return row


@transaction.atomic
def _fail(reorganisation_id: int, why: str, now: datetime) -> Reorganisation:
    row = _lock(reorganisation_id)
    if row.state != ReorganisationState.CONFIRMED:
        return row
    row.state, row.remark = ReorganisationState.FAILED, why[:500]
    row.save(update_fields=["state", "remark"])
    audit.record(
        actor=ActorRef(person_id=None, source="job"), action="organization.reorganisation.failed",
        object_kind="reorganisation",
        object_id=row.pk, now=now, detail={"why": why[:300]},
    )  # fmt: skip
    notifications.notify(
        person_ids={row.prepared_by_id, row.confirmed_by_id or row.prepared_by_id}, kind="reorganisation_failed",
        title=f"Chưa thực hiện được: {row.title}", text=why, url=page_of(row.pk), now=now,
    )  # fmt: skip
    return row


def _tell_people(row: Reorganisation, result: Restructured, now: datetime) -> None:
    """Everybody whose post moved hears where, from when, by which decision."""
    by_unit: dict[int, set[int]] = {}
    for person_id, unit in result.moved_people.items():
        by_unit.setdefault(unit.pk, set()).add(person_id)
    units = organization.units_by_id(by_unit)
    for unit_id, people in by_unit.items():
        notifications.notify(
            person_ids=people, kind="post_reorganised", title=f"Chức danh chuyển sang {units[unit_id].name}",
            text=f"Từ {row.effective_on:%d/%m/%Y}, theo {row.basis}.",
            url=reverse("organization:unit", args=[unit_id]), now=now,
        )  # fmt: skip


def _tell_heads(row: Reorganisation, now: datetime) -> None:
    """Heads of the units that go on hear how much came to them."""
    by_unit: dict[int, list[str]] = {}
    for name, count in row.moved.items():
        work, unit_id = name.split(":")
        by_unit.setdefault(int(unit_id), []).append(f"{UnitWork(work).label}: {count}")
    heads = organization.holder_ids_of([Role.UNIT_HEAD, Role.CLERK], by_unit, on=local_date(now))
    for unit_id, words in by_unit.items():
        notifications.notify(
            person_ids=heads.get(unit_id, ()), kind="work_reorganised", title=f"Tiếp nhận việc theo {row.basis}",
            text="; ".join(sorted(words)), url=reverse("documents:incoming_list"), now=now,
        )  # fmt: skip


def _lock(reorganisation_id: int) -> Reorganisation:
    return reorganisations.reorganisation_for_job(reorganisation_id, locks=True)


def _record(actor: Actor, what: str, row: Reorganisation, now: datetime, **detail: object) -> None:
    audit.record(
        actor=actor.ref, action=f"organization.reorganisation.{what}", object_kind="reorganisation", object_id=row.pk,
        now=now, detail={"decision": row.decision_number, **detail},
    )  # fmt: skip


def due(now: datetime) -> list[int]:
    """Those whose day has come, and those a killed job left in the middle."""
    return reorganisations.due_ids(local_date(now))
