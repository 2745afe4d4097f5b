"""Requests for new certificates: asked, confirmed by another, put on a list for the issuer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.urls import reverse

from eoffice.audit import services as audit
from eoffice.core.clock import local_date
from eoffice.core.errors import Conflict, Invalid, NotFound, NotPermitted
from eoffice.notifications import services as notifications
from eoffice.organization import queries as organization
from eoffice.organization.actor import Actor
from eoffice.organization.models import Role
from eoffice.signing import permissions
from eoffice.signing.models import CertificateList, CertificateRequest, CertificateRequestKind, HeldCertificate
from eoffice.signing.services.fulfilling import move_request
from eoffice.signing.states import CertificateRequestAction, CertificateRequestState

_CONFIRMERS = (Role.UNIT_HEAD, Role.CHIEF_OF_OFFICE, Role.LEADER)


def ask_for_certificate(
    *, actor: Actor, kind: str, reason: str, now: datetime, replaces_id: int | None = None, unit_id: int | None = None
) -> CertificateRequest:
    """Ask for a certificate of one's own, or as its clerk for the seal of `unit_id`. One open request at a time.

    Raises NotPermitted, Invalid, Conflict.
    """
    permissions.require_own_hand(actor)
    if unit_id is not None and not permissions.can_keep_seal(actor, unit_id):
        raise NotPermitted("Chỉ văn thư của đơn vị đề nghị cấp chứng thư cho con dấu.")
    replaced = _own_certificate(actor, replaces_id, unit_id)
    faults = {}
    if not reason.strip():
        faults["reason"] = "Ghi lý do, ví dụ: chứng thư hết hạn ngày 05/01/2027."
    if kind not in CertificateRequestKind.values:
        faults["kind"] = "Chọn loại đề nghị."
    elif kind != CertificateRequestKind.NEW and replaced is None:
        faults["replaces"] = "Chọn chứng thư được cấp lại hoặc thay thiết bị."
    if faults:
        raise Invalid("Chưa gửi đề nghị.", fields=faults)
    try:
        with transaction.atomic():
            row = CertificateRequest.objects.create(
                person_id=actor.person_id, unit_id=unit_id, at_unit_id=unit_id or actor.unit_id or 0,
                position_name=actor.position_name, kind=kind, replaces=replaced, reason=reason.strip()[:500],
                asked_at=now,
            )  # fmt: skip
            audit.record(
                actor=actor.ref, action="signing.certificate_request.asked", object_kind="certificate_request",
                object_id=row.pk, now=now, detail={"kind": kind, "unit": unit_id},
            )  # fmt: skip
            notifications.notify(
                person_ids=_who_confirms(row, now), kind="signing.certificate_requested",
                title=f"{actor.name} đề nghị cấp chứng thư số", text=row.reason,
                url=reverse("signing:certificate_requests"), now=now,
            )  # fmt: skip
    except IntegrityError as error:
        raise Conflict("Đã có một đề nghị đang chờ. Chờ kết quả hoặc rút đề nghị đó trước.") from error
    return row


@transaction.atomic
def confirm_certificate_request(*, actor: Actor, request_id: int, now: datetime) -> None:
    """Confirm that a person needs the certificate, by an administrator or a head of the unit, never by who asked.

    Raises NotFound, NotPermitted, IllegalTransition.
    """
    row = _decidable(actor, request_id)
    row.decided_by_id, row.decided_at = actor.person_id, now
    move_request(row, CertificateRequestAction.CONFIRM, by=actor.ref, now=now, also=("decided_by", "decided_at"))
    _tell(row, "Đã xác nhận đề nghị cấp chứng thư số", "Quản trị gửi nơi cấp trong danh sách kế tiếp.", now)


@transaction.atomic
def refuse_certificate_request(*, actor: Actor, request_id: int, reason: str, now: datetime) -> None:
    """Refuse a request, with why. Raises NotFound, NotPermitted, Invalid, IllegalTransition."""
    row = _decidable(actor, request_id)
    if not reason.strip():
        raise Invalid("Chưa lưu.", fields={"reason": "Nhập lý do không xác nhận."})
    row.decided_by_id, row.decided_at, row.refusal = actor.person_id, now, reason.strip()[:500]
    also = ("decided_by", "decided_at", "refusal")
    move_request(row, CertificateRequestAction.REFUSE, by=actor.ref, now=now, also=also)
    _tell(row, "Đề nghị cấp chứng thư số không được xác nhận", row.refusal, now)


@transaction.atomic
def withdraw_certificate_request(*, actor: Actor, request_id: int, now: datetime) -> None:
    """Take one's own request back before it went to the issuer. Raises NotFound, IllegalTransition."""
    rows = CertificateRequest.objects.select_for_update(no_key=True)
    row = rows.filter(pk=request_id, person_id=actor.own_id).first()
    if row is None:
        raise NotFound
    move_request(row, CertificateRequestAction.WITHDRAW, by=actor.ref, now=now)


@transaction.atomic
def list_certificate_requests(*, actor: Actor, now: datetime) -> CertificateList:
    """Put every confirmed request on a numbered list for the issuer. Raises NotPermitted, Conflict."""
    permissions.require_certificates_managed(actor)
    rows = CertificateRequest.objects.select_for_update(no_key=True).filter(state=CertificateRequestState.CONFIRMED)
    confirmed: Sequence[CertificateRequest] = list(rows.order_by("pk")[:5000])
    if not confirmed:
        raise Conflict("Chưa có đề nghị nào đã xác nhận để đưa vào danh sách.")
    made = CertificateList.objects.create(made_by_id=actor.person_id, made_at=now)
    for row in confirmed:
        row.listed_in = made
        move_request(row, CertificateRequestAction.LIST, by=actor.ref, now=now, also=("listed_in",))
    return made


def _own_certificate(actor: Actor, held_id: int | None, unit_id: int | None) -> HeldCertificate | None:
    if held_id is None:
        return None
    rows = HeldCertificate.objects.filter(pk=held_id)
    return (rows.filter(unit_id=unit_id) if unit_id is not None else rows.filter(person_id=actor.person_id)).first()


def _decidable(actor: Actor, request_id: int) -> CertificateRequest:
    row = CertificateRequest.objects.select_for_update(no_key=True).filter(pk=request_id).first()
    if row is None or not permissions.can_see_certificate_request(actor, row):
        raise NotFound
    if row.person_id == actor.own_id or row.person_id == actor.person_id:
        raise NotPermitted("Người đề nghị không tự xác nhận. Người có thẩm quyền khác xác nhận đề nghị này.")
    if not permissions.can_decide_certificate_request(actor, row):
        raise NotPermitted
    return row


def _who_confirms(row: CertificateRequest, now: datetime) -> list[int]:
    """The heads of the person's unit; where there are none, the administrators."""
    day = local_date(now)
    heads = organization.holder_ids_of(_CONFIRMERS, [row.at_unit_id], on=day).get(row.at_unit_id, [])
    others = [person_id for person_id in heads if person_id != row.person_id]
    return others or [each for each in organization.people_playing(Role.ADMINISTRATOR, on=day) if each != row.person_id]


def _tell(row: CertificateRequest, title: str, text: str, now: datetime) -> None:
    notifications.notify(
        person_ids=[row.person_id], kind="signing.certificate_decided", title=title, text=text,
        url=reverse("signing:own_certificates"), now=now,
    )  # fmt: skip
