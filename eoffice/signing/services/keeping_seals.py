"""Hand the device of a seal over: minutes drawn up, confirmed by both sides, and who may seal afterwards."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.urls import reverse

from eoffice.audit import services as audit
from eoffice.core.clock import local_date
from eoffice.core.errors import Conflict, IllegalTransition, Invalid, NotFound, NotPermitted
from eoffice.notifications import services as notifications
from eoffice.organization import queries as organization
from eoffice.organization.actor import Actor
from eoffice.organization.models import Person, Role
from eoffice.signing import permissions
from eoffice.signing.certificate_lists import keeper_notice, keeper_of
from eoffice.signing.models import KeeperRules, SealHandOver
from eoffice.signing.states import HAND_OVER_TRANSITIONS, HandOverAction, HandOverState


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOverEntry:
    """What stands in the minutes."""

    to_person_id: int
    device: str
    permission: str
    reason: str
    witness: str
    handed_on: date


def require_keeper(actor: Actor, unit_id: int) -> None:
    """Refuse the seal to everybody but its named keeper, where the rules say so. Raises NotPermitted."""
    rules = KeeperRules.objects.filter(pk=1).first()
    notice = keeper_notice(actor, unit_id) if rules is not None and rules.only_keeper else ""
    if notice:
        raise NotPermitted(f"{notice} Chưa có gì được ký; lập biên bản bàn giao trước khi người khác đóng dấu.")


def propose_hand_over(*, actor: Actor, unit_id: int, entry: HandOverEntry, now: datetime) -> SealHandOver:
    """Draw up the minutes of a hand-over. Who gives and draws them up has confirmed with it.

    The receiver must be a clerk of the unit (Decree 30/2020/ND-CP, Art. 32). Raises NotPermitted, Invalid, Conflict.
    """
    permissions.require_seal_seen(actor, unit_id)
    minutes = keeper_of(unit_id)
    giver_id = minutes.to_person_id if minutes is not None else None
    _require_whole(entry, unit_id, giver_id, now)
    gives = actor.person_id == giver_id or (permissions.can_answer_for_seal(actor, unit_id) and giver_id is None)
    gives = gives and actor.person_id != entry.to_person_id
    try:
        with transaction.atomic():
            row = SealHandOver.objects.create(
                unit_id=unit_id, from_person_id=giver_id, to_person_id=entry.to_person_id, device=entry.device,
                permission=entry.permission, reason=entry.reason, witness=entry.witness, handed_on=entry.handed_on,
                proposed_by_id=actor.person_id, proposed_at=now, given_by_id=actor.person_id if gives else None,
                given_at=now if gives else None,
            )  # fmt: skip
            _record(actor, row, "proposed", now)
            _tell(row, [giver_id, entry.to_person_id], actor, "Biên bản bàn giao con dấu chờ xác nhận", now)
    except IntegrityError as error:
        raise Conflict("Đang có một biên bản chờ xác nhận. Xong hoặc rút biên bản đó trước.") from error
    return row


@transaction.atomic
def confirm_hand_over(*, actor: Actor, hand_over_id: int, now: datetime) -> SealHandOver:
    """Confirm one's own side; the second confirmation hands the seal over. The same side twice changes nothing.

    For a keeper who cannot any more, the chief of office, a leader or an administrator confirms the giving side.
    Raises NotFound, NotPermitted, IllegalTransition.
    """
    row = _locked(actor, hand_over_id)
    permissions.require_own_hand(actor)
    if row.state != HandOverState.WAITING:
        raise IllegalTransition(row.state, HandOverAction.FINISH)
    if actor.person_id == row.to_person_id:
        row.taken_at = row.taken_at or now
    elif actor.person_id == row.from_person_id or permissions.can_answer_for_seal(actor, row.unit_id):
        if row.given_at is None:
            row.given_by_id, row.given_at = actor.person_id, now
    else:
        raise NotPermitted("Chỉ bên giao và bên nhận xác nhận biên bản này.")
    row.save(update_fields=["taken_at", "given_by", "given_at"])
    _record(actor, row, "confirmed", now)
    if row.taken_at is not None and row.given_at is not None:
        _end(row, HandOverAction.FINISH, now)
        _record(actor, row, "finished", now)
        _tell(row, [row.from_person_id, row.to_person_id], actor, "Đã bàn giao con dấu", now)
    return row


@transaction.atomic
def refuse_hand_over(*, actor: Actor, hand_over_id: int, reason: str, now: datetime) -> None:
    """The receiver does not take it, or who proposed takes the minutes back. Raises NotFound, NotPermitted, Invalid."""
    row = _locked(actor, hand_over_id)
    sides = (row.to_person_id, row.from_person_id, row.proposed_by_id)
    if actor.person_id not in sides and not permissions.can_answer_for_seal(actor, row.unit_id):
        raise NotPermitted
    if not reason.strip():
        raise Invalid("Chưa lưu.", fields={"reason": "Nhập lý do."})
    row.refusal = reason.strip()[:500]
    takes_back = actor.person_id == row.proposed_by_id
    _end(row, HandOverAction.WITHDRAW if takes_back else HandOverAction.REFUSE, now, also=("refusal",))
    _record(actor, row, "withdrawn" if takes_back else "refused", now)
    _tell(row, sides, actor, f"Biên bản bàn giao con dấu không thành: {row.refusal}", now)


@transaction.atomic
def set_keeper_rules(*, actor: Actor, only_keeper: bool, now: datetime) -> None:
    """Say whether the seal is refused to everybody but its keeper. Raises NotPermitted."""
    permissions.require_certificates_managed(actor)
    KeeperRules.objects.update_or_create(pk=1, defaults={"only_keeper": only_keeper})
    audit.record(
        actor=actor.ref, action="signing.keeper_rules.set", object_kind="keeper_rules", object_id=1, now=now,
        detail={"only_keeper": only_keeper},
    )  # fmt: skip


def possible_keepers(unit_id: int, *, on: date) -> list[Person]:
    """The clerks of a unit: one of them keeps its seal."""
    return organization.holders_of(Role.CLERK, unit_id, on=on)


def _require_whole(entry: HandOverEntry, unit_id: int, giver_id: int | None, now: datetime) -> None:
    faults = {
        name: words
        for name, value, words in (
            ("device", entry.device, "Ghi thiết bị, ví dụ: USB token số 540200."),
            ("permission", entry.permission, "Ghi văn bản cho phép: số, ngày, người ký."),
            ("reason", entry.reason, "Ghi lý do bàn giao."),
            ("witness", entry.witness, "Ghi người chứng kiến."),
        )
        if not value.strip()
    }
    today = local_date(now)
    if entry.to_person_id not in {person.pk for person in possible_keepers(unit_id, on=today)}:
        faults["to_person"] = "Người nhận phải là văn thư của đơn vị."
    elif entry.to_person_id == giver_id:
        faults["to_person"] = "Người này đang giữ con dấu. Chọn người nhận khác."
    if entry.handed_on > today:
        faults["handed_on"] = "Ngày bàn giao không ở tương lai."
    if faults:
        raise Invalid("Chưa lập được biên bản.", fields=faults)


def _locked(actor: Actor, hand_over_id: int) -> SealHandOver:
    rows = SealHandOver.objects.select_for_update(no_key=True, of=("self",)).select_related("unit")
    row = rows.filter(pk=hand_over_id).first()
    if row is None or not (
        permissions.can_see_seal(actor, row.unit_id) or actor.person_id in (row.from_person_id, row.to_person_id)
    ):
        raise NotFound
    return row


def _end(row: SealHandOver, action: HandOverAction, now: datetime, *, also: tuple[str, ...] = ()) -> None:
    target = HAND_OVER_TRANSITIONS.get((row.state, action))
    if target is None:
        raise IllegalTransition(row.state, action)
    row.state, row.ended_at = target, now
    row.save(update_fields=["state", "ended_at", *also])


def _tell(row: SealHandOver, person_ids: Iterable[int | None], actor: Actor, title: str, now: datetime) -> None:
    others = {each for each in person_ids if each is not None} - {actor.person_id}
    notifications.notify(
        person_ids=others, kind="signing.seal_hand_over", title=title, text=row.unit.name,
        url=reverse("signing:seal_keeping", args=[row.unit_id]), now=now,
    )  # fmt: skip


def _record(actor: Actor, row: SealHandOver, what: str, now: datetime) -> None:
    audit.record(
        actor=actor.ref, action=f"signing.seal_hand_over.{what}", object_kind="seal_hand_over", object_id=row.pk,
        now=now, detail={"unit": row.unit_id, "from": row.from_person_id, "to": row.to_person_id},
    )  # fmt: skip
