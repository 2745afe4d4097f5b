"""Sổ gửi bưu điện: how a document reached a body outside the installation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from eoffice.audit import services as audit
from eoffice.core.clock import local_date
from eoffice.core.errors import Invalid
from eoffice.core.vietnamese import tidy
from eoffice.documents.errors import DocumentNotFound, NotIssued
from eoffice.documents.models import Delivery, DispatchMethod, PostalDispatch
from eoffice.documents.permissions import outgoing as permissions
from eoffice.documents.services.locking_outgoing import lock_outgoing
from eoffice.organization.actor import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class DispatchEntry:
    """One line of the register: `reference` is the postal code or mail address, `received_by` who signed for it."""

    method: str
    sent_on: date
    envelopes: int = 1
    reference: str = ""
    received_by: str = ""
    note: str = ""


@transaction.atomic
def record_dispatch(*, actor: Actor, delivery_id: int, entry: DispatchEntry, now: datetime) -> PostalDispatch:
    """Enter that a document went out by post, hand or mail. Source: NĐ 30/2020/NĐ-CP, Điều 18; Phụ lục IV.

    Raises DocumentNotFound, NotPermitted, NotIssued, Invalid.
    """
    outgoing_id = Delivery.objects.filter(pk=delivery_id).values_list("outgoing_id", flat=True).first()
    if outgoing_id is None:
        raise DocumentNotFound
    outgoing = lock_outgoing(actor, outgoing_id)
    permissions.require(permissions.can_issue(actor, outgoing), "Chỉ văn thư của đơn vị phát hành ghi sổ gửi.")
    if outgoing.issued_at is None:
        raise NotIssued
    _check(entry, issued_on=local_date(outgoing.issued_at), today=local_date(now))
    row = PostalDispatch.objects.create(
        delivery_id=delivery_id,
        method=entry.method,
        sent_on=entry.sent_on,
        envelopes=entry.envelopes,
        reference=tidy(entry.reference)[:100],
        received_by=tidy(entry.received_by)[:100],
        note=tidy(entry.note)[:500],
        recorded_by_id=actor.person_id,
        recorded_at=now,
    )
    audit.record(
        actor=actor.ref, action="documents.outgoing.dispatched", object_kind=permissions.KIND, object_id=outgoing.pk,
        now=now, detail={"delivery": delivery_id, "method": entry.method},
    )  # fmt: skip
    return row


def _check(entry: DispatchEntry, *, issued_on: date, today: date) -> None:
    faults = {}
    if entry.method not in DispatchMethod.values:
        faults["method"] = "Chọn cách gửi."
    if not issued_on <= entry.sent_on <= today:
        faults["sent_on"] = f"Ngày gửi từ ngày phát hành {issued_on:%d/%m/%Y} đến hôm nay."
    if not 1 <= entry.envelopes <= 999:
        faults["envelopes"] = "Số lượng bì từ 1 đến 999."
    if faults:
        raise Invalid(fields=faults)
