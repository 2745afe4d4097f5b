"""Making units."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from eoffice.audit import services as audit
from eoffice.core.actor_ref import ActorRef
from eoffice.core.errors import Invalid
from eoffice.core.vietnamese import sort_key, tidy
from eoffice.organization import access, tree
from eoffice.organization.models import Family, Unit, UnitKind


@transaction.atomic
def create_unit(
    *,
    actor: ActorRef,
    parent: Unit | None,
    kind: UnitKind,
    name: str,
    short_name: str,
    symbol: str,
    now: datetime,
    has_registry: bool = False,
    family: Family = Family.STATE,
    place: str = "",
    address_line: str = "",
    organ_id: str = "",
    position: int = 0,
    code: str = "",
) -> Unit:
    """Add a unit under `parent` (None makes the root). Principals of the unit come into being with it.

    `code` is the key of imports and directories. Raises Invalid for a missing name or a taken code.
    """
    name, code = tidy(name), tidy(code)
    if not name or not symbol:
        raise Invalid(fields={"name": "Đơn vị cần có tên và chữ viết tắt."})
    if code and Unit.objects.filter(code=code).exists():
        raise Invalid(fields={"code": f"Mã {code} đã là của đơn vị khác."})
    unit = Unit.objects.create(
        code=code or None,
        parent=parent,
        kind=kind,
        family=family,
        name=name,
        short_name=tidy(short_name),
        symbol=tidy(symbol),
        organ_id=organ_id,
        has_registry=has_registry,
        place=place or (parent.place if parent else ""),
        address_line=address_line,
        name_fold=tree.folded_names(name, short_name, symbol),
        sort_key=sort_key(name),
        position=position,
    )
    unit.path = f"{parent.path if parent else '/'}{unit.pk}/"
    unit.save(update_fields=["path"])
    access.principal_of_unit(unit.pk)
    audit.record(actor=actor, action="organization.unit.created", object_kind="unit", object_id=unit.pk, now=now)
    return unit
