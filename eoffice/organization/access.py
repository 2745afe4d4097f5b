"""Access rows: given and taken by the services of the room that owns the object, joined by every list."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db import connection
from django.db.models import BooleanField, Exists, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from eoffice.organization.actor import Actor, Mandated
from eoffice.organization.models import Access, AccessReason, Principal, PrincipalKind, Role


def principal_of_person(person_id: int) -> int:
    """The principal id of a person, made on first use."""
    return _pk(Principal.objects.get_or_create(kind=PrincipalKind.PERSON, person_id=person_id, unit=None, role=""))


def principal_of_secretaries(leader_id: int) -> int:
    """The principal id of whoever prepares for a leader, made when the first of them is named."""
    kind = PrincipalKind.SECRETARIES
    return _pk(Principal.objects.get_or_create(kind=kind, person_id=leader_id, unit=None, role=""))


def secretaries_of(leader_id: int) -> list[int]:
    """The same for a leader who has ever had one; empty for the others."""
    rows = Principal.objects.filter(kind=PrincipalKind.SECRETARIES, person_id=leader_id)
    return list(rows.values_list("pk", flat=True))


def principal_of_unit(unit_id: int) -> int:
    """The principal id of a unit with everyone in and below it."""
    return _pk(Principal.objects.get_or_create(kind=PrincipalKind.UNIT, person=None, unit_id=unit_id, role=""))


def principal_of_role(role: Role, unit_id: int) -> int:
    """The principal id of whoever holds `role` in exactly this unit."""
    return _pk(Principal.objects.get_or_create(kind=PrincipalKind.ROLE, person=None, unit_id=unit_id, role=str(role)))


def _pk(found: tuple[Principal, bool]) -> int:
    return found[0].pk


def grant(
    *,
    object_kind: str,
    object_id: int,
    principals: Iterable[int],
    reason: AccessReason,
    source: str = "",
    dated_on: date | None = None,
) -> None:
    """Let `principals` see an object. Granting twice is granting once.

    `dated_on` is the day of the document, for the period of an auditor's mandate; None is today.
    """
    day = {"dated_on": dated_on} if dated_on else {}
    Access.objects.bulk_create(
        [
            Access(object_kind=object_kind, object_id=object_id, principal_id=p, reason=reason, source=source, **day)
            for p in sorted(set(principals))
        ],
        ignore_conflicts=True,
    )


def grant_to_roles(
    *,
    object_kind: str,
    places: Iterable[tuple[int, int, str]],
    roles: Iterable[Role],
    reason: AccessReason,
    dated_on: date | None = None,
) -> None:
    """Let whoever holds one of `roles` in a unit see an object; `places` are (object id, unit id, source).

    Two statements, however many places there are: for issuing to hundreds of units. `dated_on` as in `grant`.
    """
    rows = list(places)
    if not rows:
        return
    object_ids, unit_ids, sources = (list(column) for column in zip(*rows, strict=True))
    values: dict[str, str | date | list[int] | list[str] | None] = {
        "kind": object_kind,
        "objects": object_ids,
        "units": unit_ids,
        "sources": sources,
        "roles": [str(role) for role in roles],
        "reason": str(reason),
        "dated_on": dated_on,
    }
    with connection.cursor() as cursor:
        cursor.execute(_MAKE_ROLE_PRINCIPALS, values)
        cursor.execute(_GRANT_TO_ROLES, values)


def grant_to_persons(*, object_kind: str, places: Iterable[tuple[int, int, str]], reason: AccessReason) -> None:
    """Let persons see objects; `places` are (object id, person id, source). Two statements."""
    rows = list(places)
    if not rows:
        return
    object_ids, person_ids, sources = (list(column) for column in zip(*rows, strict=True))
    values: dict[str, str | list[int] | list[str]] = {
        "kind": object_kind,
        "objects": object_ids,
        "persons": person_ids,
        "sources": sources,
        "reason": str(reason),
    }
    with connection.cursor() as cursor:
        cursor.execute(_MAKE_PERSON_PRINCIPALS, values)
        cursor.execute(_GRANT_TO_PERSONS, values)


def copy_rights(*, from_kind: str, from_id: int, to_kind: str, to_id: int) -> None:
    """Let everyone who may see one object see another, for the same reasons."""
    with connection.cursor() as cursor:
        cursor.execute(_COPY_RIGHTS, {"from_kind": from_kind, "from_id": from_id, "kind": to_kind, "id": to_id})


_MAKE_ROLE_PRINCIPALS: Final = """
    INSERT INTO organization_principal (kind, person_id, unit_id, role)
    SELECT DISTINCT 'role', NULL::bigint, u.unit_id, r.role
    FROM unnest(%(units)s::bigint[]) AS u (unit_id), unnest(%(roles)s::text[]) AS r (role)
    ORDER BY u.unit_id, r.role
    ON CONFLICT DO NOTHING
"""
_GRANT_TO_ROLES: Final = """
    INSERT INTO organization_access (object_kind, object_id, principal_id, reason, source, dated_on)
    SELECT %(kind)s, t.object_id, p.id, %(reason)s, t.source, COALESCE(%(dated_on)s::date, CURRENT_DATE)
    FROM unnest(%(objects)s::bigint[], %(units)s::bigint[], %(sources)s::text[]) AS t (object_id, unit_id, source)
    JOIN organization_principal AS p
      ON p.kind = 'role' AND p.unit_id = t.unit_id AND p.role = ANY(%(roles)s::text[])
    ON CONFLICT DO NOTHING
