"""The simple search: number, symbol, subject and issuing body, without tone marks, within what one may see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db.models import Q

from eoffice.core.clock import local_date
from eoffice.core.vietnamese import fold, one_tone_style
from eoffice.documents.models import Draft, IncomingDocument, OutgoingDocument
from eoffice.documents.permissions import delegated
from eoffice.documents.queries.incoming_words import words_of_letter
from eoffice.documents.states import DraftState
from eoffice.organization.actor import Actor

LIMIT: Final = 50
"""Hits shown of each kind; more ask for another word."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One document found: `kind` is incoming, outgoing or draft; `code` may be empty for a draft."""

    kind: str
    id: int
    code: str
    subject: str
    issuing_body: str
    dated_on: date | None
    state: str


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What a search found; `has_more` when a kind had more than fifty."""

    text: str
    hits: list[Hit]
    has_more: bool


def find(actor: Actor, text: str) -> SearchResult:
    """Documents whose number, symbol, subject or issuer hold every word of `text`, newest first.

    Three queries whatever is found; the right to see stands in each. An empty text finds nothing.
    """
    words = fold(one_tone_style(text)).split()[:12]
    if not words:
        return SearchResult(text, [], has_more=False)
    holds_all = Q()
    for word in words:
        holds_all &= Q(search_fold__contains=word)
    incoming = _incoming(actor, holds_all)
    outgoing = _outgoing(actor, holds_all)
    drafts = _drafts(actor, holds_all)
    hits = sorted(
        [*incoming[:LIMIT], *outgoing[:LIMIT], *drafts[:LIMIT]],
        key=lambda hit: (hit.dated_on or date.min, hit.id),
        reverse=True,
    )
    return SearchResult(text, hits, has_more=any(len(found) > LIMIT for found in (incoming, outgoing, drafts)))


def linkable(actor: Actor, incoming_id: int, text: str) -> list[Hit]:
    """Documents that can be related to a letter: what `find` finds but the letter itself, at most twenty."""
    hits = find(actor, text).hits
    return [hit for hit in hits if (hit.kind, hit.id) != ("incoming", incoming_id)][:20]


def _incoming(actor: Actor, condition: Q) -> list[Hit]:
    rows = IncomingDocument.objects.filter(condition, delegated.visible(actor, object_kind="incoming"))
    return [
        Hit(
            "incoming",
            row.pk,
            row.shown_code,
            row.subject,
            row.issuing_body,
            row.arrival_on or local_date(row.received_at),
            words_of_letter(row)[0],
        )
        for row in rows.order_by("-pk")[: LIMIT + 1]
    ]


def _outgoing(actor: Actor, condition: Q) -> list[Hit]:
    rows = OutgoingDocument.objects.filter(condition, delegated.visible(actor, object_kind="outgoing"))
    return [
        Hit("outgoing", row.pk, row.shown_code, row.subject, row.issuing_body, row.issued_on, row.get_state_display())
        for row in rows.order_by("-pk")[: LIMIT + 1]
    ]


def _drafts(actor: Actor, condition: Q) -> list[Hit]:
    # A numbered draft is found as the outgoing document it has become.
    rows = (
        Draft.objects.filter(condition, delegated.visible(actor, object_kind="draft"))
        .exclude(state__in=[DraftState.NUMBERED, DraftState.ISSUED, DraftState.VOID])
        .select_related("registry")
    )
    return [
        Hit(
            "draft",
            row.pk,
            "",
            row.subject,
            row.registry.name_on(row.called_on),
            row.created_at.date(),
            row.get_state_display(),
        )
        for row in rows.order_by("-pk")[: LIMIT + 1]
    ]
