"""Sổ gửi bưu điện: how a document reached a body outside the installation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from eoffice.audit import services as audit
from eoffice.core.clock import local_date
from eoffice.core.errors import Invalid
from eoffice.core.vietnamese import tidy
from eoffice.documents import fitting_posts
from eoffice.documents.errors import DocumentNotFound, NotIssued
from eoffice.documents.models import Delivery, DispatchMethod, PostalDispatch
from eoffice.documents.permissions import outgoing as permissions
from eoffice.documents.services.locking_outgoing import lock_outgoing
from eoffice.documents.services.once import claim
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


def record_dispatch(*, actor: Actor, delivery_id: int, entry: DispatchEntry, now: datetime) -> PostalDispatch:
    """Enter that a document went out by post, hand or mail. Source: NĐ 30/2020/NĐ-CP, Điều 18; Phụ lục IV.

    Raises DocumentNotFound, NotPermitted, NotIssued, Invalid.
    """
    outgoing_id = Delivery.objects.filter(pk=delivery_id).values_list("outgoing_id", flat=True).first()
    if outgoing_id is None:
        raise DocumentNotFound
    return record_dispatches(actor=actor, outgoing_id=outgoing_id, entries={delivery_id: entry}, now=now)[0]


@transaction.atomic
def record_dispatches(
    *, actor: Actor, outgoing_id: int, entries: Mapping[int, DispatchEntry], now: datetime, request_key: str = ""
) -> list[PostalDispatch]:
    """Enter a whole round to the post office: one line for each recipient (by delivery id), all of them or none.

    The same `request_key` again gives the lines it made. Raises DocumentNotFound for a recipient of another document,
    NotPermitted, NotIssued, Invalid, whose `fields` name the recipient (`sent_on-<delivery id>`) where there are
    several.
    """
    outgoing = lock_outgoing(actor, outgoing_id)
    actor = fitting_posts.at_outgoing(actor, outgoing)
    permissions.require(permissions.can_issue(actor, outgoing), "Chỉ văn thư của đơn vị phát hành ghi sổ gửi.")
    if outgoing.issued_at is None:
        raise NotIssued
    once = claim(actor=actor, key=request_key, object_kind="postal_dispatch", now=now)
    if once.done is not None:
        return list(PostalDispatch.objects.filter(pk__in=once.done).order_by("pk"))
    if not entries:
        raise Invalid("Chưa chọn nơi nhận nào.", fields={"picked": "Chọn ít nhất một nơi nhận."})
    if Delivery.objects.filter(outgoing=outgoing, pk__in=list(entries)).count() != len(entries):
        raise DocumentNotFound("Nơi nhận này không thuộc văn bản đang ghi sổ.")
    _check_all(entries, issued_on=local_date(outgoing.issued_at), today=local_date(now))
    rows = PostalDispatch.objects.bulk_create(
        [_line(delivery_id, entry, actor, now) for delivery_id, entry in entries.items()]
    )
    audit.record(
        actor=actor.ref, action="documents.outgoing.dispatched", object_kind=permissions.KIND, object_id=outgoing.pk,
        now=now, detail={"deliveries": list(entries), "methods": sorted({entry.method for entry in entries.values()})},
    )  # fmt: skip
    once.settle([row.pk for row in rows])
    return rows


def _line(delivery_id: int, entry: DispatchEntry, actor: Actor, now: datetime) -> PostalDispatch:
    return PostalDispatch(
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


def _check_all(entries: Mapping[int, DispatchEntry], *, issued_on: date, today: date) -> None:
    alone = len(entries) == 1
    faults: dict[str, str] = {}
    for delivery_id, entry in entries.items():
        for name, words in _faults(entry, issued_on=issued_on, today=today).items():
            faults[name if alone else f"{name}-{delivery_id}"] = words
    if faults:
        raise Invalid(fields=faults)


def _faults(entry: DispatchEntry, *, issued_on: date, today: date) -> dict[str, str]:
    faults = {}
    if entry.method not in DispatchMethod.values:
        faults["method"] = "Chọn cách gửi."
    if not issued_on <= entry.sent_on <= today:
        faults["sent_on"] = f"Ngày gửi từ ngày phát hành {issued_on:%d/%m/%Y} đến hôm nay."
    if not 1 <= entry.envelopes <= 999:
        faults["envelopes"] = "Số lượng bì từ 1 đến 999."
    return faults
