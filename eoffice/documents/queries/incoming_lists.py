"""The lists of incoming documents: one page of a box."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from eoffice.core.clock import local_date
from eoffice.core.paging import PAGE_SIZE
from eoffice.core.vietnamese import fold, one_tone_style
from eoffice.documents.models import (
    Assignment,
    DocumentRead,
    FilePurpose,
    FileVersion,
    IncomingDocument,
    ProposedDirective,
    QueuePlace,
    Urgency,
)
from eoffice.documents.permissions import incoming as permissions
from eoffice.documents.queries.incoming_boxes import Box, handled_by_holder, letters_in, lines_in
from eoffice.documents.queries.incoming_rows import (
    IncomingRow,
    RowGroup,
    grouped,
    row_of_letter,
    row_of_line,
    row_of_waiting,
)
from eoffice.documents.states import IncomingState
from eoffice.organization import calendar
from eoffice.organization.actor import Actor

_RUNNING: Final = (IncomingState.AWAITING_DIRECTION, IncomingState.IN_PROGRESS)


_NEVER: Final = datetime(9999, 1, 1, tzinfo=UTC)
"""Where lines without a deadline stand in the order."""


_QUEUES: Final = {Box.TO_DIRECT, Box.PREPARE}


_BY_DEADLINE: Final = {
    Box.TO_HANDLE,
    Box.SUPPORT,
    Box.FOLLOWING,
    Box.GIVEN_LATE,
    Box.GIVEN_OPEN,
    Box.GIVEN_TO_CONFIRM,
    Box.EXTENSIONS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Quick filters of a list. `text` is searched as the simple search does, within the box."""

    text: str = ""
    field_of_work_id: int | None = None
    unread: bool = False
    urgent: bool = False
    late: bool = False


@dataclass(frozen=True, slots=True)
class IncomingPage:
    """One page of a box. `next_after` asks for the next one; None at the end."""

    box: Box
    groups: list[RowGroup]
    next_after: str | None

    @property
    def rows(self) -> list[IncomingRow]:
        return [row for group in self.groups for row in group.rows]


def box_page(actor: Actor, *, box: Box, now: datetime, filters: Filters | None = None, after: str = "") -> IncomingPage:
    """One page of a box within what the actor may see: lines by deadline, late first; what has ended, and letters,
    newest first.

    A fixed number of queries whatever the page holds.
    """
    chosen = filters or Filters()
    if box is Box.HANDLED:
        rows, next_after = _page_of_handled(actor, chosen, after, now)
    elif (lines := lines_in(actor, box, now)) is not None:
        rows, next_after = _page_of_lines(actor, lines, box, chosen, after, now)
    else:
        rows, next_after = _page_of_letters(actor, letters_in(actor, box), box, chosen, after, now)
    return IncomingPage(box, grouped(rows, now) if box in _BY_DEADLINE else [RowGroup("", rows)], next_after)


def _page_of_lines(
    actor: Actor, lines: QuerySet[Assignment], box: Box, filters: Filters, after: str, now: datetime
) -> tuple[list[IncomingRow], str | None]:
    lines = _shown(actor, _filtered(actor, lines, filters, now)).annotate(due_key=Coalesce(F("due_at"), Value(_NEVER)))
    if (key := _parsed_key(after)) is not None:
        due, pk = key
        lines = lines.filter(Q(due_key__gt=due) | Q(due_key=due, pk__lt=pk))
    found = list(lines.order_by("due_key", "-pk")[: PAGE_SIZE + 1])
    days = calendar.load(local_date(now))
    rows = [row_of_line(line, actor, box, days, now) for line in found[:PAGE_SIZE]]
    last = found[PAGE_SIZE - 1] if len(found) > PAGE_SIZE else None
    next_after = f"{last.due_key.timestamp():.6f}:{last.pk}" if last else None
    return rows, next_after


def _page_of_handled(actor: Actor, filters: Filters, after: str, now: datetime) -> tuple[list[IncomingRow], str | None]:
    """The newest of each holder, then the newest of them all; the key of the next page is when its last line ended."""
    newest = []
    for part in handled_by_holder(actor):
        lines = _filtered(actor, part, filters, now)
        if (key := _parsed_key(after)) is not None:
            ended, pk = key
            lines = lines.filter(Q(closed_at__lt=ended) | Q(closed_at=ended, pk__lt=pk))
        newest.append(lines.order_by("-closed_at", "-pk").values_list("pk", flat=True)[: PAGE_SIZE + 1])
    keys = newest[0].union(*newest[1:], all=True) if len(newest) > 1 else newest[0]
    lines = _shown(actor, Assignment.objects.filter(pk__in=set(keys)))
    found = list(lines.order_by("-closed_at", "-pk")[: PAGE_SIZE + 1])
    days = calendar.load(local_date(now))
    rows = [row_of_line(line, actor, Box.HANDLED, days, now) for line in found[:PAGE_SIZE]]
    last = found[PAGE_SIZE - 1] if len(found) > PAGE_SIZE else None
    return rows, f"{last.closed_at.timestamp():.6f}:{last.pk}" if last and last.closed_at else None


