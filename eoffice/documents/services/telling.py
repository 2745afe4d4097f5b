"""Who is told what about an incoming document: the bell and the counters of those it waits for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from django.urls import reverse

from eoffice.core.clock import local_date
from eoffice.documents.models import Assignment, IncomingDocument, Urgency
from eoffice.documents.permissions.assignments import RECEIVERS
from eoffice.notifications import services as notifications
from eoffice.notifications.sms_kinds import SmsKind
from eoffice.organization import queries as organization
from eoffice.organization.actor import Actor
from eoffice.organization.models import Role

_ASKS_FOR_WORK: Final = frozenset({"forwarded", "assigned_lead", "assigned_support", "opinion_asked"})
"""Kinds that hand somebody work: of an urgent letter also told by SMS, to who chose so."""


def tell(
    *, person_ids: Iterable[int], kind: str, title: str, incoming: IncomingDocument, now: datetime, actor: Actor | None
) -> None:
    """Put a line about a letter on the bell of each person but the actor, in the caller's transaction."""
    told = sorted({each for each in person_ids if actor is None or each != actor.person_id})
    if not told:
        return
    notifications.notify(
        person_ids=told,
        kind=f"documents.incoming.{kind}",
        title=title,
        text=_named(incoming),
        url=reverse("documents:incoming_detail", args=[incoming.pk]),
        now=now,
    )
    if incoming.urgency > Urgency.NORMAL and kind in _ASKS_FOR_WORK:
        notifications.want_sms(
            person_ids=told, kind=SmsKind.URGENT, words=_urgent_words(incoming), key=f"{kind}:{incoming.pk}", now=now
        )


def _urgent_words(incoming: IncomingDocument) -> str:
    """Number and deadline; what the paper is about is never told by SMS."""
    due = f", hạn {local_date(incoming.due_at):%d/%m/%Y}" if incoming.due_at else ""
    code = f" số {incoming.shown_code}" if incoming.shown_code else ""
    return f"eOffice: văn bản {Urgency(incoming.urgency).label.lower()}{code} chờ xử lý{due}."


def holders_of(assignments: Iterable[Assignment], *, now: datetime) -> set[int]:
    """Person ids behind lines: the person, or who heads or clerks for the unit."""
    rows = list(assignments)
    people = {row.person_id for row in rows if row.person_id is not None}
    unit_ids = {row.unit_id for row in rows if row.unit_id is not None}
    by_unit = organization.holder_ids_of(RECEIVERS, unit_ids, on=local_date(now)) if unit_ids else {}
    return people.union(*by_unit.values())


def givers_of(assignment: Assignment, *, now: datetime) -> set[int]:
    """Who is told what a line's holder says: its giver; chánh văn phòng where a rule gave it."""
    if assignment.assigned_by_id is not None:
        return {assignment.assigned_by_id}
    return office_of(assignment.incoming.registry_id, Role.CHIEF_OF_OFFICE, now=now)


def office_of(registry_id: int, *roles: Role, now: datetime) -> set[int]:
    """Person ids holding one of `roles` in a registry."""
    found = organization.holder_ids_of(roles, [registry_id], on=local_date(now))
    return set(found.get(registry_id, []))


def _named(incoming: IncomingDocument) -> str:
    code = incoming.shown_code
    return f"{code} · {incoming.subject}" if code else incoming.subject
