"""Proposing a change of rights: nothing applies before a second person confirms (NĐ 30/2020/NĐ-CP, PL VI, III.3.c)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.urls import reverse

from eoffice.audit import services as audit
from eoffice.core.actor_ref import ActorRef
from eoffice.core.clock import local_date
from eoffice.core.errors import Invalid, NotFound
from eoffice.core.vietnamese import tidy
from eoffice.organization import queries
from eoffice.organization.actor import Actor
from eoffice.organization.errors import RightChangeDecided, RightChangeWaiting
from eoffice.organization.models import (
    Mandate,
    Person,
    Posting,
    RightChange,
    RightChangeKind,
    RightChangeState,
    Role,
    RoleGrant,
    Unit,
)
from eoffice.organization.permissions import changes as permissions
from eoffice.organization.queries import changes as change_queries
from eoffice.organization.queries.validity import in_force
from eoffice.organization.services import secretaries
from eoffice.organization.services.mandates import require_mandate
from eoffice.organization.services.powers import spend_on_rights
from eoffice.organization.telling import tell

REASON_LENGTH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """From when to when and why; days of Vietnam, both included."""

    starts_on: date
    reason: str
    ends_on: date | None = None
    basis: str = ""


@dataclass(frozen=True, slots=True)
class SeenObject:
    """A document as organization knows it: kind and key, its registry, and what it is called without its subject."""

    kind: str
    id: int
    registry_id: int
    code: str


@transaction.atomic
def propose_role(*, actor: Actor, person_id: int, unit_id: int, role: Role, terms: Terms, now: datetime) -> RightChange:
    """Ask that a person hold a role in a unit. The confirmers and the person are told.

    Raises NotFound, NotPermitted, PowersNeeded, Invalid, RightChangeWaiting.
    """
    unit, person = _kept_unit(actor, unit_id, now), queries.get_person(person_id)
    _check(terms, now)
    if RoleGrant.objects.filter(in_force(local_date(now)), person=person, unit=unit, role=role).exists():
        raise Invalid(fields={"role": f"{person.full_name} đang giữ vai trò này ở {unit.short_name}."})
    change = _new(actor, RightChangeKind.ROLE_GIVEN, person, unit, terms, now)
    change.role = role
    return _keep(change, actor, now)


@transaction.atomic
def propose_end_of_role(*, actor: Actor, grant_id: int, terms: Terms, now: datetime) -> RightChange:
    """Ask that a role end; `terms.starts_on` is the first day without it. Raises as `propose_role`."""
    grant = RoleGrant.objects.select_related("person", "unit").filter(pk=grant_id).first()
    if grant is None or not permissions.can_keep_rights(actor, grant.unit):
        raise NotFound("Không tìm thấy vai trò này.")
    _spend(actor, grant.unit, now)
    _check(terms, now)
    if grant.ends_on is not None and grant.ends_on < terms.starts_on:
        raise Invalid(fields={"starts_on": f"Vai trò này đã hết hiệu lực sau ngày {grant.ends_on:%d/%m/%Y}."})
    change = _new(actor, RightChangeKind.ROLE_ENDED, grant.person, grant.unit, terms, now)
    change.role, change.target = grant.role, grant.pk
    return _keep(change, actor, now)


@transaction.atomic
def propose_mandate(
    *,
    actor: Actor,
    person_id: int,
    unit_id: int,
    documents_from: date | None,
    documents_to: date | None,
    terms: Terms,
    now: datetime,
) -> RightChange:
    """Ask that an auditor may read the documents of some registries and days. Raises as `propose_role`."""
    unit, person = _kept_unit(actor, unit_id, now), queries.get_person(person_id)
    _check(terms, now)
    require_mandate(
        unit=unit,
        basis=terms.basis,
        starts_on=terms.starts_on,
        ends_on=terms.ends_on,
        period=(documents_from, documents_to),
    )
    if not RoleGrant.objects.filter(in_force(local_date(now)), person=person, role=Role.AUDITOR).exists():
        raise Invalid(fields={"person": f"{person.full_name} chưa giữ vai trò Kiểm tra. Đề nghị giao vai trò trước."})
    change = _new(actor, RightChangeKind.MANDATE_GIVEN, person, unit, terms, now)
    change.documents_from, change.documents_to = documents_from, documents_to
    return _keep(change, actor, now)


@transaction.atomic
def propose_end_of_mandate(*, actor: Actor, mandate_id: int, terms: Terms, now: datetime) -> RightChange:
    """Ask that a mandate end; `terms.starts_on` is the first day without it. Raises as `propose_role`."""
    mandate = Mandate.objects.select_related("person", "unit").filter(pk=mandate_id).first()
    if mandate is None or not permissions.can_keep_rights(actor, mandate.unit):
        raise NotFound("Không tìm thấy phạm vi kiểm tra này.")
    _spend(actor, mandate.unit, now)
    _check(terms, now)
    if mandate.ends_on is not None and mandate.ends_on < terms.starts_on:
        raise Invalid(fields={"starts_on": f"Phạm vi này đã hết hiệu lực sau ngày {mandate.ends_on:%d/%m/%Y}."})
    change = _new(actor, RightChangeKind.MANDATE_ENDED, mandate.person, mandate.unit, terms, now)
    change.target = mandate.pk
    return _keep(change, actor, now)


@transaction.atomic
def propose_secretary(*, actor: Actor, leader_id: int, secretary_id: int, terms: Terms, now: datetime) -> RightChange:
    """Ask that somebody serve a leader as secretary; the leader himself names his own at once.

    The rights of the leader's unit decide who may ask and confirm. Raises as `propose_role`.
    """
    posting = (
        Posting.objects.filter(in_force(local_date(now)), person_id=leader_id)
        .select_related("unit")
        .order_by("-is_main", "pk")
        .first()
    )
    if posting is None:
        raise Invalid(fields={"leader": "Chọn người đang giữ vai trò Lãnh đạo."})
    unit, person = _kept_unit(actor, posting.unit_id, now), queries.get_person(secretary_id)
    _check(terms, now)
    secretaries.require_sound(
        leader_id=leader_id,
        secretary_id=secretary_id,
        terms=secretaries.ServiceTerms(basis=terms.basis, starts_on=terms.starts_on, ends_on=terms.ends_on),
        now=now,
    )
    change = _new(actor, RightChangeKind.SECRETARY_NAMED, person, unit, terms, now)
    change.leader_id = change.target = leader_id
    return _keep(change, actor, now)


@transaction.atomic
def propose_sight(*, actor: Actor, seen: SeenObject, person_id: int, terms: Terms, now: datetime) -> RightChange:
    """Ask that a person may see one document until a day. The owning room has checked that the actor may ask.

    Raises NotFound, Invalid, RightChangeWaiting.
    """
    person, unit = queries.get_person(person_id), queries.get_unit(seen.registry_id)
    _check(terms, now)
    if terms.ends_on is None:
        raise Invalid(fields={"ends_on": "Quyền xem cấp riêng phải có ngày kết thúc."})
    change = _new(actor, RightChangeKind.SIGHT_GIVEN, person, unit, terms, now)
    change.object_kind, change.object_id, change.object_code = seen.kind, seen.id, seen.code
    return _keep(change, actor, now)


@transaction.atomic
def propose_end_of_sight(*, actor: Actor, change_id: int, terms: Terms, now: datetime) -> RightChange:
    """Ask that a given sight end before its day. The actor keeps the rights of the registry, or gave it.

    Raises NotFound, Invalid, RightChangeWaiting.
    """
    given = change_queries.get_change(actor, change_id)
    permissions.require(permissions.can_end_sight(actor, given), "Quyền xem này không còn, hoặc do người khác giữ.")
    _check(terms, now)
    change = _new(actor, RightChangeKind.SIGHT_ENDED, given.person, given.unit, terms, now)
    change.object_kind, change.object_id, change.object_code = given.object_kind, given.object_id, given.object_code
    change.target = given.pk
    return _keep(change, actor, now)


@transaction.atomic
def withdraw_change(*, actor: Actor, change_id: int, now: datetime) -> RightChange:
    """Take one's own proposal back while it waits. Locks the row. Raises NotFound, NotPermitted, RightChangeDecided."""
    change = change_queries.lock_change(actor, change_id)
    if change.state != RightChangeState.WAITING:
        raise RightChangeDecided
    permissions.require(permissions.can_withdraw(actor, change), "Chỉ người đề nghị rút được đề nghị của mình.")
    change.state, change.decided_by_id, change.decided_at = RightChangeState.WITHDRAWN, actor.person_id, now
    change.save(update_fields=["state", "decided_by", "decided_at"])
    record(actor, "withdrawn", change, now)
    return change


