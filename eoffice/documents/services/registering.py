"""Entering received letters in the register, correcting and cancelling entries, returning letters to their sender."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from eoffice.audit import services as audit
from eoffice.core import outbox
from eoffice.core.clock import local_date
from eoffice.core.errors import Conflict, IllegalTransition, Invalid
from eoffice.core.vietnamese import tidy
from eoffice.documents import fitting_posts
from eoffice.documents.errors import PossibleDuplicate
from eoffice.documents.events import IncomingRefused, IncomingRegistered
from eoffice.documents.models import (
    EntryCorrection,
    EntryState,
    FilePurpose,
    IncomingDocument,
    Register,
    RegisterEntry,
    RegisterKind,
)
from eoffice.documents.permissions import incoming as permissions
from eoffice.documents.queries.duplicates import duplicates_of
from eoffice.documents.services import distributing, forwarding, numbering, telling, tracking_delivery
from eoffice.documents.services.changing_state import change_state
from eoffice.documents.services.ending_requests import end_opinions_on_letters
from eoffice.documents.services.incoming_entry import (
    ENTRY_FIELDS,
    IncomingEntry,
    checked_entry,
    fill,
    refresh_search,
)
from eoffice.documents.services.locking_incoming import lock_incoming
from eoffice.documents.states import DeliveryState, IncomingAction, IncomingState
from eoffice.organization import queries as organization
from eoffice.organization.actor import Actor
from eoffice.organization.models import Role

_CORRECTABLE = {
    IncomingState.REGISTERED,
    IncomingState.AWAITING_DIRECTION,
    IncomingState.IN_PROGRESS,
    IncomingState.COMPLETED,
    IncomingState.FILED,
}


@transaction.atomic
def register_incoming(
    *,
    actor: Actor,
    incoming_id: int,
    entry: IncomingEntry,
    now: datetime,
    forward_to: int | None = None,
    not_duplicate: bool = False,
    reserved_number: int | None = None,
) -> IncomingDocument:
    """Enter a received letter in the register under the next arrival number.

    Numbers are consecutive in order of receipt within a calendar year of Asia/Ho_Chi_Minh; letter, then register
    stay locked until commit. A letter like an earlier one needs `not_duplicate`. `forward_to` also submits it to
    that leader; else the first matching rule of the office distributes it. Source: NĐ 30/2020/NĐ-CP, Điều 22.
    Raises DocumentNotFound, NotPermitted, IllegalTransition, Invalid, PossibleDuplicate, RegisterMissing,
    RegisterClosed, NotALeader.
    """
    incoming = lock_incoming(actor, incoming_id)
    actor = fitting_posts.at_letter(actor, incoming)
    permissions.require(permissions.can_register(actor, incoming), "Chỉ văn thư của đơn vị đăng ký được văn bản đến.")
    if incoming.state != IncomingState.RECEIVED:
        raise IllegalTransition(incoming.state, IncomingAction.REGISTER, _already(incoming))
    columns = fill(incoming, checked_entry(entry, now=now, kept_field_id=incoming.field_of_work_id))
    register = numbering.register_for(
        registry_id=incoming.registry_id, kind=RegisterKind.INCOMING, document_type=incoming.document_type, now=now
    )
    if not not_duplicate:
        _require_no_duplicate(incoming)
    taken = _take(register, local_date(now), reserved_number)
    incoming.arrival_number, incoming.arrival_suffix = taken.number, taken.suffix
    incoming.arrival_on = taken.dated_on
    refresh_search(incoming)
    change_state(
        incoming, IncomingAction.REGISTER, actor=actor.ref, now=now, audit_action="documents.incoming.registered",
        detail={"number": taken.number, "register": register.pk},
        also=(*columns, "arrival_number", "arrival_suffix", "arrival_on"),
    )  # fmt: skip
    RegisterEntry.objects.create(
        register=register, number=taken.number, suffix=taken.suffix, dated_on=taken.dated_on, incoming=incoming,
        entered_by_id=actor.person_id, entered_at=now,
    )  # fmt: skip
    tracking_delivery.note_progress(incoming=incoming, state=DeliveryState.ACCEPTED, now=now)
    outbox.publish(
        IncomingRegistered(incoming.pk, incoming.registry_id, taken.number),
        name="documents.incoming.registered",
        now=now,
    )
    if forward_to is not None:
        forwarding.forward_locked(actor=actor, incoming=incoming, leader_id=forward_to, note="", now=now)
    else:
        distributing.distribute_by_rule(actor=actor, incoming=incoming, now=now)
    return incoming


def _already(incoming: IncomingDocument) -> str | None:
    """To a second clerk, or to who went back in the browser; nothing to add for a letter that was sent back."""
    if incoming.arrival_number is None:
        return None
    return (
        f"Văn bản này đã được đăng ký, số đến {incoming.shown_arrival}. Nội dung vừa nhập không ghi đè lên sổ;"
        " cần sửa thì dùng Sửa dòng sổ."
    )


def _take(register: Register, dated_on: date, reserved_number: int | None) -> numbering.TakenNumber:
    if reserved_number is None:
        return numbering.take_number(register=register, dated_on=dated_on)
    return numbering.take_reserved_number(register=register, number=reserved_number, dated_on=dated_on)


def _require_no_duplicate(incoming: IncomingDocument) -> None:
    """Asked while the register is locked, so of two clerks with the same letter the second is told."""
    originals = incoming.files.filter(purpose=FilePurpose.ORIGINAL).values_list("file_id", flat=True)
    same = [
        each
        for each in duplicates_of(
            registry_id=incoming.registry_id,
            number=incoming.number,
            symbol=incoming.symbol,
            issuing_body=incoming.issuing_body,
            sha256s=list(originals),
            besides=incoming.pk,
        )
        # One that waits unregistered is shown beside the form; it holds no number yet, so it does not stop this one.
        if each.is_same and each.state != IncomingState.RECEIVED
    ]
    if same:
        first = same[0]
        arrived = f" ({first.arrival_on:%d/%m/%Y})" if first.arrival_on else ""
        raise PossibleDuplicate(
            f"Có thể trùng với văn bản đến số {first.arrival}{arrived}. {first.why} Chưa cấp số. "
            "Xem văn bản trước; nếu không trùng, chọn “Không trùng” rồi đăng ký.",
            earlier=[each.incoming_id for each in same],
        )


@transaction.atomic
def correct_entry(
    *, actor: Actor, incoming_id: int, entry: IncomingEntry, reason: str, now: datetime
) -> list[EntryCorrection]:
    """Put fields of a registered letter right; the line keeps the old values, who and why.

    Returns the corrections made, none when nothing differs. The arrival number never changes. Raises
    DocumentNotFound, NotPermitted, Invalid, Conflict.
    """
    incoming = lock_incoming(actor, incoming_id)
    actor = fitting_posts.at_letter(actor, incoming)
    permissions.require(permissions.can_correct(actor, incoming))
    if incoming.state not in _CORRECTABLE or incoming.arrival_number is None:
        raise Conflict("Văn bản chưa đăng ký hoặc đã hủy nên không có dòng sổ để sửa.")
    clean_reason = _required_reason(reason, "Ghi lý do sửa dòng sổ.")
    before = {name: getattr(incoming, name) for name in ENTRY_FIELDS}
    columns = fill(incoming, checked_entry(entry, now=now, kept_field_id=incoming.field_of_work_id))
    changed = [name for name in ENTRY_FIELDS if before[name] != getattr(incoming, name)]
    if not changed:
        return []
    line = RegisterEntry.objects.select_for_update(no_key=True).get(incoming=incoming)
    shown = _shown_values(before), _shown_values({name: getattr(incoming, name) for name in changed})
    made = EntryCorrection.objects.bulk_create(
        [
            EntryCorrection(
                entry=line, field=name, old_value=shown[0][name], new_value=shown[1][name],
                reason=clean_reason, corrected_by_id=actor.person_id, corrected_at=now,
            )
            for name in changed
        ]
    )  # fmt: skip
    incoming.save(update_fields=list(columns))
    audit.record(
        actor=actor.ref, action="documents.incoming.corrected", object_kind=permissions.KIND, object_id=incoming.pk,
        now=now, detail={"fields": changed},
    )  # fmt: skip
    return made


@transaction.atomic
def cancel_registration(*, actor: Actor, incoming_id: int, reason: str, now: datetime) -> IncomingDocument:
    """Cancel a letter entered by mistake; its number is kept and explained in the gap ledger.

    Only before it is sent on. Raises DocumentNotFound, NotPermitted, Invalid, IllegalTransition.
    """
    incoming = lock_incoming(actor, incoming_id)
    actor = fitting_posts.at_letter(actor, incoming)
    permissions.require(permissions.can_cancel(actor, incoming))
    clean_reason = _required_reason(reason, "Ghi lý do hủy đăng ký.")
    change_state(
        incoming, IncomingAction.CANCEL, actor=actor.ref, now=now, reason=clean_reason,
        audit_action="documents.incoming.cancelled",
    )  # fmt: skip
    end_opinions_on_letters([incoming], ref=actor.ref, now=now, why="văn bản đã hủy đăng ký")
    line = RegisterEntry.objects.get(incoming=incoming)
    numbering.lock_register(line.register_id)
    line.refresh_from_db()
    numbering.void_entry(actor=actor, entry=line, state=EntryState.CANCELLED, reason=clean_reason, now=now)
    return incoming


@transaction.atomic
def refuse_incoming(*, actor: Actor, incoming_id: int, reason: str, now: datetime) -> IncomingDocument:
    """Return a received letter to its sender with the reason; a sender in the installation sees it at once.

    Source: NĐ 30/2020/NĐ-CP, Điều 21. Raises DocumentNotFound, NotPermitted, Invalid, IllegalTransition.
    """
    incoming = lock_incoming(actor, incoming_id)
    actor = fitting_posts.at_letter(actor, incoming)
    permissions.require(permissions.can_refuse(actor, incoming))
    clean_reason = _required_reason(reason, "Ghi lý do trả lại để nơi gửi biết.")
    change_state(
        incoming, IncomingAction.REFUSE, actor=actor.ref, now=now, reason=clean_reason,
        audit_action="documents.incoming.refused",
    )  # fmt: skip
    tracking_delivery.note_progress(incoming=incoming, state=DeliveryState.REFUSED, now=now, reason=clean_reason)
    if incoming.source_outgoing is not None:
        telling.tell(
            person_ids=telling.office_of(incoming.source_outgoing.registry_id, Role.CLERK, now=now),
            kind="refused", title="Nơi nhận trả lại văn bản", incoming=incoming, now=now, actor=actor,
        )  # fmt: skip
    outbox.publish(
        IncomingRefused(incoming.pk, incoming.registry_id, clean_reason), name="documents.incoming.refused", now=now
    )
    return incoming


def _required_reason(reason: str, message: str) -> str:
    clean = tidy(reason)
    if not clean:
        raise Invalid(message, fields={"reason": message})
    if len(clean) > 500:
        text = f"Lý do dài {len(clean)} ký tự; tối đa 500 ký tự."
        raise Invalid(text, fields={"reason": text})
    return clean


def _shown_values(values: dict[str, object]) -> dict[str, str]:
    """The fields' values as the register shows them: a field of work by its name, which may change later."""
    shown = {name: _shown(value) for name, value in values.items()}
    key = values.get("field_of_work_id")
    if isinstance(key, int):
        shown["field_of_work_id"] = organization.get_field_of_work(key).name
    return shown


def _shown(value: object) -> str:
    """A field's value as the register shows it."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{local_date(value):%d/%m/%Y}"
    return f"{value:%d/%m/%Y}" if isinstance(value, date) else str(value)
