"""Making the lines of a directive: checked recipients become assignments with access and a bell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet

from eoffice.audit import services as audit
from eoffice.core import outbox
from eoffice.core.actor_ref import ActorRef
from eoffice.core.clock import local_date
from eoffice.core.errors import Invalid
from eoffice.documents.errors import SeveralLeads
from eoffice.documents.events import IncomingDirected
from eoffice.documents.models import (
    Assignment,
    AssignmentRole,
    Directive,
    DistributionRule,
    FilePurpose,
    IncomingDocument,
)
from eoffice.documents.permissions.incoming import KIND
from eoffice.documents.services import registry_access, telling, tracking_delivery
from eoffice.documents.services.changing_state import change_state, record_birth
from eoffice.documents.services.deadlines import checked_deadline, in_working_days
from eoffice.documents.states import DeliveryState, IncomingAction
from eoffice.organization import queries as organization
from eoffice.organization.actor import Actor

_TITLES = {
    AssignmentRole.LEAD: "Được giao chủ trì xử lý",
    AssignmentRole.SUPPORT: "Được giao phối hợp xử lý",
    AssignmentRole.INFORMED: "Được chuyển văn bản để biết",
}

_RULE = ActorRef(None, source="rule")
"""Nobody: the office's own rule."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """One place of a directive: `kind` is unit or person. `due_on` overrides the directive's deadline."""

    kind: str
    id: int
    role: AssignmentRole
    due_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is ordered of the recipients, checked: instruction, deadline, whether a reply is required."""

    instruction: str
    due_at: datetime | None
    requires_reply: bool = False


def require_sound(recipients: Sequence[Recipient], *, on: date, needs_lead: bool = True) -> None:
    """Exactly one lead, nobody twice, and everyone there today. Raises SeveralLeads, Invalid."""
    if not recipients:
        message = "Chưa chọn nơi nhận."
        raise Invalid(message, fields={"recipients": message})
    leads = [each for each in recipients if each.role == AssignmentRole.LEAD]
    if needs_lead and len(leads) != 1:
        message = SeveralLeads.default_message if leads else "Chưa chọn nơi chủ trì. Chọn đúng một nơi chủ trì."
        raise SeveralLeads(message, fields={"recipients": message})
    if len({(each.kind, each.id) for each in recipients}) != len(recipients):
        message = "Một nơi nhận được chọn hai lần. Bỏ bớt một vai trò."
        raise Invalid(message, fields={"recipients": message})
    _require_there(recipients, on)


def _require_there(recipients: Sequence[Recipient], on: date) -> None:
    unit_ids = {each.id for each in recipients if each.kind == "unit"}
    person_ids = {each.id for each in recipients if each.kind == "person"}
    units = organization.units_by_id(unit_ids)
    persons = organization.persons_by_id(person_ids)
    closed = [unit.name for unit in units.values() if unit.closed_on is not None and unit.closed_on <= on]
    left = [person.full_name for person in persons.values() if person.left_on is not None and person.left_on <= on]
    if len(units) != len(unit_ids) or len(persons) != len(person_ids) or closed or left:
        gone = ", ".join([*closed, *left]) or "Nơi nhận đã chọn"
        heirs = [unit.name for unit in organization.heirs_of(unit_ids).values()] if closed else []
        instead = f"Đơn vị kế thừa: {', '.join(heirs)}." if heirs else "Chọn nơi nhận khác."
        message = f"{gone} không còn hoạt động. {instead}"
        raise Invalid(message, fields={"recipients": message})
    if any(each.kind not in {"unit", "person"} for each in recipients):
        raise Invalid(fields={"recipients": "Nơi nhận không hợp lệ. Chọn lại từ danh sách."})


