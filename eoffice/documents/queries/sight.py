"""Ai xem được văn bản này, vì sao tôi thấy: for incoming, outgoing and drafts alike."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from eoffice.core.errors import NotPermitted
from eoffice.documents.permissions import drafts as draft_rules
from eoffice.documents.permissions import incoming as incoming_rules
from eoffice.documents.permissions import outgoing as outgoing_rules
from eoffice.documents.queries.drafts import get_draft
from eoffice.documents.queries.incoming import get_incoming
from eoffice.documents.queries.outgoing import get_outgoing
from eoffice.organization.actor import Actor
from eoffice.organization.models import RightChange
from eoffice.organization.queries import changes
from eoffice.organization.queries.sight import PeoplePage, SightPage, people_behind, sight_of
from eoffice.organization.services.proposing_rights import SeenObject


@dataclass(frozen=True, slots=True)
class Sighted:
    """A document somebody asks about: what organization may know of it, and its name for those who see it."""

    seen: SeenObject
    subject: str
    may_ask: bool
    """May read the whole list and propose to let somebody see it."""


@dataclass(frozen=True, slots=True)
class AccessPage:
    """The page "ai xem được, vì sao": one's own reasons, and for who may ask the whole list."""

    document: Sighted
    own: SightPage
    whole: SightPage | None
    given: list[RightChange]


def sighted(actor: Actor, kind: str, object_id: int) -> Sighted:
    """One document the actor may see, of whichever kind. Raises DocumentNotFound."""
    return _FIND[kind](actor, object_id)


def access_page(actor: Actor, kind: str, object_id: int, *, on: date, after: int | None = None) -> AccessPage:
    """Who sees a document and why. Raises DocumentNotFound."""
    document = sighted(actor, kind, object_id)
    whole = sight_of(object_kind=kind, object_id=object_id, on=on, after=after) if document.may_ask else None
    return AccessPage(
        document=document,
        own=sight_of(object_kind=kind, object_id=object_id, on=on, of=actor),
        whole=whole,
        given=changes.sights_given(object_kind=kind, object_id=object_id) if document.may_ask else [],
    )


def people_page(
    actor: Actor, kind: str, object_id: int, access_id: int, *, on: date, after: int | None = None
) -> tuple[Sighted, PeoplePage]:
    """The people behind one line of the list. Raises DocumentNotFound, NotPermitted, NotFound."""
    document = sighted(actor, kind, object_id)
    if not document.may_ask:
        raise NotPermitted("Chỉ văn thư, chánh văn phòng, lãnh đạo của đơn vị giữ văn bản xem được danh sách này.")
    found = people_behind(object_kind=kind, object_id=object_id, access_id=access_id, on=on, after=after)
    return document, found


def _incoming(actor: Actor, object_id: int) -> Sighted:
    row = get_incoming(actor, object_id)
    seen = SeenObject(incoming_rules.KIND, row.pk, row.registry_id, f"Văn bản đến {row.shown_code}".strip())
    return Sighted(seen, row.subject, incoming_rules.can_see_access(actor, row))


def _outgoing(actor: Actor, object_id: int) -> Sighted:
    row = get_outgoing(actor, object_id)
    seen = SeenObject(outgoing_rules.KIND, row.pk, row.registry_id, f"Văn bản đi {row.shown_code}".strip())
    return Sighted(seen, row.subject, outgoing_rules.can_see_access(actor, row))


def _draft(actor: Actor, object_id: int) -> Sighted:
    row = get_draft(actor, object_id)
    seen = SeenObject(draft_rules.KIND, row.pk, row.registry_id, f"Dự thảo {row.pk}, {row.unit.short_name}")
    return Sighted(seen, row.subject, draft_rules.can_see_access(actor, row))


_FIND: Final = {incoming_rules.KIND: _incoming, outgoing_rules.KIND: _outgoing, draft_rules.KIND: _draft}
