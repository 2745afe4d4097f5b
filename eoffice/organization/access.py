"""Access rows: given and taken by the services of the room that owns the object, joined by every list."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q

from eoffice.organization.actor import Actor
from eoffice.organization.models import Access, AccessReason, Principal, PrincipalKind, Role


def principal_of_person(person_id: int) -> int:
    """The principal id of a person, made on first use."""
    return _pk(Principal.objects.get_or_create(kind=PrincipalKind.PERSON, person_id=person_id, unit=None, role=""))


def principal_of_unit(unit_id: int) -> int:
    """The principal id of a unit with everyone in and below it."""
    return _pk(Principal.objects.get_or_create(kind=PrincipalKind.UNIT, person=None, unit_id=unit_id, role=""))


def principal_of_role(role: Role, unit_id: int) -> int:
    """The principal id of whoever holds `role` in exactly this unit."""
    return _pk(Principal.objects.get_or_create(kind=PrincipalKind.ROLE, person=None, unit_id=unit_id, role=str(role)))


def _pk(found: tuple[Principal, bool]) -> int:
    return found[0].pk


def grant(
    *, object_kind: str, object_id: int, principals: Iterable[int], reason: AccessReason, source: str = ""
) -> None:
    """Let `principals` see an object. Granting twice is granting once."""
    Access.objects.bulk_create(
        [
            Access(object_kind=object_kind, object_id=object_id, principal_id=p, reason=reason, source=source)
            for p in sorted(set(principals))
        ],
        ignore_conflicts=True,
    )


def withdraw(*, object_kind: str, object_id: int, source: str) -> None:
    """Take back what one source gave; what other reasons give stays."""
    Access.objects.filter(object_kind=object_kind, object_id=object_id, source=source).delete()


def visible(actor: Actor, *, object_kind: str, outer: str = "pk") -> Q:
    """The condition "the actor may see this row", for use in `filter` of the object's queryset."""
    return Q(
        Exists(
            Access.objects.filter(object_kind=object_kind, object_id=OuterRef(outer), principal_id__in=actor.principals)
        )
    )


def can_see(actor: Actor, *, object_kind: str, object_id: int) -> bool:
    """The same rule for one object."""
    return Access.objects.filter(
        object_kind=object_kind, object_id=object_id, principal_id__in=actor.principals
    ).exists()


@dataclass(frozen=True, slots=True)
class AccessLine:
    """One line of "ai xem được văn bản này, vì sao"."""

    who: str
    reason: str
    source: str


def who_can_see(*, object_kind: str, object_id: int, of: Actor | None = None) -> list[AccessLine]:
    """Everyone who may see the object and why; `of` narrows it to one actor's own reasons."""
    rows = Access.objects.filter(object_kind=object_kind, object_id=object_id).select_related(
        "principal__person", "principal__unit"
    )
    if of is not None:
        rows = rows.filter(principal_id__in=of.principals)
    return [AccessLine(_name(row.principal), AccessReason(row.reason).label, row.source) for row in rows.order_by("pk")]


def _name(principal: Principal) -> str:
    unit = principal.unit.name if principal.unit else ""
    if principal.kind == PrincipalKind.PERSON and principal.person:
        return principal.person.full_name
    if principal.kind == PrincipalKind.ROLE:
        return f"{Role(principal.role).label}, {unit}"
    return f"{unit} và đơn vị trực thuộc"
