"""People of a list compared with those in force: person by person, post by post."""

from __future__ import annotations

from datetime import date

from eoffice.core.vietnamese import fold
from eoffice.organization.importing.columns import Table, column
from eoffice.organization.importing.entries import PostEntry
from eoffice.organization.importing.plan import (
    ROLE_OVER,
    ROLES_AT,
    Action,
    Change,
    NewPost,
    Outcome,
    PersonValues,
    Plan,
    PostDates,
    day_before,
    mark_fault,
    shown,
)
from eoffice.organization.importing.snapshot import PersonNow, PostNow, Snapshot
from eoffice.organization.models import Role


class PeoplePlanner:
    """Compares the people of a list with those in force, person by person, post by post."""

    def __init__(self, snapshot: Snapshot, plan: Plan, *, unit_codes: set[str], managed_by: str) -> None:
        self.snapshot = snapshot
        self.plan = plan
        self.unit_codes = unit_codes
        self.managed_by = managed_by
        self.listed: set[int] = set()

    def run(self, entries: list[PostEntry]) -> None:
        by_person: dict[str, list[PostEntry]] = {}
        for entry in entries:
            by_person.setdefault(entry.key or f"line:{entry.line}", []).append(entry)
        self._refuse_doubled_mails(by_person)
        for rows in by_person.values():
            self._one_person(rows)

    def end_unlisted(self, *, keep_person_id: int | None) -> None:
        """End those of this list's keeper whom the list no longer has; the person who applies it never."""
        for person in self.snapshot.people.values():
            if person.id in self.listed or person.managed_by != self.managed_by or person.id == keep_person_id:
                continue
            if person.left_on is not None and person.left_on <= self.plan.on:
                continue
            self._leave(person, self.plan.on)
            changes = [Change("Ngày nghỉ việc", "", shown(self.plan.on)), Change("Tài khoản", "Đang mở", "Khóa")]
            self.plan.changed_people.append((person.id, _values_now(person, left_on=self.plan.on)))
            self.plan.outcomes.append(
                Outcome(Table.PEOPLE, 0, person.code or person.email or "", person.full_name, Action.ENDED, changes)
            )

    def _refuse_doubled_mails(self, by_person: dict[str, list[PostEntry]]) -> None:
        owners: dict[str, set[str]] = {}
        for key, rows in by_person.items():
            for row in rows:
                if row.email:
                    owners.setdefault(row.email, set()).add(key)
        for key, rows in by_person.items():
            for row in rows:
                others = sorted(owners.get(row.email or "", set()) - {key})
                if others:
                    mark_fault(
                        row, "email", row.email or "", f"Trùng e-mail với {', '.join(others[:3])} trong cùng tệp."
                    )

    def _one_person(self, rows: list[PostEntry]) -> None:
        first = rows[0]
        now = self._now_of(first)
        if now is not None:
            self.listed.add(now.id)
        self._check_person(rows, now)
        self._check_posts(rows)
        if any(row.faults for row in rows):
            for row in rows:
                action = Action.FAULTY if row.faults else Action.UNCHANGED
                self.plan.outcomes.append(
                    Outcome(Table.PEOPLE, row.line, row.key, row.full_name, action, faults=row.faults)
                )
            return
        values = PersonValues(
            key=first.key,
            code=first.code or (now.code if now else None),
            full_name=first.full_name,
            email=first.email or (now.email if now else None),
            phone=first.phone or (now.phone if now else ""),
            left_on=first.left_on or None,
        )
        self._plan_person(rows, values, now)

    def _now_of(self, entry: PostEntry) -> PersonNow | None:
        """By code; else by e-mail a person who has no code, or when the row has none."""
        if entry.code and (found := self.snapshot.people.get(entry.code)):
            return found
        found = self.snapshot.by_mail.get(entry.email or "")
        return found if found and (entry.code is None or found.code is None) else None

    def _check_person(self, rows: list[PostEntry], now: PersonNow | None) -> None:
        first = rows[0]
        for row in rows[1:]:
            for key in ("full_name", "email", "phone", "left_on"):
                mine, other = getattr(row, key), getattr(first, key)
                if mine and other and mine != other:
                    mark_fault(row, key, shown(mine), f"Khác với dòng {first.line} của cùng người ({shown(other)}).")
        for row in rows:
            owner = self.snapshot.by_mail.get(row.email or "")
            if owner is not None and (now is None or owner.id != now.id):
                mark_fault(
                    row,
                    "email",
                    row.email or "",
                    f"E-mail này đang là của {owner.full_name} ({owner.code or 'chưa có mã'}).",
                )

    def _check_posts(self, rows: list[PostEntry]) -> None:
        if sum(row.is_main is True for row in rows) > 1:
            for row in rows[1:]:
                mark_fault(row, "is_main", "Có", "Mỗi người có một chức danh chính.")
        posts: set[tuple[str, str, date | None]] = set()
        for row in rows:
            if row.unit and row.unit not in self.unit_codes:
                mark_fault(
                    row, "unit", row.unit, "Không có đơn vị nào đang hoạt động mang mã này, cả trong tệp lẫn hệ thống."
                )
            post = (row.unit, fold(row.position), row.starts_on)
            if post in posts:
                mark_fault(row, "position", row.position, "Người này đã có dòng cùng đơn vị, chức vụ.")
            posts.add(post)

    def _plan_person(self, rows: list[PostEntry], values: PersonValues, now: PersonNow | None) -> None:
        about_person = _person_lines(now, values)
        if now is None:
            self.plan.new_people.append(values)
        else:
            self.plan.person_ids[values.key] = now.id
            if about_person or now.managed_by == "":
                self.plan.changed_people.append((now.id, values))
        outcomes = self._plan_posts(rows, values, now)
        outcomes[0].changes = about_person + outcomes[0].changes
        if now is not None and values.left_on is not None:
            self._leave(now, values.left_on)
        elif now is not None and now.left_on is not None and now.has_open_account is False:
            self.plan.returner_ids.append(now.id)
        for outcome in outcomes:
            if now is None:
                outcome.action = Action.NEW
            elif outcome.changes and outcome.action != Action.ENDED:
                outcome.action = Action.CHANGED
            self.plan.outcomes.append(outcome)

    def _plan_posts(self, rows: list[PostEntry], values: PersonValues, now: PersonNow | None) -> list[Outcome]:
        held = list(now.posts) if now else []
        main_given = any(row.is_main for row in rows)
        outcomes = []
        for number, row in enumerate(rows):
            is_main = bool(row.is_main) if main_given else number == 0
            matching = next((post for post in held if self._is_same_post(post, row, values.left_on)), None)
            if matching is not None:
                held.remove(matching)
            changes = self._plan_post(row, values, matching, is_main)
            changes += self._plan_roles(row, values, now)
            outcomes.append(Outcome(Table.PEOPLE, row.line, values.key, values.full_name, Action.UNCHANGED, changes))
        if values.left_on is None:
            for post in held:
                if post.ends_on is None or post.ends_on >= self.plan.on:
                    change = self._end_post(post, self.plan.on)
                    if change is not None:
                        outcomes[0].changes.append(change)
                        outcomes[0].changes += self._end_roles_in(now, post.unit_id, rows)
        return outcomes

    def _is_same_post(self, post: PostNow, row: PostEntry, left_on: date | None) -> bool:
        """Same unit and position; posts that are over count only for a row that names the same days."""
        if post.unit_code != row.unit or fold(post.position) != fold(row.position):
            return False
        if row.rank is not None and row.rank != post.rank:
            return False
        if post.ends_on is None or post.ends_on >= self.plan.on:
            return True
        return post.ends_on == (row.ends_on or left_on) and row.starts_on in {None, post.starts_on}

    def _plan_post(self, row: PostEntry, values: PersonValues, now: PostNow | None, is_main: bool) -> list[Change]:
        ends_on = row.ends_on or values.left_on or (now.ends_on if now else None)
        if now is None:
            starts_on = row.starts_on or self.plan.on
            if ends_on is not None and ends_on < starts_on:
                starts_on = ends_on
            rank = 9 if row.rank is None else row.rank
            self.plan.new_posts.append(NewPost(values.key, row.unit, row.position, rank, is_main, starts_on, ends_on))
            words = f"{row.position}, {row.unit}, từ {shown(starts_on)}" + (f" đến {shown(ends_on)}" if ends_on else "")
            return [Change("Chức danh", "", words)]
        wanted = PostDates(now.id, row.starts_on or now.starts_on, ends_on, is_main)
        changes = [
            Change(label, shown(before), shown(after))
            for label, before, after in (
                ("Từ ngày", now.starts_on, wanted.starts_on),
                ("Đến ngày", now.ends_on, wanted.ends_on),
                ("Chức danh chính", now.is_main, wanted.is_main),
            )
            if before != after
        ]
        if changes:
            self.plan.changed_posts.append(wanted)
        return changes

    def _plan_roles(self, row: PostEntry, values: PersonValues, now: PersonNow | None) -> list[Change]:
        if row.roles is None or values.left_on is not None:
            return []
        held = [grant for grant in (now.grants if now else ()) if grant.unit_code == row.unit and grant.is_importable]
        missing = [role for role in row.roles if role not in {grant.role for grant in held}]
        surplus = [grant for grant in held if grant.role not in row.roles]
        self.plan.new_roles += [(values.key, row.unit, role) for role in missing]
        self.plan.ended_grant_ids += [grant.id for grant in surplus]
        if not missing and not surplus:
            return []
        before = "; ".join(sorted(Role(grant.role).label for grant in held))
        return [Change(f"{ROLES_AT} {row.unit}", before, "; ".join(sorted(role.label for role in row.roles)))]

    def _end_post(self, post: PostNow, on: date) -> Change | None:
        last_day = day_before(post.starts_on, on)
        if post.ends_on is not None and post.ends_on <= last_day:
            return None
        self.plan.changed_posts.append(PostDates(post.id, post.starts_on, last_day, post.is_main))
        return Change("Thôi chức danh", f"{post.position}, {post.unit_name}", f"hết {shown(last_day)}")

    def _end_roles_in(self, now: PersonNow | None, unit_id: int, rows: list[PostEntry]) -> list[Change]:
        """Who holds no post in a unit any more holds no role there that a list can give."""
        ending = [g for g in (now.grants if now else ()) if g.unit_id == unit_id and g.is_importable]
        ending = [grant for grant in ending if grant.unit_code not in {row.unit for row in rows}]
        self.plan.ended_grant_ids += [grant.id for grant in ending]
        return [Change(ROLE_OVER, Role(grant.role).label, "") for grant in ending]

    def _leave(self, person: PersonNow, left_on: date) -> None:
        for post in person.posts:
            if post.ends_on is None or post.ends_on > left_on:
                last_day = max(post.starts_on, left_on)
                planned = next((p for p in self.plan.changed_posts if p.posting_id == post.id), None)
                if planned is None:
                    self.plan.changed_posts.append(PostDates(post.id, post.starts_on, last_day, post.is_main))
        if left_on <= self.plan.on:
            self.plan.ended_grant_ids += [grant.id for grant in person.grants]
            if person.has_open_account:
                self.plan.leaver_ids.append(person.id)


def _values_now(person: PersonNow, *, left_on: date) -> PersonValues:
    return PersonValues(str(person.id), person.code, person.full_name, person.email, person.phone, left_on)


def _person_lines(now: PersonNow | None, values: PersonValues) -> list[Change]:
    return [
        Change(column(Table.PEOPLE, key).header, before, after)
        for key in ("code", "full_name", "email", "phone", "left_on")
        if (before := shown(getattr(now, key, None))) != (after := shown(getattr(values, key)))
    ]
