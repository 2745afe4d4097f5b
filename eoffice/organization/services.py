"""Commands on the organisation: installation, units, persons, posts, roles, signing capacities."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from eoffice.accounts import services as accounts
from eoffice.audit import services as audit
from eoffice.core.actor_ref import ActorRef
from eoffice.core.errors import Invalid
from eoffice.core.vietnamese import fold, given_name_key, sort_key, tidy
from eoffice.organization import access
from eoffice.organization.errors import AlreadyInstalled
from eoffice.organization.models import (
    Family,
    Holiday,
    Installation,
    Person,
    Position,
    Posting,
    Role,
    RoleGrant,
    SigningCapacity,
    SigningForm,
    Unit,
    UnitKind,
)


@transaction.atomic
def install(
    *, actor: ActorRef, name: str, is_demo: bool, now: datetime, hotline: str = "", support_email: str = ""
) -> Installation:
    """Write the one row about this installation. Raises AlreadyInstalled."""
    if Installation.objects.exists():
        raise AlreadyInstalled
    row = Installation.objects.create(name=tidy(name), is_demo=is_demo, hotline=hotline, support_email=support_email)
    audit.record(
        actor=actor,
        action="organization.installed",
        object_kind="installation",
        object_id=1,
        now=now,
        detail={"demo": is_demo},
    )
    return row


@transaction.atomic
def create_unit(
    *,
    actor: ActorRef,
    parent: Unit | None,
    kind: UnitKind,
    name: str,
    short_name: str,
    symbol: str,
    now: datetime,
    has_registry: bool = False,
    family: Family = Family.STATE,
    place: str = "",
    address_line: str = "",
    organ_id: str = "",
    position: int = 0,
) -> Unit:
    """Add a unit under `parent` (None makes the root). Principals of the unit come into being with it."""
    name = tidy(name)
    if not name or not symbol:
        raise Invalid(fields={"name": "Đơn vị cần có tên và chữ viết tắt."})
    unit = Unit.objects.create(
        parent=parent,
        kind=kind,
        family=family,
        name=name,
        short_name=tidy(short_name),
        symbol=tidy(symbol),
        organ_id=organ_id,
        has_registry=has_registry,
        place=place or (parent.place if parent else ""),
        address_line=address_line,
        name_fold=f"{fold(name)} {fold(short_name)} {fold(symbol)}",
        sort_key=sort_key(name),
        position=position,
    )
    unit.path = f"{parent.path if parent else '/'}{unit.pk}/"
    unit.save(update_fields=["path"])
    access.principal_of_unit(unit.pk)
    audit.record(actor=actor, action="organization.unit.created", object_kind="unit", object_id=unit.pk, now=now)
    return unit


@transaction.atomic
def create_person(
    *, actor: ActorRef, full_name: str, email: str | None, password: str | None, now: datetime, phone: str = ""
) -> Person:
    """Add a person, with an account when `email` is given."""
    full_name = tidy(full_name)
    user = accounts.create_user(actor=actor, email=email, password=password, now=now) if email is not None else None
    person = Person.objects.create(
        user=user,
        full_name=full_name,
        name_fold=fold(full_name),
        sort_key=given_name_key(full_name),
        phone=phone,
    )
    access.principal_of_person(person.pk)
    audit.record(actor=actor, action="organization.person.created", object_kind="person", object_id=person.pk, now=now)
    return person


@transaction.atomic
def appoint(
    *,
    actor: ActorRef,
    person: Person,
    unit: Unit,
    position_name: str,
    rank: int,
    starts_on: date,
    now: datetime,
    ends_on: date | None = None,
    is_main: bool = True,
) -> Posting:
    """Give a person a post in a unit from a date on."""
    position, _ = Position.objects.get_or_create(name=tidy(position_name), rank=rank)
    posting = Posting.objects.create(
        person=person, unit=unit, position=position, starts_on=starts_on, ends_on=ends_on, is_main=is_main
    )
    audit.record(
        actor=actor,
        action="organization.person.appointed",
        object_kind="person",
        object_id=person.pk,
        now=now,
        detail={"unit": unit.pk, "position": position.name},
    )
    return posting


@transaction.atomic
def grant_role(
    *,
    actor: ActorRef,
    person: Person,
    unit: Unit,
    role: Role,
    starts_on: date,
    now: datetime,
    ends_on: date | None = None,
) -> RoleGrant:
    """Let a person hold a role in a unit from a date on."""
    grant, _ = RoleGrant.objects.get_or_create(
        person=person, unit=unit, role=role, starts_on=starts_on, defaults={"ends_on": ends_on}
    )
    access.principal_of_role(role, unit.pk)
    audit.record(
        actor=actor,
        action="organization.role.granted",
        object_kind="person",
        object_id=person.pk,
        now=now,
        detail={"unit": unit.pk, "role": str(role)},
    )
    return grant


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


@transaction.atomic
def set_holiday(*, actor: ActorRef, day: date, name: str, now: datetime, is_working: bool = False) -> Holiday:
    """Mark a day off, or a compensatory working day."""
    holiday, _ = Holiday.objects.update_or_create(day=day, defaults={"name": tidy(name), "is_working": is_working})
    audit.record(
        actor=actor, action="organization.holiday.set", object_kind="holiday", object_id=day.isoformat(), now=now
    )
    return holiday
