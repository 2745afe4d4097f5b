"""Carrying out a plan in bulk: a number of statements that does not grow with the number of people.

Called inside the transaction of `services.importing`; ids are taken from the sequences first, so that paths of units
and rows that point at each other can be written in one go.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection

from eoffice.accounts.services import account_lists as accounts
from eoffice.core.actor_ref import ActorRef
from eoffice.core.clock import local_date
from eoffice.core.vietnamese import fold, given_name_key, sort_key, tidy
from eoffice.organization import tree
from eoffice.organization.importing.plan import PersonValues, Plan, UnitValues
from eoffice.organization.models import Person, Position, Posting, RoleGrant, Unit, UnitNames
from eoffice.organization.services.leaving import end_what_hangs_on_posts
from eoffice.organization.services.naming import NAME_FIELDS, give_names

_BATCH: Final = 2000
Report = Callable[[str, int, int], None]
"""Step in words, done, total."""


@dataclass(frozen=True, slots=True)
class Writer:
    """Who writes, for whom the people are kept, and (demo only) the one password hash of new accounts."""

    actor: ActorRef
    managed_by: str
    now: datetime
    report: Report
    password_hash: str | None = None

    def write(self, plan: Plan) -> None:
        """Carry out the plan. Raises IntegrityError when someone changed the same rows meanwhile."""
        steps: tuple[tuple[str, Callable[[], None]], ...] = (
            ("Ghi đơn vị", lambda: self._write_units(plan)),
            ("Ghi người, tài khoản", lambda: self._write_people(plan)),
            ("Ghi chức danh", lambda: self._write_posts(plan)),
            ("Ghi vai trò", lambda: self._write_roles(plan)),
            ("Mở, khóa tài khoản", lambda: self._write_doors(plan)),
        )
        for number, (words, step) in enumerate(steps):
            self.report(words, number, len(steps))
            step()
        self.report("Xong", len(steps), len(steps))

    def _write_units(self, plan: Plan) -> None:
        known = _unit_ids()
        paths = dict(Unit.objects.values_list("id", "path"))
        for unit_id, values in plan.changed_units:
            known[values.code] = unit_id
        new = dict(
            zip((v.code for v in plan.new_units), _next_ids("organization_unit", len(plan.new_units)), strict=True)
        )
        known |= new
        rows = []
        for values in _parents_first(plan.new_units):
            parent_id = known[values.parent] if values.parent else None
            unit_id = new[values.code]
            paths[unit_id] = f"{paths[parent_id] if parent_id else '/'}{unit_id}/"
            rows.append(Unit(id=unit_id, parent_id=parent_id, path=paths[unit_id], **_unit_columns(values)))
        Unit.objects.bulk_create(rows, batch_size=_BATCH)
        _run(_UNIT_PRINCIPALS, {"ids": [row.pk for row in rows]})
        for unit_id, values in plan.changed_units:
            self._change_unit(unit_id, values)
            if values.parent is not None:
                tree.hang_below(unit_id=unit_id, parent_id=known[values.parent])

    def _change_unit(self, unit_id: int, values: UnitValues) -> None:
        """A list renames from today on; older documents keep the old name."""
        unit = Unit.objects.select_for_update(no_key=True).get(pk=unit_id)
        names = UnitNames(values.name, values.short_name, values.symbol)
        give_names(unit, names, first_day=local_date(self.now), basis="Nhập danh sách")
        named = {name: getattr(unit, name) for name in NAME_FIELDS}
        Unit.objects.filter(pk=unit_id).update(**_unit_columns(values) | named)

    def _write_people(self, plan: Plan) -> None:
        self._change_people(plan.changed_people)
        mails = [values.email for values in plan.new_people if values.email]
        user_ids = accounts.create_accounts(
            actor=self.actor, emails=mails, now=self.now, password_hash=self.password_hash
        )
        ids = _next_ids("organization_person", len(plan.new_people))
        people = [
            Person(
                id=person_id,
                code=values.code,
                managed_by=self.managed_by,
                user_id=user_ids.get(values.email or ""),
                full_name=values.full_name,
                name_fold=fold(values.full_name),
                sort_key=given_name_key(values.full_name),
                phone=values.phone,
                left_on=values.left_on,
            )
            for person_id, values in zip(ids, plan.new_people, strict=True)
        ]
        Person.objects.bulk_create(people, batch_size=_BATCH)
        plan.person_ids |= {values.key: person_id for person_id, values in zip(ids, plan.new_people, strict=True)}
        _run(_PERSON_PRINCIPALS, {"ids": ids})

    def _change_people(self, changed: Sequence[tuple[int, PersonValues]]) -> None:
        if not changed:
            return
        _run(
            _CHANGE_PEOPLE,
            {
                "ids": [person_id for person_id, _ in changed],
                "codes": [values.code for _, values in changed],
                "names": [values.full_name for _, values in changed],
                "folds": [fold(values.full_name) for _, values in changed],
                "sorts": [given_name_key(values.full_name) for _, values in changed],
                "phones": [values.phone for _, values in changed],
                "lefts": [values.left_on for _, values in changed],
                "managed_by": self.managed_by,
            },
        )
        self._change_accounts(changed)

    def _change_accounts(self, changed: Sequence[tuple[int, PersonValues]]) -> None:
        wanted = {person_id: values.email for person_id, values in changed if values.email}
        others: dict[int, str] = {}
        without: dict[str, int] = {}
        for person in Person.objects.filter(pk__in=list(wanted)).select_related("user"):
            mail = wanted[person.pk]
            if person.user is None:
                without[mail] = person.pk
            elif person.user.email.lower() != mail:
                others[person.user.pk] = mail
        accounts.change_emails(actor=self.actor, emails=others, now=self.now)
        made = accounts.create_accounts(actor=self.actor, emails=list(without), now=self.now)
        if made:
            _run(_GIVE_ACCOUNTS, {"people": [without[mail] for mail in made], "users": list(made.values())})

    def _write_posts(self, plan: Plan) -> None:
        positions = _positions({(post.position, post.rank) for post in plan.new_posts})
        units = _unit_ids()
        # Ended first: a person never has two main posts, not even inside the transaction.
        if plan.changed_posts:
            _run(
                _CHANGE_POSTS,
                {
                    "ids": [post.posting_id for post in plan.changed_posts],
                    "starts": [post.starts_on for post in plan.changed_posts],
                    "ends": [post.ends_on for post in plan.changed_posts],
                    "mains": [post.is_main for post in plan.changed_posts],
                },
            )
        rows = [
            Posting(
                person_id=plan.person_ids[post.person],
                unit_id=units[post.unit],
                position_id=positions[tidy(post.position), post.rank],
                starts_on=post.starts_on,
                ends_on=post.ends_on,
                is_main=post.is_main,
            )
            for post in plan.new_posts
        ]
        Posting.objects.bulk_create(rows, batch_size=_BATCH)

    def _write_roles(self, plan: Plan) -> None:
        if plan.ended_grant_ids:
            _run(_END_GRANTS, {"ids": plan.ended_grant_ids, "on": plan.on})
        units = _unit_ids()
        rows = [
            RoleGrant(person_id=plan.person_ids[person], unit_id=units[unit], role=role, starts_on=plan.on)
            for person, unit, role in dict.fromkeys(plan.new_roles)
        ]
        RoleGrant.objects.bulk_create(
            rows,
            batch_size=_BATCH,
            # Ended earlier today and given again: the same grant goes on.
            update_conflicts=True,
            unique_fields=["person", "unit", "role", "starts_on"],
            update_fields=["ends_on"],
        )
        pairs = sorted({(row.unit_id, str(row.role)) for row in rows})
        _run(_ROLE_PRINCIPALS, {"units": [unit for unit, _ in pairs], "roles": [role for _, role in pairs]})

    def _write_doors(self, plan: Plan) -> None:
        leavers = _user_ids(plan.leaver_ids)
        if leavers:
            accounts.close_accounts(actor=self.actor, user_ids=leavers, now=self.now)
        if plan.leaver_ids:
            reason = "Nghỉ theo danh sách nhập hoặc danh bạ"
            end_what_hangs_on_posts(actor=self.actor, person_ids=plan.leaver_ids, reason=reason, now=self.now)
        returners = _user_ids(plan.returner_ids)
        if returners:
            accounts.open_accounts(actor=self.actor, user_ids=returners, now=self.now)


def _unit_columns(values: UnitValues) -> dict[str, Any]:
    return {
        "code": values.code,
        "name": values.name,
        "short_name": values.short_name,
        "symbol": values.symbol,
        "kind": values.kind,
        "family": values.family,
        "has_registry": values.has_registry,
        "place": values.place,
        "organ_id": values.organ_id,
        "position": values.position,
        "opened_on": values.opened_on,
        "closed_on": values.closed_on,
        "name_fold": tree.folded_names(values.name, values.short_name, values.symbol),
        "sort_key": sort_key(values.name),
    }


def _parents_first(units: Sequence[UnitValues]) -> list[UnitValues]:
    """New units in an order in which each stands behind the one above it; the plan has no cycle."""
    by_code = {unit.code: unit for unit in units}
    ordered: dict[str, UnitValues] = {}

    def put(unit: UnitValues) -> None:
        above = by_code.get(unit.parent or "")
        if above is not None and above.code not in ordered:
            put(above)
        ordered[unit.code] = unit

    for unit in units:
        if unit.code not in ordered:
            put(unit)
    return list(ordered.values())


def _positions(wanted: set[tuple[str, int]]) -> dict[tuple[str, int], int]:
    named = {(tidy(name), rank) for name, rank in wanted}
    Position.objects.bulk_create(
        [Position(name=name, rank=rank) for name, rank in sorted(named)], ignore_conflicts=True
    )
    return {(name, rank): pk for pk, name, rank in Position.objects.values_list("pk", "name", "rank")}


def _unit_ids() -> dict[str, int]:
    return {str(code): pk for pk, code in Unit.objects.exclude(code=None).values_list("pk", "code")}


def _user_ids(person_ids: Sequence[int]) -> list[int]:
    rows = Person.objects.filter(pk__in=person_ids, user__isnull=False)
    return list(rows.values_list("user_id", flat=True))


def _next_ids(table: str, count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, count])
        return [row[0] for row in cursor.fetchall()]


def _run(sql: str, values: Mapping[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


_UNIT_PRINCIPALS: Final = """
    INSERT INTO organization_principal (kind, person_id, unit_id, role)
    SELECT 'unit', NULL, id, '' FROM unnest(%(ids)s::bigint[]) AS t (id)
    ON CONFLICT DO NOTHING
