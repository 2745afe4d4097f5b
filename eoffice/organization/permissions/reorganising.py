"""Who may prepare, confirm and see a reorganisation."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from eoffice.core.errors import NotPermitted
from eoffice.organization.actor import Actor
from eoffice.organization.models import Reorganisation, ReorganisationState, Unit
from eoffice.organization.permissions import changes, importing


def require(allowed: bool, message: str | None = None) -> None:
    """Raise NotPermitted unless `allowed`."""
    if not allowed:
        raise NotPermitted(message)


def prepares_any(actor: Actor) -> bool:
    """Administrators prepare, for the units they keep."""
    return importing.keeps_units(actor) and actor.is_himself


def sees_any(actor: Actor) -> bool:
    """Who prepares, and chánh văn phòng who confirms."""
    return changes.keeps_any_rights(actor) and actor.is_himself


def can_prepare_for(actor: Actor, units: Iterable[Unit]) -> bool:
    """The administrator of every unit that is touched, or of units above them."""
    return actor.is_himself and all(importing.can_keep_unit(actor, unit) for unit in units)


def can_edit(actor: Actor, row: Reorganisation) -> bool:
    """Its preparer, and every administrator of the unit above everything touched, while nobody decides about it."""
    return row.state == ReorganisationState.DRAFT and can_prepare_for(actor, [row.unit])


def can_confirm(actor: Actor, row: Reorganisation) -> bool:
    """A second person who keeps the rights of the unit above everything touched: roles and posts change with it.

    NĐ 30/2020/NĐ-CP, Phụ lục VI, III.3.c.
    """
    return (
        row.state == ReorganisationState.WAITING
        and actor.is_himself
        and actor.person_id != row.prepared_by_id
        and changes.can_keep_rights(actor, row.unit)
    )


def can_withdraw(actor: Actor, row: Reorganisation) -> bool:
    """Until its day: whoever prepared it, and who could have confirmed it."""
    return row.state in {
        ReorganisationState.DRAFT,
        ReorganisationState.WAITING,
        ReorganisationState.CONFIRMED,
        ReorganisationState.FAILED,
    } and (actor.is_himself and (actor.person_id == row.prepared_by_id or changes.can_keep_rights(actor, row.unit)))


def visible_to(actor: Actor) -> Q:
    """Its preparer, who confirmed it, and who keeps the rights of the unit above everything touched."""
    mine = Q(prepared_by_id=actor.person_id) | Q(confirmed_by_id=actor.person_id)
    return mine | changes.in_kept_units(actor)
