"""What is in force before an import: units, who went on for which, people, posts, roles, read in six statements."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from eoffice.core.vietnamese import fold
from eoffice.organization.importing.columns import IMPORTABLE_ROLES
from eoffice.organization.models import Person, Posting, RoleGrant, SuccessionKind, Unit, UnitSuccession
from eoffice.organization.queries.validity import in_force


@dataclass(frozen=True, slots=True)
class UnitNow:
    id: int
    code: str | None
    parent_id: int | None
    parent: str | None
    """The code of the unit above."""
    name: str
    short_name: str
    symbol: str
    kind: str
    family: str
    has_registry: bool
    place: str
    organ_id: str
    position: int
    opened_on: date | None
    closed_on: date | None
    former_names: list[dict[str, str]]

    def was_called(self, name: str) -> bool:
        """An earlier name of this unit: a list that still has it is behind, and does not rename it back."""
        folded = fold(name)
        return folded != fold(self.name) and any(fold(former["name"]) == folded for former in self.former_names)


@dataclass(frozen=True, slots=True)
class PostNow:
    id: int
    unit_id: int
    unit_code: str | None
    unit_name: str
    position: str
    rank: int
    starts_on: date
    ends_on: date | None
    is_main: bool


@dataclass(frozen=True, slots=True)
class GrantNow:
    id: int
    unit_id: int
    unit_code: str | None
    role: str

    @property
    def is_importable(self) -> bool:
        return self.role in IMPORTABLE_ROLES


@dataclass(slots=True)
class PersonNow:
    id: int
    user_id: int | None
    code: str | None
    full_name: str
    email: str | None
    phone: str
    managed_by: str
    left_on: date | None
    has_open_account: bool | None
    posts: list[PostNow] = field(default_factory=list)
    grants: list[GrantNow] = field(default_factory=list)


@dataclass(slots=True)
class Snapshot:
    """`units` and `people` by code (people without one by `id:<id>`), `by_mail` by e-mail in small letters."""

    units: dict[str, UnitNow] = field(default_factory=dict)
    uncoded: list[UnitNow] = field(default_factory=list)
    people: dict[str, PersonNow] = field(default_factory=dict)
    by_mail: dict[str, PersonNow] = field(default_factory=dict)
    root_name: str = ""
    heirs: dict[str, str] = field(default_factory=dict)
    """Codes of units that are no more, with the code of the one that went on; a list that is behind means that one."""
    tree: dict[str, str | None] = field(default_factory=dict)
    """The key of the unit above, by key: the code, or `id:<id>` where there is none."""

    def uncoded_unit(self, name: str, parent: str | None) -> UnitNow | None:
        folded = fold(name)
        return next((unit for unit in self.uncoded if fold(unit.name) == folded and unit.parent == parent), None)


def take_snapshot(*, on: date) -> Snapshot:
    """Read everything an import compares with; roles are those in force on `on`, posts are all there ever were."""
    snapshot = Snapshot()
    _read_units(snapshot)
    snapshot.heirs = _read_heirs()
    people = _read_people(snapshot)
    _read_posts(people)
    _read_grants(people, on)
    return snapshot


def _read_units(snapshot: Snapshot) -> None:
    fields = (
        "id", "code", "parent_id", "parent__code", "name", "short_name", "symbol", "kind", "family", "has_registry",
        "place", "organ_id", "position", "opened_on", "closed_on", "former_names",
    )  # fmt: skip
    keys: dict[int | None, str | None] = {None: None}
    for unit in (UnitNow(*values) for values in Unit.objects.order_by("path").values_list(*fields)):
        key = unit.code or f"id:{unit.id}"
        keys[unit.id] = key
        snapshot.tree[key] = keys[unit.parent_id]
        if unit.parent_id is None and unit.closed_on is None and not snapshot.root_name:
            snapshot.root_name = unit.name
        if unit.code is None:
            snapshot.uncoded.append(unit)
        else:
            snapshot.units[unit.code] = unit


def _read_heirs() -> dict[str, str]:
    rows = UnitSuccession.objects.filter(
        kind=SuccessionKind.WORK, heir__closed_on__isnull=True, heir__code__isnull=False, old__code__isnull=False
    )
    return {str(old): str(heir) for old, heir in rows.order_by("pk").values_list("old__code", "heir__code")}


def _read_people(snapshot: Snapshot) -> dict[int, PersonNow]:
    fields = (
        "id", "user_id", "code", "full_name", "user__email", "phone", "managed_by", "left_on", "user__is_active",
    )  # fmt: skip
    by_id: dict[int, PersonNow] = {}
    for values in Person.objects.order_by("pk").values_list(*fields):
        person = PersonNow(*values)
        by_id[person.id] = person
        snapshot.people[person.code or f"id:{person.id}"] = person
        if person.email:
            person.email = person.email.lower()
            snapshot.by_mail[person.email] = person
    return by_id


def _read_posts(people: dict[int, PersonNow]) -> None:
    fields = (
        "person_id", "id", "unit_id", "unit__code", "unit__name", "position__name", "position__rank", "starts_on",
        "ends_on", "is_main",
    )  # fmt: skip
    for person_id, *values in Posting.objects.order_by("pk").values_list(*fields):
        people[person_id].posts.append(PostNow(*values))


def _read_grants(people: dict[int, PersonNow], on: date) -> None:
    # One that ends today has been ended: it is neither held nor ended again.
    rows = RoleGrant.objects.filter(in_force(on)).exclude(ends_on=on).order_by("pk")
    for person_id, grant_id, unit_id, code, role in rows.values_list(
        "person_id", "id", "unit_id", "unit__code", "role"
    ):
        people[person_id].grants.append(GrantNow(grant_id, unit_id, code, role))
