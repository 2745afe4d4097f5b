"""Who may see, register, send on and direct incoming documents."""

from __future__ import annotations

from django.db.models import Q

from eoffice.core.deeds import Deed
from eoffice.documents.models import IncomingDocument
from eoffice.documents.permissions import delegated
from eoffice.documents.permissions.registers import require
from eoffice.documents.states import IncomingState
from eoffice.organization.actor import Actor
from eoffice.organization.models import Role

__all__ = [
    "KIND",
    "can_add_recipients",
    "can_cancel",
    "can_correct",
    "can_direct",
    "can_distribute",
    "can_forward",
    "can_link",
    "can_receive",
    "can_refuse",
    "can_register",
    "can_reopen",
    "can_return",
    "can_see_access",
    "can_set_field",
    "can_take_back",
    "can_view",
    "require",
    "visible_to",
]

KIND = "incoming"
OFFICE = (Role.CLERK, Role.CHIEF_OF_OFFICE)


def visible_to(actor: Actor, *, outer: str = "pk", narrowed: bool = False) -> Q:
    """Rows the actor may see, from the access rows; `narrowed` as in `access.visible`."""
    return delegated.visible(actor, object_kind=KIND, outer=outer, narrowed=narrowed)


def can_view(actor: Actor, incoming: IncomingDocument) -> bool:
    """The same rule for one document."""
    return delegated.can_see(actor, object_kind=KIND, object_id=incoming.pk)


def can_receive(actor: Actor, registry_id: int) -> bool:
    """Only the clerk of the registry takes letters in (NĐ 30/2020/NĐ-CP, Điều 21)."""
    return actor.has_role(Role.CLERK, registry_id)


def can_register(actor: Actor, incoming: IncomingDocument) -> bool:
    return actor.has_role(Role.CLERK, incoming.registry_id)


def can_refuse(actor: Actor, incoming: IncomingDocument) -> bool:
    return actor.has_role(Role.CLERK, incoming.registry_id)


def can_correct(actor: Actor, incoming: IncomingDocument) -> bool:
    return actor.has_role(Role.CLERK, incoming.registry_id)


def can_set_field(actor: Actor, incoming: IncomingDocument) -> bool:
    """Put a letter without a line in the register in a field of work: the office of its registry."""
    return actor.has_any_role(incoming.registry_id, *OFFICE)


def can_cancel(actor: Actor, incoming: IncomingDocument) -> bool:
    return actor.has_role(Role.CLERK, incoming.registry_id)


def can_forward(actor: Actor, incoming: IncomingDocument) -> bool:
    """Trình, chuyển: the office of the registry (Điều 23)."""
    return actor.has_any_role(incoming.registry_id, *OFFICE)


def can_distribute(actor: Actor, incoming: IncomingDocument) -> bool:
    """Distribute without a leader: chánh văn phòng (Điều 23)."""
    return actor.has_role(Role.CHIEF_OF_OFFICE, incoming.registry_id)


def can_direct(actor: Actor, incoming: IncomingDocument) -> bool:
    """The one whose direction the letter waits for; chánh văn phòng when it waits for nobody by name."""
    if incoming.forwarded_to_id is None:
        return can_distribute(actor, incoming)
    return actor.may_act(Deed.DIRECT) and actor.rights_of_id == incoming.forwarded_to_id


def can_prepare(actor: Actor, incoming: IncomingDocument) -> bool:
    """Propose a directive and set its place in the queue: the secretary of the leader it waits for, as himself.

    The leader prepares nothing for himself here: he directs.
    """
    return (
        actor.is_himself
        and incoming.state == IncomingState.AWAITING_DIRECTION
        and incoming.forwarded_to_id in actor.leader_ids
    )


def can_return(actor: Actor, incoming: IncomingDocument) -> bool:
    return can_direct(actor, incoming)


def can_take_back(actor: Actor, author_id: int | None) -> bool:
    """Only who gave a directive, or in whose name it was given, takes it back (`Directive.given_for_id`)."""
    return actor.may_act(Deed.DIRECT) and author_id is not None and author_id == actor.rights_of_id


def can_add_recipients(actor: Actor, incoming: IncomingDocument, author_id: int | None) -> bool:
    """Who gave the directive; chánh văn phòng for one that a rule gave."""
    return can_take_back(actor, author_id) or (author_id is None and can_distribute(actor, incoming))


def can_link(actor: Actor, incoming: IncomingDocument) -> bool:
    """Everyone who sees the letter but the auditor of its registry, who changes nothing; never by delegation."""
    if not actor.is_himself:
        return False
    if actor.has_any_role(incoming.registry_id, *OFFICE, Role.LEADER):
        return True
    return not actor.audits(incoming.registry_id)


def can_reopen(actor: Actor, incoming: IncomingDocument, author_id: int | None) -> bool:
    """Who directed it, or chánh văn phòng."""
    return can_take_back(actor, author_id) or can_distribute(actor, incoming)


def can_see_access(actor: Actor, incoming: IncomingDocument) -> bool:
    """The whole list of who sees a document: its office, leaders and auditors; others see their own reasons."""
    return actor.has_any_role(incoming.registry_id, *OFFICE, Role.LEADER) or actor.audits(incoming.registry_id)