def record(actor: Actor, what: str, change: RightChange, now: datetime) -> None:
    """The audit line of one step of a change; reasons stay in the change itself."""
    audit.record(
        actor=actor.ref,
        action=f"organization.right_change.{what}",
        object_kind="right_change",
        object_id=change.pk,
        now=now,
        detail={"kind": change.kind, "person": change.person_id, "unit": change.unit_id, "role": change.role},
    )


def _kept_unit(actor: Actor, unit_id: int, now: datetime) -> Unit:
    unit = queries.get_unit(unit_id)
    permissions.require(
        permissions.can_keep_rights(actor, unit),
        "Chỉ quản trị, chánh văn phòng của đơn vị này hoặc cấp trên đề nghị được.",
    )
    if unit.closed_on is not None:
        raise Invalid(fields={"unit": f"{unit.name} không còn hoạt động. Chọn đơn vị khác."})
    _spend(actor, unit, now)
    return unit


def _spend(actor: Actor, unit: Unit, now: datetime) -> None:
    spend_on_rights(actor=actor, unit=unit, for_what="organization.right_change.proposed", now=now)


def _check(terms: Terms, now: datetime) -> None:
    today = local_date(now)
    faults = {}
    if not terms.reason.strip():
        faults["reason"] = "Ghi lý do thay đổi."
    elif len(terms.reason) > REASON_LENGTH:
        faults["reason"] = f"Lý do dài {len(terms.reason)} ký tự; tối đa {REASON_LENGTH}."
    if terms.starts_on < today:
        faults["starts_on"] = "Thay đổi quyền không có hiệu lực trước hôm nay."
    if terms.ends_on is not None and terms.ends_on < terms.starts_on:
        faults["ends_on"] = "Ngày kết thúc phải từ ngày bắt đầu trở đi."
    if faults:
        raise Invalid(fields=faults)


