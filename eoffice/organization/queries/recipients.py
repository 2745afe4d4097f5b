"""The picker: units and people found by the beginnings of a few words, with or without tone marks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeVar

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import Case, Exists, IntegerField, OuterRef, Q, QuerySet, Value, When

from eoffice.core.vietnamese import fold
from eoffice.organization.models import Person, Posting, Unit
from eoffice.organization.queries.people import people_in
from eoffice.organization.queries.units import children_of
from eoffice.organization.queries.validity import in_force
from eoffice.organization.tree import folded_names

_WORD: Final = re.compile(r"[a-z0-9]+")
_MOST_WORDS: Final = 8
_CANDIDATES: Final = 10
"""So many times the wanted lines are ranked before those without a post today are left out."""
_OPENED_PEOPLE: Final = 500
R = TypeVar("R", Unit, Person)
_NAME_WORDS: Final = SearchVector("name_fold", config="simple")


@dataclass(frozen=True, slots=True)
class RecipientChoice:
    """One line of the picker: a unit or a person, named and placed."""

    kind: str
    id: int
    name: str
    mark: str
    detail: str
    path: str


def search_recipients(
    text: str,
    *,
    on: date,
    limit: int = 20,
    kinds: tuple[str, ...] = ("unit", "person"),
    near_unit_ids: Iterable[int] = (),
) -> list[RecipientChoice]:
    """Units and people with a word that begins like each word of `text`, typed with or without tone marks.

    `ng hoai ph` finds Nguyễn Hoài Phương. Order within each kind: those of `near_unit_ids`, then whole names, then
    names that begin so, then the rest by sort key. At most `limit` lines and four statements, whatever the size.
    """
    words = _WORD.findall(fold(text))[:_MOST_WORDS]
    if not words:
        return []
    near = frozenset(near_unit_ids)
    units = _units_found(words, near)[:limit] if "unit" in kinds else []
    choices = [_unit_choice(unit, words) for unit in units]
    if "person" in kinds and len(choices) < limit:
        choices += _people_found(words, on=on, limit=limit - len(choices), near=near)
    return choices


def _units_found(words: list[str], near: frozenset[int]) -> QuerySet[Unit]:
    matching = _begins_with(Unit.objects.filter(closed_on__isnull=True), words).select_related("parent")
    return matching.annotate(
        closeness=Case(
            When(pk__in=near, then=Value(0)),
            When(symbol__iexact=" ".join(words), then=Value(1)),
            When(name_fold__startswith=" ".join(words), then=Value(2)),
            default=Value(3),
            output_field=IntegerField(),
        )
    ).order_by("closeness", "path", "pk")


def _people_found(words: list[str], *, on: date, limit: int, near: frozenset[int]) -> list[RecipientChoice]:
    colleagues: list[int] = []
    holding = Posting.objects.filter(in_force(on), is_main=True)
    if near:
        # The own unit is small: it is asked by itself, so that the wide question needs no join.
        of_unit = Person.objects.filter(pk__in=holding.filter(unit_id__in=near).values("person_id"))
        colleagues = list(_ranked(_begins_with(of_unit, words), words).values_list("pk", flat=True)[:limit])
    found = colleagues
    if len(found) < limit:
        candidates = _ranked(_begins_with(Person.objects.exclude(pk__in=colleagues), words), words)
        narrowed = candidates.values("pk")[: _CANDIDATES * limit]
        with_post = Person.objects.filter(Exists(holding.filter(person=OuterRef("pk"))), pk__in=narrowed)
        found = [*found, *_ranked(with_post, words).values_list("pk", flat=True)[: limit - len(found)]]
    postings = holding.filter(person_id__in=found).select_related("person", "unit", "position").order_by("-pk")
    by_person = {posting.person_id: posting for posting in postings}
    return [_person_choice(by_person[person_id]) for person_id in found if person_id in by_person]


def _begins_with(rows: QuerySet[R], words: list[str]) -> QuerySet[R]:
    """Rows with a word in the name for each typed word; `words` are letters and digits only, so no syntax gets in."""
    asked = SearchQuery(" & ".join(f"{word}:*" for word in words), config="simple", search_type="raw")
    return rows.annotate(name_words=_NAME_WORDS).filter(name_words=asked)


def _ranked(people: QuerySet[Person], words: list[str]) -> QuerySet[Person]:
    typed = " ".join(words)
    return people.annotate(
        closeness=Case(
            When(name_fold=typed, then=Value(0)),
            When(Q(name_fold__startswith=typed) | Q(name_fold__endswith=f" {typed}"), then=Value(1)),
            default=Value(2),
            output_field=IntegerField(),
        )
    ).order_by("closeness", "sort_key", "pk")


def unit_children(unit_id: int | None, *, on: date) -> list[RecipientChoice]:
    """What opens under a unit in the picker: its people (500 at most), then its units."""
    people = (
        [] if unit_id is None else [_person_choice(posting) for posting in people_in(unit_id, on=on)[:_OPENED_PEOPLE]]
    )
    return people + [_unit_choice(unit) for unit in children_of(unit_id).select_related("parent")]


def _unit_choice(unit: Unit, words: Sequence[str] = ()) -> RecipientChoice:
    """`words` were typed: where only an earlier name has them, the line says which."""
    above = unit.parent.short_name if unit.parent else ""
    detail = " · ".join(part for part in (above, _found_under(unit, words)) if part)
    return RecipientChoice("unit", unit.pk, unit.name, unit.symbol, detail, unit.path)


def _found_under(unit: Unit, words: Sequence[str]) -> str:
    if not unit.known_as or _has_words(folded_names(unit.name, unit.short_name, unit.symbol), words):
        return ""
    earlier = next((name for name in unit.known_as if _has_words(fold(name), words)), "")
    return f"trước đây: {earlier}" if earlier else ""


def _has_words(folded: str, words: Sequence[str]) -> bool:
    have = _WORD.findall(folded)
    return all(any(word.startswith(typed) for word in have) for typed in words)


def _person_choice(posting: Posting) -> RecipientChoice:
    return RecipientChoice(
        "person",
        posting.person_id,
        posting.person.full_name,
        posting.person.initials,
        f"{posting.position.name}, {posting.unit.short_name}",
        posting.unit.path,
    )
