"""Cho nghỉ, chuyển đơn vị: what a person holds in the house ends; running work is handed over by the rooms above."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Protocol

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Greatest

from eoffice.accounts import services as accounts
from eoffice.audit import services as audit
from eoffice.core.actor_ref import ActorRef
from eoffice.core.clock import local_date
from eoffice.core.errors import Conflict, Invalid, NotFound
from eoffice.core.vietnamese import tidy
from eoffice.organization.actor import Actor
from eoffice.organization.models import Person, Posting, RoleGrant, SigningCapacity, Unit
from eoffice.organization.permissions import leaving as permissions
from eoffice.organization.queries.validity import in_force
from eoffice.organization.services.delegating import end_delegations_of
from eoffice.organization.services.mandates import end_mandates_of
from eoffice.organization.services.people import appoint
from eoffice.organization.services.proposing_rights import withdraw_changes_of
from eoffice.organization.services.rights import end_role
from eoffice.organization.services.secretaries import end_services_of

_LONGEST_AGO: Final = timedelta(days=366)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPost:
    """The post somebody who changes units gets. `rank`: 0 head, 1 deputy, 9 officer."""

    unit_id: int
    position_name: str
    rank: int = 9


@transaction.atomic
def end_holdings(
    *, actor: Actor, person_id: int, first_day: date, basis: str, now: datetime, new_post: NewPost | None = None
) -> Person:
    """End every post, role and what hangs on them of a person; without `new_post` the account closes at once.

    `first_day` is the first day without them (today or earlier, at most a year). Posts end on the day before; roles
    and capacities end yesterday, because what was done with them until now was right. Locks the person. Raises
    NotFound, NotPermitted, Conflict (left already, or oneself), Invalid.
    """
    person = _lock(actor, person_id, now)
    today = local_date(now)
    if not today - _LONGEST_AGO <= first_day <= today:
        raise Invalid(fields={"first_day": "Ghi hôm nay hoặc một ngày trước, không quá một năm. Chưa có gì thay đổi."})
    unit = _new_unit(actor, new_post) if new_post is not None else None
    _end_posts(person_id, first_day)
    for grant_id in list(_running_roles(person_id, today).order_by("pk").values_list("pk", flat=True)):
        end_role(actor=actor.ref, grant_id=grant_id, first_day_without=today, now=now)
    ended = end_what_hangs_on_posts(actor=actor.ref, person_ids=[person_id], reason=basis, now=now)
    if new_post is not None and unit is not None:
        appoint(
            actor=actor.ref, person=person, unit=unit, position_name=new_post.position_name, rank=new_post.rank,
            starts_on=first_day, now=now,
        )  # fmt: skip
    else:
        _close_account(actor, person, first_day, basis, now)
    audit.record(
        actor=actor.ref,
        action="organization.person.left" if new_post is None else "organization.person.changed_units",
        object_kind="person",
        object_id=person_id,
        now=now,
        detail={"first_day": first_day.isoformat(), "basis": basis[:300], "ended": ended},
    )
    return person


def end_what_hangs_on_posts(
    *, actor: ActorRef, person_ids: Sequence[int], reason: str, now: datetime
) -> dict[str, int]:
    """End, for people who leave their posts, all that `ENDINGS` names; how many of each ended.

    Called inside the transaction of the leaving, by hand or by a list. What is over already keeps its date.
    """
    return {
        name: ending(actor=actor, person_ids=person_ids, reason=reason, now=now) for name, ending in ENDINGS.items()
    }


def _end_capacities_of(*, actor: ActorRef, person_ids: Sequence[int], reason: str, now: datetime) -> int:
    today = local_date(now)
    running = SigningCapacity.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=today), person_id__in=person_ids)
    return running.update(ends_on=today - timedelta(days=1))


class Ending(Protocol):
    """Ends one kind of right of these persons, inside the caller's transaction; how many ended."""

    def __call__(self, *, actor: ActorRef, person_ids: Sequence[int], reason: str, now: datetime) -> int: ...


ENDINGS: Final[Mapping[str, Ending]] = {
    "capacities": _end_capacities_of,
    "mandates": end_mandates_of,
    "delegations": end_delegations_of,
    "secretaries": end_services_of,
    "waiting_changes": withdraw_changes_of,
}
"""Whatever a person may do beyond posts and roles has its line here: a new kind of right is ended by adding one."""


def _lock(actor: Actor, person_id: int, now: datetime) -> Person:
    person = Person.objects.select_for_update(no_key=True, of=("self",)).filter(pk=person_id).first()
    if person is None:
        raise NotFound("Không tìm thấy người này.")
    posts = Posting.objects.filter(in_force(local_date(now)), person_id=person_id).select_related("unit")
    permissions.require(
        permissions.lets_leave(actor, [posting.unit for posting in posts]),
        "Chỉ quản trị của mọi đơn vị người này đang giữ chức danh làm được việc này.",
    )
    if person_id == actor.person_id:
        raise Conflict("Không tự cho mình nghỉ hoặc chuyển đơn vị được. Nhờ quản trị khác.")
    if person.left_on is not None:
        raise Conflict(f"{person.full_name} đã nghỉ từ {person.left_on:%d/%m/%Y}.")
    return person


def _new_unit(actor: Actor, new_post: NewPost) -> Unit:
    """The unit he goes to, locked so that it does not close meanwhile."""
    if not tidy(new_post.position_name):
        raise Invalid(fields={"position_name": "Ghi chức vụ ở đơn vị mới."})
    unit = Unit.objects.select_for_update(no_key=True).filter(pk=new_post.unit_id, closed_on__isnull=True).first()
    if unit is None:
        raise Invalid(fields={"unit": "Không tìm thấy đơn vị đang hoạt động này. Chọn đơn vị khác."})
    permissions.require(permissions.lets_leave(actor, [unit]), "Đơn vị nhận không do quản trị này giữ.")
    return unit


def _running_roles(person_id: int, today: date) -> QuerySet[RoleGrant]:
    return RoleGrant.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=today), person_id=person_id)


def _end_posts(person_id: int, first_day: date) -> None:
    """A post that began on or after the first day keeps one day: the table holds no post that ends before it began."""
    running = Posting.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=first_day), person_id=person_id)
    running.update(ends_on=Greatest(F("starts_on"), first_day - timedelta(days=1)), is_main=False)


def _close_account(actor: Actor, person: Person, first_day: date, basis: str, now: datetime) -> None:
    person.left_on = first_day
    person.save(update_fields=["left_on"])
    if person.user_id is not None:
        accounts.close_account(actor=actor.ref, user_id=person.user_id, reason=basis, now=now)