"""
_MAKE_PERSON_PRINCIPALS: Final = """
    INSERT INTO organization_principal (kind, person_id, unit_id, role)
    SELECT DISTINCT 'person', t.person_id, NULL::bigint, ''
    FROM unnest(%(persons)s::bigint[]) AS t (person_id)
    ORDER BY t.person_id
    ON CONFLICT DO NOTHING
"""
_GRANT_TO_PERSONS: Final = """
    INSERT INTO organization_access (object_kind, object_id, principal_id, reason, source)
    SELECT %(kind)s, t.object_id, p.id, %(reason)s, t.source
    FROM unnest(%(objects)s::bigint[], %(persons)s::bigint[], %(sources)s::text[]) AS t (object_id, person_id, source)
    JOIN organization_principal AS p ON p.kind = 'person' AND p.person_id = t.person_id
    ON CONFLICT DO NOTHING
"""
_COPY_RIGHTS: Final = """
    INSERT INTO organization_access (object_kind, object_id, principal_id, reason, source)
    SELECT %(kind)s, %(id)s, principal_id, reason, source
    FROM organization_access
    WHERE object_kind = %(from_kind)s AND object_id = %(from_id)s
    ON CONFLICT DO NOTHING
"""


def withdraw(*, object_kind: str, object_id: int, source: str) -> None:
    """Take back what one source gave; what other reasons give stays."""
    Access.objects.filter(object_kind=object_kind, object_id=object_id, source=source).delete()


def visible(actor: Actor, *, object_kind: str, outer: str = "pk", narrowed: bool = False) -> Q:
    """The condition "the actor may see this row", for use in `filter` of the object's queryset.

    `narrowed` says that the other conditions leave few rows: then each of these is asked by itself, and the planner
    is kept from walking through everything the actor may see.
    """
    rows = Access.objects.filter(answered_by(actor), object_kind=object_kind, object_id=OuterRef(outer))
    if not narrowed:
        return Q(Exists(rows))
    # A scalar subquery: PostgreSQL makes neither a join nor a hash of it, as it does of an EXISTS.
    return Q(Coalesce(Subquery(rows.values(seen=Value(True))[:1], output_field=BooleanField()), Value(False)))


def can_see(actor: Actor, *, object_kind: str, object_id: int) -> bool:
    """The same rule for one object."""
    return Access.objects.filter(answered_by(actor), object_kind=object_kind, object_id=object_id).exists()


def answered_by(actor: Actor) -> Q:
    """Access rows the actor answers to: his own principals', and an auditor's within each mandate's period."""
    condition = Q(principal_id__in=actor.principals)
    for mandate in actor.mandates:
        condition |= _within(mandate)
    return condition


def _within(mandate: Mandated) -> Q:
    condition = Q(principal_id__in=mandate.principals)
    if mandate.documents_from is not None:
        condition &= Q(dated_on__gte=mandate.documents_from)
    if mandate.documents_to is not None:
        condition &= Q(dated_on__lte=mandate.documents_to)
    return condition


def mandate_behind(actor: Actor, *, object_kind: str, object_id: int) -> int | None:
    """The mandate through which alone the actor sees an object; None when he has a part in it of his own.

    Who reads only by a mandate leaves no mark of reading, and the audit line of the read names the mandate.
    """
    if not actor.mandates:
        return None
    rows = Access.objects.filter(object_kind=object_kind, object_id=object_id)
    if rows.filter(principal_id__in=actor.principals).exists():
        return None
    return next((each.mandate_id for each in actor.mandates if rows.filter(_within(each)).exists()), None)


def grant_sight(*, object_kind: str, object_id: int, person_id: int, source: str) -> None:
    """Let one person see an object by a confirmed decision (`source` names it), until `withdraw` of the same source."""
    grant(
        object_kind=object_kind,
        object_id=object_id,
        principals=[principal_of_person(person_id)],
        reason=AccessReason.GRANTED,
        source=source,
    )


@dataclass(frozen=True, slots=True)
class AccessLine:
    """One line of "ai xem được văn bản này, vì sao"."""

    who: str
    reason: str
    source: str


def who_can_see(*, object_kind: str, object_id: int, of: Actor | None = None) -> list[AccessLine]:
    """Everyone who may see the object and why; `of` narrows it to one actor's own reasons.

    For long lists and the people behind units and roles: `queries.sight_of`.
    """
    rows = Access.objects.filter(object_kind=object_kind, object_id=object_id).select_related(
        "principal__person", "principal__unit"
    )
    if of is not None:
        rows = rows.filter(answered_by(of))
    return [
        AccessLine(name_of(row.principal), AccessReason(row.reason).label, row.source) for row in rows.order_by("pk")
    ]


def name_of(principal: Principal) -> str:
    """How a principal with its person and unit is called."""
    unit = principal.unit.name if principal.unit else ""
    if principal.kind == PrincipalKind.PERSON and principal.person:
        return principal.person.full_name
    if principal.kind == PrincipalKind.SECRETARIES and principal.person:
        return f"Thư ký của {principal.person.full_name}"
    if principal.kind == PrincipalKind.ROLE:
        return f"{Role(principal.role).label}, {unit}"
    return f"{unit} và đơn vị trực thuộc"
