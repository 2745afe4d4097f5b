"""Reading the audit trail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Q, QuerySet

from eoffice.audit.models import AuditBlock, AuditEntry

_OUT_OF_ORDER: Final = 10_000
"""A long transaction writes its time down late: entries may stand this many keys away from their neighbours in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailFilter:
    """What of the trail is asked for; an empty filter is the whole. Moments are aware, `until` is not included."""

    person_id: int | None = None
    account_id: int | None = None
    """With `person_id`: his account, whose sign-ins belong to him too."""
    object_kind: str = ""
    object_id: str = ""
    since: datetime | None = None
    until: datetime | None = None


def history_of(object_kind: str, object_id: int | str) -> QuerySet[AuditEntry]:
    """Everything recorded about one object, oldest first. The caller checks that the reader may see the object."""
    return AuditEntry.objects.filter(object_kind=object_kind, object_id=str(object_id)).order_by("pk")


def entries_of_person(person_id: int) -> QuerySet[AuditEntry]:
    """Everything one person did or had done in his name's stead, newest first."""
    return AuditEntry.objects.filter(person_id=person_id).order_by("-pk")


def entries(wanted: TrailFilter) -> QuerySet[AuditEntry]:
    """The trail, for the auditor, newest first; take it in keyset pages."""
    rows = AuditEntry.objects.order_by("-pk")
    if wanted.person_id is not None:
        about = Q(person_id=wanted.person_id)
        if wanted.account_id is not None:
            about |= Q(object_kind="user", object_id=str(wanted.account_id))
        rows = rows.filter(about)
    if wanted.object_kind:
        rows = rows.filter(object_kind=wanted.object_kind)
    if wanted.object_id:
        rows = rows.filter(object_id=wanted.object_id)
    return _within(rows, wanted.since, wanted.until)


def _within(rows: QuerySet[AuditEntry], since: datetime | None, until: datetime | None) -> QuerySet[AuditEntry]:
    """Between two moments, by the keys those have: else a page of last year reads everything since."""
    by_time = AuditEntry.objects.order_by("at").values_list("pk", flat=True)
    if since is not None:
        first = by_time.filter(at__gte=since).first()
        rows = rows.filter(at__gte=since, pk__gte=first - _OUT_OF_ORDER) if first is not None else rows.none()
    if until is not None:
        last = by_time.filter(at__lt=until).last()
        rows = rows.filter(at__lt=until, pk__lte=last + _OUT_OF_ORDER) if last is not None else rows.none()
    return rows


def newest_root() -> str:
    """Root of the newest block, empty when nothing is sealed yet: what to note elsewhere for later proof."""
    return AuditBlock.objects.order_by("-number").values_list("root", flat=True).first() or ""
