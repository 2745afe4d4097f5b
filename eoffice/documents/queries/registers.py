"""Registers and the units that keep them."""

from __future__ import annotations

from dataclasses import dataclass

from eoffice.core.errors import NotFound, NotPermitted
from eoffice.documents.models import (
    EntryCorrection,
    Register,
    RegisterEntry,
)
from eoffice.documents.permissions import registers as permissions
from eoffice.documents.queries.ledger import Ledger, ledger_of
from eoffice.layout.types import type_of
from eoffice.organization import queries as organization
from eoffice.organization.actor import Actor
from eoffice.organization.models import Unit


def registers_of(actor: Actor, *, year: int | None = None) -> list[Register]:
    """Registers the actor may read, newest year first."""
    rows = Register.objects.filter(permissions.registers_visible_to(actor)).select_related("registry")
    if year is not None:
        rows = rows.filter(year=year)
    return list(rows.order_by("-year", "registry__path", "kind", "pk"))


def get_register(actor: Actor, register_id: int) -> Register:
    """One register the actor may read. Raises NotFound."""
    row = (
        Register.objects.filter(permissions.registers_visible_to(actor), pk=register_id)
        .select_related("registry")
        .first()
    )
    if row is None:
        raise NotFound("Không tìm thấy sổ này.")
    return row


def manageable_registry(actor: Actor) -> Unit | None:
    """The registry whose books the actor keeps: that of the post chosen, else the first; None for others."""
    kept = actor.units_with(*permissions.KEEPERS)
    if not kept:
        return None
    registry_id = actor.registry_id if actor.registry_id in kept else min(kept)
    unit = organization.get_unit(registry_id)
    return unit if permissions.can_manage_registers(actor, unit) else None


def get_manageable_registry(actor: Actor) -> Unit:
    """The same. Raises NotPermitted for those who keep no book."""
    unit = manageable_registry(actor)
    if unit is None:
        raise NotPermitted("Chỉ văn thư, chánh văn phòng của đơn vị có con dấu mở sổ được.")
    return unit


@dataclass(frozen=True, slots=True)
class RegisterPage:
    """One register with its ledger; `may_manage` shows the clerk's forms."""

    register: Register
    ledger: Ledger
    corrections: tuple[EntryCorrection, ...]
    may_manage: bool

    @property
    def type_names(self) -> str:
        """Which types it numbers; empty for a register of all types."""
        return ", ".join(type_of(code).name for code in self.register.document_types)


def register_page(actor: Actor, register_id: int) -> RegisterPage:
    """One register the actor may read. Raises NotFound."""
    register = get_register(actor, register_id)
    return RegisterPage(
        register=register,
        ledger=ledger_of(register),
        corrections=tuple(corrections_of(actor, register)),
        may_manage=permissions.can_manage_registers(actor, register.registry) and register.closed_at is None,
    )


def corrections_of(actor: Actor, register: Register) -> list[EntryCorrection]:
    """What was corrected in lines the actor reads, newest first: old and new value, who and why (at most 200)."""
    lines = RegisterEntry.objects.filter(permissions.entries_visible_to(actor), register=register)
    rows = EntryCorrection.objects.filter(entry__in=lines).select_related("entry", "corrected_by")
    return list(rows.order_by("-pk")[:200])
