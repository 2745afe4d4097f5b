"""Who may number, seal, issue and recall outgoing documents."""

from __future__ import annotations

from typing import Final

from django.db.models import Q

from eoffice.documents.models import Draft, IncomingDocument, OutgoingDocument
from eoffice.documents.permissions import delegated
from eoffice.documents.permissions.registers import require
from eoffice.organization.actor import Actor
from eoffice.organization.models import Role

__all__ = [
    "KIND",
    "READERS",
    "can_confirm_recall",
    "can_issue",
    "can_number",
    "can_recall",
    "can_return_for_form",
    "can_seal",
    "can_see_access",
    "can_set_field",
    "can_view",
    "require",
    "visible_to",
]

KIND: Final = "outgoing"
OFFICE: Final = (Role.CLERK, Role.CHIEF_OF_OFFICE)
READERS: Final = (*OFFICE, Role.LEADER, Role.ARCHIVIST, Role.AUDITOR)
"""Who sees every outgoing document of their registry."""


def visible_to(actor: Actor, *, outer: str = "pk") -> Q:
    """Rows the actor may see, from the access rows."""
    return delegated.visible(actor, object_kind=KIND, outer=outer)


def can_view(actor: Actor, outgoing: OutgoingDocument) -> bool:
    """The same rule for one document."""
    return delegated.can_see(actor, object_kind=KIND, object_id=outgoing.pk)


def can_number(actor: Actor, draft: Draft) -> bool:
    """Cấp số: the clerk of the registry that numbers for the drafting unit (NĐ 30/2020/NĐ-CP, Điều 15)."""
    return actor.has_role(Role.CLERK, draft.registry_id)


def can_return_for_form(actor: Actor, draft: Draft) -> bool:
    """Return a signed paper for a fault of form: the office of the registry."""
    return actor.has_any_role(draft.registry_id, *OFFICE)


def can_seal(actor: Actor, outgoing: OutgoingDocument) -> bool:
    """Only the clerk seals, in person (NĐ 30/2020/NĐ-CP, Điều 33)."""
    return actor.has_role(Role.CLERK, outgoing.registry_id)


def can_issue(actor: Actor, outgoing: OutgoingDocument) -> bool:
    """Issue, send again, record post, void a number: the clerk of the registry."""
    return actor.has_role(Role.CLERK, outgoing.registry_id)


def can_set_field(actor: Actor, outgoing: OutgoingDocument) -> bool:
    """Put it in a field of work after it was numbered: the office of the registry."""
    return actor.has_any_role(outgoing.registry_id, *OFFICE)


def can_recall(actor: Actor, outgoing: OutgoingDocument) -> bool:
    """Recall, replace, correct: the office of the registry."""
    return actor.has_any_role(outgoing.registry_id, *OFFICE)


def can_confirm_recall(actor: Actor, incoming: IncomingDocument) -> bool:
    """The recipient's clerk confirms that the recalled copy is out of use (NĐ 30/2020/NĐ-CP, Điều 18 khoản 4)."""
    return actor.has_role(Role.CLERK, incoming.registry_id)


def can_see_access(actor: Actor, outgoing: OutgoingDocument) -> bool:
    """The whole list of who sees a document: its office, leaders and auditors; others see their own reasons."""
    return actor.has_any_role(outgoing.registry_id, *OFFICE, Role.LEADER) or actor.audits(outgoing.registry_id)
