"""Reads over outgoing documents: boxes, counters, one document with everything around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from eoffice.core.paging import Page, newest_first
from eoffice.core.vietnamese import fold
from eoffice.documents.errors import DocumentNotFound
from eoffice.documents.models import (
    Delivery,
    DocumentLink,
    Draft,
    DraftRecipient,
    FilePurpose,
    FileVersion,
    IncomingDocument,
    LinkRelation,
    NumberBlock,
    OutgoingDocument,
    PostalDispatch,
    Recall,
    Register,
    RegisterEntry,
    RegisterKind,
    Sealing,
    StateChange,
    Submission,
    Urgency,
)
from eoffice.documents.permissions import drafts as draft_permissions
from eoffice.documents.permissions import outgoing as permissions
from eoffice.documents.states import DeliveryState, DraftState, OutgoingState
from eoffice.layout.types import type_of
from eoffice.organization import access
from eoffice.organization.access import AccessLine
from eoffice.organization.actor import Actor
from eoffice.organization.models import Role
from eoffice.renditions import queries as renditions
from eoffice.signing import queries as signing
from eoffice.signing.engine.verdicts import Verdict

ISSUED: Final = "issued"
TO_NUMBER: Final = "to_number"
TO_ISSUE: Final = "to_issue"
RECALLED: Final = "recalled"
BOXES: Final = {
    ISSUED: "Đã phát hành",
    TO_NUMBER: "Chờ cấp số, đóng dấu",
    TO_ISSUE: "Chờ phát hành",
    RECALLED: "Thu hồi, đính chính",
}
RESEND_AFTER: Final = timedelta(days=1)
"""A letter that has not been taken by then can be sent again (reference/ui.md 6)."""
_WAITING_LIMIT: Final = 100
_RECEIVED: Final = (DeliveryState.ACCEPTED, DeliveryState.ASSIGNED, DeliveryState.IN_PROGRESS, DeliveryState.DONE)
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
class OutgoingLine:
    """One row of a list: a numbered document, or (`is_draft`) a signed draft that waits for its number."""

    id: int
    is_draft: bool
    code: str
    subject: str
    type_name: str
    drafting_unit: str
    signer_name: str
    dated_on: date | None
    urgency: str
    state: str
    tone: str
    received: str = ""


@dataclass(frozen=True, slots=True)
class OutgoingList:
    """One box. `next_after` is the key of the next page; the waiting boxes are one page of at most 100."""

    box: str
    title: str
    lines: tuple[OutgoingLine, ...]
    next_after: int | None
    search: str


def outgoing_list(actor: Actor, *, box: str, after: int | None = None, search: str = "") -> OutgoingList:
    """What the actor may see of one box, newest first. An unknown box is the issued one."""
    box = box if box in BOXES else ISSUED
    rows = _visible(actor)
    if search:
        rows = rows.filter(search_fold__contains=fold(search))
    if box == TO_NUMBER:
        drafts = _signed_drafts(actor, search)
        waiting = [_draft_line(row) for row in drafts]
        waiting += [_line(row) for row in rows.filter(_not_ready()).order_by("-pk")[:_WAITING_LIMIT]]
        return OutgoingList(box, BOXES[box], tuple(waiting), None, search)
    conditions = {
        TO_ISSUE: Q(state=OutgoingState.NUMBERED) & ~_not_ready(),
        RECALLED: Q(recall__isnull=False) | Q(Exists(_later(OuterRef("pk")))),
        ISSUED: Q(state__in=[OutgoingState.ISSUED, OutgoingState.FILED]),
    }
    page: Page[OutgoingDocument] = newest_first(rows.filter(conditions[box]), after=after)
    received = _received(page.rows)
    lines = tuple(_line(row, received.get(row.pk, "")) for row in page.rows)
    return OutgoingList(box, BOXES[box], lines, page.next_after, search)


def _visible(actor: Actor) -> QuerySet[OutgoingDocument]:
    return OutgoingDocument.objects.filter(permissions.visible_to(actor)).select_related(
        "drafting_unit", "recall", "sealing", "draft"
    )


def _not_ready() -> Q:
    """Numbered, and its page not filled or the seal still missing."""
    return Q(state=OutgoingState.NUMBERED) & (
        Q(file__isnull=True) | (Q(draft__needs_seal=True) & (Q(sealing__isnull=True) | Q(sealing__sealed_at=None)))
    )


def _later(outgoing_id: OuterRef) -> QuerySet[DocumentLink]:
    return DocumentLink.objects.filter(
        to_kind=permissions.KIND, to_id=outgoing_id, relation__in=[LinkRelation.CORRECTS, LinkRelation.REPLACES]
    )


def _signed_drafts(actor: Actor, search: str) -> Sequence[Draft]:
    rows = Draft.objects.filter(
        draft_permissions.visible_to(actor),
        state=DraftState.SIGNED,
        needs_number=True,
        registry_id__in=actor.units_with(Role.CLERK, Role.CHIEF_OF_OFFICE),
    )
    if search:
        rows = rows.filter(search_fold__contains=fold(search))
    rows = rows.select_related("unit", "capacity__person")
    return list(rows.order_by("-urgency", "updated_at", "pk")[:_WAITING_LIMIT])


def _draft_line(row: Draft) -> OutgoingLine:
    return OutgoingLine(
        id=row.pk,
        is_draft=True,
        code=f"…/{row.symbol}",
        subject=row.subject,
        type_name=type_of(row.document_type).name,
        drafting_unit=row.unit.short_name,
        signer_name=row.capacity.person.full_name if row.capacity else "",
        dated_on=None,
        urgency=_urgency_words(row.urgency),
        state="Đã ký, chờ cấp số",
        tone="acc",
    )


def _line(row: OutgoingDocument, received: str = "") -> OutgoingLine:
    state, tone = shown_state(row)
    return OutgoingLine(
        id=row.pk,
        is_draft=False,
        code=row.shown_code,
        subject=row.subject,
        type_name=type_of(row.document_type).name,
        drafting_unit=row.drafting_unit.short_name,
        signer_name=row.signer_name,
        dated_on=row.issued_on,
        urgency=_urgency_words(row.urgency),
        state=state,
        tone=tone,
        received=received,
    )


def _urgency_words(urgency: int) -> str:
    return Urgency(urgency).label.upper() if urgency else ""


def shown_state(outgoing: OutgoingDocument) -> tuple[str, str]:
    """State in words with its tone, the facts beside the life cycle included (reference/ui.md 6)."""
    if hasattr(outgoing, "recall"):
        return "Đã thu hồi", "amber"
    if outgoing.state == OutgoingState.NUMBERED:
        if outgoing.file_id is None:
            return "Đang ghi số lên trang", "acc"
        is_sealed = hasattr(outgoing, "sealing") and outgoing.sealing.sealed_at is not None
        if is_sealed or not outgoing.draft.needs_seal:
            return "Chờ phát hành", "acc"
        return "Đã cấp số, chờ đóng dấu", "acc"
    tone = {OutgoingState.ISSUED: "green", OutgoingState.FILED: "green"}.get(OutgoingState(outgoing.state), "grey")
    return OutgoingState(outgoing.state).label, tone


def _received(rows: Sequence[OutgoingDocument]) -> dict[int, str]:
    counted = (
        Delivery.objects.filter(outgoing__in=[row.pk for row in rows])
        .exclude(state=DeliveryState.OUTSIDE)
        .values("outgoing_id")
        .annotate(sent=Count("pk"), received=Count("pk", filter=Q(state__in=_RECEIVED)))
        .order_by("outgoing_id")
    )
    return {row["outgoing_id"]: f"{row['received']}/{row['sent']} đã nhận" for row in counted}


_COUNTERS: Final = """
    SELECT
      (SELECT count(*) FROM documents_draft
        WHERE registry_id = ANY(%(clerk)s) AND state = 'signed' AND needs_number)
      + count(*) FILTER (WHERE NOT ready),
      count(*) FILTER (WHERE ready)
    FROM (
      SELECT o.file_id IS NOT NULL AND (NOT d.needs_seal OR s.sealed_at IS NOT NULL) AS ready
      FROM documents_outgoing AS o
      JOIN documents_draft AS d ON d.id = o.draft_id
      LEFT JOIN documents_sealing AS s ON s.outgoing_id = o.id
      WHERE o.registry_id = ANY(%(clerk)s) AND o.state = 'numbered'
    ) AS waiting
