"""One outgoing document with its recipients, history, links and signatures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q

from eoffice.documents.models import (
    CheckCode,
    Delivery,
    DocumentLink,
    IncomingDocument,
    LinkRelation,
    OutgoingDocument,
    PostalDispatch,
    Recall,
    RegisterEntry,
    Sealing,
    Submission,
)
from eoffice.documents.permissions import delegated
from eoffice.documents.permissions import outgoing as permissions
from eoffice.documents.queries.annexes import AnnexLine, annex_lines
from eoffice.documents.queries.incoming_history import Moment
from eoffice.documents.queries.outgoing import get_outgoing, recipient_names
from eoffice.documents.queries.outgoing_history import history_of
from eoffice.documents.queries.outgoing_lists import RECEIVED, shown_state
from eoffice.documents.services.sealing import SEALED_FILE
from eoffice.documents.states import DeliveryState, OutgoingState
from eoffice.layout.types import type_of
from eoffice.organization import access
from eoffice.organization.access import AccessLine
from eoffice.organization.actor import Actor
from eoffice.renditions import queries as renditions
from eoffice.signing import queries as signing
from eoffice.signing.certificate_lists import keeper_notice
from eoffice.signing.engine.verdicts import Verdict
from eoffice.signing.models import SignatureRequestPaper
from eoffice.signing.queries import MethodChoice

RESEND_AFTER: Final = timedelta(days=1)
"""A letter that has not been taken by then can be sent again (reference/ui.md 6)."""


_DELIVERY_TONES: Final = {
    DeliveryState.SENT: "grey",
    DeliveryState.ARRIVED: "grey",
    DeliveryState.ACCEPTED: "grey",
    DeliveryState.ASSIGNED: "grey",
    DeliveryState.IN_PROGRESS: "grey",
    DeliveryState.DONE: "green",
    DeliveryState.OUTSIDE: "grey",
    DeliveryState.REFUSED: "red",
    DeliveryState.RECALLED: "amber",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryLine:
    """One recipient: how far the document has come there, and what was sent outside."""

    id: int
    name: str
    note: str
    kind: str
    state: str
    tone: str
    at: datetime
    reason: str
    read_at: datetime | None
    read_by: str
    dispatches: tuple[PostalDispatch, ...]
    can_send_again: bool
    recall_confirmed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LinkLine:
    """A document tied to this one, as far as the actor may see it."""

    relation: str
    words: str
    url_name: str
    id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingPage:
    """Everything the reading pane of one document shows, and which buttons it has for this actor."""

    outgoing: OutgoingDocument
    type_name: str
    state: str
    tone: str
    deliveries: tuple[DeliveryLine, ...]
    recipients: tuple[str, ...]
    history: tuple[Moment, ...]
    links: tuple[LinkLine, ...]
    submission: Submission | None
    entry: RegisterEntry | None
    recall: Recall | None
    sealing: Sealing | None
    annexes: tuple[AnnexLine, ...]
    verdict: Verdict | None
    page_count: int
    check_code: CheckCode | None
    why: tuple[AccessLine, ...]
    can_seal: bool
    can_issue: bool
    can_void: bool
    can_recall: bool
    can_refill: bool
    can_dispatch: bool
    can_set_field: bool
    keeper_notice: str
    """Whose the seal is, for a clerk who is about to seal and does not keep it; else empty."""
    seal_ways: tuple[MethodChoice, ...]
    """How the seal can sign it, for a clerk who is about to; else empty."""
    seal_asked: SignatureRequestPaper | None
    """The open request for its seal, as the clerks of the registry see it."""

    @property
    def is_issued(self) -> bool:
        return self.outgoing.issued_at is not None

    @property
    def planned_annexes(self) -> tuple[AnnexLine, ...]:
        """The separate files that are signed together with the paper."""
        return tuple(line for line in self.annexes if line.is_planned)

    @property
    def outside_count(self) -> int:
        return sum(line.kind == "outside" for line in self.deliveries)

    @property
    def received_words(self) -> str:
        inside = [line for line in self.deliveries if line.kind != "outside"]
        taken = sum(line.state in {state.label for state in RECEIVED} for line in inside)
        return f"{taken}/{len(inside)} đã nhận" if inside else ""


def outgoing_page(actor: Actor, outgoing_id: int, *, now: datetime) -> OutgoingPage:
    """One document with its recipients, history, links and signatures. Raises DocumentNotFound."""
    outgoing = get_outgoing(actor, outgoing_id)
    recall: Recall | None = getattr(outgoing, "recall", None)
    sealing: Sealing | None = getattr(outgoing, "sealing", None)
    state, tone = shown_state(outgoing)
    is_sealed = sealing is not None and sealing.sealed_at is not None
    is_numbered = outgoing.state == OutgoingState.NUMBERED
    has_file = outgoing.file_id is not None
    needs_seal = outgoing.draft.needs_seal
    clerk = permissions.can_issue(actor, outgoing)
    is_out = outgoing.state in {OutgoingState.ISSUED, OutgoingState.FILED}
    links = list(
        DocumentLink.objects.filter(
            Q(from_kind=permissions.KIND, from_id=outgoing.pk) | Q(to_kind=permissions.KIND, to_id=outgoing.pk)
        )
        .select_related("created_by")
        .order_by("pk")[:50]
    )
    seals = permissions.can_seal(actor, outgoing) and is_numbered and has_file and needs_seal and not is_sealed
    asked = _asked_of(outgoing) if seals else None
    rendition = renditions.rendition_of(outgoing.file.file_id) if outgoing.file else None
    return OutgoingPage(
        outgoing=outgoing,
        type_name=type_of(outgoing.document_type).name,
        state=state,
        tone=tone,
        deliveries=_deliveries(outgoing, now, may_send=clerk and recall is None),
        recipients=recipient_names(outgoing.draft_id, on=outgoing.issued_on),
        history=history_of(actor, outgoing, sealing=sealing, recall=recall, links=links),
        links=_links(actor, outgoing, links),
        submission=Submission.objects.filter(draft_id=outgoing.draft_id).select_related("decided_by").first(),
        entry=RegisterEntry.objects.filter(outgoing=outgoing).select_related("register").first(),
        recall=recall,
        sealing=sealing,
        annexes=annex_lines(outgoing.draft_id),
        verdict=signing.newest_verdict_of(outgoing.file.file_id) if outgoing.file else None,
        page_count=(rendition.page_count if rendition else None) or outgoing.page_amount,
        check_code=getattr(outgoing.draft, "check_code", None) if outgoing.issued_at else None,
        why=tuple(access.who_can_see(object_kind=permissions.KIND, object_id=outgoing.pk, of=actor)),
        can_seal=seals and asked is None,
        seal_ways=tuple(signing.choices_of_seal(outgoing.registry_id, now=now)) if seals else (),
        seal_asked=asked,
        can_issue=clerk and is_numbered and has_file and (is_sealed or not needs_seal),
        can_void=clerk and is_numbered and asked is None,
        can_recall=permissions.can_recall(actor, outgoing)
        and outgoing.state == OutgoingState.ISSUED
        and recall is None,
        can_refill=clerk and is_numbered and not has_file,
        can_dispatch=clerk and is_out,
        can_set_field=permissions.can_set_field(actor, outgoing),
        keeper_notice=keeper_notice(actor, outgoing.registry_id) if seals else "",
    )


def _asked_of(outgoing: OutgoingDocument) -> SignatureRequestPaper | None:
    asked = signing.open_papers(subject_kind=SEALED_FILE, subject_ids=[outgoing.file_id or 0])
    return asked.get(outgoing.file_id or 0)


def _deliveries(outgoing: OutgoingDocument, now: datetime, *, may_send: bool) -> tuple[DeliveryLine, ...]:
    rows = (
        Delivery.objects.filter(outgoing=outgoing)
        .select_related("incoming")
        .prefetch_related("dispatches")
        .order_by("pk")
    )
    return tuple(_delivery_line(row, now, may_send=may_send) for row in rows)


def _delivery_line(row: Delivery, now: datetime, *, may_send: bool) -> DeliveryLine:
    state = DeliveryState(row.state)
    late = state in {DeliveryState.SENT, DeliveryState.ARRIVED} and now - row.sent_at >= RESEND_AFTER
    return DeliveryLine(
        id=row.pk,
        name=row.name,
        note=row.note,
        kind="unit" if row.unit_id else "person" if row.person_id else "outside",
        state=state.label,
        tone=_DELIVERY_TONES[state],
        at=row.state_at,
        reason=row.reason,
        read_at=row.read_at,
        read_by=row.read_by_name,
        dispatches=tuple(row.dispatches.all()),
        recall_confirmed_at=row.incoming.recall_confirmed_at if row.incoming else None,
        can_send_again=may_send and row.incoming_id is not None and (state == DeliveryState.REFUSED or late),
    )


def _links(actor: Actor, outgoing: OutgoingDocument, rows: Sequence[DocumentLink]) -> tuple[LinkLine, ...]:
    found = []
    for row in rows:
        forward = (row.from_kind, row.from_id) == (permissions.KIND, outgoing.pk)
        kind, object_id = (row.to_kind, row.to_id) if forward else (row.from_kind, row.from_id)
        words = _linked_words(actor, kind, object_id)
        if words:
            relation = _relation_words(row.relation, forward=forward)
            found.append(LinkLine(relation, words, f"documents:{kind}_detail", object_id))
    return tuple(found)


def _relation_words(relation: str, *, forward: bool) -> str:
    passive = {
        LinkRelation.REPLIES_TO: "Được trả lời bởi",
        LinkRelation.REPLACES: "Được thay thế bởi",
        LinkRelation.CORRECTS: "Được đính chính bởi",
        LinkRelation.RELATED: "Liên quan",
    }
    return LinkRelation(relation).label if forward else passive[LinkRelation(relation)]


def _linked_words(actor: Actor, kind: str, object_id: int) -> str:
    """Code and subject of a linked document; empty where the actor may not see it."""
    model: type[OutgoingDocument] | type[IncomingDocument] = (
        OutgoingDocument if kind == permissions.KIND else IncomingDocument
    )
    row = model.objects.filter(delegated.visible(actor, object_kind=kind), pk=object_id).first()
    return f"{row.shown_code} · {row.subject}" if row is not None else ""
