"""Preparing a reorganisation: its decision, its steps, where people go; nothing in the tree changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Max

from eoffice.audit import services as audit
from eoffice.core.clock import local_date
from eoffice.core.errors import Conflict, Invalid
from eoffice.core.vietnamese import tidy
from eoffice.organization import queries
from eoffice.organization.actor import Actor
from eoffice.organization.models import (
    Posting,
    Reorganisation,
    ReorganisationState,
    ReorganisationStep,
    StepKind,
    Unit,
    UnitKind,
)
from eoffice.organization.permissions import reorganising as permissions
from eoffice.organization.queries import reorganisations

MOST_PARTS: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionTerms:
    """The decision as it was signed, and the first day of the new structure."""

    title: str
    decision_number: str
    decided_on: date
    effective_on: date
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewUnit:
    """A unit to be made, or (rename) what a unit is to be called."""

    name: str
    short_name: str
    symbol: str
    kind: str = str(UnitKind.DEPARTMENT)
    has_registry: bool = False
    code: str = ""
    parent_id: int | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "name": tidy(self.name),
            "short_name": tidy(self.short_name) or tidy(self.name)[:80],
            "symbol": tidy(self.symbol),
            "kind": self.kind,
            "has_registry": self.has_registry,
            "code": tidy(self.code),
            "parent_id": self.parent_id,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class StepTerms:
    """One step; which of the fields count is said by `ReorganisationStep`."""

    kind: StepKind
    unit_ids: tuple[int, ...]
    target_id: int | None = None
    parts: tuple[NewUnit, ...] = ()
    keeps_source: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonPlace:
    """Where one posting goes: a part of the step by its place from 0, or None for the unit that goes on."""

    to: int | None = None
    position: str = ""
    rank: int | None = None
    keeps_roles: bool = True


@transaction.atomic
def prepare(*, actor: Actor, terms: DecisionTerms, unit_id: int, now: datetime) -> Reorganisation:
    """Begin a reorganisation within a unit and everything below it. Raises NotFound, NotPermitted, Invalid."""
    unit = queries.get_unit(unit_id)
    permissions.require(permissions.can_prepare_for(actor, [unit]), "Chỉ quản trị của đơn vị lập được.")
    row = Reorganisation(unit=unit, prepared_by_id=actor.person_id, prepared_at=now)
    _fill(row, terms, now)
    row.save(force_insert=True)
    record(actor, "prepared", row, now)
    return row


@transaction.atomic
def change_decision(*, actor: Actor, reorganisation_id: int, terms: DecisionTerms, now: datetime) -> Reorganisation:
    """Change number, days and title of one that is still prepared. Raises NotFound, NotPermitted, Invalid."""
    row = lock_to_edit(actor, reorganisation_id)
    _fill(row, terms, now)
    row.save(update_fields=["title", "decision_number", "decided_on", "effective_on", "note"])
    record(actor, "changed", row, now)
    return row


@transaction.atomic
def add_step(*, actor: Actor, reorganisation_id: int, terms: StepTerms, now: datetime) -> ReorganisationStep:
    """Add a step behind the others. Raises NotFound, NotPermitted, Invalid."""
    row = lock_to_edit(actor, reorganisation_id)
    units = queries.units_by_id([*terms.unit_ids, *([terms.target_id] if terms.target_id else [])])
    require_sound(row, terms, units)
    permissions.require(permissions.can_prepare_for(actor, units.values()), "Một đơn vị đã chọn do quản trị khác giữ.")
    last = row.steps.aggregate(last=Max("position"))["last"] or 0
    step = ReorganisationStep.objects.create(
        reorganisation=row,
        position=last + 1,
        kind=terms.kind,
        units=list(terms.unit_ids),
        target_id=terms.target_id,
        parts=[part.to_json() for part in terms.parts],
        keeps_source=terms.keeps_source,
    )
    record(actor, "step_added", row, now, step=step.position, kind=str(step.kind))
    return step


@transaction.atomic
def remove_step(*, actor: Actor, step_id: int, now: datetime) -> Reorganisation:
    """Take a step out again. Raises NotFound, NotPermitted."""
    step = reorganisations.get_step(actor, step_id)
    row = lock_to_edit(actor, step.reorganisation_id)
    record(actor, "step_removed", row, now, step=step.position, kind=str(step.kind))
    step.delete()
    return row


@transaction.atomic
def place_people(*, actor: Actor, step_id: int, places: Mapping[int, PersonPlace], now: datetime) -> ReorganisationStep:
    """Say where people go, by posting; whom nobody names goes to the first unit.

    Raises NotFound, NotPermitted, Invalid.
    """
    step = reorganisations.get_step(actor, step_id)
    row = lock_to_edit(actor, step.reorganisation_id)
    known = set(Posting.objects.filter(pk__in=list(places), unit_id__in=step.units).values_list("pk", flat=True))
    if known != set(places) or any(
        place.to is not None and not 0 <= place.to < len(step.parts) for place in places.values()
    ):
        raise Invalid("Danh sách người đã thay đổi. Tải lại trang rồi chọn lại.")
    step.places = {
        str(posting_id): {
            "to": place.to,
            "position": tidy(place.position)[:100],
            "rank": place.rank,
            "keeps_roles": place.keeps_roles,
        }
        for posting_id, place in places.items()
    }
    step.save(update_fields=["places"])
    record(actor, "people_placed", row, now, step=step.position, people=len(places))
    return step


def lock_to_edit(actor: Actor, reorganisation_id: int) -> Reorganisation:
    """Lock one that is still prepared. Raises NotFound, NotPermitted, Conflict."""
    row = reorganisations.lock_reorganisation(actor, reorganisation_id)
    if row.state != ReorganisationState.DRAFT:
        raise Conflict("Sắp xếp này không còn ở trạng thái soạn. Tải lại trang để xem.")
    permissions.require(permissions.can_edit(actor, row), "Chỉ quản trị của đơn vị sửa được.")
    return row


def record(actor: Actor, what: str, row: Reorganisation, now: datetime, **detail: object) -> None:
    """The audit line of one step in the life of a reorganisation."""
    audit.record(
        actor=actor.ref, action=f"organization.reorganisation.{what}", object_kind="reorganisation",
        object_id=row.pk, now=now, detail={"decision": row.decision_number, **detail},
    )  # fmt: skip


def require_sound(row: Reorganisation, terms: StepTerms, units: Mapping[int, Unit]) -> None:
    """A step that can be carried out on the tree as it stands. Raises Invalid, with the field that is wrong."""
    sources = [units[unit_id] for unit_id in terms.unit_ids if unit_id in units]
    target = units.get(terms.target_id or 0)
    faults: dict[str, str] = {}
    if len(sources) != len(set(terms.unit_ids)) or not sources:
        faults["units"] = "Chọn đơn vị."
    elif any(unit.closed_on is not None for unit in sources):
        faults["units"] = "Đơn vị đã đóng. Chọn đơn vị đang hoạt động."
    elif not all(unit.is_within(row.unit) for unit in sources):
        faults["units"] = f"Đơn vị nằm ngoài {row.unit.short_name}. Lập sắp xếp ở cấp trên."
    elif terms.kind != StepKind.RENAME and any(unit.parent_id is None for unit in sources):
        faults["units"] = "Đơn vị gốc chỉ đổi tên được."
    if target is not None and (target.closed_on is not None or not target.is_within(row.unit)):
        faults["target"] = "Chọn đơn vị đang hoạt động trong phạm vi sắp xếp."
    faults |= {name: words for name, words in _SOUND[terms.kind](terms, sources, target).items() if name not in faults}
    for number, part in enumerate(terms.parts, start=1):
        if not tidy(part.name) or not tidy(part.symbol):
            faults.setdefault("parts", f"Đơn vị mới thứ {number} cần có tên và chữ viết tắt.")
        if tidy(part.code) and Unit.objects.filter(code=tidy(part.code)).exists():
            faults.setdefault("parts", f"Mã {tidy(part.code)} đã là của đơn vị khác.")
    if faults:
        raise Invalid(fields=faults)


def _merge(terms: StepTerms, sources: list[Unit], target: Unit | None) -> dict[str, str]:
    if (target is None) == (not terms.parts):
        return {"target": "Chọn đơn vị nhận, hoặc ghi đơn vị mới."}
    if len(terms.parts) > 1:
        return {"parts": "Sáp nhập vào một đơn vị."}
    if len(sources) + (target is not None and target not in sources) < 2:
        return {"units": "Chọn ít nhất hai đơn vị, kể cả đơn vị nhận."}
    return {}


def _split(terms: StepTerms, sources: list[Unit], _target: Unit | None) -> dict[str, str]:
    least = 1 if terms.keeps_source else 2
    if len(sources) != 1:
        return {"units": "Chia, tách từng đơn vị một."}
    if not least <= len(terms.parts) <= MOST_PARTS:
        return {"parts": f"Ghi từ {least} đến {MOST_PARTS} đơn vị mới."}
    return {}


def _rename(terms: StepTerms, sources: list[Unit], _target: Unit | None) -> dict[str, str]:
    if len(sources) != 1 or len(terms.parts) != 1:
        return {"parts": "Ghi tên mới của một đơn vị."}
    return {}


def _move(_terms: StepTerms, sources: list[Unit], target: Unit | None) -> dict[str, str]:
    if target is None:
        return {"target": "Chọn đơn vị cấp trên mới."}
    if any(target.is_within(unit) for unit in sources):
        return {"target": "Đơn vị cấp trên mới nằm trong chính đơn vị chuyển."}
    return {}


def _close(_terms: StepTerms, sources: list[Unit], target: Unit | None) -> dict[str, str]:
    if target is None or target in sources:
        return {"target": "Chọn đơn vị tiếp nhận người và việc đang làm."}
    return {}


_SOUND: Final = {
    StepKind.MERGE: _merge,
    StepKind.SPLIT: _split,
    StepKind.RENAME: _rename,
    StepKind.MOVE: _move,
    StepKind.CLOSE: _close,
}


def _fill(row: Reorganisation, terms: DecisionTerms, now: datetime) -> None:
    faults = {}
    if not tidy(terms.title):
        faults["title"] = "Ghi tên gọi của sắp xếp."
    if not tidy(terms.decision_number):
        faults["decision_number"] = "Ghi số quyết định."
    if terms.effective_on < local_date(now):
        faults["effective_on"] = "Ngày hiệu lực từ hôm nay trở đi."
    if terms.decided_on > local_date(now):
        faults["decided_on"] = "Ngày quyết định không sau hôm nay."
    if faults:
        raise Invalid(fields=faults)
    row.title, row.decision_number = tidy(terms.title)[:200], tidy(terms.decision_number)[:50]
    row.decided_on, row.effective_on, row.note = terms.decided_on, terms.effective_on, tidy(terms.note)[:500]


def terms_of(step: ReorganisationStep) -> StepTerms:
    """A stored step as it was asked for, to check it again."""
    return StepTerms(
        kind=StepKind(step.kind),
        unit_ids=tuple(step.units),
        target_id=step.target_id,
        parts=_parts(step.parts),
        keeps_source=step.keeps_source,
    )


def _parts(rows: Iterable[Mapping[str, Any]]) -> tuple[NewUnit, ...]:
    return tuple(NewUnit(**row) for row in rows)
