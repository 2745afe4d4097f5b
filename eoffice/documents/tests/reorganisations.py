"""Reorganisations for tests: prepared by the administrator, confirmed by chánh văn phòng, carried out on their day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Final

from eoffice.core.clock import local_date
from eoffice.documents.services import reorganising
from eoffice.documents.tests.cast import NOW, Cast, actor_of
from eoffice.organization.actor import Actor
from eoffice.organization.models import PowersSession, Reorganisation, StepKind, Unit
from eoffice.organization.services import preparing_reorganisation
from eoffice.organization.services.powers import POWERS_SPAN
from eoffice.organization.services.preparing_reorganisation import DecisionTerms, NewUnit, StepTerms
from eoffice.signing import services as signing
from eoffice.signing.models import SigningKey

DAY: Final = date(2026, 12, 1)
LATER: Final = datetime(2026, 11, 30, 17, 0, tzinfo=UTC)
"""00:00 in Vietnam on the day of the reorganisation."""


def keeper(cast: Cast, *, now: datetime = NOW) -> Actor:
    """The administrator with his special powers on."""
    session = PowersSession.objects.create(
        person=cast.administrator, reason="Sắp xếp tổ chức", started_at=now, ends_at=now + POWERS_SPAN
    )
    return replace(actor_of(cast.administrator, now=now), powers_id=session.pk, powers_until=session.ends_at)


def terms(effective_on: date = DAY) -> DecisionTerms:
    return DecisionTerms(
        title="Sắp xếp các ban tham mưu", decision_number="77/QĐ-TXG", decided_on=date(2026, 11, 20),
        effective_on=effective_on,
    )  # fmt: skip


def new_unit(name: str, symbol: str, *, has_registry: bool = False, kind: str = "board") -> NewUnit:
    return NewUnit(name=name, short_name=name, symbol=symbol, kind=kind, has_registry=has_registry)


def step(
    kind: StepKind, *units: Unit, target: Unit | None = None, parts: Sequence[NewUnit] = (), keeps_source: bool = False
) -> StepTerms:
    return StepTerms(
        kind=kind, unit_ids=tuple(unit.pk for unit in units), target_id=target.pk if target else None,
        parts=tuple(parts), keeps_source=keeps_source,
    )  # fmt: skip


def prepared(cast: Cast, *steps: StepTerms, effective_on: date = DAY, now: datetime = NOW) -> Reorganisation:
    actor = actor_of(cast.administrator, now=now)
    row = preparing_reorganisation.prepare(actor=actor, terms=terms(effective_on), unit_id=cast.group.pk, now=now)
    for each in steps:
        preparing_reorganisation.add_step(actor=actor, reorganisation_id=row.pk, terms=each, now=now)
    return row


def confirm_prepared(cast: Cast, row: Reorganisation, *, now: datetime = NOW) -> Reorganisation:
    reorganising.submit(actor=keeper(cast, now=now), reorganisation_id=row.pk, now=now)
    return reorganising.confirm(actor=actor_of(cast.chief, now=now), reorganisation_id=row.pk, now=now)


def confirmed(cast: Cast, *steps: StepTerms) -> Reorganisation:
    return confirm_prepared(cast, prepared(cast, *steps))


def carry_out_prepared(cast: Cast, row: Reorganisation, *, at: datetime = LATER) -> Reorganisation:
    confirm_prepared(cast, row)
    return reorganising.carry_out(reorganisation_id=row.pk, now=at)


def carried_out(cast: Cast, *steps: StepTerms, at: datetime = LATER) -> Reorganisation:
    """Prepared, confirmed and carried out; a later day is prepared the day before."""
    if at == LATER:
        return carry_out_prepared(cast, prepared(cast, *steps))
    day = local_date(at)
    row = prepared(cast, *steps, effective_on=day, now=at)
    confirm_prepared(cast, row, now=at)
    return reorganising.carry_out(reorganisation_id=row.pk, now=at)


def give_seal(cast: Cast) -> SigningKey:
    """The seal of the company, made by its clerk."""
    signing.ensure_authority(now=NOW)
    Unit.objects.filter(pk=cast.company.pk).update(name="Công ty Nam Trung Bộ")  # a certificate holds 64 letters
    return signing.set_seal_pin(actor=actor_of(cast.company_clerk), unit_id=cast.company.pk, pin="135790", now=NOW)
