"""Sight of documents: the access rows, and within them the scope of the delegation in use."""

from __future__ import annotations

from typing import Any, Final

from django.db.models import Exists, Model, OuterRef, Q

from eoffice.documents.models import Draft, IncomingDocument, OutgoingDocument
from eoffice.organization import access
from eoffice.organization.actor import Actor

_MODELS: Final[dict[str, type[Model]]] = {
    "incoming": IncomingDocument,
    "draft": Draft,
    "outgoing": OutgoingDocument,
}


def visible(actor: Actor, *, object_kind: str, outer: str = "pk", narrowed: bool = False) -> Q:
    """Rows of `object_kind` the actor may see; `outer` and `narrowed` as in `access.visible`."""
    seen = access.visible(actor, object_kind=object_kind, outer=outer, narrowed=narrowed)
    scope = _scope(actor)
    if scope is None:
        return seen
    return seen & Q(Exists(_MODELS[object_kind]._default_manager.filter(scope, pk=OuterRef(outer))))


def can_see(actor: Actor, *, object_kind: str, object_id: int) -> bool:
    """The same rule for one document; one statement more where the delegation is bound to a scope."""
    if not access.can_see(actor, object_kind=object_kind, object_id=object_id):
        return False
    scope = _scope(actor)
    return scope is None or _MODELS[object_kind]._default_manager.filter(scope, pk=object_id).exists()


def _scope(actor: Actor) -> Q | None:
    """Registry and types of document the delegation in use is bound to; None is no bound."""
    if actor.delegation is None or not actor.delegation.is_scoped:
        return None
    bound: dict[str, Any] = {}
    if actor.delegation.registry_id is not None:
        bound["registry_id"] = actor.delegation.registry_id
    if actor.delegation.document_types:
        bound["document_type__in"] = sorted(actor.delegation.document_types)
    return Q(**bound)
