"""Who may decide a step, and who may change a flow."""

from __future__ import annotations

from typing import Final

from django.db.models import Q

from eoffice.core.errors import NotPermitted
from eoffice.organization.actor import Actor
from eoffice.organization.models import Role, Unit
from eoffice.organization.right_rules import RightRule, sample_unit
from eoffice.workflow.models import FlowStep


def require(allowed: bool, message: str | None = None) -> None:
    """Raise NotPermitted unless `allowed`."""
    if not allowed:
        raise NotPermitted(message)


def can_decide(actor: Actor, step: FlowStep) -> bool:
    """The person asked, or whoever holds one of the asked roles in the asked unit today; never by delegation."""
    if step.person_id is not None:
        return step.person_id == actor.own_id
    holds = any((role, step.unit_id) in actor.roles for role in step.roles)
    return actor.is_himself and step.unit_id is not None and holds


def steps_of(actor: Actor) -> Q:
    """The same rule for a queryset of steps."""
    condition = Q(person_id=actor.own_id)
    for role, unit_id in sorted(actor.roles) if actor.is_himself else ():
        condition |= Q(person_id__isnull=True, unit_id=unit_id, roles__contains=[role])
    return condition


def can_edit_flows(actor: Actor, unit: Unit) -> bool:
    """The administrator of the unit, or of one above it."""
    return any(actor.has_role(Role.ADMINISTRATOR, ancestor) for ancestor in unit.ancestor_ids)


def can_read_flows(actor: Actor) -> bool:
    """Flows are no secret among those who administer or audit anything."""
    return actor.plays(Role.ADMINISTRATOR, Role.AUDITOR, Role.CHIEF_OF_OFFICE)


RULES: Final = (
    RightRule("can_decide", "Duyệt, trả lại một bước", None, "người hoặc vai trò mà bước duyệt hỏi"),
    RightRule("can_edit_flows", "Sửa quy trình duyệt", lambda actor: can_edit_flows(actor, sample_unit())),
    RightRule("can_read_flows", "Xem quy trình duyệt", can_read_flows),
)
"""For the matrix of role and action."""
