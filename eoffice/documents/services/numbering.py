"""Numbers of registers: consecutive under a locked counter, unique by constraint, every gap explained."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, NewType

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
    BlockHolder,
    EntryState,
    NumberBlock,
    NumberGap,
    Register,
    RegisterEntry,
    RegisterKind,
)
from eoffice.documents.permissions import registers as permissions
from eoffice.organization import queries as organization
from eoffice.organization.actor import Actor
from eoffice.organization.models import Unit

RegisterId = NewType("RegisterId", int)
LARGEST_BLOCK: Final = 20_000
# Letters of the Vietnamese alphabet that need no mark.
_SUFFIXES: Final = "abcdeghiklmnopqrstuvxy"


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
    _require_open_registry(registry)
    if first_number < 1:
        raise Invalid(fields={"first_number": "Số tiếp theo phải từ 1 trở lên."})
    if first_number > 1 and not opening_basis.strip():
        raise Invalid(fields={"opening_basis": f"Ghi các số từ 1 đến {first_number - 1} đã cấp ở đâu."})
    types = sorted(set(document_types or []))
    _require_room_for_series(registry, kind, year, series, types)
    register = Register.objects.create(
        registry=registry,
        kind=kind,
        year=year,
        series=series,
        name=tidy(name) or RegisterKind(kind).label,
        document_types=types,
        first_number=first_number,
        next_number=first_number,
        opening_basis=tidy(opening_basis),
    )
    audit.record(
        actor=actor.ref,
        action="documents.register.opened",
        object_kind="register",
        object_id=register.pk,
        now=now,
        detail={"first_number": first_number},
    )
    return register


def _require_open_registry(registry: Unit) -> None:
    """A unit that is no more opens no register, in no new year."""
    if registry.closed_on is not None:
        raise RegisterClosed(f"{registry.name} không còn hoạt động từ {registry.closed_on:%d/%m/%Y}; sổ đã khóa.")


def _require_room_for_series(registry: Unit, kind: RegisterKind, year: int, series: str, types: list[str]) -> None:
    """One type is numbered by one open series: else two clerks would take two numbers for the same kind of paper."""
    rows = list(Register.objects.filter(registry=registry, kind=kind, year=year))
    if any(row.series == series for row in rows):
        raise Invalid(fields={"series": "Sổ này đã mở cho năm đã chọn."})
    for row in rows:
        if row.closed_at is None and (set(row.document_types) & set(types) or row.document_types == types == []):
            raise Invalid(fields={"document_types": f"{row.name} đang cấp số cho loại văn bản này. Khóa sổ đó trước."})


def register_for(*, registry_id: int, kind: RegisterKind, document_type: str, now: datetime) -> Register:
    """The open register that numbers this type today, locked until commit.

    In a new year the register of the year before is carried over under its own lock: same name and series,
    from 1 on. Raises RegisterMissing, RegisterClosed.
    """
    year = local_date(now).year
    chosen = _choose(registry_id, kind, year, document_type)
    if chosen is None:
        _require_open_registry(organization.get_unit(registry_id))
        _carry_over(registry_id, kind, year)
        chosen = _choose(registry_id, kind, year, document_type)
    if chosen is None:
        raise RegisterMissing
    register = lock_register(chosen.pk)
    if register.closed_at is not None:
        raise RegisterClosed
    return register


def _choose(registry_id: int, kind: RegisterKind, year: int, document_type: str) -> Register | None:
    """The series of this very type before the one for all types, open ones before closed ones."""
    rows = list(Register.objects.filter(registry_id=registry_id, kind=kind, year=year))
    fitting = [row for row in rows if not row.document_types or document_type in row.document_types]
    fitting.sort(key=lambda row: (row.closed_at is not None, not row.document_types, row.pk))
    return fitting[0] if fitting else None


def _carry_over(registry_id: int, kind: RegisterKind, year: int) -> None:
    last_year = Register.objects.filter(registry_id=registry_id, kind=kind, year__lt=year).aggregate(Max("year"))
    # The old rows are locked in order, so of two clerks at New Year the second finds the new register.
    previous = list(
        Register.objects.select_for_update(no_key=True)
        .filter(registry_id=registry_id, kind=kind, year=last_year["year__max"])
        .order_by("pk")
    )
    for old in previous:
        if not _ended_within_its_year(old):
            Register.objects.get_or_create(
                registry_id=registry_id,
                kind=kind,
                year=year,
                series=old.series,
                defaults={"name": old.name, "document_types": old.document_types},
            )


def _ended_within_its_year(register: Register) -> bool:
    """Whether a series was given up (at the cut-over date), and not only closed with the year."""
    return register.closed_at is not None and local_date(register.closed_at) < date(register.year, 12, 31)


def take_number(*, register: Register, dated_on: date) -> TakenNumber:
    """Take the next number of a register that the caller has locked, stepping over kept blocks.

    Raises RegisterClosed, DatesRunBackwards.
    """
    _require_open(register, dated_on)
    number = next_free_number(register)
    register.next_number = number + 1
    register.last_dated_on = dated_on
    register.save(update_fields=["next_number", "last_dated_on"])
    return TakenNumber(register, number, "", dated_on)


def next_free_number(register: Register) -> int:
    """The number the counter would give now; only a promise while the caller holds the register's lock."""
    number = register.next_number
    for block in register.blocks.filter(last__gte=number).order_by("first"):
        if block.first <= number:
            number = block.last + 1
    return number


