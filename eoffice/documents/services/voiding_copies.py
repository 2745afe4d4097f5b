"""Hủy bản sao: a copy that will never be sealed ends; the number of an extract stays taken."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from eoffice.audit import services as audit
from eoffice.core.errors import Conflict, Invalid, NotFound
from eoffice.core.vietnamese import tidy
from eoffice.documents.models import EntryState, PaperCopy, RegisterEntry
from eoffice.documents.permissions import copies as permissions
from eoffice.documents.permissions.registers import require
from eoffice.documents.services import numbering
from eoffice.documents.services.copying import KIND
from eoffice.documents.services.sealing_copies import require_copy_free
from eoffice.organization.actor import Actor


@transaction.atomic
def void_copy(*, actor: Actor, copy_id: int, reason: str, now: datetime) -> PaperCopy:
    """End a copy that is not sealed, with a reason; file and text stay to be read.

    An extract's line of the register says so and its number is never given out again (as `void_number`); sao y and
    sao lục have no number. A sealed copy may have left the house and is not voided.
    Raises NotFound, NotPermitted, Conflict, Invalid, PaperBeingSigned.
    """
    rows = PaperCopy.objects.select_for_update(no_key=True).filter(permissions.copies_visible_to(actor))
    copy = rows.filter(pk=copy_id).first()
    if copy is None:
        raise NotFound
    require(permissions.can_copy(actor, copy.registry_id), "Chỉ văn thư của đơn vị hủy bản sao.")
    if copy.sealed_at is not None:
        raise Conflict("Bản sao này đã được ký số nên không hủy được.")
    if copy.voided_at is not None:
        raise Conflict("Bản sao này đã hủy trước đó.")
    require_copy_free(copy, now)
    words = tidy(reason)[:500]
    if not words:
        raise Invalid("Chưa hủy bản sao.", fields={"reason": "Ghi lý do hủy."})
    copy.voided_by_id, copy.voided_at, copy.void_reason = actor.person_id, now, words
    copy.save(update_fields=["voided_by", "voided_at", "void_reason"])
    entry = RegisterEntry.objects.filter(copy=copy).first()
    if entry is not None:
        numbering.lock_register(entry.register_id)
        numbering.void_entry(actor=actor, entry=entry, state=EntryState.VOID, reason=words, now=now)
    audit.record(
        actor=actor.ref, action="documents.copy.voided", object_kind=KIND, object_id=copy.pk, now=now,
        detail={"form": copy.form},
    )  # fmt: skip
    return copy