"""


def counters(actor: Actor, now: datetime) -> dict[str, int]:
    """How much waits in the clerk's boxes, in one statement; nothing for others."""
    clerk_units = sorted(actor.units_with(Role.CLERK))
    if not clerk_units:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_COUNTERS, {"clerk": clerk_units})
        to_number, to_issue = cursor.fetchone()
    return {TO_NUMBER: to_number, TO_ISSUE: to_issue}


# One document -----------------------------------------------------------------------------------------------


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
    changes: tuple[StateChange, ...]
    links: tuple[LinkLine, ...]
    submission: Submission | None
    entry: RegisterEntry | None
    recall: Recall | None
    sealing: Sealing | None
    attachments: tuple[FileVersion, ...]
    verdict: Verdict | None
    page_count: int
    why: tuple[AccessLine, ...]
    can_seal: bool
    can_issue: bool
    can_void: bool
    can_recall: bool
    can_refill: bool
    can_dispatch: bool

    @property
    def is_issued(self) -> bool:
        return self.outgoing.issued_at is not None

    @property
    def received_words(self) -> str:
        inside = [line for line in self.deliveries if line.kind != "outside"]
        taken = sum(line.state in {state.label for state in _RECEIVED} for line in inside)
        return f"{taken}/{len(inside)} đã nhận" if inside else ""


