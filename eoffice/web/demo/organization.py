"""Units and people of the demo group, made through the services with posts, roles and signing capacities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import count
from typing import Final

from django.contrib.auth.hashers import make_password

from eoffice.core.actor_ref import ActorRef
from eoffice.core.vietnamese import fold
from eoffice.organization import services
from eoffice.organization.models import FieldOfWork, Person, Role, SigningForm, Unit, UnitKind
from eoffice.organization.services.fields_of_work import found_field
from eoffice.organization.services.secretaries import ServiceTerms, begin_service
from eoffice.web.demo.cast import CLERK_NAME, DEPUTY_NAME, NAMED, UNITS, UnitPlan, invented_names

PASSWORD: Final = "TruongXuan@2026"  # noqa: S105 - printed for everyone to see; a demo only
MAIL_DOMAIN: Final = "truongxuan.example"
FIELDS_OF_WORK: Final = (
    "An toàn - môi trường",
    "Công nghệ thông tin",
    "Đầu tư - xây dựng",
    "Hành chính - pháp chế",
    "Tài chính - kế toán",
    "Tổ chức - nhân sự",
)
_BOUND_DEPUTY: Final = ("HTM", ("Công nghệ thông tin", "Đầu tư - xây dựng", "An toàn - môi trường"))
"""The one deputy of the demo whose capacity is bound to fields, and to which."""
SYSTEM: Final = ActorRef(person_id=None, source="cli")


@dataclass(slots=True)
class Group:
    """What was made: units by key, the people of each unit, and the cast by part."""

    units: dict[str, Unit] = field(default_factory=dict)
    heads: dict[str, Person] = field(default_factory=dict)
    officers: dict[str, list[Person]] = field(default_factory=dict)
    clerks: dict[str, Person] = field(default_factory=dict)
    deputies: dict[str, Person] = field(default_factory=dict)
    fields: dict[str, FieldOfWork] = field(default_factory=dict)
    """Fields of work by name."""
    accounts: dict[str, str] = field(default_factory=dict)
    """Part in the office → e-mail, for the list printed at start."""


def build(*, now: datetime, since: date) -> Group:
    """Make the whole group, with posts, roles and signing capacities in force from `since`."""
    maker = _Maker(now, since)
    maker.group.fields = {name: found_field(actor=SYSTEM, name=name, now=now) for name in FIELDS_OF_WORK}
    for plan in UNITS:
        maker.make_unit(plan)
    maker.make_special_roles()
    return maker.group


class _Maker:
    def __init__(self, now: datetime, since: date) -> None:
        self.now = now
        self.since = since
        self.group = Group()
        self._names = invented_names()
        self._mails: set[str] = set()
        self._hash = make_password(PASSWORD)

    def make_unit(self, plan: UnitPlan) -> None:
        group = self.group
        unit = services.create_unit(
            actor=SYSTEM,
            parent=group.units.get(plan.parent),
            kind=plan.kind,
            name=plan.name,
            short_name=plan.short_name,
            symbol=plan.symbol,
            has_registry=plan.registry,
            family=plan.family,
            place=plan.place,
            now=self.now,
            position=len(group.units),
            code=plan.key,
            address_line="Địa chỉ: Số 1 đường Trường Xuân, Hà Nội; điện thoại: 1800 0000; website: truongxuan.example"
            if plan.key == "TXG"
            else "",
        )
        group.units[plan.key] = unit
        named = iter(NAMED.get(plan.key, []))
        head = self.hire(unit, plan.head, 0, next(named, None))
        group.heads[plan.key] = head
        self.grant(head, unit, Role.UNIT_HEAD)
        group.officers[plan.key] = [self.hire(unit, "Chuyên viên", 9, next(named, None)) for _ in range(plan.staff)]
        for officer in group.officers[plan.key]:
            self.grant(officer, unit, Role.OFFICER)
        if plan.registry:
            self._staff_registry(plan, unit, head)

    def _staff_registry(self, plan: UnitPlan, unit: Unit, head: Person) -> None:
        self.grant(head, unit, Role.LEADER)
        title = plan.head.upper()
        self._capacity(head, unit, SigningForm.OWN, [title], plan.head, "Điều lệ tổ chức và hoạt động")
        clerk = self.hire(unit, "Văn thư", 9, CLERK_NAME if plan.key == "TXG" else None)
        self.group.clerks[plan.key] = clerk
        self.grant(clerk, unit, Role.CLERK)
        if plan.kind in {UnitKind.GROUP, UnitKind.CORPORATION, UnitKind.COMPANY, UnitKind.PROVINCE}:
            deputy = self.hire(unit, f"Phó {plan.head}", 1, DEPUTY_NAME if plan.key == "TXG" else None)
            self.group.deputies[plan.key] = deputy
            self.grant(deputy, unit, Role.LEADER)
            self._capacity(
                deputy,
                unit,
                SigningForm.KT,
                [f"KT. {title}", f"PHÓ {title}"],
                f"Phó {plan.head}",
                f"Quyết định phân công nhiệm vụ số 112/QĐ-{plan.symbol}",
                fields=_BOUND_DEPUTY[1] if plan.key == _BOUND_DEPUTY[0] else (),
            )
            chief = self.hire(unit, "Chánh Văn phòng" if plan.key != "TXG" else "Phó Chánh Văn phòng", 2, None)
            self.grant(chief, unit, Role.CHIEF_OF_OFFICE)

    def make_special_roles(self) -> None:
        group = self.group
        root = group.units["TXG"]
        office_head = group.heads["VP"]
        self.grant(office_head, root, Role.CHIEF_OF_OFFICE)
        self._capacity(
            office_head,
            root,
            SigningForm.TL,
            ["TL. TỔNG GIÁM ĐỐC", "CHÁNH VĂN PHÒNG"],
            "Chánh Văn phòng",
            "Quy chế công tác văn thư, Điều 11",
            ["letter", "notice", "invitation", "introduction"],
        )
        office = group.officers["VP"]
        self.grant(office[0], root, Role.SECRETARY)
        begin_service(
            actor=SYSTEM,
            leader_id=group.heads["TXG"].pk,
            secretary_id=office[0].pk,
            terms=ServiceTerms(basis="Thông báo phân công thư ký số 21/TB-TXG", starts_on=self.since),
            now=self.now,
        )
        services.appoint(
            actor=SYSTEM,
            person=group.heads["PC"],
            unit=group.units["VP"],
            position_name="Trợ lý Tổng Giám đốc",
            rank=3,
            starts_on=self.since,
            is_main=False,
            now=self.now,
        )
        self.grant(office[1], root, Role.ARCHIVIST)
        self.grant(office[2], root, Role.HELPDESK)
        self.grant(group.officers["PC"][0], root, Role.AUDITOR)
        services.give_mandate(
            actor=SYSTEM,
            person=group.officers["PC"][0],
            unit=root,
            basis="Kế hoạch kiểm tra công tác văn thư số 18/KH-TXG",
            starts_on=self.since,
            now=self.now,
        )
        self.grant(group.officers["CN"][1], root, Role.ADMINISTRATOR)
        parts = {
            "Văn thư Tập đoàn": group.clerks["TXG"],
            "Tổng Giám đốc": group.heads["TXG"],
            "Phó Tổng Giám đốc": group.deputies["TXG"],
            "Chánh Văn phòng": office_head,
            "Trưởng ban Công nghệ": group.heads["CN"],
            "Chuyên viên Ban Công nghệ": group.officers["CN"][0],
            "Văn thư Trường Xuân Hà Nội": group.clerks["HNI"],
            "Giám đốc Trường Xuân Hà Nội": group.heads["HNI"],
            "Thư ký lãnh đạo": office[0],
            "Trưởng ban Pháp chế (hai chức danh)": group.heads["PC"],
            "Quản trị": group.officers["CN"][1],
            "Lưu trữ": office[1],
            "Kiểm tra": group.officers["PC"][0],
        }
        group.accounts = {part: person.user.email for part, person in parts.items() if person.user}

    def hire(self, unit: Unit, position: str, rank: int, name: str | None) -> Person:
        name = name or next(self._names)
        person = services.create_person(
            actor=SYSTEM, full_name=name, email=self._mail(name), password=None, password_hash=self._hash, now=self.now
        )
        services.appoint(
            actor=SYSTEM,
            person=person,
            unit=unit,
            position_name=position,
            rank=rank,
            starts_on=self.since,
            now=self.now,
        )
        return person

    def grant(self, person: Person, unit: Unit, role: Role) -> None:
        services.grant_role(actor=SYSTEM, person=person, unit=unit, role=role, starts_on=self.since, now=self.now)

    def _capacity(
        self,
        person: Person,
        registry: Unit,
        form: SigningForm,
        lines: list[str],
        title: str,
        basis: str,
        document_types: list[str] | None = None,
        fields: Sequence[str] = (),
    ) -> None:
        services.grant_signing_capacity(
            actor=SYSTEM,
            person=person,
            registry=registry,
            form=form,
            block_lines=lines,
            position_title=title,
            basis=basis,
            starts_on=self.since,
            now=self.now,
            document_types=document_types,
            fields_of_work=[self.group.fields[name].pk for name in fields],
        )

    def _mail(self, name: str) -> str:
        """`khanh.tq@…` as Vietnamese offices write it; a number behind it when two share a name."""
        words = fold(name).split()
        stem = f"{words[-1]}.{''.join(word[0] for word in words[:-1])}"
        mail = next(
            candidate
            for number in count(1)
            if (candidate := f"{stem}{number if number > 1 else ''}@{MAIL_DOMAIN}") not in self._mails
        )
        self._mails.add(mail)
        return mail
