"""The documents of one registry that wait for its seal, with what was tried of them, for the page that seals many."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db.models import Count

from eoffice.core.errors import NotFound
from eoffice.documents.models import Annex, AnnexWay, OutgoingDocument, Urgency
from eoffice.documents.permissions import outgoing as permissions
from eoffice.documents.queries.outgoing_lists import waiting_counts, waiting_for_seal
from eoffice.documents.services.sealing import SEALED_FILE
from eoffice.documents.services.sealing_many import SealResult
from eoffice.layout.types import type_of
from eoffice.organization import queries as organization
from eoffice.organization.actor import Actor
from eoffice.organization.models import Role, Unit
from eoffice.signing import queries as signing
from eoffice.signing.certificate_lists import keeper_notice
from eoffice.signing.models import SignatureRequestPaper
from eoffice.signing.queries import MethodChoice

SHOWN: Final = 100
"""Documents on the page, the longest waiting first; those behind come when these are sealed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingSeal:
    """One document that waits for the seal, or was just tried; `asked_in` is the request whose answer it waits for."""

    id: int
    code: str
    subject: str
    type_name: str
    signer_name: str
    dated_on: date
    urgency: str
    annexes: int
    result: SealResult | None
    asked_in: int | None

    @property
    def can_be_chosen(self) -> bool:
        return self.asked_in is None and (self.result is None or not self.result.is_sealed)


@dataclass(frozen=True, slots=True, kw_only=True)
class SealingView:
    """Everything of the page. `others` are the clerk's other registries where documents wait, each with how many."""

    registry: Unit
    lines: tuple[WaitingSeal, ...]
    others: tuple[tuple[Unit, int], ...]
    ways: tuple[MethodChoice, ...]
    keeper_notice: str

    @property
    def open_count(self) -> int:
        return sum(line.can_be_chosen for line in self.lines)

    @property
    def sealed_count(self) -> int:
        return sum(line.result is not None and line.result.is_sealed for line in self.lines)

    @property
    def failed_count(self) -> int:
        return sum(line.result is not None and not line.result.is_sealed for line in self.lines)


def sealing_view(
    actor: Actor, *, unit_id: int, now: datetime, results: Mapping[int, SealResult] | None = None
) -> SealingView:
    """What waits for the seal of one registry, those just tried first. Raises NotFound for who is no clerk there."""
    registries = actor.units_with(Role.CLERK)
    if unit_id not in registries:
        raise NotFound
    results = results or {}
    waiting = waiting_for_seal(actor, {unit_id}).exclude(pk__in=results).order_by("-urgency", "issued_on", "pk")
    readable = OutgoingDocument.objects.filter(permissions.visible_to(actor))
    tried = readable.filter(registry_id=unit_id, pk__in=results).order_by("pk")
    rows = [*tried, *waiting[:SHOWN]]
    asked = signing.open_papers(subject_kind=SEALED_FILE, subject_ids=[row.file_id for row in rows if row.file_id])
    annexes = _annex_counts([row.pk for row in rows])
    counts = waiting_counts(actor, registries - {unit_id})
    units = organization.units_by_id({unit_id, *counts})
    return SealingView(
        registry=units[unit_id],
        lines=tuple(
            _line(row, annexes.get(row.pk, 0), results.get(row.pk), asked.get(row.file_id or 0)) for row in rows
        ),
        others=tuple((units[other], counts[other]) for other in sorted(counts)),
        ways=tuple(signing.choices_of_seal(unit_id, now=now)),
        keeper_notice=keeper_notice(actor, unit_id),
    )


def _annex_counts(outgoing_ids: Collection[int]) -> dict[int, int]:
    rows = Annex.objects.filter(outgoing__in=outgoing_ids).exclude(way=AnnexWay.AS_IT_CAME)
    return dict(rows.order_by("outgoing_id").values_list("outgoing_id").annotate(amount=Count("pk")))


def _line(
    row: OutgoingDocument, annexes: int, result: SealResult | None, asked: SignatureRequestPaper | None
) -> WaitingSeal:
    return WaitingSeal(
        id=row.pk,
        code=row.shown_code,
        subject=row.subject,
        type_name=type_of(row.document_type).name,
        signer_name=row.signer_name,
        dated_on=row.issued_on,
        urgency=Urgency(row.urgency).label.upper() if row.urgency else "",
        annexes=annexes,
        result=result,
        asked_in=asked.request_id if asked is not None else None,
    )