def get_outgoing(actor: Actor, outgoing_id: int) -> OutgoingDocument:
    """One document the actor may see. Raises DocumentNotFound."""
    row = (
        OutgoingDocument.objects.filter(permissions.visible_to(actor), pk=outgoing_id)
        .select_related(
            "registry",
            "drafting_unit",
            "signer",
            "file",
            "recall__recalled_by",
            "sealing__started_by",
            "draft__unit",
            "draft__author",
            "draft__capacity",
        )
        .first()
    )
    if row is None:
        raise DocumentNotFound
    return row


def get_delivery(actor: Actor, delivery_id: int) -> Delivery:
    """One recipient of a document the actor may see. Raises DocumentNotFound."""
    row = (
        Delivery.objects.filter(permissions.visible_to(actor, outer="outgoing_id"), pk=delivery_id)
        .select_related("outgoing")
        .first()
    )
    if row is None:
        raise DocumentNotFound
    return row


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
    rendition = renditions.rendition_of(outgoing.file.file_id) if outgoing.file else None
    return OutgoingPage(
        outgoing=outgoing,
        type_name=type_of(outgoing.document_type).name,
        state=state,
        tone=tone,
        deliveries=_deliveries(outgoing, now, may_send=clerk and recall is None),
        recipients=recipient_names(outgoing.draft_id),
        changes=_changes(outgoing),
        links=_links(actor, outgoing),
        submission=Submission.objects.filter(draft_id=outgoing.draft_id).select_related("decided_by").first(),
        entry=RegisterEntry.objects.filter(outgoing=outgoing).select_related("register").first(),
        recall=recall,
        sealing=sealing,
        attachments=tuple(
            FileVersion.objects.filter(draft_id=outgoing.draft_id, purpose=FilePurpose.ATTACHMENT).order_by("pk")
        ),
        verdict=signing.verdict_of(outgoing.file.file_id) if outgoing.file else None,
        page_count=(rendition.page_count if rendition else None) or outgoing.page_amount,
        why=tuple(access.who_can_see(object_kind=permissions.KIND, object_id=outgoing.pk, of=actor)),
        can_seal=permissions.can_seal(actor, outgoing) and is_numbered and has_file and needs_seal and not is_sealed,
        can_issue=clerk and is_numbered and has_file and (is_sealed or not needs_seal),
        can_void=clerk and is_numbered,
        can_recall=permissions.can_recall(actor, outgoing)
        and outgoing.state == OutgoingState.ISSUED
        and recall is None,
        can_refill=clerk and is_numbered and not has_file,
        can_dispatch=clerk and is_out,
    )


def recipient_names(draft_id: int) -> tuple[str, ...]:
    """Nơi nhận of a draft in order, as printed."""
    rows = DraftRecipient.objects.filter(draft_id=draft_id).select_related("unit", "person", "outside")
    return tuple(_recipient_name(row) for row in rows.order_by("position"))


