"""From a rule to those who are asked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from eoffice.organization import queries as organization
from eoffice.organization.models import Role, Unit
from eoffice.workflow.definitions import (
    CHIEF,
    CLERK,
    COSIGNER,
    OFFICE,
    RULE_WORDS,
    SIGNER,
    UNIT_HEAD,
    StepDefinition,
    person_id_of,
    role_and_unit,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The paper that goes through a flow. `version` and `sha256` name the state under review."""

    kind: str
    id: int
    unit_id: int
    """Đơn vị soạn thảo."""
    registry_id: int
    document_type: str
    author_id: int
    signer_id: int | None
    version: int
    cosigner_id: int | None = None
    """Who signs beside the signer (the secretary of a biên bản)."""
    sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Who a step asks: a person, or whoever holds one of `roles` in a unit; `names` are those today."""

    person_id: int | None = None
    unit_id: int | None = None
    roles: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    person_ids: tuple[int, ...] = ()
    reason: str

    @property
    def is_nobody(self) -> bool:
        return not self.person_ids


def asked_by(step: StepDefinition, *, subject: Subject, on: date) -> Asked:
    """Those a step asks about a paper on a day. `is_nobody` where the rule finds no one. Raises NotFound."""
    if step.who == SIGNER:
        return _person(subject.signer_id, RULE_WORDS[SIGNER])
    if step.who == COSIGNER:
        return _person(subject.cosigner_id, RULE_WORDS[COSIGNER])
    if step.who == UNIT_HEAD:
        return _head_of_drafting_unit(subject, on)
    if step.who in _REGISTRY_ROLES:
        registry = organization.get_unit(subject.registry_id)
        return _roles(_REGISTRY_ROLES[step.who], registry, RULE_WORDS[step.who], on)
    person_id = person_id_of(step.who)
    if person_id is not None:
        return _person(person_id, "Được chỉ định trong quy trình")
    named = role_and_unit(step.who)
    if named is None:
        return Asked(reason=step.title)
    role, unit_id = named
    unit = organization.get_unit(unit_id)
    return _roles((role,), unit, f"{role.label}, {unit.short_name}", on)


_REGISTRY_ROLES = {
    OFFICE: (Role.CHIEF_OF_OFFICE, Role.CLERK),
    CHIEF: (Role.CHIEF_OF_OFFICE,),
    CLERK: (Role.CLERK,),
}


def _person(person_id: int | None, reason: str) -> Asked:
    if person_id is None:
        return Asked(reason=reason)
    person = organization.get_person(person_id)
    return Asked(person_id=person.pk, names=(person.full_name,), person_ids=(person.pk,), reason=reason)


def _roles(roles: Iterable[Role], unit: Unit, reason: str, on: date) -> Asked:
    roles = tuple(roles)
    people = {person.pk: person.full_name for role in roles for person in organization.holders_of(role, unit.pk, on=on)}
    return Asked(
        unit_id=unit.pk,
        roles=tuple(str(role) for role in roles),
        names=tuple(people.values()),
        person_ids=tuple(people),
        reason=reason,
    )


def _head_of_drafting_unit(subject: Subject, on: date) -> Asked:
    """The head of the drafting unit; a small unit without one answers to the nearest head up to its registry."""
    unit = organization.get_unit(subject.unit_id)
    above = organization.units_by_id(unit.ancestor_ids)
    registry_depth = unit.ancestor_ids.index(subject.registry_id) if subject.registry_id in unit.ancestor_ids else 0
    asked = Asked(reason=RULE_WORDS[UNIT_HEAD])
    for unit_id in reversed(unit.ancestor_ids[registry_depth:]):
        nearest = above[unit_id]
        reason = RULE_WORDS[UNIT_HEAD] if unit_id == unit.pk else f"{RULE_WORDS[UNIT_HEAD]} ({nearest.short_name})"
        asked = _roles((Role.UNIT_HEAD,), nearest, reason, on)
        if not asked.is_nobody:
            return asked
    return asked