"""
_PERSON_PRINCIPALS: Final = """
    INSERT INTO organization_principal (kind, person_id, unit_id, role)
    SELECT 'person', id, NULL, '' FROM unnest(%(ids)s::bigint[]) AS t (id)
    ON CONFLICT DO NOTHING
"""
_ROLE_PRINCIPALS: Final = """
    INSERT INTO organization_principal (kind, person_id, unit_id, role)
    SELECT 'role', NULL, unit_id, role FROM unnest(%(units)s::bigint[], %(roles)s::text[]) AS t (unit_id, role)
    ON CONFLICT DO NOTHING
"""
_CHANGE_PEOPLE: Final = """
    UPDATE organization_person p
    SET code = t.code, full_name = t.full_name, name_fold = t.name_fold, sort_key = t.sort_key, phone = t.phone,
        left_on = t.left_on,
        managed_by = CASE WHEN p.managed_by = '' THEN %(managed_by)s ELSE p.managed_by END
    FROM unnest(%(ids)s::bigint[], %(codes)s::text[], %(names)s::text[], %(folds)s::text[], %(sorts)s::text[],
                %(phones)s::text[], %(lefts)s::date[])
         AS t (id, code, full_name, name_fold, sort_key, phone, left_on)
    WHERE p.id = t.id
"""
_GIVE_ACCOUNTS: Final = """
    UPDATE organization_person p SET user_id = t.user_id
    FROM unnest(%(people)s::bigint[], %(users)s::bigint[]) AS t (id, user_id)
    WHERE p.id = t.id
"""
_CHANGE_POSTS: Final = """
    UPDATE organization_posting p SET starts_on = t.starts_on, ends_on = t.ends_on, is_main = t.is_main
    FROM unnest(%(ids)s::bigint[], %(starts)s::date[], %(ends)s::date[], %(mains)s::boolean[])
         AS t (id, starts_on, ends_on, is_main)
    WHERE p.id = t.id
"""
_END_GRANTS: Final = """
    UPDATE organization_role_grant SET ends_on = GREATEST(starts_on, %(on)s::date - 1) WHERE id = ANY(%(ids)s)
"""
