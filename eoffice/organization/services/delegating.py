"""Giving and ending delegations, and telling both sides when they begin and end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from eoffice.audit import services as audit
from eoffice.core.actor_ref import ActorRef
from eoffice.core.clock import local_date
from eoffice.core.errors import Invalid
from eoffice.core.vietnamese import tidy
from eoffice.organization.actor import Actor
from eoffice.organization.errors import DelegationOver
from eoffice.organization.models import Delegation, Person, Posting, Unit
from eoffice.organization.permissions import delegations as permissions
from eoffice.organization.queries import delegations as queries
from eoffice.organization.queries.validity import in_force
from eoffice.organization.services.fields_of_work import require_known
from eoffice.organization.telling import tell

BASIS_LENGTH: Final = 300
LONGEST: Final = timedelta(days=366)
_TOLD_AT_ONCE: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegationTerms:
    """What is delegated, on which basis, from when to when (days of Vietnam, both included)."""

    may_direct: bool
    may_prepare: bool
    basis: str
    starts_on: date
    ends_on: date
    registry_id: int | None = None
    document_types: tuple[str, ...] = ()
    fields_of_work: tuple[int, ...] = ()


@transaction.atomic
def give_delegation(
    *, actor: Actor, receiver_id: int, terms: DelegationTerms, now: datetime, posting_id: int | None = None
) -> Delegation:
    """Let somebody read, and if said direct or prepare, in the actor's name. Both are told.

    `posting_id` is the post of the actor in which he gives it; None is the one he works in. Delegations of the same
    days are allowed; `queries.delegations.overlapping` names them. Raises NotPermitted, Invalid.
    """
    permissions.require(actor.is_himself, permissions.NEVER_ON)
    permissions.require(permissions.can_delegate(actor), permissions.ONLY_LEADERS)
    posting = next((post for post in actor.posts if post.posting_id == (posting_id or actor.posting_id)), None)
    if posting is None:
        raise Invalid(fields={"posting": "Chọn chức danh của mình."})
    receiver = _require_sound(actor, receiver_id, terms, now)
    require_known(terms.fields_of_work)
    made = Delegation.objects.create(
        giver_id=actor.person_id,
        posting_id=posting.posting_id,
        receiver=receiver,
        may_direct=terms.may_direct,
        may_prepare=terms.may_prepare,
        registry_id=terms.registry_id,
        document_types=sorted(set(terms.document_types)),
        fields_of_work=sorted(set(terms.fields_of_work)),
        basis=tidy(terms.basis),
        starts_on=terms.starts_on,
        ends_on=terms.ends_on,
        given_by_id=actor.person_id,
        given_at=now,
        told_start_at=now if terms.starts_on <= local_date(now) else None,
    )
    _record(actor.ref, "given", made, now)
    _tell_both(made, actor.name, receiver.full_name, "given", now)
    return made


def _require_sound(actor: Actor, receiver_id: int, terms: DelegationTerms, now: datetime) -> Person:
    today, faults = local_date(now), {}
    receiver = Person.objects.filter(pk=receiver_id, left_on__isnull=True, user__isnull=False).first()
    if receiver is None or not Posting.objects.filter(in_force(today), person_id=receiver_id).exists():
        faults["receiver"] = "Người nhận phải đang làm việc và có tài khoản. Chọn người khác."
    elif receiver.pk == actor.person_id:
        faults["receiver"] = "Không ủy quyền cho chính mình. Chọn người khác."
    if not terms.basis.strip() or len(terms.basis.strip()) > BASIS_LENGTH:
        faults["basis"] = f"Ghi số, ngày quyết định hoặc văn bản ủy quyền, tối đa {BASIS_LENGTH} ký tự."
    if terms.starts_on < today:
        faults["starts_on"] = "Ủy quyền không có hiệu lực trở về trước. Chọn từ hôm nay trở đi."
    if terms.ends_on < terms.starts_on:
        faults["ends_on"] = "Ngày kết thúc phải từ ngày bắt đầu trở đi."
    elif terms.ends_on - terms.starts_on > LONGEST:
        faults["ends_on"] = "Ủy quyền dài nhất một năm. Chọn ngày kết thúc sớm hơn."
    if terms.registry_id is not None and not Unit.objects.filter(pk=terms.registry_id, has_registry=True).exists():
        faults["registry"] = "Chọn đơn vị có văn thư riêng, hoặc để trống."
    if faults or receiver is None:
        raise Invalid(fields=faults)
    return receiver


@transaction.atomic
def end_delegation(*, actor: Actor, delegation_id: int, reason: str, now: datetime) -> Delegation:
    """End a delegation early: the giver or the receiver, at once. Both are told. Locks the row.

    Raises NotFound, NotPermitted, Invalid, DelegationOver when it has ended already.
    """
    queries.get_delegation(actor, delegation_id)
    row = Delegation.objects.select_for_update(no_key=True).get(pk=delegation_id)
    permissions.require(permissions.can_end(actor, row), "Chỉ người ủy quyền hoặc người nhận kết thúc được ủy quyền.")
    if row.ended_at is not None or row.ends_on < local_date(now):
        raise DelegationOver("Ủy quyền này đã kết thúc.")
    said = tidy(reason)
    if not said or len(said) > BASIS_LENGTH:
        raise Invalid(fields={"reason": f"Ghi lý do kết thúc, tối đa {BASIS_LENGTH} ký tự."})
    row.ended_at, row.ended_by_id, row.end_reason, row.told_end_at = now, actor.person_id, said, now
    row.save(update_fields=["ended_at", "ended_by", "end_reason", "told_end_at"])
    _record(actor.ref, "ended", row, now)
    _tell_both(row, row.giver.full_name, row.receiver.full_name, "ended", now)
    return row


def end_delegations_of(*, actor: ActorRef, person_ids: Sequence[int], reason: str, now: datetime) -> int:
    """End what these persons gave and received, for people who leave their posts; both sides hear of it.

    Called inside the transaction of the leaving. Delegations that have not begun end too. How many ended.
    """
    rows = Delegation.objects.select_for_update(no_key=True, of=("self",)).filter(
        Q(giver_id__in=person_ids) | Q(receiver_id__in=person_ids), ended_at__isnull=True, ends_on__gte=local_date(now)
    )
    ended = list(rows.select_related("giver", "receiver").order_by("pk"))
    for row in ended:
        row.ended_at, row.ended_by_id, row.told_end_at = now, actor.person_id, now
        row.end_reason = tidy(reason)[:BASIS_LENGTH]
        row.save(update_fields=["ended_at", "ended_by", "end_reason", "told_end_at"])
        _record(actor, "ended", row, now)
        _tell_both(row, row.giver.full_name, row.receiver.full_name, "ended", now)
    return len(ended)


@transaction.atomic
def tell_of_turns(*, now: datetime) -> int:
    """Tell both sides of delegations that began today or ended yesterday, once each; returns how many were told of."""
    today = local_date(now)
    waiting = Delegation.objects.select_for_update(no_key=True, skip_locked=True).filter(ended_at__isnull=True)
    began = list(
        waiting.filter(told_start_at__isnull=True, starts_on__lte=today, ends_on__gte=today).order_by("pk")[
            :_TOLD_AT_ONCE
        ]
    )
    over = list(waiting.filter(told_end_at__isnull=True, ends_on__lt=today).order_by("pk")[:_TOLD_AT_ONCE])
    for row in began:
        row.told_start_at = now
        row.save(update_fields=["told_start_at"])
        _tell_both(row, row.giver.full_name, row.receiver.full_name, "began", now)
    for row in over:
        row.told_end_at = now
        row.save(update_fields=["told_end_at"])
        _tell_both(row, row.giver.full_name, row.receiver.full_name, "over", now)
    return len(began) + len(over)


_TITLES: Final = {
    "given": "Ủy quyền xử lý mới",
    "began": "Ủy quyền xử lý bắt đầu hôm nay",
    "over": "Ủy quyền xử lý đã hết hạn",
    "ended": "Ủy quyền xử lý đã kết thúc sớm",
}


def _tell_both(row: Delegation, giver: str, receiver: str, what: str, now: datetime) -> None:
    tell(
        [row.giver_id, row.receiver_id],
        kind=f"organization.delegation.{what}",
        title=_TITLES[what],
        text=f"{giver} ủy quyền cho {receiver}, {row.starts_on:%d/%m/%Y} – {row.ends_on:%d/%m/%Y}",
        url=reverse("organization:delegation", args=[row.pk]),
        now=now,
    )


def _record(actor: ActorRef, what: str, row: Delegation, now: datetime) -> None:
    audit.record(
        actor=actor, action=f"organization.delegation.{what}", object_kind="delegation", object_id=row.pk, now=now,
        detail={"giver": row.giver_id, "receiver": row.receiver_id},
    )  # fmt: skip
