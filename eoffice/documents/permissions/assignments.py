"""Who may do what along an assignment: its holder works, its giver decides."""

from __future__ import annotations

from django.db.models import Q

from eoffice.core.deeds import Deed
from eoffice.documents.models import Assignment, AssignmentRole
from eoffice.documents.states import OPEN_ASSIGNMENT_STATES, AssignmentState
from eoffice.organization.actor import Actor
from eoffice.organization.models import Role

HEADS = (Role.UNIT_HEAD,)
RECEIVERS = (Role.UNIT_HEAD, Role.CLERK)
"""A unit's line is worked by its head; its clerk may also take it in."""
_ABOVE_OPEN_WORK = (
    *OPEN_ASSIGNMENT_STATES,
    AssignmentState.RETURNED,
    AssignmentState.WITHDRAWN,
    AssignmentState.RECALLED,
)
SETTERS = (Role.UNIT_HEAD, Role.CHIEF_OF_OFFICE, Role.LEADER, Role.ADMINISTRATOR)
"""Who says how a unit confirms what is reported to it."""


def holds(actor: Actor, assignment: Assignment) -> bool:
    """Whether the line is the actor's own to work on: his, or that of a unit he heads."""
    if not actor.may_act(Deed.DIRECT):
        return False
    if assignment.person_id is not None:
        return assignment.person_id == actor.rights_of_id
    return assignment.unit_id in actor.units_with(*HEADS)


def held_by(actor: Actor) -> Q:
    """The same rule for a queryset of assignments."""
    return Q(person_id=actor.rights_of_id) | Q(unit_id__in=actor.units_with(*HEADS))


def held_apart(actor: Actor) -> list[Q]:
    """The same rule, one condition for each holder the actor is or acts for."""
    units = sorted(actor.units_with(*HEADS))
    return [Q(person_id=actor.rights_of_id), *(Q(unit_id=unit_id) for unit_id in units)]


def can_accept(actor: Actor, assignment: Assignment) -> bool:
    """The holder, and for a unit's line also the unit's clerk."""
    return holds(actor, assignment) or (
        assignment.unit_id is not None and assignment.unit_id in actor.units_with(*RECEIVERS)
    )


def can_note_read(actor: Actor, assignment: Assignment) -> bool:
    """Informed lines end when who may take them in has read, himself: another's reading does not inform him."""
    return actor.is_himself and assignment.role == AssignmentRole.INFORMED and can_accept(actor, assignment)


def gave(actor: Actor, assignment: Assignment) -> bool:
    """Whether the actor decides about the line: he gave it, or heads the unit that passed it on.

    A line given by a rule of the office is decided by chánh văn phòng of the registry.
    """
    if not actor.may_act(Deed.DIRECT):
        return False
    if assignment.assigned_by_id == actor.rights_of_id:
        return True
    parent = assignment.parent
    if parent is not None:
        return holds(actor, parent)
    if assignment.assigned_by_id is None:
        return actor.has_role(Role.CHIEF_OF_OFFICE, assignment.incoming.registry_id)
    return False


def given_by(actor: Actor) -> Q:
    """The same rule for a queryset of assignments."""
    heads = actor.units_with(*HEADS)
    chiefs = actor.units_with(Role.CHIEF_OF_OFFICE)
    return (
        Q(assigned_by_id=actor.rights_of_id)
        | Q(parent__person_id=actor.rights_of_id)
        | Q(parent__unit_id__in=heads)
        | Q(parent__isnull=True, assigned_by__isnull=True, incoming__registry_id__in=chiefs)
    )


def open_given_by(actor: Actor) -> tuple[Q, ...]:
    """The same rule for open lines that carry work, in parts that have no line in common.

    Each part is answered by an index of its own, so that what everybody gave in all years is never read. Completing
    a line closes what is open below it, so an open line hangs under one that is not completed.
    """
    heads, chiefs = actor.units_with(*HEADS), actor.units_with(Role.CHIEF_OF_OFFICE)
    is_open = Q(state__in=OPEN_ASSIGNMENT_STATES) & ~Q(role=AssignmentRole.INFORMED)
    given_by_me = Q(assigned_by_id=actor.rights_of_id)
    below_mine = Q(parent__state__in=_ABOVE_OPEN_WORK) & (
        Q(parent__person_id=actor.rights_of_id) | Q(parent__unit_id__in=heads)
    )
    by_rule = Q(parent__isnull=True, assigned_by__isnull=True, incoming__registry_id__in=chiefs)
    parts = (is_open & given_by_me, is_open & ~given_by_me & below_mine)
    return (*parts, is_open & by_rule) if chiefs else parts


def can_be_reminded(assignment: Assignment) -> bool:
    """Work is still with the holder: open, not reported; informed lines carry no work."""
    return (
        assignment.role != AssignmentRole.INFORMED
        and assignment.state in OPEN_ASSIGNMENT_STATES
        and assignment.state != AssignmentState.REPORTED
        and assignment.incoming.recalled_at is None
    )


def can_answer(actor: Actor, *, person_id: int | None, unit_id: int | None) -> bool:
    """Answer a consultation: the person asked, or the head of the unit asked; an opinion is one's own."""
    if person_id is not None:
        return person_id == actor.own_id
    return actor.is_himself and unit_id in actor.units_with(*HEADS)


def can_set_confirmation(actor: Actor, unit_id: int) -> bool:
    """The head of that very unit, chánh văn phòng or leader where it is a registry, its administrator."""
    return actor.is_himself and actor.has_any_role(unit_id, *SETTERS)
