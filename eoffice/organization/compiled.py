"""Statements about an actor, compiled once for all actors of the same shape.

Building a union of a dozen querysets costs more than running it. What differs between two actors with the same roles
in as many units is only the values: those are put in afterwards, the conditions stay those of the querysets.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from hashlib import blake2b
from typing import Any, Final
from weakref import WeakKeyDictionary

from django.db import connection
from psycopg.sql import Literal

from eoffice.organization.actor import Actor, Served

_MOMENT: Final = datetime(1, 1, 2, tzinfo=UTC)
_PERSON: Final = -9_100_000_000_000_000_000
_ACCOUNT: Final = -9_110_000_000_000_000_000
_POSTING: Final = -9_120_000_000_000_000_000
_REPRESENTED: Final = -9_130_000_000_000_000_000
_UNIT: Final = -9_140_000_000_000_000_000
_PRINCIPAL: Final = -9_150_000_000_000_000_000
_LEADER: Final = -9_160_000_000_000_000_000
_NO_ROW_BELOW: Final = -9_000_000_000_000_000_000
"""Keys no row has: stand-ins that are found again among the values of a compiled statement."""
_SHAPES_KEPT: Final = 500

Statement = tuple[str, Sequence[Any]]


@dataclass(frozen=True, slots=True)
class _Shaped:
    """A stand-in for every actor of one shape, and the true value behind each stand-in value."""

    stand_in: Actor
    values: dict[object, Any]


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A statement under a name; `stand_ins` are its parameters in order."""

    name: str
    sql: str
    stand_ins: tuple[object, ...]


class CompiledForActors:
    """`build(actor, now)` run as a prepared statement, kept for each shape of actor.

    Django compiles once in a process, PostgreSQL plans once on a connection. `build` must be a function of its
    arguments alone and may compare keys of the actor only with each other.
    """

    def __init__(self, build: Callable[[Actor, datetime], Statement]) -> None:
        self._build = build
        self._kept: dict[Actor, _Prepared] = {}

    def rows(self, actor: Actor, now: datetime) -> Sequence[tuple[Any, ...]]:
        """What the statement returns for this actor and moment. One statement."""
        shaped = _shaped(actor)
        prepared = self._prepared(shaped.stand_in)
        values = {**shaped.values, _MOMENT: now}
        with connection.cursor() as cursor:
            _prepare(prepared)
            if not prepared.stand_ins:
                cursor.execute(f"EXECUTE {prepared.name}")
            else:
                marks = ", ".join(["%s"] * len(prepared.stand_ins))
                cursor.execute(f"EXECUTE {prepared.name} ({marks})", [values[each] for each in prepared.stand_ins])
            found: Sequence[tuple[Any, ...]] = cursor.fetchall()
            return found

    def _prepared(self, stand_in: Actor) -> _Prepared:
        kept = self._kept.get(stand_in)
        if kept is None:
            if len(self._kept) >= _SHAPES_KEPT:
                self._kept.clear()
            kept = self._kept[stand_in] = _with_numbered_parameters(*self._build(stand_in, _MOMENT))
        return kept


def _with_numbered_parameters(sql: str, parameters: Sequence[Any]) -> _Prepared:
    """Stand-ins become $1, $2; everything else is the same for all actors and stays in the text."""
    numbers: dict[object, int] = {}
    pieces = []
    for value in parameters:
        if isinstance(value, datetime) or (isinstance(value, int) and value < _NO_ROW_BELOW):
            number = numbers.setdefault(value, len(numbers) + 1)
            pieces.append(f"${number}::{'timestamptz' if isinstance(value, datetime) else 'bigint'}")
        else:
            pieces.append(Literal(value).as_string(None))
    text = sql % tuple(pieces)
    return _Prepared(f"eoffice_{blake2b(text.encode(), digest_size=12).hexdigest()}", text, tuple(numbers))


def _prepare(prepared: _Prepared) -> None:
    """Let the present connection know the statement; what it knows is kept with it and ends with it."""
    raw = connection.connection
    known = _KNOWN.setdefault(raw, set())
    if prepared.name not in known:
        with raw.cursor() as cursor:
            cursor.execute(f"PREPARE {prepared.name} AS {prepared.sql}")
        known.add(prepared.name)


_KNOWN: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()


def _shaped(actor: Actor) -> _Shaped:
    units = {unit_id: _UNIT + number for number, unit_id in enumerate(_units_in_order(actor))}
    principals = {principal: _PRINCIPAL + number for number, principal in enumerate(actor.principals)}
    leaders = {each.leader_id: _LEADER + number for number, each in enumerate(actor.serves)}
    stand_in = replace(
        actor,
        person_id=_PERSON,
        user_id=_ACCOUNT,
        name="",
        posting_id=None if actor.posting_id is None else _POSTING,
        unit_id=None if actor.unit_id is None else units[actor.unit_id],
        unit_name="",
        position_name="",
        posts=(),
        roles=frozenset((role, units[unit_id]) for role, unit_id in actor.roles),
        unit_ids=frozenset(units[unit_id] for unit_id in actor.unit_ids),
        principals=tuple(principals.values()),
        registry_id=None if actor.registry_id is None else units[actor.registry_id],
        elsewhere=frozenset(units[unit_id] for unit_id in actor.elsewhere),
        on_behalf_of_id=None if actor.on_behalf_of_id is None else _REPRESENTED,
        initials="",
        serves=tuple(Served(stand, "") for stand in leaders.values()),
        powers_id=None,
        delegation=None
        if actor.delegation is None
        else replace(actor.delegation, delegation_id=0, giver_id=0, giver_name="", ends_on=date.min),
        powers_until=None,
    )
    values: dict[object, Any] = {
        _PERSON: actor.person_id,
        _ACCOUNT: actor.user_id,
        _POSTING: actor.posting_id,
        _REPRESENTED: actor.on_behalf_of_id,
    }
    values |= {stand: unit_id for unit_id, stand in units.items()}
    values |= {stand: principal for principal, stand in principals.items()}
    values |= {stand: leader_id for leader_id, stand in leaders.items()}
    return _Shaped(stand_in, values)


def _units_in_order(actor: Actor) -> list[int]:
    """Every unit the actor names, those used alike beside each other, so that like actors get like stand-ins."""
    held: dict[int, list[str]] = {unit_id: [] for unit_id in actor.unit_ids}
    for role, unit_id in actor.roles:
        held.setdefault(unit_id, []).append(role)
    for chosen in (actor.unit_id, actor.registry_id, *actor.elsewhere):
        if chosen is not None:
            held.setdefault(chosen, [])

    def use(unit_id: int) -> tuple[list[str], bool, bool, bool, bool, int]:
        return (
            sorted(held[unit_id]),
            unit_id in actor.unit_ids,
            unit_id == actor.unit_id,
            unit_id == actor.registry_id,
            unit_id in actor.elsewhere,
            unit_id,
        )

    return sorted(held, key=use)
