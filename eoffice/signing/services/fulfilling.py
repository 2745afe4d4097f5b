"""A request for a certificate and its states: written here alone, and fulfilled by the certificate that comes."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q
from django.urls import reverse

from eoffice.audit import services as audit
from eoffice.core.actor_ref import ActorRef
from eoffice.core.clock import VIETNAM
from eoffice.core.errors import IllegalTransition
from eoffice.notifications import services as notifications
from eoffice.signing.models import CertificateRequest, CertificateRequestKind, HeldCertificate
from eoffice.signing.models.certificates import OPEN_REQUEST_STATES
from eoffice.signing.states import CERTIFICATE_REQUEST_TRANSITIONS, CertificateRequestAction

_SYSTEM = ActorRef(None, source="job")


def move_request(
    row: CertificateRequest,
    action: CertificateRequestAction,
    *,
    by: ActorRef,
    now: datetime,
    also: tuple[str, ...] = (),
) -> None:
    """Take a locked request along its table, and keep what the caller has set in `also`. Raises IllegalTransition."""
    target = CERTIFICATE_REQUEST_TRANSITIONS.get((row.state, action))
    if target is None:
        raise IllegalTransition(row.state, action)
    row.state = target
    if not row.is_open:
        row.ended_at = now
    row.save(update_fields=["state", "ended_at", *also])
    audit.record(
        actor=by, action=f"signing.certificate_request.{action}", object_kind="certificate_request", object_id=row.pk,
        now=now, detail={"state": str(target)},
    )  # fmt: skip


def fulfil_request(held: HeldCertificate, *, now: datetime) -> None:
    """A certificate was taken into use: its holder's open request is fulfilled, in the running transaction.

    A replaced way of signing is removed with it, so that nobody signs with a device that was given up.
    """
    rows = CertificateRequest.objects.select_for_update(no_key=True).filter(state__in=OPEN_REQUEST_STATES)
    of_seal, of_person = Q(unit_id=held.unit_id), Q(person_id=held.person_id, unit__isnull=True)
    whose = rows.filter(of_seal if held.unit_id is not None else of_person)
    row = whose.first()
    if row is None or row.asked_at > now:
        return
    row.fulfilled_by = held
    move_request(row, CertificateRequestAction.FULFIL, by=_SYSTEM, now=now, also=("fulfilled_by",))
    if row.kind == CertificateRequestKind.REPLACE and row.replaces is not None and row.replaces.method is not None:
        _give_up(row.replaces, now)
    until = held.expires_at.astimezone(VIETNAM)
    notifications.notify(
        person_ids=[row.person_id],
        kind="signing.certificate_fulfilled",
        title=f"Đã có chứng thư số mới của {held.holder_name}",
        text=f"{held.issuer}, hiệu lực đến {until:%d/%m/%Y}. Đề nghị cấp chứng thư đã xong.",
        url=reverse("signing:own_certificates"),
        now=now,
    )


def _give_up(old: HeldCertificate, now: datetime) -> None:
    method = old.method
    if method is None or method.removed_at is not None:
        return
    method.removed_at, method.is_default, method.secrets = now, False, ""
    method.save(update_fields=["removed_at", "is_default", "secrets"])
    old.ended_at = now
    old.save(update_fields=["ended_at"])
    audit.record(
        actor=_SYSTEM, action="signing.method.removed", object_kind="signing_method", object_id=method.pk, now=now,
        detail={"serial": method.serial, "replaced": True},
    )  # fmt: skip
