"""Questions and requests end with what they are about: opinions with the letter or draft, extensions with the line."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Final

from django.db.models import QuerySet
from django.urls import reverse

from eoffice.audit import services as audit
from eoffice.core.actor_ref import ActorRef
from eoffice.core.clock import local_date
from eoffice.documents.models import Assignment, Consultation, Draft, ExtensionRequest, IncomingDocument
from eoffice.documents.services.changing_state import record_ends
from eoffice.notifications import services as notifications
from eoffice.organization import queries as organization
from eoffice.organization.models import Role

EXTENSION_NOTE: Final = "Việc đã kết thúc trước khi đề nghị được quyết định."


def end_opinions_on_letters(letters: Collection[IncomingDocument], *, ref: ActorRef, now: datetime, why: str) -> int:
    """End the open questions about letters, locked by the caller, in his transaction; whoever was asked is told.

    `why` is said in words ("văn bản đã xử lý xong"). Returns how many ended.
    """
    by_id = {letter.pk: letter for letter in letters}
    rows = _open(Consultation.objects.filter(incoming__in=list(by_id)))
    for row in rows:
        about = by_id[row.incoming_id or 0]
        named = " · ".join(part for part in (about.shown_code, about.subject) if part)
        _tell(row, named, reverse("documents:incoming_detail", args=[about.pk]), ref, now, why)
    return _end(rows, ref, now, why)


def end_opinions_on_draft(draft: Draft, *, ref: ActorRef, now: datetime, why: str) -> int:
    """The same for a draft that is not asked about any more."""
    rows = _open(Consultation.objects.filter(draft=draft))
    for row in rows:
        _tell(row, draft.subject, reverse("documents:draft_detail", args=[draft.pk]), ref, now, why)
    return _end(rows, ref, now, why)


def _open(rows: QuerySet[Consultation]) -> list[Consultation]:
    return list(
        rows.filter(answered_at__isnull=True, ended_at__isnull=True).select_for_update(no_key=True).order_by("pk")
    )


def _tell(row: Consultation, named: str, url: str, ref: ActorRef, now: datetime, why: str) -> None:
    asked = [row.person_id] if row.person_id is not None else []
    if row.unit_id is not None:
        heads = organization.holder_ids_of([Role.UNIT_HEAD], [row.unit_id], on=local_date(now))
        asked = list(heads.get(row.unit_id, []))
    notifications.notify(
        person_ids=[person_id for person_id in asked if person_id != ref.person_id],
        kind="documents.opinion_ended",
        title=f"Không cần trả lời xin ý kiến nữa: {why}",
        text=named,
        url=url,
        now=now,
    )


def _end(rows: Sequence[Consultation], ref: ActorRef, now: datetime, why: str) -> int:
    if not rows:
        return 0
    ids = [row.pk for row in rows]
    Consultation.objects.filter(pk__in=ids).update(ended_at=now)
    record_ends("consultation", ids, actor=ref, now=now, reason=why)
    for row in rows:
        audit.record(
            actor=ref, action="documents.opinion.ended", object_kind="consultation", object_id=row.pk, now=now,
            detail={"incoming": row.incoming_id, "draft": row.draft_id},
        )  # fmt: skip
    return len(rows)


def end_extensions(lines: Iterable[Assignment], *, ref: ActorRef, now: datetime) -> int:
    """End the undecided requests for time of lines that have just closed, in the caller's transaction.

    Nobody is left to decide about a deadline that no longer runs. Returns how many ended.
    """
    ids = list(
        ExtensionRequest.objects.select_for_update(no_key=True)
        .filter(assignment__in=[line.pk for line in lines], granted__isnull=True)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    if ids:
        ExtensionRequest.objects.filter(pk__in=ids).update(granted=False, decision_note=EXTENSION_NOTE, decided_at=now)
        record_ends("extension", ids, actor=ref, now=now, reason=EXTENSION_NOTE)
        for extension_id in ids:
            audit.record(
                actor=ref, action="documents.extension.ended", object_kind="extension", object_id=extension_id, now=now
            )
    return len(ids)
