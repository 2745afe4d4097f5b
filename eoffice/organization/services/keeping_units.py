"""Keeping units by hand: add, change, move, close."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Final

from django.db import transaction

from eoffice.audit import services as audit
from eoffice.core.clock import local_date
from eoffice.core.errors import Conflict, Invalid, NotFound
from eoffice.core.vietnamese import tidy
from eoffice.organization import tree
from eoffice.organization.actor import Actor
from eoffice.organization.models import Family, Posting, Unit, UnitKind, UnitNames
from eoffice.organization.permissions import importing as permissions
from eoffice.organization.queries.validity import in_force
from eoffice.organization.services.naming import NAME_FIELDS, give_names
from eoffice.organization.services.units import create_unit

_NAMES: Final = ("name", "short_name", "symbol")


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitDetails:
    """What can be changed on a unit by hand; its place in the tree is for `move_unit`."""

    code: str
    name: str
    short_name: str
    symbol: str
    kind: UnitKind
    family: Family
    has_registry: bool
    place: str = ""
    address_line: str = ""
    organ_id: str = ""
    position: int = 0


@transaction.atomic
def add_unit(*, actor: Actor, parent_id: int, details: UnitDetails, now: datetime) -> Unit:
    """Add a unit below another. Raises NotFound, NotPermitted, Invalid."""
    parent = _lock(parent_id)
    permissions.require(permissions.can_keep_unit(actor, parent))
    return create_unit(
        actor=actor.ref, parent=parent, now=now, **{each.name: getattr(details, each.name) for each in fields(details)}
    )


@transaction.atomic
def change_unit(
    *, actor: Actor, unit_id: int, details: UnitDetails, now: datetime, mends_spelling: bool = False
) -> Unit:
    """Change names, symbol, kind, registry and the like. Raises NotFound, NotPermitted, Invalid.

    A new name holds from today on and older documents keep the old one; `mends_spelling` says that the old one was
    only typed wrong, and is forgotten.
    """
    unit = _lock(unit_id)
    permissions.require(permissions.can_keep_unit(actor, unit))
    _require_sound(unit, details)
    before = {each.name: getattr(unit, each.name) for each in fields(details)}
    for name in before:
        value = getattr(details, name)
        if name not in _NAMES:
            setattr(unit, name, tidy(value) if isinstance(value, str) else value)
    names = UnitNames(details.name, details.short_name, details.symbol)
    give_names(unit, names, first_day=local_date(now), keeps_old=not mends_spelling)
    unit.code = unit.code or None
    unit.save(update_fields=[*(name for name in before if name not in _NAMES), *NAME_FIELDS])
    changed = sorted(name for name, value in before.items() if value != getattr(unit, name))
    _record(actor, "organization.unit.changed", unit, now, fields=changed)
    return unit


@transaction.atomic
def move_unit(*, actor: Actor, unit_id: int, parent_id: int, now: datetime) -> Unit:
    """Hang a unit with everything below it under another; its documents, people and roles go along.

    The tree is locked and the paths of the subtree are rewritten in one statement. Raises UnitTreeCycle, NotFound,
    NotPermitted (both ends must be the actor's to keep).
    """
    tree.lock_tree()
    unit, parent = _lock(unit_id), _lock(parent_id)
    permissions.require(permissions.can_keep_unit(actor, unit) and permissions.can_keep_unit(actor, parent))
    if unit.parent_id is None:
        raise Conflict("Đơn vị gốc không chuyển được. Cây đơn vị chưa thay đổi.")
    if parent.closed_on is not None:
        raise Conflict("Đơn vị đích đã đóng. Cây đơn vị chưa thay đổi; chọn đơn vị khác.")
    before = unit.parent_id
    if tree.hang_below(unit_id=unit_id, parent_id=parent_id):
        _record(actor, "organization.unit.moved", unit, now, before=before, after=parent_id)
    unit.refresh_from_db(fields=["parent", "path"])
    return unit


@transaction.atomic
def close_unit(*, actor: Actor, unit_id: int, closes_on: date, now: datetime) -> Unit:
    """Close an empty unit. Raises NotFound, NotPermitted, Conflict while people or open units are in it."""
    unit = _lock(unit_id)
    permissions.require(permissions.can_keep_unit(actor, unit))
    if unit.closed_on is not None:
        raise Conflict("Đơn vị này đã đóng.")
    if unit.parent_id is None:
        raise Conflict("Đơn vị gốc không đóng được.")
    if Unit.objects.filter(parent_id=unit_id, closed_on__isnull=True).exists():
        raise Conflict("Chưa đóng được: còn đơn vị trực thuộc đang hoạt động. Đóng hoặc chuyển các đơn vị đó trước.")
    if Posting.objects.filter(in_force(max(closes_on, local_date(now))), unit_id=unit_id).exists():
        raise Conflict("Chưa đóng được: còn người giữ chức danh sau ngày đóng. Kết thúc hoặc chuyển chức danh trước.")
    unit.closed_on = closes_on
    unit.save(update_fields=["closed_on"])
    _record(actor, "organization.unit.closed", unit, now, on=closes_on.isoformat())
    return unit


def _lock(unit_id: int) -> Unit:
    unit = Unit.objects.select_for_update(no_key=True).filter(pk=unit_id).first()
    if unit is None:
        raise NotFound("Không tìm thấy đơn vị.")
    return unit


def _require_sound(unit: Unit, details: UnitDetails) -> None:
    if not tidy(details.name) or not tidy(details.symbol):
        raise Invalid(fields={"name": "Đơn vị cần có tên và chữ viết tắt."})
    code = tidy(details.code)
    if code and Unit.objects.filter(code=code).exclude(pk=unit.pk).exists():
        raise Invalid(fields={"code": f"Mã {code} đã là của đơn vị khác."})
    if unit.parent_id is None and not details.has_registry:
        raise Invalid(fields={"has_registry": "Đơn vị gốc phải có văn thư: các đơn vị khác dựa vào đó."})


def _record(actor: Actor, action: str, unit: Unit, now: datetime, **detail: object) -> None:
    audit.record(actor=actor.ref, action=action, object_kind="unit", object_id=unit.pk, now=now, detail=detail)
