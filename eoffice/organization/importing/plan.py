"""What an import will do, as plain values: operations for `writing`, an outcome for each row of the preview."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from eoffice.organization.importing.columns import Table, column
from eoffice.organization.importing.entries import Fault, PostEntry, UnitEntry
from eoffice.organization.models import Role


class Action(StrEnum):
    """What a row does."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    ENDED = "ended"
    FAULTY = "faulty"


@dataclass(frozen=True, slots=True)
class Change:
    """One value before and after, in the words of the screen."""

    label: str
    before: str
    after: str


@dataclass(slots=True)
class Outcome:
    """What becomes of one row; `line` 0 for what ends because the list no longer has it."""

    table: Table
    line: int
    key: str
    title: str
    action: Action
    changes: list[Change] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class UnitValues:
    """A unit as it shall be. `parent` is a code; None for the root, and `parent_id` where an uncoded unit is above."""

    code: str
    name: str
    short_name: str
    symbol: str
    parent: str | None
    kind: str
    family: str
    has_registry: bool
    place: str
    organ_id: str
    position: int
    opened_on: date | None
    closed_on: date | None


@dataclass(frozen=True, slots=True)
class PersonValues:
    """A person as he shall be; `key` names him inside the plan."""

    key: str
    code: str | None
    full_name: str
    email: str | None
    phone: str
    left_on: date | None


@dataclass(frozen=True, slots=True)
class NewPost:
    person: str
    unit: str
    position: str
    rank: int
    is_main: bool
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class PostDates:
    """An existing posting with its dates and main mark as they shall be."""

    posting_id: int
    starts_on: date
    ends_on: date | None
    is_main: bool


ROLES_AT: Final = "Vai trò tại"
ROLE_OVER: Final = "Thôi vai trò"
"""How the preview calls a change of roles; a list with one of them waits for a second person."""


@dataclass(slots=True)
class Plan:
    """Everything an import will do, and the outcome of each row."""

    on: date
    outcomes: list[Outcome] = field(default_factory=list)
    new_units: list[UnitValues] = field(default_factory=list)
    changed_units: list[tuple[int, UnitValues]] = field(default_factory=list)
    new_people: list[PersonValues] = field(default_factory=list)
    changed_people: list[tuple[int, PersonValues]] = field(default_factory=list)
    new_posts: list[NewPost] = field(default_factory=list)
    changed_posts: list[PostDates] = field(default_factory=list)
    new_roles: list[tuple[str, str, Role]] = field(default_factory=list)
    """(person key, unit code, role)"""
    ended_grant_ids: list[int] = field(default_factory=list)
    leaver_ids: list[int] = field(default_factory=list)
    """Persons whose account closes now."""
    returner_ids: list[int] = field(default_factory=list)
    """Persons who had left and are listed again: their account opens."""
    person_ids: dict[str, int] = field(default_factory=dict)
    """Persons of the list who are known already, by key."""

    @property
    def counts(self) -> dict[str, int]:
        return {str(action): count for action, count in Counter(o.action for o in self.outcomes).items()}

    @property
    def ended_people(self) -> int:
        return sum(o.action == Action.ENDED and o.table == Table.PEOPLE for o in self.outcomes)

    @property
    def is_faulty(self) -> bool:
        return any(outcome.faults for outcome in self.outcomes)


def day_before(starts_on: date, on: date) -> date:
    """The last day of what ends because a list no longer has it: yesterday, or its only day."""
    return max(starts_on, on - timedelta(days=1))


def shown(value: object) -> str:
    """A value in the words of the preview."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "Có" if value else "Không"
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    return str(value)


def mark_fault(entry: UnitEntry | PostEntry, key: str, value: str, message: str) -> None:
    table = Table.UNITS if isinstance(entry, UnitEntry) else Table.PEOPLE
    entry.faults.append(Fault(column(table, key).header, value, message))
