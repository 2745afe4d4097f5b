"""Numbers of registers: consecutive under a locked counter, unique by constraint, every gap explained."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import NewType

from django.db import transaction
from django.db.models import Max

from eoffice.audit import services as audit
from eoffice.core.clock import local_date
from eoffice.core.errors import Invalid
from eoffice.core.vietnamese import tidy
from eoffice.documents.errors import (
    BlockOverlaps,
    DatesRunBackwards,
    NumberNotReserved,
    RegisterClosed,
    RegisterMissing,
)
from eoffice.documents.models import (
    EntryState,
    NumberBlock,
    NumberGap,
    Register,
    RegisterEntry,
    RegisterKind,
)
from eoffice.documents.permissions import registers as permissions
from eoffice.organization.actor import Actor
from eoffice.organization.models import Unit

RegisterId = NewType("RegisterId", int)


@dataclass(frozen=True, slots=True)
class TakenNumber:
    """A number just taken from a register; it is an entry as soon as the caller writes one."""

    register: Register
    number: int
    suffix: str
    dated_on: date


def lock_register(register_id: int) -> Register:
    """Lock a register's row until commit, so that numbers leave it one at a time. Raises RegisterMissing."""
    register = Register.objects.select_for_update(no_key=True).filter(pk=register_id).first()
    if register is None:
        raise RegisterMissing
    return register


@transaction.atomic
def open_register(
    *,
    actor: Actor,
    registry: Unit,
    kind: RegisterKind,
    year: int,
    now: datetime,
    name: str = "",
    series: str = "chung",
    document_types: list[str] | None = None,
    first_number: int = 1,
    opening_basis: str = "",
) -> Register:
    """Open a series of numbers, on any date, from `first_number` on.

    A first number above 1 needs its basis: where the numbers before it are. Raises Invalid, NotPermitted.
    """
    permissions.require(permissions.can_manage_registers(actor, registry))
    if first_number < 1:
        raise Invalid(fields={"first_number": "Số tiếp theo phải từ 1 trở lên."})
    if first_number > 1 and not opening_basis.strip():
        raise Invalid(fields={"opening_basis": f"Ghi các số từ 1 đến {first_number - 1} đã cấp ở đâu."})
    if Register.objects.filter(registry=registry, kind=kind, year=year, series=series).exists():
        raise Invalid(fields={"series": "Sổ này đã mở cho năm đã chọn."})
    register = Register.objects.create(
        registry=registry,
        kind=kind,
        year=year,
        series=series,
        name=tidy(name) or RegisterKind(kind).label,
        document_types=document_types or [],
        first_number=first_number,
        next_number=first_number,
        opening_basis=tidy(opening_basis),
    )
    audit.record(
        actor=actor.ref, action="documents.register.opened", object_kind="register", object_id=register.pk, now=now,
        detail={"first_number": first_number},
    )
    return register


def register_for(*, registry_id: int, kind: RegisterKind, document_type: str, now: datetime) -> Register:
    """The open register that numbers this type today, locked until commit.

    In a new year the register of the year before is carried over under its own lock: same name and series,
    from 1 on. Raises RegisterMissing, RegisterClosed.
    """
    year = local_date(now).year
    rows = list(Register.objects.filter(registry_id=registry_id, kind=kind, year=year))
    if not rows:
        rows = _carry_over(registry_id, kind, year)
    chosen = next((row for row in rows if document_type and document_type in row.document_types), None)
    chosen = chosen or next((row for row in rows if not row.document_types), None)
    if chosen is None:
        raise RegisterMissing
    register = lock_register(chosen.pk)
    if register.closed_at is not None:
        raise RegisterClosed
    return register


def _carry_over(registry_id: int, kind: RegisterKind, year: int) -> list[Register]:
    last_year = Register.objects.filter(registry_id=registry_id, kind=kind, year__lt=year).aggregate(Max("year"))
    if last_year["year__max"] is None:
        raise RegisterMissing
    # The old rows are locked in order, so of two clerks at New Year the second finds the new register.
    previous = list(
        Register.objects.select_for_update(no_key=True)
        .filter(registry_id=registry_id, kind=kind, year=last_year["year__max"])
        .order_by("pk")
    )
    for old in previous:
        Register.objects.get_or_create(
            registry_id=registry_id,
            kind=kind,
            year=year,
            series=old.series,
            defaults={"name": old.name, "document_types": old.document_types},
        )
    return list(Register.objects.filter(registry_id=registry_id, kind=kind, year=year))


def take_number(*, register: Register, dated_on: date) -> TakenNumber:
    """Take the next number of a register that the caller has locked, stepping over kept blocks.

    Raises RegisterClosed, DatesRunBackwards.
    """
    _require_open(register, dated_on)
    number = register.next_number
    for block in register.blocks.filter(last__gte=number).order_by("first"):
        if block.first <= number:
            number = block.last + 1
    register.next_number = number + 1
    register.last_dated_on = dated_on
    register.save(update_fields=["next_number", "last_dated_on"])
    return TakenNumber(register, number, "", dated_on)


