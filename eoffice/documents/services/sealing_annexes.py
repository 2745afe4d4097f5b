"""Separate annexes at sealing: made ready, signed with the paper under one PIN, bound to it in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import PurePath

from django.db import transaction

from eoffice.core.errors import ExpectedError
from eoffice.documents.errors import AnnexNotSealed, SealingTakenOver
from eoffice.documents.models import Annex, AnnexWay, FilePurpose, FileVersion, OutgoingDocument
from eoffice.documents.services.planning_annexes import keep_plan, plan_annexes
from eoffice.organization.actor import Actor
from eoffice.renditions import services as renditions
from eoffice.signing import services as signing
from eoffice.signing.engine.text_marks import Corner


def ready_annexes(*, outgoing: OutgoingDocument, now: datetime) -> list[Annex]:
    """The annexes to sign, each with the file it is signed on; opens no transaction around the work.

    That file is kept before any key is used: whoever continues after a kill finds it and signs none twice. What the
    signatures of others forbid by now goes as it came. Raises AnnexNotReady.
    """
    if not Annex.objects.filter(outgoing=outgoing).exists():
        _plan_late(outgoing, now)
    return [row for row in sealed_with(outgoing) if row.prepared_id is not None or _prepared(row, now)]


def sealed_with(outgoing: OutgoingDocument) -> list[Annex]:
    """The annexes that are signed together with a paper, in their order."""
    rows = Annex.objects.filter(outgoing=outgoing).exclude(way=AnnexWay.AS_IT_CAME).select_related("attachment")
    return list(rows.order_by("position"))


def papers_of(annexes: Sequence[Annex], *, code: str, now: datetime) -> list[signing.Paper]:
    """The annexes as they are sealed: number and symbol of their paper, and the moment, in words."""
    return [
        signing.annex_paper(
            prepared_sha=str(each.prepared_id), field=each.field, code=code, corner=Corner.from_json(each.corner),
            now=now,
        )
        for each in annexes
    ]  # fmt: skip


def signed_annexes(
    annexes: Sequence[Annex], results: Sequence[signing.BatchResult], *, now: datetime
) -> dict[int, str]:
    """SHA-256 of each annex that was signed, by its key; one whose old signatures ended meanwhile goes as it came.

    Raises AnnexNotSealed for any other refusal: then nothing counts, and what was signed is found again.
    """
    signed: dict[int, str] = {}
    for annex, result in zip(annexes, results, strict=True):
        if result.stored is not None:
            signed[annex.pk] = str(result.stored.pk)
        elif not _left_for_its_signatures(annex, now):
            raise AnnexNotSealed(annex.attachment.name, result.error.message if result.error else "")
    return signed


def bind_annexes(*, actor: Actor, outgoing: OutgoingDocument, signed: Mapping[int, str], now: datetime) -> None:
    """Make the signed files those of the paper, in the caller's transaction and under his lock.

    Raises SealingTakenOver when an annex that is to be signed is missing from them.
    """
    rows = sealed_with(outgoing)
    if {row.pk for row in rows} != set(signed):
        raise SealingTakenOver
    for row in rows:
        row.sealed = FileVersion.objects.create(
            outgoing=outgoing, purpose=FilePurpose.ANNEX, file_id=signed[row.pk],
            name=f"{PurePath(row.attachment.name).stem}.pdf"[-255:], created_by_id=actor.person_id, created_at=now,
        )  # fmt: skip
        row.save(update_fields=["sealed"])
        renditions.request(sha256=signed[row.pk], now=now)


def _plan_late(outgoing: OutgoingDocument, now: datetime) -> None:
    """Plan for a paper that took its number before annexes were looked at."""
    planned = plan_annexes(draft=outgoing.draft, now=now, may_leave=True)
    with transaction.atomic():
        OutgoingDocument.objects.select_for_update(no_key=True).get(pk=outgoing.pk)
        if not Annex.objects.filter(outgoing=outgoing).exists():
            keep_plan(outgoing, planned)


def _prepared(row: Annex, now: datetime) -> bool:
    if _left_for_its_signatures(row, now):
        return False
    field = f"dau_{row.outgoing_id}_{row.position}"
    try:
        sha256, name = signing.prepare_annex(
            source_sha=str(row.source_id), corner=Corner.from_json(row.corner), field=field
        )
    except ExpectedError as error:
        raise AnnexNotSealed(row.attachment.name, error.message) from error
    Annex.objects.filter(pk=row.pk, prepared__isnull=True).update(prepared=sha256, field=name)
    row.refresh_from_db(fields=["prepared", "field"])
    return True


def leave_unsignable(annex_id: int, *, now: datetime) -> bool:
    """Leave an annex that could not be signed as it came, if that is why; else it is to be signed again.

    Looks at the file, so never inside a transaction.
    """
    row = Annex.objects.select_related("attachment").get(pk=annex_id)
    return row.way == AnnexWay.AS_IT_CAME or _left_for_its_signatures(row, now)


def _left_for_its_signatures(row: Annex, now: datetime) -> bool:
    """Leave an annex as it came when the signatures it has do not bear another one any more."""
    plan = signing.plan_annex(sha256=str(row.source_id), now=now)
    if not plan.untouched:
        return False
    Annex.objects.filter(pk=row.pk, sealed__isnull=True).update(
        way=AnnexWay.AS_IT_CAME, reason=plan.untouched, source=None
    )
    return True
