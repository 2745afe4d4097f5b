"""The picker: units and people found by a few letters, with or without tone marks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from eoffice.core.vietnamese import fold
from eoffice.organization.models import Person, Posting, Unit
from eoffice.organization.queries.people import people_in
from eoffice.organization.queries.units import children_of
from eoffice.organization.queries.validity import in_force


@dataclass(frozen=True, slots=True)
class RecipientChoice:
    """One line of the picker: a unit or a person, named and placed."""

    kind: str
    id: int
    name: str
    detail: str
    path: str


def search_recipients(
    text: str, *, on: date, limit: int = 20, kinds: tuple[str, ...] = ("unit", "person")
) -> list[RecipientChoice]:
    """Units and people whose folded name holds every word of `text`, typed with or without tone marks."""
    words = fold(text).split()
    if not words:
        return []
    matching = Q()
    for word in words:
        matching &= Q(name_fold__contains=word)
    choices: list[RecipientChoice] = []
    if "unit" in kinds:
        units = Unit.objects.filter(matching, closed_on__isnull=True).select_related("parent")
        choices += [_unit_choice(unit) for unit in units.order_by("path", "pk")[:limit]]
    if "person" in kinds and len(choices) < limit:
        postings = (
            Posting.objects.filter(in_force(on), is_main=True, person__in=Person.objects.filter(matching))
            .select_related("person", "unit", "position")
            .order_by("position__rank", "person__sort_key", "pk")
        )
        choices += [_person_choice(posting) for posting in postings[: limit - len(choices)]]
    return choices


def unit_children(unit_id: int | None, *, on: date) -> list[RecipientChoice]:
    """What opens under a unit in the picker: its people, then its units."""
    people = [] if unit_id is None else [_person_choice(posting) for posting in people_in(unit_id, on=on)]
    return people + [_unit_choice(unit) for unit in children_of(unit_id).select_related("parent")]


def _unit_choice(unit: Unit) -> RecipientChoice:
    return RecipientChoice("unit", unit.pk, unit.name, unit.parent.short_name if unit.parent else "", unit.path)


def _person_choice(posting: Posting) -> RecipientChoice:
    return RecipientChoice(
        "person",
        posting.person_id,
        posting.person.full_name,
        f"{posting.position.name}, {posting.unit.short_name}",
        posting.unit.path,
    )
