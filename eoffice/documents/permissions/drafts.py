"""Who may write, revise, withdraw and abandon drafts. Deciding a step is the flow's rule (`workflow.permissions`)."""

from __future__ import annotations

from django.db.models import Q

from eoffice.core.deeds import Deed
from eoffice.core.errors import NotPermitted
from eoffice.documents.models import Draft
from eoffice.documents.permissions import delegated
from eoffice.documents.states import DraftState
from eoffice.organization.actor import Actor
from eoffice.organization.models import Role

KIND = "draft"
"""Object kind of drafts in access, audit and flows."""
_ABANDONABLE = (DraftState.DRAFT, DraftState.IN_REVIEW)
_WITHDRAWABLE = (DraftState.IN_REVIEW, DraftState.AWAITING_SIGNATURE)


def require(allowed: bool, message: str | None = None) -> None:
    """Raise NotPermitted unless `allowed`."""
    if not allowed:
        raise NotPermitted(message)


def can_see(actor: Actor, draft: Draft) -> bool:
    return delegated.can_see(actor, object_kind=KIND, object_id=draft.pk)


def visible_to(actor: Actor) -> Q:
    """The same rule for a queryset of drafts."""
    return delegated.visible(actor, object_kind=KIND)


def can_draft_for(actor: Actor, unit_id: int) -> bool:
    """Whoever has a post in the unit, its head and its secretary draft in its name; an auditor only reads."""
    if not actor.may_act(Deed.PREPARE):
        return False
    if actor.plays(Role.AUDITOR) and not actor.plays(*_WRITING_ROLES):
        return False
    return unit_id in actor.unit_ids or actor.has_any_role(unit_id, Role.UNIT_HEAD, Role.SECRETARY)


_WRITING_ROLES = tuple(role for role in Role if role not in {Role.AUDITOR, Role.HELPDESK})


def is_drafter(actor: Actor, draft: Draft) -> bool:
    """The author, the head of the drafting unit, who answers for it, and the secretary who prepares it."""
    if not actor.may_act(Deed.PREPARE):
        return False
    return answers_for(actor, draft) or prepares(actor, draft)


def answers_for(actor: Actor, draft: Draft) -> bool:
    """In whose name it stands, and the head of the drafting unit."""
    return draft.author_id == actor.rights_of_id or actor.has_role(Role.UNIT_HEAD, draft.unit_id)


def prepares(actor: Actor, draft: Draft) -> bool:
    """A secretary prepared it for its author, and serves him still: he writes, and sends nothing."""
    return draft.prepared_by_id == actor.person_id and draft.author_id in actor.leader_ids


def can_edit(actor: Actor, draft: Draft) -> bool:
    """While it is a draft: its drafters. In review a reviewer edits through his step."""
    return draft.state == DraftState.DRAFT and is_drafter(actor, draft)


def can_submit(actor: Actor, draft: Draft) -> bool:
    """Trình: who answers for it, himself; under a delegation and by a secretary drafts are prepared, not sent."""
    return actor.is_himself and answers_for(actor, draft) and can_edit(actor, draft)


def can_withdraw(actor: Actor, draft: Draft) -> bool:
    """The author takes it back from review or before the signature."""
    return draft.author_id == actor.own_id and draft.state in _WITHDRAWABLE


def can_abandon(actor: Actor, draft: Draft) -> bool:
    return draft.author_id == actor.own_id and draft.state in _ABANDONABLE


def can_see_access(actor: Actor, draft: Draft) -> bool:
    """The whole list of who sees a draft: its drafters, and the office and leaders of the registry it goes to."""
    office = (Role.CLERK, Role.CHIEF_OF_OFFICE, Role.LEADER)
    return is_drafter(actor, draft) or actor.has_any_role(draft.registry_id, *office)
