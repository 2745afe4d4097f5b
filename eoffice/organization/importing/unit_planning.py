"""Units of a list compared with the tree."""

from __future__ import annotations

from collections import Counter
from typing import Final

from eoffice.organization.importing.columns import Table, column
from eoffice.organization.importing.entries import UnitEntry
from eoffice.organization.importing.plan import Action, Change, Outcome, Plan, UnitValues, mark_fault, shown
from eoffice.organization.importing.snapshot import Snapshot, UnitNow
from eoffice.organization.models import Family, UnitKind

DEEPEST: Final = 18
"""Levels of the tree; `Unit.path` holds no more."""


class UnitPlanner:
    """Compares the units of a list with the tree and finds what cannot stand: doubles, unknown parents, cycles."""

    def __init__(self, snapshot: Snapshot, plan: Plan) -> None:
        self.snapshot = snapshot
        self.plan = plan
        self.parents: dict[str, str | None] = dict(snapshot.tree)
        self.planned: dict[str, UnitValues] = {}

    def run(self, entries: list[UnitEntry]) -> None:
        """Compare the entries. Units that are no more stay so, whatever the list says of them."""
        ended = [entry for entry in entries if self._is_ended(entry)]
        entries = [entry for entry in entries if not self._is_ended(entry)]
        for entry in ended:
            self.plan.outcomes.append(Outcome(Table.UNITS, entry.line, entry.code, entry.name, Action.UNCHANGED))
        seen: Counter[str] = Counter(entry.code for entry in entries if entry.code)
        active = {code for code, unit in self.snapshot.units.items() if unit.closed_on is None}
        coded = {entry.code for entry in entries if entry.code} | active
        roots = [entry for entry in entries if entry.parent is None and self._now_of(entry) is None]
        for entry in entries:
            if seen[entry.code] > 1:
                mark_fault(entry, "code", entry.code, "Mã đơn vị này có nhiều dòng trong tệp.")
            if entry.parent is not None and entry.parent not in coded:
                mark_fault(entry, "parent", entry.parent, "Không có đơn vị đang hoạt động nào mang mã này.")
            self._take(entry)
        for entry in roots[1:]:
            mark_fault(entry, "parent", "", f"Chỉ một đơn vị gốc; «{roots[0].name}» đã là gốc. Ghi mã đơn vị cấp trên.")
        self._refuse_cycles(entries)
        self._refuse_hanging_on_faults(entries)
        for entry in entries:
            self.plan.outcomes.append(self._outcome(entry))

    def _is_ended(self, entry: UnitEntry) -> bool:
        return entry.code in self.snapshot.heirs

    def _take(self, entry: UnitEntry) -> None:
        now = self._now_of(entry)
        parent = entry.parent if entry.parent is not None else (now.parent if now else None)
        if parent is None and now is None and (root := self.snapshot.root_name):
            mark_fault(entry, "parent", "", f"Hệ thống đã có đơn vị gốc «{root}». Ghi mã đơn vị cấp trên.")
        if entry.parent is not None and now is not None and now.parent_id is None:
            mark_fault(entry, "parent", entry.parent, "Đơn vị gốc không có cấp trên.")
        self.parents[entry.code] = parent if now is None or entry.parent is not None else self._key_above(now)
        if now is not None and now.code is None:
            self.parents[f"id:{now.id}"] = entry.code
        if entry.faults:
            return
        is_behind = now is not None and now.was_called(entry.name)
        short_name, symbol = ("", "") if is_behind else (entry.short_name, entry.symbol)
        self.planned[entry.code] = UnitValues(
            code=entry.code,
            name=now.name if now is not None and is_behind else entry.name,
            short_name=short_name or (now.short_name if now else entry.name[:80]),
            symbol=symbol or (now.symbol if now else entry.code[:30]),
            parent=parent,
            kind=str(entry.kind or (now.kind if now else self._default_kind(parent))),
            family=str(entry.family or (now.family if now else Family.STATE)),
            has_registry=entry.has_registry if entry.has_registry is not None else bool(now and now.has_registry),
            place=entry.place or (now.place if now else self._place_above(parent)),
            organ_id=entry.organ_id or (now.organ_id if now else ""),
            position=entry.position if entry.position is not None else (now.position if now else 0),
            opened_on=entry.opened_on or (now.opened_on if now else None),
            closed_on=entry.closed_on or (now.closed_on if now else None),
        )

    def _now_of(self, entry: UnitEntry) -> UnitNow | None:
        """By code; else a unit without a code, of the same name at the same place, that was made by hand."""
        return self.snapshot.units.get(entry.code) or self.snapshot.uncoded_unit(entry.name, entry.parent)

    def _key_above(self, now: UnitNow) -> str | None:
        return self.snapshot.tree[now.code or f"id:{now.id}"]

    @staticmethod
    def _default_kind(parent: str | None) -> UnitKind:
        return UnitKind.DEPARTMENT if parent else UnitKind.GROUP

    def _place_above(self, parent: str | None) -> str:
        above = self.planned.get(parent or "") or self.snapshot.units.get(parent or "")
        return above.place if above else ""

    def _refuse_cycles(self, entries: list[UnitEntry]) -> None:
        for entry in entries:
            chain: list[str] = []
            at: str | None = entry.code
            while at is not None and at not in chain:
                chain.append(at)
                at = self.parents.get(at)
            if at is not None and entry.code in chain[chain.index(at) :]:
                ring = " → ".join([*chain[chain.index(at) :], at])
                mark_fault(entry, "parent", entry.parent or "", f"Các đơn vị nằm vòng tròn: {ring}.")
            elif len(chain) > DEEPEST:
                mark_fault(entry, "parent", entry.parent or "", f"Cây đơn vị sâu quá {DEEPEST} cấp.")

    def _refuse_hanging_on_faults(self, entries: list[UnitEntry]) -> None:
        """A new unit below a faulty new one is faulty too, all the way down."""
        faulty = {entry.code for entry in entries if entry.faults and entry.code not in self.snapshot.units}
        found = True
        while found:
            found = False
            for entry in entries:
                if not entry.faults and entry.parent in faulty:
                    mark_fault(entry, "parent", entry.parent or "", "Dòng của đơn vị cấp trên đang có lỗi.")
                    faulty.add(entry.code)
                    found = True
        for entry in entries:
            if entry.faults:
                self.planned.pop(entry.code, None)

    def _outcome(self, entry: UnitEntry) -> Outcome:
        outcome = Outcome(Table.UNITS, entry.line, entry.code, entry.name, Action.FAULTY, faults=entry.faults)
        if entry.faults:
            return outcome
        values, now = self.planned[entry.code], self._now_of(entry)
        outcome.changes = [
            Change(label, before, after)
            for label, before, after in _unit_lines(now, values)
            if (before != after if now else after)
        ]
        if now is None:
            outcome.action = Action.NEW
            self.plan.new_units.append(values)
        elif outcome.changes:
            outcome.action = Action.CHANGED
            self.plan.changed_units.append((now.id, values))
        else:
            outcome.action = Action.UNCHANGED
        return outcome


def _unit_lines(now: UnitNow | None, values: UnitValues) -> list[tuple[str, str, str]]:
    def label(key: str) -> str:
        return column(Table.UNITS, key).header

    def kind(code: str) -> str:
        return UnitKind(code).label if code else ""

    def family(code: str) -> str:
        return Family(code).label if code else ""

    plain = ("code", "name", "short_name", "symbol", "parent", "has_registry", "place", "organ_id")
    dated = ("position", "opened_on", "closed_on")
    lines = [(label(key), shown(getattr(now, key, None)), shown(getattr(values, key))) for key in plain]
    lines.append((label("kind"), kind(now.kind if now else ""), kind(values.kind)))
    lines.append((label("family"), family(now.family if now else ""), family(values.family)))
    return lines + [(label(key), shown(getattr(now, key, None)), shown(getattr(values, key))) for key in dated]