def _filtered(actor: Actor, lines: QuerySet[Assignment], filters: Filters, now: datetime) -> QuerySet[Assignment]:
    lines = lines.filter(_filter_condition(filters, "incoming__"))
    if filters.unread:
        lines = lines.filter(~Exists(_reads(actor, "incoming_id")))
    return lines.filter(due_at__lt=now) if filters.late else lines


def _shown(actor: Actor, lines: QuerySet[Assignment]) -> QuerySet[Assignment]:
    """With what a row says about each line."""
    # The line above says under which post the work waits; asked for only where rows say so.
    above = ["parent"] if actor.in_all_posts else []
    return lines.select_related("incoming", "unit", "person", *above).annotate(
        is_unread=~Exists(_reads(actor, "incoming_id")), attachments=_attachments("incoming_id")
    )


def _page_of_letters(
    actor: Actor, letters: QuerySet[IncomingDocument], box: Box, filters: Filters, after: str, now: datetime
) -> tuple[list[IncomingRow], str | None]:
    letters = letters.filter(_filter_condition(filters, "")).select_related("forwarded_to")
    letters = letters.annotate(
        is_unread=~Exists(_reads(actor, "pk")),
        attachments=_attachments("pk"),
        file_name=Subquery(
            FileVersion.objects.filter(incoming_id=OuterRef("pk"), purpose=FilePurpose.ORIGINAL)
            .order_by("pk")
            .values("name")[:1]
        ),
    )
    if filters.unread:
        letters = letters.filter(is_unread=True)
    if filters.late:
        letters = letters.filter(due_at__lt=now, state__in=_RUNNING)
    if box in _QUEUES:
        return _page_of_queue(actor, letters, box, after, now)
    if (key := _parsed_key(after)) is not None:
        letters = letters.filter(pk__lt=key[1])
    found = list(letters.order_by("-pk")[: PAGE_SIZE + 1])
    days = calendar.load(local_date(now))
    rows = [row_of_letter(letter, actor, days, now) for letter in found[:PAGE_SIZE]]
    return rows, f"0:{found[PAGE_SIZE - 1].pk}" if len(found) > PAGE_SIZE else None


def _page_of_queue(
    actor: Actor, letters: QuerySet[IncomingDocument], box: Box, after: str, now: datetime
) -> tuple[list[IncomingRow], str | None]:
    """What waits for a leader, in the order his secretary gave it, then newest first."""
    places = QueuePlace.objects.filter(incoming_id=OuterRef("pk"), leader_id=OuterRef("forwarded_to_id"))
    proposals = ProposedDirective.objects.filter(
        incoming_id=OuterRef("pk"), leader_id=OuterRef("forwarded_to_id"), closed_at__isnull=True
    )
    letters = letters.annotate(
        rank=Coalesce(Subquery(places.values("rank")[:1]), 0, output_field=IntegerField()),
        is_prepared=Exists(proposals),
    )
    rank, _, pk = after.partition(":")
    if rank.isdecimal() and pk.isdecimal() and len(rank) < 4 and len(pk) < 19:
        letters = letters.filter(Q(rank__lt=int(rank)) | Q(rank=int(rank), pk__lt=int(pk)))
    found = list(letters.order_by("-rank", "-pk")[: PAGE_SIZE + 1])
    days = calendar.load(local_date(now))
    rows = [row_of_waiting(letter, actor, days, now, for_secretary=box == Box.PREPARE) for letter in found[:PAGE_SIZE]]
    last = found[PAGE_SIZE - 1] if len(found) > PAGE_SIZE else None
    return rows, f"{last.rank}:{last.pk}" if last else None


def _filter_condition(filters: Filters, prefix: str) -> Q:
    condition = Q()
    for word in fold(one_tone_style(filters.text)).split()[:12]:
        condition &= Q(**{f"{prefix}search_fold__contains": word})
    if filters.field_of_work_id is not None:
        condition &= Q(**{f"{prefix}field_of_work_id": filters.field_of_work_id})
    if filters.urgent:
        condition &= Q(**{f"{prefix}urgency__gt": Urgency.NORMAL})
    return condition


def _reads(actor: Actor, outer: str) -> QuerySet[DocumentRead]:
    return DocumentRead.objects.filter(
        person_id=actor.person_id, object_kind=permissions.KIND, object_id=OuterRef(outer)
    )


def _attachments(outer: str) -> Coalesce:
    counted = (
        FileVersion.objects.filter(incoming_id=OuterRef(outer), purpose=FilePurpose.ATTACHMENT)
        .order_by()
        .values("incoming_id")
        .annotate(n=Count("pk"))
        .values("n")
    )
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _parsed_key(after: str) -> tuple[datetime, int] | None:
    """The key of a page; anything else than one of ours starts from the top."""
    due, _, pk = after.partition(":")
    try:
        return datetime.fromtimestamp(float(due), UTC), int(pk)
    except (ValueError, OverflowError, OSError):
        return None
