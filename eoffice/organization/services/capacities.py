"""Giving signing capacities."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from eoffice.audit import services as audit
from eoffice.core.actor_ref import ActorRef
from eoffice.core.errors import Invalid
from eoffice.core.vietnamese import tidy
from eoffice.organization.models import Person, SigningCapacity, SigningForm, Unit


@transaction.atomic
def grant_signing_capacity(
    *,
    actor: ActorRef,
    person: Person,
    registry: Unit,
    form: SigningForm,
    block_lines: list[str],
    position_title: str,
    basis: str,
    starts_on: date,
    now: datetime,
    ends_on: date | None = None,
    document_types: list[str] | None = None,
    field_of_work: str = "",
) -> SigningCapacity:
    """Record that a person may sign for a registry.

    TUQ. needs an end date and is not passed on (NĐ 30/2020/NĐ-CP, Điều 13). Raises Invalid.
    """
    if form == SigningForm.TUQ and ends_on is None:
        raise Invalid(fields={"ends_on": "Thừa ủy quyền phải có thời hạn."})
    if not block_lines or not basis.strip():
        raise Invalid(fields={"basis": "Cần ghi căn cứ và các dòng thẩm quyền ký."})
    capacity = SigningCapacity.objects.create(
        person=person,
        registry=registry,
        form=form,
        block_lines=[tidy(line) for line in block_lines],
        position_title=tidy(position_title),
        document_types=document_types or [],
        field_of_work=tidy(field_of_work),
        basis=tidy(basis),
        starts_on=starts_on,
        ends_on=ends_on,
    )
    audit.record(
        actor=actor,
        action="organization.capacity.granted",
        object_kind="person",
        object_id=person.pk,
        now=now,
        detail={"registry": registry.pk, "form": str(form)},
    )
    return capacity