def _new(actor: Actor, kind: RightChangeKind, person: Person, unit: Unit, terms: Terms, now: datetime) -> RightChange:
    return RightChange(
        kind=kind,
        person=person,
        unit=unit,
        starts_on=terms.starts_on,
        ends_on=terms.ends_on,
        reason=tidy(terms.reason),
        basis=tidy(terms.basis),
        proposed_by_id=actor.person_id,
        proposed_at=now,
    )


def _keep(change: RightChange, actor: Actor, now: datetime) -> RightChange:
    try:
        with transaction.atomic():
            change.save(force_insert=True)
    except IntegrityError as error:
        # The constraint of one waiting change per right; another would have been refused by its own check above.
        raise RightChangeWaiting from error
    record(actor, "proposed", change, now)
    tell(
        change_queries.confirmer_ids(change, on=local_date(now)),
        kind="right_change_waiting",
        title=f"Chờ xác nhận: {change.get_kind_display().lower()}",
        text=f"{change.person.full_name}, {change.unit.short_name}. Người đề nghị: {actor.name}",
        url=reverse("organization:right_change", args=[change.pk]),
        now=now,
    )
    return change


def withdraw_changes_of(*, actor: ActorRef, person_ids: Sequence[int], reason: str, now: datetime) -> int:
    """Withdraw what waits to be confirmed for these persons, who leave their posts; how many were withdrawn.

    Only what would give something: proposals to end a right may still be confirmed. Called inside the transaction of
    the leaving. An import without a person behind it leaves them waiting: whoever confirms sees that the person left.
    """
    if actor.person_id is None:
        return 0
    giving = [RightChangeKind.ROLE_GIVEN, RightChangeKind.SIGHT_GIVEN, RightChangeKind.MANDATE_GIVEN]
    waiting = RightChange.objects.filter(person_id__in=person_ids, state=RightChangeState.WAITING, kind__in=giving)
    return waiting.update(
        state=RightChangeState.WITHDRAWN,
        decided_by_id=actor.person_id,
        decided_at=now,
        decision_note=tidy(reason)[:500],
    )
