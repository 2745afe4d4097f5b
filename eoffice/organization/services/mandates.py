"""Giving and ending mandates of auditors. By hand they come through `proposing_rights` and `deciding_rights`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q

from eoffice.audit import services as audit
from eoffice.core.actor_ref import ActorRef
from eoffice.core.clock import local_date
from eoffice.core.errors import Invalid
from eoffice.core.vietnamese import tidy
from eoffice.organization import access
from eoffice.organization.models import Mandate, Person, Role, Unit


@transaction.atomic
def give_mandate(
    *,
    actor: ActorRef,
    person: Person,
    unit: Unit,
    basis: str,
    starts_on: date,
    now: datetime,
    ends_on: date | None = None,
    documents_from: date | None = None,
    documents_to: date | None = None,
) -> Mandate:
    """Let an auditor read the documents of the registries of `unit` and below, of a period, between two days.

    Needs the role of auditor besides. For founding, the demo and a confirmed change. Raises Invalid.
    """
    require_mandate(unit=unit, basis=basis, ends_on=ends_on, starts_on=starts_on, period=(documents_from, documents_to))
    mandate = Mandate.objects.create(
        person=person,
        unit=unit,
        basis=tidy(basis),
        starts_on=starts_on,
        ends_on=ends_on,
        documents_from=documents_from,
        documents_to=documents_to,
    )
    for registry_id in registries_below(unit):
        access.principal_of_role(Role.AUDITOR, registry_id)
    _record(actor, "organization.mandate.given", mandate, now)
    return mandate


@transaction.atomic
def end_mandate(*, actor: ActorRef, mandate_id: int, first_day_without: date, now: datetime) -> Mandate:
    """Let a mandate end: `first_day_without` is the first day on which it no longer holds. Locks the row."""
    mandate = Mandate.objects.select_for_update(no_key=True).get(pk=mandate_id)
    last_day = first_day_without - timedelta(days=1)
    if mandate.ends_on is None or mandate.ends_on > last_day:
        mandate.ends_on = last_day
        mandate.save(update_fields=["ends_on"])
        _record(actor, "organization.mandate.ended", mandate, now)
    return mandate


def end_mandates_of(*, actor: ActorRef, person_ids: Sequence[int], reason: str, now: datetime) -> int:
    """Let every mandate of these persons end yesterday, for people who leave their posts; how many ended.

    Called inside the transaction of the leaving.
    """
    today = local_date(now)
    running = Mandate.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=today), person_id__in=person_ids)
    ids = list(running.order_by("pk").values_list("pk", flat=True))
    for mandate_id in ids:
        end_mandate(actor=actor, mandate_id=mandate_id, first_day_without=today, now=now)
    return len(ids)


def require_mandate(
    *,
    unit: Unit,
    basis: str,
    starts_on: date,
    ends_on: date | None,
    period: tuple[date | None, date | None],
) -> None:
    """Raise Invalid for a mandate without basis, without any registry, or with days in the wrong order."""
    faults = {}
    if not basis.strip():
        faults["basis"] = "Ghi quyết định hoặc kế hoạch kiểm tra làm căn cứ."
    if not registries_below(unit):
        faults["unit"] = "Đơn vị này và các đơn vị trực thuộc không có văn thư riêng. Chọn đơn vị có con dấu phía trên."
    if ends_on is not None and ends_on < starts_on:
        faults["ends_on"] = "Ngày kết thúc phải từ ngày bắt đầu trở đi."
    first, last = period
    if first is not None and last is not None and last < first:
        faults["documents_to"] = "Kỳ văn bản: ngày cuối phải từ ngày đầu trở đi."
    if faults:
        raise Invalid(fields=faults)


def registries_below(unit: Unit) -> list[int]:
    """Units with a registry of their own, from `unit` down."""
    rows = Unit.objects.filter(path__startswith=unit.path, has_registry=True)
    return list(rows.order_by("path", "pk").values_list("pk", flat=True))


def _record(actor: ActorRef, action: str, mandate: Mandate, now: datetime) -> None:
    audit.record(
        actor=actor,
        action=action,
        object_kind="mandate",
        object_id=mandate.pk,
        now=now,
        detail={"person": mandate.person_id, "unit": mandate.unit_id},
    )
