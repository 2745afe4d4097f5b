"""Distribution rules as their keepers see them, and which letters a rule would have taken; handling settings."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from eoffice.core.clock import local_date
from eoffice.documents.errors import RuleNotFound
from eoffice.documents.models import DistributionRule, HandlingSetting, IncomingDocument
from eoffice.documents.permissions import assignments as line_rules
from eoffice.documents.permissions import incoming as incoming_permissions
from eoffice.documents.permissions import rules as permissions
from eoffice.documents.permissions.registers import require
from eoffice.documents.queries.incoming import type_label
from eoffice.documents.services.distributing import active_rules
from eoffice.organization import queries as organization
from eoffice.organization.actor import Actor
from eoffice.organization.models import Unit

LOOKED_AT: Final = 500
"""Newest registered letters a preview looks through."""
SHOWN: Final = 30
CONDITIONS: Final = ("document_type", "issuing_body_contains", "subject_contains")


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleLine:
    """One rule of the list. `rests` when its unit is closed, so that nothing goes there."""

    rule: DistributionRule
    type_words: str
    rests: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryRules:
    """The rules of one registry in the order they are asked."""

    registry: Unit
    lines: list[RuleLine]


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchedLetter:
    """A registered letter that meets the conditions; `taken_by` names an earlier rule that would take it first."""

    letter: IncomingDocument
    taken_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RulePreview:
    """What a rule would have taken: at most thirty, newest first, of `looked_at` letters the actor may see."""

    letters: list[MatchedLetter]
    looked_at: int
    has_more: bool


def registries_kept_by(actor: Actor) -> list[Unit]:
    """Registries whose rules the actor keeps, by the tree. Raises NotPermitted when there is none."""
    units = organization.units_by_id(actor.units_with(*permissions.KEEPERS))
    found = sorted((unit for unit in units.values() if unit.has_registry), key=lambda unit: unit.path)
    require(bool(found), "Chỉ chánh văn phòng, văn thư, quản trị của đơn vị có sổ xem được quy tắc phân phối.")
    return found


def rules_kept_by(actor: Actor, *, now: datetime) -> list[RegistryRules]:
    """Every rule of those registries; two queries. Raises NotPermitted."""
    registries = registries_kept_by(actor)
    today = local_date(now)
    lines: dict[int, list[RuleLine]] = {registry.pk: [] for registry in registries}
    rows = DistributionRule.objects.filter(registry_id__in=lines).select_related("lead_unit")
    for rule in rows.order_by("position", "pk"):
        closed_on = rule.lead_unit.closed_on
        lines[rule.registry_id].append(
            RuleLine(
                rule=rule,
                type_words=type_label(rule.document_type),
                rests=closed_on is not None and closed_on <= today,
            )
        )
    return [RegistryRules(registry=registry, lines=lines[registry.pk]) for registry in registries]


def get_rule(actor: Actor, rule_id: int) -> DistributionRule:
    """One rule of a registry the actor keeps. Raises RuleNotFound."""
    rule = DistributionRule.objects.filter(permissions.kept_by(actor), pk=rule_id).select_related("registry").first()
    if rule is None:
        raise RuleNotFound
    return rule


def lead_units_for(registry_id: int) -> list[Unit]:
    """Units a rule of this registry may send to: the registry's own and those below it, by the tree."""
    return [unit for unit in organization.active_units() if registry_id in unit.ancestor_ids]


def lead_choices_for(registry_id: int) -> list[tuple[int, str]]:
    """The same as key and name; a name that several of them have says under which unit each stands."""
    units = lead_units_for(registry_id)
    names = Counter(unit.name for unit in units)
    twins = [unit for unit in units if names[unit.name] > 1 and unit.parent_id is not None]
    above = organization.units_by_id({unit.parent_id for unit in twins if unit.parent_id is not None})
    said = {unit.pk: f"{unit.name} ({above[unit.parent_id].short_name})" for unit in twins if unit.parent_id in above}
    return [(unit.pk, said.get(unit.pk, unit.name)) for unit in units]


def letters_matching(actor: Actor, rule: DistributionRule, *, now: datetime) -> RulePreview:
    """Which of the newest registered letters of its registry a rule, saved or not, would take; two queries.

    Only letters the actor may see: a preview tells nobody of others. Raises NotPermitted.
    """
    require(permissions.can_keep_rules(actor, rule.registry_id))
    letters = list(
        IncomingDocument.objects.filter(
            incoming_permissions.visible_to(actor), registry_id=rule.registry_id, arrival_number__isnull=False
        ).order_by("-arrival_on", "-arrival_number", "-pk")[:LOOKED_AT]
    )
    # A new rule stands behind all others.
    earlier = [
        each
        for each in active_rules(rule.registry_id, on=local_date(now))
        if not rule.pk or (each.position, each.pk) < (rule.position, rule.pk)
    ]
    found = [letter for letter in letters if rule.matches(letter)]
    return RulePreview(
        letters=[
            MatchedLetter(letter=letter, taken_by=next((each.name for each in earlier if each.matches(letter)), ""))
            for letter in found[:SHOWN]
        ],
        looked_at=len(letters),
        has_more=len(found) > SHOWN,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitHandling:
    """Whether what is reported done to a unit is confirmed by itself; `setting` is None where nobody said."""

    unit: Unit
    setting: HandlingSetting | None

    @property
    def confirms_itself(self) -> bool:
        return self.setting is not None and self.setting.confirms_itself


def handling_of(actor: Actor) -> list[UnitHandling]:
    """Units whose handling the actor may set, by the tree; two queries. Raises NotPermitted when there is none."""
    units = organization.units_by_id(actor.units_with(*line_rules.SETTERS))
    require(bool(units), "Chỉ người đứng đầu hoặc quản trị của đơn vị đặt được cách xác nhận.")
    rows = HandlingSetting.objects.filter(unit_id__in=units).select_related("changed_by")
    settings = {row.unit_id: row for row in rows}
    return [
        UnitHandling(unit=unit, setting=settings.get(unit.pk))
        for unit in sorted(units.values(), key=lambda unit: unit.path)
    ]
