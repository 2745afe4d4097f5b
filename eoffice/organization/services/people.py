"""Making persons and giving them posts."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from eoffice.accounts import services as accounts
from eoffice.audit import services as audit
from eoffice.core.actor_ref import ActorRef
from eoffice.core.errors import Invalid
from eoffice.core.vietnamese import fold, given_name_key, tidy
from eoffice.organization import access
from eoffice.organization.models import Person, Position, Posting, Unit


@transaction.atomic
def create_person(
    *,
    actor: ActorRef,
    full_name: str,
    email: str | None,
    password: str | None,
    now: datetime,
    phone: str = "",
    code: str = "",
    password_hash: str | None = None,
) -> Person:
    """Add a person, with an account when `email` is given. Raises Invalid for a missing name or a taken code.

    `password_hash` takes the place of `password` where many share one (demo only).
    """
    full_name, code = tidy(full_name), tidy(code)
    if not full_name:
        raise Invalid(fields={"full_name": "Cần ghi họ và tên."})
    if code and Person.objects.filter(code=code).exists():
        raise Invalid(fields={"code": f"Mã {code} đã là của người khác."})
    user = None
    if email is not None:
        user = accounts.create_user(actor=actor, email=email, password=password, now=now, password_hash=password_hash)
    person = Person.objects.create(
        code=code or None,
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