def take_reserved_number(*, register: Register, number: int, dated_on: date) -> TakenNumber:
    """Take a number the clerk kept, from a register that the caller has locked.

    The date must lie between those of the neighbours. Raises NumberNotReserved, DatesRunBackwards.
    """
    if register.closed_at is not None:
        raise RegisterClosed
    kept = register.blocks.filter(holder="reserved", first__lte=number, last__gte=number).exists()
    if not kept or register.entries.filter(number=number, suffix="").exists():
        raise NumberNotReserved
    _require_between_neighbours(register, number, dated_on)
    return TakenNumber(register, number, "", dated_on)


def take_suffixed_number(*, register: Register, after: int, dated_on: date) -> TakenNumber:
    """Squeeze a number in behind a taken one: 12a, then 12b. The caller has locked the register.

    Raises NumberNotReserved when `after` was not taken, DatesRunBackwards.
    """
    if register.closed_at is not None:
        raise RegisterClosed
    taken = set(register.entries.filter(number=after).values_list("suffix", flat=True))
    if "" not in taken:
        raise NumberNotReserved(f"Số {after} chưa được cấp nên chưa có số {after}a.")
    suffix = next(letter for letter in "abcdeghiklmnopqrstuvxy" if letter not in taken)
    _require_between_neighbours(register, after, dated_on)
    return TakenNumber(register, after, suffix, dated_on)


def _require_open(register: Register, dated_on: date) -> None:
    if register.closed_at is not None:
        raise RegisterClosed
    if register.last_dated_on is not None and dated_on < register.last_dated_on:
        raise DatesRunBackwards(register.last_dated_on)
    if dated_on.year != register.year:
        raise Invalid(fields={"dated_on": f"Sổ năm {register.year} chỉ nhận ngày trong năm {register.year}."})


def _require_between_neighbours(register: Register, number: int, dated_on: date) -> None:
    before = register.entries.filter(number__lte=number).order_by("-number", "-suffix").first()
    behind = register.entries.filter(number__gt=number).order_by("number", "suffix").first()
    if before is not None and dated_on < before.dated_on:
        raise DatesRunBackwards(before.dated_on)
    if behind is not None and dated_on > behind.dated_on:
        raise Invalid(fields={"dated_on": f"Chọn ngày không sau {behind.dated_on:%d/%m/%Y} của số kế tiếp."})


@transaction.atomic
def keep_numbers(
    *, actor: Actor, register_id: int, first: int, last: int, holder: str, basis: str, now: datetime
) -> NumberBlock:
    """Keep numbers first..last back from the counter: for the old system, or for papers on their way.

    Raises BlockOverlaps, Invalid, NotPermitted.
    """
    register = lock_register(register_id)
    permissions.require(permissions.can_manage_registers(actor, register.registry))
    if not basis.strip():
        raise Invalid(fields={"basis": "Ghi căn cứ giữ số."})
    if last < first or first < register.next_number:
        raise BlockOverlaps(f"Dải số phải bắt đầu từ {register.next_number} trở đi và kết thúc sau số đầu.")
    if register.blocks.filter(first__lte=last, last__gte=first).exists():
        raise BlockOverlaps
    block = NumberBlock.objects.create(
        register=register, first=first, last=last, holder=holder, basis=tidy(basis),
        created_by_id=actor.person_id, created_at=now,
    )
    audit.record(
        actor=actor.ref, action="documents.register.numbers_kept", object_kind="register", object_id=register.pk,
        now=now, detail={"first": first, "last": last, "holder": holder},
    )
    return block


@transaction.atomic
def close_register(*, actor: Actor, register_id: int, now: datetime) -> Register:
    """Close a series: no number leaves it any more. Raises NotPermitted, RegisterClosed."""
    register = lock_register(register_id)
    permissions.require(permissions.can_manage_registers(actor, register.registry))
    if register.closed_at is not None:
        raise RegisterClosed
    register.closed_at = now
    register.save(update_fields=["closed_at"])
    audit.record(
        actor=actor.ref, action="documents.register.closed", object_kind="register", object_id=register.pk, now=now
    )
    return register


def void_entry(*, actor: Actor, entry: RegisterEntry, state: EntryState, reason: str, now: datetime) -> None:
    """Mark a line cancelled or its number void and write it in the gap ledger; the line stays.

    The caller holds the lock on the register and has checked the right.
    """
    entry.state = state
    entry.state_reason = reason[:500]
    entry.save(update_fields=["state", "state_reason"])
    NumberGap.objects.get_or_create(
        register_id=entry.register_id,
        number=entry.number,
        suffix=entry.suffix,
        defaults={"reason": reason[:500], "recorded_by_id": actor.person_id, "recorded_at": now},
    )