def make_lines(
    *,
    incoming: IncomingDocument,
    recipients: Sequence[Recipient],
    order: Order,
    actor: Actor | None,
    now: datetime,
    directive: Directive | None = None,
    parent: Assignment | None = None,
) -> list[Assignment]:
    """Write one line for each recipient, let its holder see the letter and tell him.

    The caller has locked the letter (and `parent`) and checked rights and recipients. `actor` None is a rule.
    """
    lines: list[Assignment] = []
    for each in recipients:
        informed = each.role == AssignmentRole.INFORMED
        own_due = checked_deadline(
            each.due_on, now=now, field="recipients", not_after=parent.due_at if parent else None
        )
        line = Assignment.objects.create(
            incoming=incoming,
            directive=directive,
            parent=parent,
            unit_id=each.id if each.kind == "unit" else None,
            person_id=each.id if each.kind == "person" else None,
            role=each.role,
            instruction=order.instruction,
            due_at=None if informed else own_due or order.due_at,
            requires_reply=order.requires_reply and each.role == AssignmentRole.LEAD,
            assigned_by_id=actor.rights_of_id if actor else None,
            given_through_id=None if actor is None or actor.is_himself else actor.person_id,
            assigned_at=now,
        )
        record_birth(line, actor=actor.ref if actor else _RULE, now=now, action="assigned")
        registry_access.grant_assignment(line)
        lines.append(line)
    for role, title in _TITLES.items():
        telling.tell(
            person_ids=telling.holders_of([line for line in lines if line.role == role], now=now),
            kind=f"assigned_{role}", title=title, incoming=incoming, now=now, actor=actor,
        )  # fmt: skip
    return lines


def give_directive(
    *,
    incoming: IncomingDocument,
    action: IncomingAction,
    recipients: Sequence[Recipient],
    order: Order,
    actor: Actor | None,
    now: datetime,
    prepared_by_id: int | None = None,
) -> Directive:
    """Write a directive with its lines and move the letter on. The caller has locked, permitted and checked."""
    directive = Directive.objects.create(
        incoming=incoming,
        author_id=actor.person_id if actor else None,
        on_behalf_of_id=actor.on_behalf_of_id if actor else None,
        text=order.instruction,
        due_at=order.due_at,
        letter_due_at=incoming.due_at,
        file_version=incoming.files.filter(purpose=FilePurpose.ORIGINAL).order_by("pk").first(),
        prepared_by_id=prepared_by_id,
        given_at=now,
    )
    make_lines(incoming=incoming, recipients=recipients, order=order, actor=actor, now=now, directive=directive)
    if actor is not None:
        registry_access.grant_author(incoming, actor.rights_of_id, directive.pk)
    if order.due_at is not None:
        incoming.due_at = order.due_at
    change_state(
        incoming, action, actor=actor.ref if actor else _RULE, now=now,
        audit_action="documents.incoming.directed" if action == IncomingAction.DIRECT else
        "documents.incoming.distributed",
        detail={"directive": directive.pk, "recipients": len(recipients)}
        | ({"prepared_by": prepared_by_id} if prepared_by_id else {}), also=("due_at",),
    )  # fmt: skip
    tracking_delivery.note_progress(incoming=incoming, state=DeliveryState.ASSIGNED, now=now)
    outbox.publish(
        IncomingDirected(incoming.pk, directive.pk, actor is None), name="documents.incoming.directed", now=now
    )
    return directive


# Rules of the office ----------------------------------------------------------------------------------------


def distribute_by_rule(*, actor: Actor, incoming: IncomingDocument, now: datetime) -> Directive | None:
    """Let the first matching rule of the registry distribute a letter just registered; None when none matches.

    `actor` is the clerk who registered it; the directive has no author.
    """
    rule = matching_rule(incoming, on=local_date(now))
    if rule is None:
        return None
    order = Order(
        instruction=rule.instruction or f"Phân phối theo quy tắc: {rule.name}.",
        due_at=in_working_days(rule.working_days, now=now) if rule.working_days else incoming.due_at,
    )
    recipient = Recipient("unit", rule.lead_unit_id, AssignmentRole.LEAD)
    require_sound([recipient], on=local_date(now))
    directive = give_directive(
        incoming=incoming, action=IncomingAction.DISTRIBUTE, recipients=[recipient], order=order, actor=None, now=now
    )
    audit.record(
        actor=actor.ref, action="documents.incoming.distributed_by_rule", object_kind=KIND, object_id=incoming.pk,
        now=now, detail={"rule": rule.pk},
    )  # fmt: skip
    return directive


def matching_rule(incoming: IncomingDocument, *, on: date) -> DistributionRule | None:
    """The first active rule of the registry, by position, that matches and whose unit works on that day."""
    return next((rule for rule in active_rules(incoming.registry_id, on=on) if rule.matches(incoming)), None)


def active_rules(registry_id: int, *, on: date) -> QuerySet[DistributionRule]:
    """Rules in use, in the order they are asked. One of a closed unit rests: registration must not stop at it."""
    return (
        DistributionRule.objects.filter(registry_id=registry_id, is_active=True)
        .exclude(lead_unit__closed_on__lte=on)
        .order_by("position", "pk")
    )
