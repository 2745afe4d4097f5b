"""Naming a leader's secretaries: the leader at once, an administrator by a proposal that a second person confirms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.urls import reverse

from eoffice.audit import services as audit
from eoffice.core import outbox
from eoffice.core.actor_ref import ActorRef
from eoffice.core.clock import local_date
from eoffice.core.errors import Conflict, Invalid
from eoffice.core.vietnamese import tidy
from eoffice.organization import access
from eoffice.organization.actor import Actor
from eoffice.organization.models import Person, Posting, Role, RoleGrant, SecretaryService
from eoffice.organization.permissions import secretaries as permissions
from eoffice.organization.queries import secretaries as queries
from eoffice.organization.queries.validity import in_force
from eoffice.organization.telling import tell

NAMED: Final = "organization.secretary.named"
BASIS_LENGTH: Final = 300


@dataclass(frozen=True, slots=True)
class SecretaryNamed:
    """`organization.secretary.named`: the rooms above open to them what waits for the leader."""

    leader_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceTerms:
    """On which basis, from when to when; days of Vietnam, both included; no last day is until it is ended."""

    basis: str
    starts_on: date
    ends_on: date | None = None


@transaction.atomic
def name_secretary(*, actor: Actor, secretary_id: int, terms: ServiceTerms, now: datetime) -> SecretaryService:
    """Let somebody prepare for the actor, a leader. Both are told. Raises NotPermitted, Invalid, Conflict."""
    permissions.require(permissions.can_name_own(actor), "Chỉ lãnh đạo tự chọn được thư ký của mình. Chưa có gì đổi.")
    require_sound(leader_id=actor.person_id, secretary_id=secretary_id, terms=terms, now=now)
    return begin_service(
        actor=actor.ref, leader_id=actor.person_id, secretary_id=secretary_id, terms=terms, now=now
    )  # fmt: skip


@transaction.atomic
def begin_service(
    *, actor: ActorRef, leader_id: int, secretary_id: int, terms: ServiceTerms, now: datetime
) -> SecretaryService:
    """Write the service; the caller has permitted and checked. Raises Conflict."""
    try:
        with transaction.atomic():
            made = SecretaryService.objects.create(
                leader_id=leader_id,
                secretary_id=secretary_id,
                basis=tidy(terms.basis),
                starts_on=terms.starts_on,
                ends_on=terms.ends_on,
                named_by_id=actor.person_id,
                named_at=now,
            )
    except IntegrityError as error:
        raise Conflict("Người này đang là thư ký của lãnh đạo đó. Chưa có gì thay đổi.") from error
    access.principal_of_secretaries(leader_id)
    _record(actor, "named", made, now)
    outbox.publish(SecretaryNamed(leader_id), name=NAMED, now=now)
    _tell_both(made, "Phân công thư ký", "bắt đầu", now)
    return made


def require_sound(*, leader_id: int, secretary_id: int, terms: ServiceTerms, now: datetime) -> None:
    """Who may serve whom, and from when. Raises Invalid with every fault."""
    today, faults = local_date(now), {}
    there = Person.objects.filter(pk=secretary_id, left_on__isnull=True, user__isnull=False).exists()
    if not there or not Posting.objects.filter(in_force(today), person_id=secretary_id).exists():
        faults["secretary"] = "Thư ký phải đang làm việc và có tài khoản. Chọn người khác."
    elif secretary_id == leader_id:
        faults["secretary"] = "Lãnh đạo không làm thư ký cho chính mình. Chọn người khác."
    elif SecretaryService.objects.filter(
        queries.serving(today), leader_id=leader_id, secretary_id=secretary_id
    ).exists():
        faults["secretary"] = "Người này đang là thư ký của lãnh đạo đó."
    if not RoleGrant.objects.filter(in_force(today), person_id=leader_id, role=Role.LEADER).exists():
        faults["leader"] = "Chọn người đang giữ vai trò Lãnh đạo."
    if not terms.basis.strip() or len(terms.basis.strip()) > BASIS_LENGTH:
        faults["basis"] = f"Ghi văn bản phân công, tối đa {BASIS_LENGTH} ký tự."
    if terms.starts_on < today:
        faults["starts_on"] = "Phân công không có hiệu lực trở về trước. Chọn từ hôm nay trở đi."
    if terms.ends_on is not None and terms.ends_on < terms.starts_on:
        faults["ends_on"] = "Ngày kết thúc phải từ ngày bắt đầu trở đi."
    if faults:
        raise Invalid(fields=faults)


@transaction.atomic
def end_service(*, actor: Actor, service_id: int, reason: str, now: datetime) -> SecretaryService:
    """End a service at once: the secretary's sight ends with it. Both are told. Locks the row.

    Raises NotFound, NotPermitted, Invalid, Conflict when it has ended already.
    """
    queries.get_service(actor, service_id)
    row = SecretaryService.objects.select_for_update(no_key=True).get(pk=service_id)
    permissions.require(permissions.can_end(actor, row), "Chỉ lãnh đạo, thư ký hoặc quản trị kết thúc được.")
    if row.ended_at is not None or (row.ends_on is not None and row.ends_on < local_date(now)):
        raise Conflict("Phân công thư ký này đã kết thúc.")
    said = tidy(reason)
    if not said or len(said) > BASIS_LENGTH:
        raise Invalid(fields={"reason": f"Ghi lý do kết thúc, tối đa {BASIS_LENGTH} ký tự."})
    row.ended_at, row.ended_by_id, row.end_reason = now, actor.person_id, said
    row.save(update_fields=["ended_at", "ended_by", "end_reason"])
    _record(actor.ref, "ended", row, now)
    _tell_both(row, "Kết thúc phân công thư ký", "kết thúc", now)
    return row


def end_services_of(*, actor: ActorRef, person_ids: Sequence[int], reason: str, now: datetime) -> int:
    """End what people who leave served or were served, in the caller's transaction; how many ended."""
    running = SecretaryService.objects.filter(
        Q(leader_id__in=person_ids) | Q(secretary_id__in=person_ids), ended_at__isnull=True
    )  # fmt: skip
    return running.update(ended_at=now, ended_by_id=actor.person_id, end_reason=tidy(reason)[:BASIS_LENGTH])


def _record(actor: ActorRef, what: str, row: SecretaryService, now: datetime) -> None:
    audit.record(
        actor=actor,
        action=f"organization.secretary.{what}",
        object_kind="secretary_service",
        object_id=row.pk,
        now=now,
        detail={"leader": row.leader_id, "secretary": row.secretary_id},
    )


def _tell_both(row: SecretaryService, title: str, verb: str, now: datetime) -> None:
    tell(
        {row.leader_id, row.secretary_id},
        kind=f"organization.secretary_{'named' if verb == 'bắt đầu' else 'ended'}",
        title=f"{title}: {row.secretary.full_name}",
        text=f"{row.secretary.full_name} {verb} chuẩn bị văn bản cho {row.leader.full_name}",
        url=reverse("organization:secretaries"),
        now=now,
    )
