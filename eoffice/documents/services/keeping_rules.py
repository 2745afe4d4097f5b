"""Quy tắc phân phối: written, put in order, switched off and on. A rule is never deleted; letters came by it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction

from eoffice.audit import services as audit
from eoffice.core.clock import local_date
from eoffice.core.errors import Invalid
from eoffice.core.vietnamese import tidy
from eoffice.documents.errors import RuleNotFound
from eoffice.documents.models import DistributionRule
from eoffice.documents.permissions import rules as permissions
from eoffice.documents.permissions.registers import require
from eoffice.documents.services import once
from eoffice.layout.types import TYPES
from eoffice.organization import queries as organization
from eoffice.organization.actor import Actor

KIND = "distribution_rule"
LONGEST_DAYS = 365
_LIMITS = {"name": 200, "issuing_body_contains": 200, "subject_contains": 200, "instruction": 500}
_NOT_KEEPER = "Chỉ chánh văn phòng, văn thư, quản trị của đơn vị này đặt được quy tắc phân phối."


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleTerms:
    """What a rule says: its conditions, of which at least one is given, and where the letter goes.

    `document_type` is a code of `layout.types`; `working_days` the deadline counted from registration.
    """

    name: str
    lead_unit_id: int
    document_type: str = ""
    issuing_body_contains: str = ""
    subject_contains: str = ""
    instruction: str = ""
    working_days: int | None = None


@transaction.atomic
def create_rule(
    *, actor: Actor, registry_id: int, terms: RuleTerms, now: datetime, request_key: str = ""
) -> DistributionRule:
    """Write a rule behind the others of its registry; a form sent twice makes one.

    Locks the registry's rules. Raises NotPermitted, Invalid.
    """
    require(permissions.can_keep_rules(actor, registry_id), _NOT_KEEPER)
    claim = once.claim(actor=actor, key=request_key, object_kind=KIND, now=now)
    if claim.done:
        return DistributionRule.objects.get(pk=claim.done[0])
    values = _checked(terms, registry_id, now)
    others = _lock_rules(registry_id)
    rule = DistributionRule.objects.create(
        registry_id=registry_id, position=max((each.position for each in others), default=0) + 1, **values
    )
    claim.settle([rule.pk])
    _record(actor, rule, "created", now)
    return rule


@transaction.atomic
def change_rule(*, actor: Actor, rule_id: int, terms: RuleTerms, now: datetime) -> DistributionRule:
    """Say a rule anew; letters registered before keep where they went. Locks the registry's rules.

    Raises RuleNotFound, Invalid.
    """
    rule = _lock_rule(actor, rule_id)
    values = _checked(terms, rule.registry_id, now)
    changed = [name for name, value in values.items() if getattr(rule, name) != value]
    for name in changed:
        setattr(rule, name, values[name])
    if changed:
        rule.save(update_fields=changed)
        _record(actor, rule, "changed", now, fields=sorted(changed))
    return rule


@transaction.atomic
def move_rule(*, actor: Actor, rule_id: int, up: bool, now: datetime) -> DistributionRule:
    """Let a rule be asked one place earlier (`up`) or later; at the end of the row it stays. Raises RuleNotFound."""
    rule = _lock_rule(actor, rule_id)
    row = sorted(_lock_rules(rule.registry_id), key=lambda each: (each.position, each.pk))
    at = next(index for index, each in enumerate(row) if each.pk == rule.pk)
    to = at - 1 if up else at + 1
    if not 0 <= to < len(row):
        return rule
    row[at], row[to] = row[to], row[at]
    for position, each in enumerate(row, start=1):
        if each.position != position:
            each.position = position
            each.save(update_fields=["position"])
    _record(actor, row[to], "moved", now, position=row[to].position)
    return row[to]


@transaction.atomic
def switch_rule(*, actor: Actor, rule_id: int, is_active: bool, now: datetime) -> DistributionRule:
    """Put a rule out of use, or into use again; it stays in the list either way. Raises RuleNotFound."""
    rule = _lock_rule(actor, rule_id)
    if rule.is_active != is_active:
        rule.is_active = is_active
        rule.save(update_fields=["is_active"])
        _record(actor, rule, "switched_on" if is_active else "switched_off", now)
    return rule


def _lock_rule(actor: Actor, rule_id: int) -> DistributionRule:
    """One rule of a registry the actor keeps, with all of that registry locked in key order."""
    found = DistributionRule.objects.filter(permissions.kept_by(actor), pk=rule_id).first()
    if found is None:
        raise RuleNotFound
    return next(each for each in _lock_rules(found.registry_id) if each.pk == rule_id)


def _lock_rules(registry_id: int) -> list[DistributionRule]:
    return list(DistributionRule.objects.select_for_update(no_key=True).filter(registry_id=registry_id).order_by("pk"))


def _checked(terms: RuleTerms, registry_id: int, now: datetime) -> dict[str, object]:
    """The columns of a rule. Raises Invalid with every fault."""
    values = asdict(terms) | {name: tidy(getattr(terms, name)) for name in _LIMITS}
    faults = {name: f"Tối đa {limit} ký tự." for name, limit in _LIMITS.items() if len(str(values[name])) > limit}
    if not values["name"]:
        faults["name"] = "Ghi tên quy tắc."
    if terms.document_type and terms.document_type not in {each.code for each in TYPES}:
        faults["document_type"] = "Chọn loại văn bản trong danh sách."
    for name in ("issuing_body_contains", "subject_contains"):
        # A lone dash or dot stands in nearly every letter.
        if values[name] and not any(sign.isalnum() for sign in str(values[name])):
            faults[name] = "Ghi chữ hoặc số cần có."
    if not (terms.document_type or values["issuing_body_contains"] or values["subject_contains"]):
        faults["document_type"] = "Chọn ít nhất một điều kiện: loại văn bản, cơ quan ban hành hoặc trích yếu."
    if terms.working_days is not None and not 1 <= terms.working_days <= LONGEST_DAYS:
        faults["working_days"] = f"Ghi từ 1 đến {LONGEST_DAYS} ngày làm việc."
    unit = organization.units_by_id([terms.lead_unit_id]).get(terms.lead_unit_id)
    if unit is None or registry_id not in unit.ancestor_ids:
        faults["lead_unit"] = "Chọn đơn vị chủ trì thuộc đơn vị có sổ này."
    elif unit.closed_on is not None and unit.closed_on <= local_date(now):
        faults["lead_unit"] = f"{unit.name} không còn hoạt động. Chọn đơn vị khác."
    if faults:
        raise Invalid("Chưa lưu quy tắc. Nội dung đã nhập vẫn còn.", fields=faults)
    return values


def _record(actor: Actor, rule: DistributionRule, what: str, now: datetime, **detail: object) -> None:
    audit.record(
        actor=actor.ref, action=f"documents.distribution_rule.{what}", object_kind=KIND, object_id=rule.pk, now=now,
        detail={"registry": rule.registry_id, **detail},
    )  # fmt: skip
