"""Whom we believe: the list of anchors and intermediates that administrators keep (digital-signature F)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from django.db import transaction

from eoffice.audit import services as audit
from eoffice.core.errors import Invalid, NotFound
from eoffice.organization.actor import Actor
from eoffice.signing import permissions
from eoffice.signing.engine.revocation import UNREADABLE
from eoffice.signing.engine.verdicts import TrustAnchors, TrustPeriod
from eoffice.signing.models import AnchorPurpose, HeldCertificate, TrustAnchor, VerificationReport
from eoffice.signing.services.authority import own_anchors

_NOT_READABLE: Final = "Tệp này không phải chứng thư số (DER hoặc PEM). Danh sách tin cậy chưa thay đổi."


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchorEntry:
    """What an administrator puts on the list. `certificate` is DER or PEM; times bound our own trust."""

    certificate: bytes
    purpose: AnchorPurpose
    is_intermediate: bool = False
    trusted_from: datetime | None = None
    trusted_until: datetime | None = None
    basis: str = ""


def trust_anchors(*, now: datetime) -> TrustAnchors:
    """Whom we believe at `now`: our own authority, and the anchors added by hand, each for its purpose and period.

    An anchor of time stamps makes no signer valid, and the other way round.
    """
    rows = list(TrustAnchor.objects.filter(withdrawn_at__isnull=True).order_by("pk"))
    anchors = [row for row in rows if not row.is_intermediate]
    own = own_anchors(now=now)
    return replace(
        own,
        roots=_once([*(bytes(row.certificate) for row in anchors if not _stamps(row)), *own.roots]),
        intermediates=_once([*(bytes(row.certificate) for row in rows if row.is_intermediate), *own.intermediates]),
        time_stamp_roots=_once(bytes(row.certificate) for row in anchors if _stamps(row)),
        periods=tuple(
            TrustPeriod(
                fingerprint=row.fingerprint,
                use="time_stamp" if _stamps(row) else "signer",
                starts_at=row.trusted_from,
                ends_at=row.trusted_until,
            )
            for row in anchors
        ),
    )


def state_of(trust: TrustAnchors) -> str:
    """SHA-256 over whom we believe, for what and when: lists and answers do not count."""
    parts = [*trust.roots, b"|", *trust.intermediates, b"|", *trust.time_stamp_roots]
    text = repr([hashlib.sha256(part).hexdigest() for part in parts]) + repr([line.to_json() for line in trust.periods])
    return hashlib.sha256(text.encode()).hexdigest()


def add_trust_anchor(*, actor: Actor, entry: AnchorEntry, now: datetime) -> TrustAnchor:
    """Believe a root (or know an intermediate) for a purpose from now on; every verdict will be checked anew.

    Source: digital-signature F. Raises NotPermitted, Invalid.
    """
    permissions.require_trust_managed(actor)
    parsed = read_certificate(entry.certificate)
    _require_authority(parsed, entry)
    fingerprint = parsed.fingerprint(hashes.SHA256()).hex()
    with transaction.atomic():
        held = TrustAnchor.objects.filter(fingerprint=fingerprint, purpose=entry.purpose, withdrawn_at__isnull=True)
        if held.exists():
            raise Invalid(fields={"certificate": "Chứng thư này đã có trong danh sách với cùng mục đích."})
        anchor = TrustAnchor.objects.create(
            fingerprint=fingerprint,
            purpose=entry.purpose,
            certificate=parsed.public_bytes(Encoding.DER),
            is_intermediate=entry.is_intermediate,
            name=parsed.subject.rfc4514_string()[:200],
            trusted_from=entry.trusted_from,
            trusted_until=entry.trusted_until,
            basis=entry.basis.strip(),
            added_by_id=actor.person_id,
            added_at=now,
        )
        _check_all_again(now)
        audit.record(
            actor=actor.ref,
            action="signing.anchor.added",
            object_kind="trust_anchor",
            object_id=anchor.pk,
            now=now,
            detail={"fingerprint": fingerprint, "purpose": str(entry.purpose), "basis": anchor.basis},
        )
    return anchor


def withdraw_trust_anchor(*, actor: Actor, anchor_id: int, reason: str, now: datetime) -> None:
    """Believe an anchor no longer; the row stays, with who, when and why. Raises NotPermitted, NotFound, Invalid."""
    permissions.require_trust_managed(actor)
    clean = reason.strip()[:500]
    if not clean:
        raise Invalid("Ghi lý do thôi tin cậy.", fields={"reason": "Ghi lý do thôi tin cậy."})
    with transaction.atomic():
        rows = TrustAnchor.objects.select_for_update(no_key=True)
        anchor = rows.filter(pk=anchor_id, withdrawn_at__isnull=True).first()
        if anchor is None:
            raise NotFound
        anchor.withdrawn_at, anchor.withdrawn_by_id, anchor.withdrawal_reason = now, actor.person_id, clean
        anchor.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawal_reason"])
        _check_all_again(now)
        audit.record(
            actor=actor.ref,
            action="signing.anchor.withdrawn",
            object_kind="trust_anchor",
            object_id=anchor_id,
            now=now,
            detail={"reason": clean},
        )


def read_certificate(content: bytes) -> x509.Certificate:
    """A certificate from DER or PEM. Raises Invalid."""
    try:
        if content.lstrip().startswith(b"-----"):
            return x509.load_pem_x509_certificate(content)
        return x509.load_der_x509_certificate(content)
    except UNREADABLE as error:
        raise Invalid(_NOT_READABLE, fields={"certificate": _NOT_READABLE}) from error


def _require_authority(parsed: x509.Certificate, entry: AnchorEntry) -> None:
    """An anchor issues certificates; a person's certificate believed as a root would vouch for itself alone."""
    try:
        is_authority = parsed.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, *UNREADABLE):
        is_authority = parsed.version is x509.Version.v1 and parsed.issuer == parsed.subject
    if not is_authority:
        raise Invalid(fields={"certificate": "Đây là chứng thư của người dùng, không phải của nơi cấp chứng thư."})
    if entry.trusted_from and entry.trusted_until and entry.trusted_from >= entry.trusted_until:
        raise Invalid(fields={"trusted_until": "Ngày thôi tin cậy phải sau ngày bắt đầu."})


def _check_all_again(now: datetime) -> None:
    VerificationReport.objects.filter(state="signed").update(recheck_at=now)
    HeldCertificate.objects.filter(authority="", ended_at__isnull=True).update(ask_at=now)


def _stamps(row: TrustAnchor) -> bool:
    return row.purpose == AnchorPurpose.TIME_STAMP


def _once(ders: Iterable[bytes]) -> tuple[bytes, ...]:
    return tuple(dict.fromkeys(ders))
