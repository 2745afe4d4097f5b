"""What a list changes: entries compared with what is in force. Pure: the same input gives the same plan."""

from __future__ import annotations

from datetime import date

from eoffice.organization.importing.columns import Table, column
from eoffice.organization.importing.entries import Fault, PostEntry, UnitEntry
from eoffice.organization.importing.people_planning import PeoplePlanner
from eoffice.organization.importing.plan import Action, Plan, shown
from eoffice.organization.importing.snapshot import Snapshot
from eoffice.organization.importing.unit_planning import UnitPlanner


def make_plan(
    *,
    units: list[UnitEntry],
    posts: list[PostEntry],
    snapshot: Snapshot,
    on: date,
    managed_by: str,
    is_full: bool,
    actor_person_id: int | None,
) -> Plan:
    """Compare a list with what is in force. `is_full`: whoever of `managed_by` is not in it leaves on `on`.

    Rows with faults have no part in the plan's operations, nor have rows that stand on them; whether the rest may be
    carried out is for the caller to say.
    """
    plan = Plan(on)
    _follow_heirs(units, posts, snapshot)
    planner = UnitPlanner(snapshot, plan)
    planner.run(units)
    closing = {entry.code for entry in units if entry.closed_on is not None and entry.closed_on <= on}
    codes = {code for code, unit in snapshot.units.items() if unit.closed_on is None} | planner.planned.keys()
    people = PeoplePlanner(snapshot, plan, unit_codes=codes - closing, managed_by=managed_by)
    people.run(posts)
    if is_full:
        people.end_unlisted(keep_person_id=actor_person_id)
    _refuse_closings(plan, closing, snapshot, people_in={post.unit for post in plan.new_posts})
    return plan


def _follow_heirs(units: list[UnitEntry], posts: list[PostEntry], snapshot: Snapshot) -> None:
    """A list that still names a unit which is no more means the one that went on: nothing is undone by being behind."""
    for entry in units:
        entry.parent = snapshot.heirs.get(entry.parent or "", entry.parent)
    for post in posts:
        post.unit = snapshot.heirs.get(post.unit, post.unit)


def _refuse_closings(plan: Plan, closing: set[str], snapshot: Snapshot, *, people_in: set[str]) -> None:
    """A unit closes empty: nobody holds a post in it after the import, and no open unit stands below it."""
    over = {post.posting_id for post in plan.changed_posts if post.ends_on is not None and post.ends_on <= plan.on}
    staffed = people_in | {
        post.unit_code or ""
        for person in snapshot.people.values()
        for post in person.posts
        if (post.ends_on is None or post.ends_on > plan.on) and post.id not in over
    }
    above = {unit.parent for code, unit in snapshot.units.items() if unit.closed_on is None and code not in closing}
    above |= {values.parent for values in plan.new_units}
    for outcome in plan.outcomes:
        if outcome.table != Table.UNITS or outcome.key not in closing or outcome.action == Action.UNCHANGED:
            continue
        if outcome.key in staffed or outcome.key in above:
            rest = "còn người giữ chức danh" if outcome.key in staffed else "còn đơn vị trực thuộc đang hoạt động"
            message = f"Chưa đóng được: đơn vị {rest}."
            outcome.faults.append(Fault(column(Table.UNITS, "closed_on").header, shown(plan.on), message))
            outcome.action = Action.FAULTY
