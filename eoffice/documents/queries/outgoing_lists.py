"""The lists of outgoing documents: which box holds what, one page of a box, the counters."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from eoffice.core.paging import Page, newest_first
from eoffice.core.vietnamese import fold
from eoffice.documents.models import (
    Delivery,
    DocumentLink,
    Draft,
    LinkRelation,
    OutgoingDocument,
    Urgency,
)
from eoffice.documents.permissions import drafts as draft_permissions
from eoffice.documents.permissions import outgoing as permissions
from eoffice.documents.states import DeliveryState, DraftState, OutgoingState
from eoffice.layout.types import type_of
from eoffice.organization import queries as organization
from eoffice.organization.actor import Actor
from eoffice.organization.models import Role

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


_WAITING_LIMIT: Final = 100


RECEIVED: Final = (DeliveryState.ACCEPTED, DeliveryState.ASSIGNED, DeliveryState.IN_PROGRESS, DeliveryState.DONE)


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
    field_of_work_id: int | None = None
    field_name: str = ""
    """The field of work it is filtered by."""
    to_seal: tuple[tuple[int, int], ...] = ()
    """Registries whose seal documents wait for, each with how many, the most first; only in the box of the clerk."""


def outgoing_list(
    actor: Actor, *, box: str, after: int | None = None, search: str = "", field_of_work_id: int | None = None
) -> OutgoingList:
    """What the actor may see of one box, newest first. An unknown box is the issued one."""
    box = box if box in BOXES else ISSUED
    field_name = organization.field_name(field_of_work_id)
    rows = _visible(actor)
    if search:
        rows = rows.filter(search_fold__contains=fold(search))
    if field_of_work_id is not None:
        rows = rows.filter(field_of_work_id=field_of_work_id)
    if box == TO_NUMBER:
        drafts = _signed_drafts(actor, search, field_of_work_id)
        waiting = [_draft_line(row) for row in drafts]
        waiting += [_line(row) for row in rows.filter(_not_ready()).order_by("-pk")[:_WAITING_LIMIT]]
        counts = waiting_counts(actor, actor.units_with(Role.CLERK))
        to_seal = tuple(sorted(counts.items(), key=lambda each: -each[1]))
        return OutgoingList(box, BOXES[box], tuple(waiting), None, search, field_of_work_id, field_name, to_seal)
    conditions = {
        TO_ISSUE: Q(state=OutgoingState.NUMBERED) & ~_not_ready(),
        RECALLED: Q(recall__isnull=False) | Q(Exists(_later(OuterRef("pk")))),
        ISSUED: Q(state__in=[OutgoingState.ISSUED, OutgoingState.FILED]),
    }
    page: Page[OutgoingDocument] = newest_first(with_later_facts(rows.filter(conditions[box])), after=after)
    received = _received(page.rows)
    lines = tuple(_line(row, received.get(row.pk, "")) for row in page.rows)
    return OutgoingList(box, BOXES[box], lines, page.next_after, search, field_of_work_id, field_name)


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
    if (later := later_words(outgoing)) is not None:
        return later, "amber"
    tone = {OutgoingState.ISSUED: "green", OutgoingState.FILED: "green"}.get(OutgoingState(outgoing.state), "grey")
    return OutgoingState(outgoing.state).label, tone


def later_words(outgoing: OutgoingDocument) -> str | None:
    """Whether an issued paper was replaced or corrected; asked of rows that `with_later_facts` read."""
    if getattr(outgoing, "is_replaced", False):
        return "Đã thay thế"
    return "Đã đính chính" if getattr(outgoing, "is_corrected", False) else None


def with_later_facts(rows: QuerySet[OutgoingDocument]) -> QuerySet[OutgoingDocument]:
    """The same rows, each with whether an issued paper, not recalled, replaces or corrects it."""
    return rows.annotate(
        is_replaced=Exists(_standing(LinkRelation.REPLACES)), is_corrected=Exists(_standing(LinkRelation.CORRECTS))
    )


def _standing(relation: LinkRelation) -> QuerySet[DocumentLink]:
    standing = OutgoingDocument.objects.filter(issued_at__isnull=False, recall__isnull=True, pk=OuterRef("from_id"))
    return DocumentLink.objects.filter(
        Exists(standing), from_kind=permissions.KIND, to_kind=permissions.KIND, to_id=OuterRef("pk"), relation=relation
    )


def _visible(actor: Actor) -> QuerySet[OutgoingDocument]:
    return OutgoingDocument.objects.filter(permissions.visible_to(actor)).select_related(
        "drafting_unit", "recall", "sealing", "draft"
    )


def _not_ready() -> Q:
    """Numbered, and its page not filled or the seal still missing."""
    return Q(state=OutgoingState.NUMBERED) & (
        Q(file__isnull=True) | (Q(draft__needs_seal=True) & (Q(sealing__isnull=True) | Q(sealing__sealed_at=None)))
    )


def waiting_for_seal(actor: Actor, registry_ids: Collection[int]) -> QuerySet[OutgoingDocument]:
    """Numbered documents of these registries, the number on their page, that wait for the seal."""
    unsealed = Q(sealing__isnull=True) | Q(sealing__sealed_at=None)
    return OutgoingDocument.objects.filter(permissions.visible_to(actor)).filter(
        unsealed, registry_id__in=registry_ids, state=OutgoingState.NUMBERED, file__isnull=False, draft__needs_seal=True
    )


def waiting_counts(actor: Actor, registry_ids: Collection[int]) -> dict[int, int]:
    """How many documents wait for the seal of each registry; those without any are left out."""
    rows = waiting_for_seal(actor, registry_ids).order_by("registry_id").values_list("registry_id")
    return dict(rows.annotate(waiting=Count("pk")))


def _later(outgoing_id: OuterRef) -> QuerySet[DocumentLink]:
    return DocumentLink.objects.filter(
        to_kind=permissions.KIND, to_id=outgoing_id, relation__in=[LinkRelation.CORRECTS, LinkRelation.REPLACES]
    )


def _signed_drafts(actor: Actor, search: str, field_of_work_id: int | None) -> Sequence[Draft]:
    rows = Draft.objects.filter(
        draft_permissions.visible_to(actor),
        state=DraftState.SIGNED,
        needs_number=True,
        registry_id__in=actor.units_with(Role.CLERK, Role.CHIEF_OF_OFFICE),
    )
    if search:
        rows = rows.filter(search_fold__contains=fold(search))
    if field_of_work_id is not None:
        rows = rows.filter(field_of_work_id=field_of_work_id)
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
        drafting_unit=row.drafting_unit.names_on(row.issued_on).short_name,
        signer_name=row.signer_name,
        dated_on=row.issued_on,
        urgency=_urgency_words(row.urgency),
        state=state,
        tone=tone,
        received=received,
    )


def _urgency_words(urgency: int) -> str:
    return Urgency(urgency).label.upper() if urgency else ""


def _received(rows: Sequence[OutgoingDocument]) -> dict[int, str]:
    counted = (
        Delivery.objects.filter(outgoing__in=[row.pk for row in rows])
        .exclude(state=DeliveryState.OUTSIDE)
        .values("outgoing_id")
        .annotate(sent=Count("pk"), received=Count("pk", filter=Q(state__in=RECEIVED)))
        .order_by("outgoing_id")
    )
    return {row["outgoing_id"]: f"{row['received']}/{row['sent']} đã nhận" for row in counted}