def take_reserved_number(*, register: Register, number: int, dated_on: date) -> TakenNumber:
    """Take a number the clerk kept, from a register that the caller has locked.

    Its turn must have come (no free number before it), and the date must lie between those of the
    neighbours. Raises RegisterClosed, NumberNotReserved, DatesRunBackwards, Invalid.
    """
    if register.closed_at is not None:
        raise RegisterClosed
    kept = register.blocks.filter(holder=BlockHolder.RESERVED, first__lte=number, last__gte=number).exists()
    if not kept or register.entries.filter(number=number, suffix="").exists():
        raise NumberNotReserved
    if number > (free := next_free_number(register)):
        raise NumberNotReserved(f"Chưa đến lượt số {number}: sổ còn số {free} chưa cấp. Lấy số {free} trước.")
    _require_between_neighbours(register, number, dated_on)
    return _taken_out_of_turn(register, number, "", dated_on)


def take_suffixed_number(*, register: Register, after: int, dated_on: date) -> TakenNumber:
    """Squeeze a number in behind a taken one: 12a, then 12b. The caller has locked the register.

    Raises RegisterClosed, NumberNotReserved when `after` was not taken or all letters are, DatesRunBackwards.
    """
    if register.closed_at is not None:
        raise RegisterClosed
    taken = set(register.entries.filter(number=after).values_list("suffix", flat=True))
    if "" not in taken:
        raise NumberNotReserved(f"Số {after} chưa được cấp nên chưa có số {after}a.")
    suffix = next((letter for letter in _SUFFIXES if letter not in taken), None)
    if suffix is None:
        raise NumberNotReserved(f"Số {after} đã chèn đủ các chữ từ a đến y. Chọn số khác.")
    _require_between_neighbours(register, after, dated_on)
    return _taken_out_of_turn(register, after, suffix, dated_on)


def _taken_out_of_turn(register: Register, number: int, suffix: str, dated_on: date) -> TakenNumber:
    # Behind the last entry there is nothing to check a date against: the register itself must remember it.
    if register.last_dated_on is None or register.last_dated_on < dated_on:
        register.last_dated_on = dated_on
        register.save(update_fields=["last_dated_on"])
    return TakenNumber(register, number, suffix, dated_on)


def _require_open(register: Register, dated_on: date) -> None:
    if register.closed_at is not None:
        raise RegisterClosed
    if register.last_dated_on is not None and dated_on < register.last_dated_on:
        raise DatesRunBackwards(register.last_dated_on)
    if dated_on.year != register.year:
        raise Invalid(fields={"dated_on": f"Sổ năm {register.year} chỉ nhận ngày trong năm {register.year}."})


def _require_between_neighbours(register: Register, number: int, dated_on: date) -> None:
    if dated_on.year != register.year:
        raise Invalid(fields={"dated_on": f"Sổ năm {register.year} chỉ nhận ngày trong năm {register.year}."})
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
    if register.closed_at is not None:
        raise RegisterClosed
    if holder not in BlockHolder.values:
        raise Invalid(fields={"holder": "Chọn nơi giữ dải số."})
    if not basis.strip():
        raise Invalid(fields={"basis": "Ghi căn cứ giữ số."})
    if last - first >= LARGEST_BLOCK:
        raise Invalid(fields={"last": f"Một dải giữ tối đa {LARGEST_BLOCK} số."})
    if last < first or first < register.next_number:
        raise BlockOverlaps(f"Dải số phải bắt đầu từ {register.next_number} trở đi và kết thúc sau số đầu.")
    if register.blocks.filter(first__lte=last, last__gte=first).exists():
        raise BlockOverlaps
    block = NumberBlock.objects.create(
        register=register,
        first=first,
        last=last,
        holder=holder,
        basis=tidy(basis),
        created_by_id=actor.person_id,
        created_at=now,
    )
    audit.record(
        actor=actor.ref,
        action="documents.register.numbers_kept",
        object_kind="register",
        object_id=register.pk,
        now=now,
        detail={"first": first, "last": last, "holder": holder},
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


@transaction.atomic
def explain_gap(*, actor: Actor, register_id: int, number: int, reason: str, now: datetime) -> NumberGap:
    """Write why a kept number was never used. A number that stands on a valid document needs no explanation.

    Raises NotPermitted, Invalid.
    """
    register = lock_register(register_id)
    permissions.require(permissions.can_manage_registers(actor, register.registry))
    if not reason.strip():
        raise Invalid(fields={"reason": "Ghi lý do số này không dùng."})
    if number >= register.next_number:
        raise Invalid(
            fields={
                "number": f"Sổ mới cấp đến số {register.next_number - 1}. Số {number} chưa đến lượt nên chưa bỏ trống;"
                " khi sổ cấp qua số đó mới ghi lý do."
            }
        )
    if number < register.first_number:
        raise Invalid(fields={"number": f"Sổ bắt đầu từ số {register.first_number}."})
    if register.entries.filter(number=number, suffix="", state=EntryState.ACTIVE).exists():
        raise Invalid(fields={"number": f"Số {number} đang có văn bản, không phải số bỏ trống."})
    gap, _ = NumberGap.objects.get_or_create(
        register=register,
        number=number,
        suffix="",
        defaults={"reason": tidy(reason)[:500], "recorded_by_id": actor.person_id, "recorded_at": now},
    )
    audit.record(
        actor=actor.ref,
        action="documents.register.gap_explained",
        object_kind="register",
        object_id=register.pk,
        now=now,
        detail={"number": number},
    )
    return gap


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
