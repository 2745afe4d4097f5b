"""Names of units: a new one from a day on; the old one stays for what is older."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from eoffice.core.vietnamese import sort_key, tidy
from eoffice.organization import tree
from eoffice.organization.models import Unit, UnitNames

NAME_FIELDS = ("name", "short_name", "symbol", "former_names", "known_as", "name_fold", "sort_key")


def give_names(unit: Unit, names: UnitNames, *, first_day: date, basis: str = "", keeps_old: bool = True) -> None:
    """Name a unit, locked by the caller, from `first_day` on. What it was called until then is kept with its last day.

    `keeps_old` False mends a name that was typed wrong: nothing was ever called so on purpose. A name that began on
    `first_day` or later is replaced without a trace, as it was valid on no day. The caller saves `NAME_FIELDS`.
    """
    new = UnitNames(tidy(names.name), tidy(names.short_name), tidy(names.symbol))
    if keeps_old:
        unit.former_names = with_former(unit.former_names, unit.names, new, first_day=first_day, basis=basis)
    unit.name, unit.short_name, unit.symbol = new.name, new.short_name, new.symbol
    know_as(unit, (former["name"] for former in unit.former_names))


def know_as(unit: Unit, names: Iterable[str]) -> None:
    """Let a search find a unit under further names too; the caller saves `NAME_FIELDS`."""
    unit.known_as = [each for each in dict.fromkeys([*unit.known_as, *names]) if each != unit.name][-20:]
    unit.name_fold = tree.folded_names(unit.name, unit.short_name, unit.symbol, unit.known_as)
    unit.sort_key = sort_key(unit.name)


def with_former(
    former: list[dict[str, Any]], old: UnitNames, new: UnitNames, *, first_day: date, basis: str = ""
) -> list[dict[str, Any]]:
    """The names held before, once `new` holds from `first_day` on."""
    last_day = (first_day - timedelta(days=1)).isoformat()
    began_later = bool(former) and former[-1]["last_day"] >= last_day
    if old == new or not old.name or began_later:
        return former
    return [*former, _former(old, last_day, basis)]


def _former(names: UnitNames, last_day: str, basis: str) -> dict[str, Any]:
    return {
        "name": names.name,
        "short_name": names.short_name,
        "symbol": names.symbol,
        "last_day": last_day,
        "basis": basis[:300],
    }
