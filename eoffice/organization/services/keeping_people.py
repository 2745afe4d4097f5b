"""Keeping people by hand: add, change, appoint, end a post, turn an account off and on."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from eoffice.accounts.services import account_lists as accounts
from eoffice.audit import services as audit
from eoffice.core.channels import numbers
from eoffice.core.channels.errors import NotAPhoneNumber
from eoffice.core.clock import local_date
from eoffice.core.errors import Conflict, Invalid, NotFound
from eoffice.core.vietnamese import fold, given_name_key, tidy
from eoffice.organization.actor import Actor
from eoffice.organization.models import Person, Posting, RoleGrant, Unit
from eoffice.organization.permissions import importing as permissions
from eoffice.organization.queries.validity import in_force
from eoffice.organization.services.people import appoint, create_person


@transaction.atomic
def add_person(
    *,
    actor: Actor,
    unit_id: int,
    full_name: str,
    email: str,
    phone: str,
    code: str,
    position_name: str,
    rank: int,
    starts_on: date,
    now: datetime,
) -> Person:
    """Add a person with a first post; no password opens the account yet. Raises NotFound, NotPermitted, Invalid."""
    unit = _lock_unit(unit_id)
    permissions.require(permissions.can_keep_unit(actor, unit))
    person = create_person(
        actor=actor.ref,
        full_name=full_name,
        email=tidy(email).lower() or None,
        password=None,
        now=now,
        phone=_phone(phone),
        code=code,
    )
    appoint(
        actor=actor.ref, person=person, unit=unit, position_name=position_name, rank=rank, starts_on=starts_on, now=now
    )
    return person


@transaction.atomic
def change_person(*, actor: Actor, person_id: int, full_name: str, phone: str, code: str, now: datetime) -> Person:
    """Change name, phone and code. Raises NotFound, NotPermitted, Invalid."""
    person = lock_person(actor, person_id, now)
    full_name, code = tidy(full_name), tidy(code)
    if not full_name:
        raise Invalid(fields={"full_name": "Cần ghi họ và tên."})
    if code and Person.objects.filter(code=code).exclude(pk=person_id).exists():
        raise Invalid(fields={"code": f"Mã {code} đã là của người khác."})
    person.full_name, person.phone, person.code = full_name, _phone(phone), code or None
    person.name_fold, person.sort_key = fold(full_name), given_name_key(full_name)
    person.save(update_fields=["full_name", "phone", "code", "name_fold", "sort_key"])
    _record(actor, "organization.person.changed", person_id, now)
    return person


@transaction.atomic
def give_post(
    *,
    actor: Actor,
    person_id: int,
    unit_id: int,
    position_name: str,
    rank: int,
    starts_on: date,
    ends_on: date | None,
    is_main: bool,
    now: datetime,
) -> Posting:
    """Give a person a post; a new main post makes the others side posts. Raises NotFound, NotPermitted, Invalid.

    The person must be the actor's to keep, or hold no post at all; so must the unit.
    """
    person = lock_person(actor, person_id, now)
    unit = _lock_unit(unit_id)
    permissions.require(permissions.can_keep_unit(actor, unit))
    if not tidy(position_name):
        raise Invalid(fields={"position_name": "Cần ghi chức vụ."})
    if ends_on is not None and ends_on < starts_on:
        raise Invalid(fields={"ends_on": "Ngày kết thúc trước ngày bắt đầu."})
    held = Posting.objects.filter(in_force(max(starts_on, local_date(now))), person_id=person_id)
    if held.filter(unit_id=unit_id, position__name=tidy(position_name)).exists():
        raise Invalid(fields={"position_name": "Người này đang giữ chức vụ đó trong đơn vị."})
    if is_main:
        held.filter(is_main=True).update(is_main=False)
    return appoint(
        actor=actor.ref, person=person, unit=unit, position_name=position_name, rank=rank, starts_on=starts_on,
        ends_on=ends_on, is_main=is_main or not held.exists(), now=now,
    )  # fmt: skip


@transaction.atomic
def end_posting(*, actor: Actor, posting_id: int, last_day: date, now: datetime) -> Posting:
    """End a post after `last_day`; roles held in a unit where no post is left end with it.

    When it was the main one, the next becomes main. Raises NotFound, NotPermitted, Invalid, Conflict.
    """
    posting = Posting.objects.select_for_update(no_key=True).select_related("unit").filter(pk=posting_id).first()
    if posting is None:
        raise NotFound("Không tìm thấy chức danh này.")
    permissions.require(permissions.can_keep_unit(actor, posting.unit))
    if posting.ends_on is not None and posting.ends_on < local_date(now):
        raise Conflict("Chức danh này đã kết thúc.")
    if last_day < posting.starts_on:
        raise Invalid(fields={"last_day": "Ngày cuối trước ngày bắt đầu giữ chức danh."})
    posting.ends_on = last_day
    posting.save(update_fields=["ends_on"])
    others = Posting.objects.filter(in_force(last_day), person_id=posting.person_id).exclude(pk=posting_id)
    if not others.filter(unit_id=posting.unit_id).exists():
        RoleGrant.objects.filter(in_force(last_day), person_id=posting.person_id, unit_id=posting.unit_id).update(
            ends_on=last_day
        )
    following = others.order_by("pk").first()
    if posting.is_main and following is not None and not others.filter(is_main=True).exists():
        following.is_main = True
        following.save(update_fields=["is_main"])
    _record(actor, "organization.posting.ended", posting.person_id, now, unit=posting.unit_id)
    return posting


@transaction.atomic
def set_account_open(*, actor: Actor, person_id: int, is_open: bool, now: datetime) -> Person:
    """Turn a person's account off or on at once. Raises NotFound, NotPermitted, Conflict for one's own."""
    person = lock_person(actor, person_id, now)
    if person.user_id is None:
        raise Conflict("Người này chưa có tài khoản.")
    if person_id == actor.person_id:
        raise Conflict("Không tự khóa tài khoản của mình được. Nhờ quản trị khác.")
    change = accounts.open_accounts if is_open else accounts.close_accounts
    change(actor=actor.ref, user_ids=[person.user_id], now=now)
    return person


def lock_person(actor: Actor, person_id: int, now: datetime) -> Person:
    """A person the actor keeps, locked. Raises NotFound, NotPermitted."""
    person = Person.objects.select_for_update(no_key=True, of=("self",)).filter(pk=person_id).first()
    if person is None:
        raise NotFound("Không tìm thấy người này.")
    posts = Posting.objects.filter(in_force(local_date(now)), person_id=person_id).select_related("unit")
    units = [posting.unit for posting in posts]
    permissions.require(permissions.can_keep_person(actor, units))
    return person


def _lock_unit(unit_id: int) -> Unit:
    """Share the unit: it must not close while somebody is appointed in it."""
    unit = Unit.objects.select_for_update(no_key=True).filter(pk=unit_id).first()
    if unit is None or unit.closed_on is not None:
        raise NotFound("Không tìm thấy đơn vị đang hoạt động này.")
    return unit


def _phone(text: str) -> str:
    if not tidy(text):
        return ""
    try:
        return numbers.normalised(text)
    except NotAPhoneNumber as error:
        raise Invalid(fields={"phone": error.message}) from error


def _record(actor: Actor, action: str, person_id: int, now: datetime, **detail: object) -> None:
    audit.record(actor=actor.ref, action=action, object_kind="person", object_id=person_id, now=now, detail=detail)