def _recipient_name(row: DraftRecipient) -> str:
    if row.unit is not None:
        return row.unit.name
    if row.person is not None:
        return row.person.full_name
    return row.outside.name if row.outside else ""


def _deliveries(outgoing: OutgoingDocument, now: datetime, *, may_send: bool) -> tuple[DeliveryLine, ...]:
    rows = Delivery.objects.filter(outgoing=outgoing).prefetch_related("dispatches").order_by("pk")
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
        can_send_again=may_send and row.incoming_id is not None and (state == DeliveryState.REFUSED or late),
    )


def _changes(outgoing: OutgoingDocument) -> tuple[StateChange, ...]:
    """What happened, newest first: the document's own steps and those of its draft before it."""
    rows = StateChange.objects.filter(
        Q(object_kind=permissions.KIND, object_id=outgoing.pk) | Q(object_kind="draft", object_id=outgoing.draft_id)
    )
    return tuple(rows.select_related("person").order_by("-at", "-pk")[:60])


def _links(actor: Actor, outgoing: OutgoingDocument) -> tuple[LinkLine, ...]:
    rows = DocumentLink.objects.filter(
        Q(from_kind=permissions.KIND, from_id=outgoing.pk) | Q(to_kind=permissions.KIND, to_id=outgoing.pk)
    ).order_by("pk")[:50]
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
    row = model.objects.filter(access.visible(actor, object_kind=kind), pk=object_id).first()
    return f"{row.shown_code} · {row.subject}" if row is not None else ""


# Taking a number --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RegisterChoice:
    """One register the clerk may take the number from. The next number is never promised."""

    id: int
    name: str
    last_dated_on: date | None
    reserved: tuple[int, ...]
    is_default: bool


@dataclass(frozen=True, slots=True)
class NumberingPage:
    """What the clerk sees before taking a number."""

    draft: Draft
    type_name: str
    registers: tuple[RegisterChoice, ...]
    recipients: tuple[str, ...]
    today: date
    page_count: int


def numbering_page(actor: Actor, draft_id: int, *, today: date) -> NumberingPage:
    """A signed draft with the registers that may number it. Raises DocumentNotFound."""
    draft = (
        Draft.objects.filter(draft_permissions.visible_to(actor), pk=draft_id)
        .select_related("unit", "registry", "author", "capacity__person")
        .first()
    )
    if draft is None:
        raise DocumentNotFound
    registers = Register.objects.filter(
        registry_id=draft.registry_id, kind=RegisterKind.OUTGOING, year=today.year, closed_at__isnull=True
    ).order_by("pk")
    fitting = [row for row in registers if not row.document_types or draft.document_type in row.document_types]
    fitting.sort(key=lambda row: (not row.document_types, row.pk))
    signed = FileVersion.objects.filter(draft=draft, purpose=FilePurpose.SIGNED).order_by("-pk").first()
    rendition = renditions.rendition_of(signed.file_id) if signed else None
    return NumberingPage(
        draft=draft,
        type_name=type_of(draft.document_type).name,
        registers=tuple(
            RegisterChoice(row.pk, str(row), row.last_dated_on, free_reserved(row), index == 0)
            for index, row in enumerate(fitting)
        ),
        recipients=recipient_names(draft.pk),
        today=today,
        page_count=(rendition.page_count if rendition else None) or 1,
    )


def get_signed_file(actor: Actor, draft_id: int) -> FileVersion:
    """The newest signed file of a draft the actor may see. Raises DocumentNotFound."""
    visible = Draft.objects.filter(draft_permissions.visible_to(actor), pk=draft_id)
    signed = FileVersion.objects.filter(draft__in=visible, purpose=FilePurpose.SIGNED).order_by("-pk").first()
    if signed is None:
        raise DocumentNotFound
    return signed


def free_reserved(register: Register, *, limit: int = 30) -> tuple[int, ...]:
    """Reserved numbers whose turn has come and that nobody took, lowest first."""
    blocks = NumberBlock.objects.filter(register=register, holder="reserved").order_by("first")
    numbers = [number for block in blocks for number in range(block.first, block.last + 1)]
    taken = set(
        RegisterEntry.objects.filter(register=register, number__in=numbers, suffix="").values_list("number", flat=True)
    )
    return tuple(number for number in numbers if number not in taken)[:limit]
