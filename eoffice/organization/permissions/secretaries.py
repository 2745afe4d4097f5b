"""Who says which secretary serves which leader, who ends it, who sees it."""

from __future__ import annotations

from django.db.models import Q

from eoffice.core.errors import NotPermitted
from eoffice.organization.actor import Actor
from eoffice.organization.models import Role, SecretaryService
from eoffice.organization.permissions.changes import KEEPERS


def require(allowed: bool, message: str | None = None) -> None:
    """Raise NotPermitted unless `allowed`."""
    if not allowed:
        raise NotPermitted(message)


def can_name_own(actor: Actor) -> bool:
    """A leader names who prepares for him, as he gives a delegation: in his own right, at once."""
    return actor.is_himself and actor.plays(Role.LEADER)


def can_propose(actor: Actor) -> bool:
    """Administrators and chánh văn phòng propose for a leader; a second person confirms (ADR 0023)."""
    return actor.is_himself and actor.plays(*KEEPERS)


def can_end(actor: Actor, service: SecretaryService) -> bool:
    """The leader, the secretary, and who keeps rights: ending takes sight away and waits for nobody."""
    return actor.is_himself and (actor.person_id in {service.leader_id, service.secretary_id} or can_propose(actor))


def visible_to(actor: Actor) -> Q:
    """Services a person sees: his own on either side; who keeps rights sees all."""
    if can_propose(actor):
        return Q()
    return Q(leader_id=actor.person_id) | Q(secretary_id=actor.person_id)
