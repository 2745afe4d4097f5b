"""Sight of documents: the access rows, and within them the scope of the delegation in use."""

from __future__ import annotations

from typing import Any, Final

from django.db.models import Exists, Model, OuterRef, Q

from eoffice.core.errors import Invalid
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
    """Registry, types and fields of work the delegation in use is bound to; None is no bound.

    A document without a field lies in no scope that names fields.
    """
    if actor.delegation is None or not actor.delegation.is_scoped:
        return None
    bound: dict[str, Any] = {}
    if actor.delegation.registry_id is not None:
        bound["registry_id"] = actor.delegation.registry_id
    if actor.delegation.document_types:
        bound["document_type__in"] = sorted(actor.delegation.document_types)
    if actor.delegation.fields_of_work:
        bound["field_of_work_id__in"] = sorted(actor.delegation.field_ids)
    return Q(**bound)


def require_within(actor: Actor, draft: Draft) -> None:
    """What is prepared in another's name stays within the scope: its writer would lose sight of it. Raises Invalid."""
    scope = actor.delegation
    if scope is None or scope.covers(
        registry_id=draft.registry_id, document_type=draft.document_type, field_of_work_id=draft.field_of_work_id
    ):
        return
    if not scope.covers(
        registry_id=draft.registry_id,
        document_type=draft.document_type,
        field_of_work_id=min(scope.field_ids, default=None),
    ):
        raise Invalid("Ủy quyền không gồm loại văn bản hoặc đơn vị ban hành này. Chọn lại trong phạm vi được ủy quyền.")
    said = f"Chỉ soạn được văn bản thuộc lĩnh vực được ủy quyền: {scope.field_words}. Chọn một trong các lĩnh vực này."
    raise Invalid(said, fields={"field_of_work": said})
