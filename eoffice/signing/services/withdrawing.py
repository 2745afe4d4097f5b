"""Taking the seal of a unit out of use when the unit is no more."""

from __future__ import annotations

from datetime import datetime

from eoffice.audit import services as audit
from eoffice.core.actor_ref import ActorRef
from eoffice.signing.models import SigningKey, SigningMethod


def withdraw_seal(*, actor: ActorRef, unit_id: int, basis: str, now: datetime) -> SigningKey | None:
    """Let the seal of a unit sign no more, in the caller's transaction; None where it has none, or had it withdrawn.

    Ways to seal with a key elsewhere are removed. The certificate is not revoked: that would void older signatures
    without a time stamp. Where it comes from outside, the administrator asks its authority to revoke it. Locks the key.
    """
    rows = SigningKey.objects.select_for_update(no_key=True).filter(
        unit_id=unit_id, revoked_at__isnull=True, withdrawn_at__isnull=True
    )
    SigningMethod.objects.filter(unit_id=unit_id, removed_at__isnull=True).update(removed_at=now, is_default=False)
    key = rows.first()
    if key is None:
        return None
    key.withdrawn_at = now
    key.save(update_fields=["withdrawn_at"])
    audit.record(
        actor=actor, action="signing.key.withdrawn", object_kind="signing_key", object_id=key.pk, now=now,
        detail={"serial": key.serial, "unit": unit_id, "basis": basis[:300]},
    )  # fmt: skip
    return key
