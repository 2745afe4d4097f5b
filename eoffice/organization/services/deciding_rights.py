"""Confirming and refusing changes of rights; what is confirmed applies in the same transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.urls import reverse

from eoffice.audit import services as audit
from eoffice.core.clock import local_date
from eoffice.core.errors import Invalid
from eoffice.core.vietnamese import tidy
from eoffice.organization import access
from eoffice.organization.actor import Actor
from eoffice.organization.errors import OwnProposal, RightChangeDecided
from eoffice.organization.models import RightChange, RightChangeKind, RightChangeState, RightsSetting, Role
from eoffice.organization.permissions import changes as permissions
from eoffice.organization.queries import changes as change_queries
from eoffice.organization.services.mandates import end_mandate, give_mandate
from eoffice.organization.services.powers import spend_on_rights, use_powers
from eoffice.organization.services.proposing_rights import record
from eoffice.organization.services.rights import end_role, grant_role
from eoffice.organization.services.secretaries import ServiceTerms, begin_service, require_sound
from eoffice.organization.telling import tell


@transaction.atomic
def confirm_change(*, actor: Actor, change_id: int, now: datetime, note: str = "") -> RightChange:
    """Let a change take effect, from its date on but never before today. Locks the change.

    By another keeper of the unit's rights than the proposer and the person concerned; by the proposer himself only
    while the installation has nobody else and its setting says so. The person concerned and the proposer are told.
    Raises NotFound, OwnProposal, NotPermitted, PowersNeeded, RightChangeDecided, Invalid.
    """
    change = _lock_to_decide(actor, change_id, now)
    today = local_date(now)
    change.starts_on = max(change.starts_on, today)
    if change.ends_on is not None and change.ends_on < change.starts_on:
        raise Invalid("Thời hạn của đề nghị đã qua trước khi được xác nhận. Không xác nhận và đề nghị lại.")
    change.is_alone = actor.person_id == change.proposed_by_id
    _decide(change, RightChangeState.CONFIRMED, actor, note, now)
    _APPLY[RightChangeKind(change.kind)](change, actor, now)
    _tell_decision(change, actor, now)
    return change


@transaction.atomic
def refuse_change(*, actor: Actor, change_id: int, note: str, now: datetime) -> RightChange:
    """Leave the rights as they are, with a reason for the proposer. Raises as `confirm_change`."""
    change = _lock_to_decide(actor, change_id, now)
    if not note.strip():
        raise Invalid(fields={"note": "Ghi lý do không xác nhận."})
    _decide(change, RightChangeState.REFUSED, actor, note, now)
    _tell_decision(change, actor, now)
    return change


@transaction.atomic
def require_two_people(*, actor: Actor, now: datetime) -> None:
    """Switch off for good that a lone administrator confirms his own proposals.

    Raises NotPermitted, PowersNeeded.
    """
    permissions.require(permissions.can_switch_powers_on(actor), "Chỉ quản trị đổi được cách xác nhận.")
    use_powers(actor=actor, for_what="organization.rights", now=now)
    if RightsSetting.objects.filter(lone_administrator=True).update(lone_administrator=False):
        audit.record(
            actor=actor.ref, action="organization.rights.two_people_required", object_kind="installation",
            object_id=1, now=now,
        )  # fmt: skip


def end_sights_that_are_over(*, now: datetime) -> int:
    """Withdraw sights of single documents whose last day has passed; return how many. May run twice."""
    today = local_date(now)
    over = RightChange.objects.filter(
        kind=RightChangeKind.SIGHT_GIVEN,
        state=RightChangeState.CONFIRMED,
        closed_at__isnull=True,
        ends_on__lt=today,
    )
    return sum(_close_sight(change_id, now) for change_id in over.order_by("pk").values_list("pk", flat=True)[:1000])


def open_sights_that_begin(*, now: datetime) -> int:
    """Let confirmed sights of a later day begin; return how many. May run twice: granting twice is granting once."""
    beginning = RightChange.objects.filter(
        kind=RightChangeKind.SIGHT_GIVEN,
        state=RightChangeState.CONFIRMED,
        closed_at__isnull=True,
        starts_on=local_date(now),
    )
    rows = list(beginning.order_by("pk")[:1000])
    for change in rows:
        _show(change)
    return len(rows)


def _lock_to_decide(actor: Actor, change_id: int, now: datetime) -> RightChange:
    change = change_queries.lock_change(actor, change_id)
    if change.state != RightChangeState.WAITING:
        raise RightChangeDecided
    if not change_queries.may_confirm_alone(actor, change, on=local_date(now)):
        if actor.person_id in {change.proposed_by_id, change.person_id}:
            raise OwnProposal
        permissions.require(
            permissions.can_confirm(actor, change),
            "Chỉ quản trị, chánh văn phòng của đơn vị này hoặc cấp trên xác nhận được.",
        )
    spend_on_rights(actor=actor, unit=change.unit, for_what="organization.right_change.decided", now=now)
    return change


def _decide(change: RightChange, state: RightChangeState, actor: Actor, note: str, now: datetime) -> None:
    change.state, change.decided_by_id, change.decided_at = state, actor.person_id, now
    change.decision_note = tidy(note)[:500]
    change.save(update_fields=["state", "decided_by", "decided_at", "decision_note", "starts_on", "is_alone"])
    record(actor, str(state), change, now)


def _give_role(change: RightChange, actor: Actor, now: datetime) -> None:
    grant_role(
        actor=actor.ref,
        person=change.person,
        unit=change.unit,
        role=Role(change.role),
        starts_on=change.starts_on,
        ends_on=change.ends_on,
        now=now,
    )


def _end_role(change: RightChange, actor: Actor, now: datetime) -> None:
    end_role(actor=actor.ref, grant_id=change.target or 0, first_day_without=change.starts_on, now=now)


def _give_mandate(change: RightChange, actor: Actor, now: datetime) -> None:
    give_mandate(
        actor=actor.ref,
        person=change.person,
        unit=change.unit,
        basis=change.basis,
        starts_on=change.starts_on,
        ends_on=change.ends_on,
        documents_from=change.documents_from,
        documents_to=change.documents_to,
        now=now,
    )


def _end_mandate(change: RightChange, actor: Actor, now: datetime) -> None:
    end_mandate(actor=actor.ref, mandate_id=change.target or 0, first_day_without=change.starts_on, now=now)


def _name_secretary(change: RightChange, actor: Actor, now: datetime) -> None:
    terms = ServiceTerms(basis=change.basis, starts_on=change.starts_on, ends_on=change.ends_on)
    leader_id = change.leader_id or 0
    require_sound(leader_id=leader_id, secretary_id=change.person_id, terms=terms, now=now)
    begin_service(actor=actor.ref, leader_id=leader_id, secretary_id=change.person_id, terms=terms, now=now)


def _give_sight(change: RightChange, _actor: Actor, now: datetime) -> None:
    if change.starts_on <= local_date(now):
        _show(change)


def _show(change: RightChange) -> None:
    access.grant_sight(
        object_kind=change.object_kind,
        object_id=change.object_id or 0,
        person_id=change.person_id,
        source=f"right_change:{change.pk}",
    )


def _end_sight(change: RightChange, _actor: Actor, now: datetime) -> None:
    if change.starts_on <= local_date(now):
        _close_sight(change.target or 0, now)
    else:  # the job takes it back after its last day
        last_day = change.starts_on - timedelta(days=1)
        RightChange.objects.filter(pk=change.target or 0, ends_on__gt=last_day).update(ends_on=last_day)


@transaction.atomic
def _close_sight(change_id: int, now: datetime) -> int:
    given = RightChange.objects.select_for_update(no_key=True).get(pk=change_id)
    if given.closed_at is not None:
        return 0
    given.closed_at = now
    given.save(update_fields=["closed_at"])
    access.withdraw(object_kind=given.object_kind, object_id=given.object_id or 0, source=f"right_change:{given.pk}")
    return 1


_APPLY: Final[dict[RightChangeKind, Callable[[RightChange, Actor, datetime], None]]] = {
    RightChangeKind.ROLE_GIVEN: _give_role,
    RightChangeKind.ROLE_ENDED: _end_role,
    RightChangeKind.MANDATE_GIVEN: _give_mandate,
    RightChangeKind.MANDATE_ENDED: _end_mandate,
    RightChangeKind.SECRETARY_NAMED: _name_secretary,
    RightChangeKind.SIGHT_GIVEN: _give_sight,
    RightChangeKind.SIGHT_ENDED: _end_sight,
}


def _tell_decision(change: RightChange, actor: Actor, now: datetime) -> None:
    confirmed = change.state == RightChangeState.CONFIRMED
    verdict, what = "Đã xác nhận" if confirmed else "Không xác nhận", change.get_kind_display()
    where = Role(change.role).label if change.role else change.object_code
    text = f"{where}, {change.unit.short_name}" if where else change.unit.short_name
    since = f" từ ngày {change.starts_on:%d/%m/%Y}" if confirmed else ""
    told = {change.proposed_by_id, *([change.person_id] if confirmed else [])}
    tell(
        told - {actor.person_id},
        kind="right_change_decided",
        title=f"{verdict}: {what.lower()} cho {change.person.full_name}{since}",
        text=text,
        url=reverse("organization:right_change", args=[change.pk]),
        now=now,
    )
