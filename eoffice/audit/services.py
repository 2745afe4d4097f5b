"""Writing the audit trail: one line for each command and for each document read; sealing; proof."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from eoffice.audit import sealing
from eoffice.audit.errors import OutsideTransaction
from eoffice.audit.models import AuditEntry
from eoffice.audit.sealing import AuditVerdict
from eoffice.core import deeds
from eoffice.core.actor_ref import ActorRef

__all__ = ["AuditVerdict", "record", "record_read", "seal", "verify"]


def record(
    *,
    actor: ActorRef,
    action: str,
    object_kind: str,
    object_id: int | str,
    now: datetime,
    detail: dict[str, Any] | None = None,
    address: str = "",
) -> AuditEntry:
    """Write one line for a command, inside the transaction that carries out the command.

    `action` is the spoken past of the use case (`documents.incoming.forwarded`), `detail` small plain values:
    never document content, names of persons or keys. A plain insert without any lock; the sealing job proves it
    later. Raises OutsideTransaction when no transaction is open, so that no change is ever without its line, and
    NotDelegated for a command in another's name that his delegation does not cover (`core.deeds`).
    """
    if not transaction.get_connection().in_atomic_block:
        raise OutsideTransaction(f"{action}: recorded outside the transaction of its change")
    deeds.require(actor, action)
    return _insert(actor, action, object_kind, object_id, now, detail, address)


def record_read(
    *,
    actor: ActorRef,
    object_kind: str,
    object_id: int | str,
    now: datetime,
    detail: dict[str, Any] | None = None,
    address: str = "",
) -> AuditEntry:
    """Write the one small line a document read leaves (`<object_kind>.read`): the only write a GET may cause."""
    deeds.require_read(actor)
    return _insert(actor, f"{object_kind}.read", object_kind, object_id, now, detail, address)


def seal(*, now: datetime) -> int:
    """Seal every committed entry that is not sealed yet and return how many there were.

    Runs alone: a second call at the same time returns 0 at once. Entries of transactions that commit late are
    found by a later run. See `sealing` for the form of the chain.
    """
    return sealing.seal_committed(now=now)


def verify(*, expected_root: str | None = None) -> AuditVerdict:
    """Recompute every block from its entries and follow the chain; changes nothing.

    With `expected_root` (a head noted earlier, for example in a backup's manifest) the chain must also contain
    that root: this is what shows the removal of the newest blocks together with their entries.
    """
    return sealing.verify_chain(expected_root=expected_root)


def _insert(
    actor: ActorRef,
    action: str,
    object_kind: str,
    object_id: int | str,
    now: datetime,
    detail: dict[str, Any] | None,
    address: str,
) -> AuditEntry:
    return AuditEntry.objects.create(
        at=now,
        person_id=actor.person_id,
        posting_id=actor.posting_id,
        on_behalf_of_id=actor.on_behalf_of_id,
        source=actor.source,
        action=action,
        object_kind=object_kind,
        object_id=str(object_id),
        detail=detail or {},
        address=address,
    )
