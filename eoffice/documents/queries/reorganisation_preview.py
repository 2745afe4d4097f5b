"""What a reorganisation touches, from every room that has something, with what becomes of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.urls import reverse

from eoffice.documents.models import Register, UnitWork
from eoffice.documents.queries import unit_work
from eoffice.organization import queries as organization
from eoffice.organization.errors import NoRegistryAbove
from eoffice.organization.models import (
    Reorganisation,
    ReorganisationStep,
    StepKind,
    Unit,
)
from eoffice.organization.queries import reorganisation_touches as touches
from eoffice.organization.queries import reorganisations
from eoffice.signing import queries as signing
from eoffice.signing.models import Purpose

_SHOWN: Final = 12
"""So many of a kind are named; the count says how many there are."""


@dataclass(frozen=True, slots=True)
class Affected:
    """One kind of thing: how many, what becomes of it, the first of them as (words, address). `is_todo`: by hand."""

    title: str
    count: int
    fate: str
    lines: list[tuple[str, str]]
    is_todo: bool = False


@dataclass(frozen=True, slots=True)
class StepPreview:
    """One step in words, and what it touches."""

    step: ReorganisationStep
    words: str
    groups: list[Affected]
    can_place: bool


def preview(row: Reorganisation) -> list[StepPreview]:
    """Every step of a reorganisation with what it touches. Some twenty statements for each unit that ends."""
    steps = list(row.steps.select_related("target").order_by("position"))
    units = reorganisations.names_of_units(steps)
    return [
        StepPreview(step, step_words(step, units), _groups(row, step, units), reorganisations.has_finer_view(step))
        for step in steps
    ]


def step_words(step: ReorganisationStep, units: dict[int, Unit]) -> str:
    """A step as a sentence, with the names of the day before it."""
    eve = step.reorganisation.effective_on - timedelta(days=1)
    names = ", ".join(units[key].name_on(eve) for key in step.units if key in units)
    target = step.target.name_on(eve) if step.target else ""
    parts = ", ".join(part["name"] for part in step.parts)
    if step.kind == StepKind.MERGE:
        others = ", ".join(units[key].name_on(eve) for key in step.units if key in units and key != step.target_id)
        return f"Sáp nhập {others} vào {target}" if target else f"Hợp nhất {names} thành {parts}"
    if step.kind == StepKind.SPLIT:
        return f"Tách {parts} từ {names}" if step.keeps_source else f"Chia {names} thành {parts}"
    if step.kind == StepKind.RENAME:
        return f"Đổi tên {names} thành {parts}"
    if step.kind == StepKind.MOVE:
        return f"Chuyển {names} về trực thuộc {target}"
    return f"Giải thể {names}, {target} tiếp nhận"


def _groups(row: Reorganisation, step: ReorganisationStep, units: dict[int, Unit]) -> list[Affected]:
    leaving = [units[key] for key in reorganisations.leaving_units(step) if key in units]
    groups: list[Affected] = []
    if reorganisations.has_finer_view(step):
        groups += [_people(step, row.effective_on), _roles(step, row.effective_on)]
    if leaving:
        heir = step.target.name if step.target else step.parts[0]["name"]
        groups += _of_organization(leaving, heir, row.effective_on)
        groups += _of_work([unit.pk for unit in leaving], heir)
        groups += _of_registries(leaving)
    if step.kind == StepKind.RENAME:
        groups += _of_renamed(units[step.units[0]], row.effective_on)
    if step.kind == StepKind.MOVE and step.target is not None:
        groups += _of_moved([units[key] for key in step.units], step.target)
    groups += _new_registries(step)
    groups += _of_certificates(step, [units[key] for key in step.units if key in units], row.effective_on)
    groups += _of_sources([units[key] for key in step.units if key in units], step)
    return [group for group in groups if group.count]


def _people(step: ReorganisationStep, on: date) -> Affected:
    placed = reorganisations.placed_posts(step, on=on)
    lines = [
        (
            f"{post.posting.person.full_name}, {post.posting.position.name} → {post.position}, {post.to_words}",
            reverse("keeping:person", args=[post.posting.person_id]),
        )
        for post in placed
    ]
    return Affected(
        "Người và chức danh",
        len(placed),
        "Chức danh cũ hết vào ngày trước, chức danh mới từ ngày hiệu lực.",
        lines[:_SHOWN],
    )


def _roles(step: ReorganisationStep, on: date) -> Affected:
    units = step.units if step.kind == StepKind.SPLIT else reorganisations.leaving_units(step)
    rows = touches.roles_in(units, on=on)
    return _listed(
        "Vai trò",
        "Chuyển theo người; vai trò người đứng đầu không chuyển vào đơn vị đã có người giữ.",
        [
            (f"{grant.person.full_name}: {grant.get_role_display()}, {grant.unit.short_name}", _person(grant.person_id))
            for grant in rows
        ],
    )


def _of_organization(leaving: list[Unit], heir: str, on: date) -> list[Affected]:
    ids = [unit.pk for unit in leaving]
    children = touches.open_units_below(ids)
    capacities = touches.capacities_of_registries(ids, on=on)
    delegations = touches.delegations_touching(ids, on=on)
    mandates = touches.mandates_of(ids, on=on)
    changes = touches.waiting_changes_of(ids)
    return [
        _listed(
            "Đơn vị trực thuộc",
            f"Chuyển về trực thuộc {heir}.",
            [(unit.name, reverse("keeping:unit_change", args=[unit.pk])) for unit in children],
        ),
        _listed(
            "Thẩm quyền ký",
            "Kết thúc vào ngày trước; ghi thẩm quyền mới theo quyết định mới.",
            [
                (f"{each.person.full_name}: {' / '.join(each.block_lines)}", _capacities(each.registry_id))
                for each in capacities
            ],
            is_todo=True,
        ),
        _listed(
            "Ủy quyền xử lý",
            "Theo chức danh mới của người ủy quyền; ủy quyền chỉ cho văn bản của đơn vị này kết thúc.",
            [
                (
                    f"{each.giver.full_name} → {each.receiver.full_name}",
                    reverse("organization:delegation", args=[each.pk]),
                )
                for each in delegations
            ],
        ),
        _listed(
            "Phạm vi kiểm tra",
            "Giữ nguyên cho văn bản cũ; văn bản mới cần phạm vi mới.",
            [(f"{each.person.full_name}: {each.unit.name}", reverse("organization:mandates")) for each in mandates],
            is_todo=True,
        ),
        _listed(
            "Đề nghị thay đổi quyền đang chờ",
            "Tự rút.",
            [(each.person.full_name, reverse("organization:right_change", args=[each.pk])) for each in changes],
        ),
    ]


_FATES: Final = {
    UnitWork.LETTERS: "Văn thư của {heir} (hoặc cấp trên gần nhất có văn thư) xử lý tiếp; số đến giữ nguyên.",
    UnitWork.LINES: "{heir} giữ tiếp, nguyên trạng thái và hạn.",
    UnitWork.OPINIONS: "{heir} trả lời.",
    UnitWork.DRAFTS: "Chuyển sang {heir}; nếu văn thư cấp số cũng thôi hoạt động: trả lại người soạn để chọn người ký.",
    UnitWork.NUMBERED: "Phát hành trước ngày hiệu lực: sau ngày đó chưa đóng dấu thì phải hủy số.",
    UnitWork.STEPS: "Hỏi người giữ vai trò ấy ở {heir}.",
    UnitWork.FLOWS: "Thành quy trình của {heir}, trừ khi {heir} đã có quy trình riêng.",
    UnitWork.RULES: "Phân phối cho {heir}; quy tắc của văn thư thôi hoạt động thôi dùng.",
}


def _of_work(unit_ids: list[int], heir: str) -> list[Affected]:
    return [
        Affected(str(work.label), count, _FATES[work].format(heir=heir), [], is_todo=work == UnitWork.NUMBERED)
        for work, count in unit_work.counts_held(unit_ids).items()
    ]


def _of_registries(leaving: list[Unit]) -> list[Affected]:
    registries = [unit for unit in leaving if unit.has_registry]
    books = Register.objects.filter(registry__in=registries, closed_at__isnull=True).select_related("registry")
    seals = [unit for unit in registries if signing.key_of_unit(unit.pk) or signing.images_of_unit(unit.pk)]
    return [
        _listed(
            "Sổ đăng ký",
            "Khóa vào ngày hiệu lực, ghi số tiếp theo; số đã cấp giữ nguyên.",
            [
                (f"{book.name} {book.year}, {book.registry.short_name}: số tiếp theo {book.next_number}", "")
                for book in books.order_by("registry_id", "kind", "pk")
            ],
        ),
        _listed(
            "Chữ ký số cơ quan, con dấu",
            "Thôi dùng từ ngày hiệu lực; văn bản đã ký số vẫn kiểm tra được.",
            [(unit.name, "") for unit in seals],
        ),
    ]


def _of_renamed(unit: Unit, on: date) -> list[Affected]:
    capacities = touches.capacities_of_registries(unit.ancestor_ids, on=on)
    names = [unit.name.upper(), unit.short_name.upper()]
    naming = [each for each in capacities if any(name in " ".join(each.block_lines).upper() for name in names)]
    has_seal = unit.has_registry and signing.key_of_unit(unit.pk) is not None
    drafts = unit_work.drafts_of(unit.pk).count()
    return [
        _listed(
            "Thẩm quyền ký ghi tên cũ",
            "Khối chữ ký không tự đổi: kết thúc và ghi lại theo tên mới.",
            [
                (f"{each.person.full_name}: {' / '.join(each.block_lines)}", _capacities(each.registry_id))
                for each in naming
            ],
            is_todo=True,
        ),
        Affected(
            "Chữ ký số cơ quan ghi tên cũ",
            int(has_seal),
            "Xin chứng thư và ảnh con dấu theo tên mới.",
            [],
            is_todo=True,
        ),
        Affected(
            "Dự thảo chưa phát hành", drafts, "Bản chưa trình theo tên mới; bản đã thành trang trình ký giữ tên cũ.", []
        ),
    ]


def _of_moved(units: Iterable[Unit], target: Unit) -> list[Affected]:
    lines = []
    drafts = 0
    for unit in units:
        before, after = _registry_name(unit), _registry_name(target)
        if not unit.has_registry and before != after:
            lines.append((f"{unit.name}: {before} → {after}", reverse("keeping:unit_change", args=[unit.pk])))
            drafts += unit_work.drafts_of(unit.pk).count()
    return [
        _listed("Văn thư cấp số, đóng dấu đổi", "Văn bản mới do văn thư của cấp trên mới cấp số.", lines),
        Affected("Dự thảo đang chạy", drafts, "Vẫn do văn thư cũ cấp số và đóng dấu.", []),
    ]


def _registry_name(unit: Unit) -> str:
    try:
        return organization.registry_of(unit).name
    except NoRegistryAbove:
        return "chưa có văn thư"


def _new_registries(step: ReorganisationStep) -> list[Affected]:
    made = [part["name"] for part in step.parts if part.get("has_registry") and step.kind != StepKind.RENAME]
    return [
        _listed(
            "Văn thư mới",
            "Cần chữ ký số cơ quan, ảnh con dấu, thẩm quyền ký; sổ mở từ số 1.",
            [(name, "") for name in made],
            is_todo=True,
        )
    ]


def _of_certificates(step: ReorganisationStep, units: list[Unit], on: date) -> list[Affected]:
    if step.kind == StepKind.MOVE:
        return []
    names = [unit.name for unit in units]
    people = {post.person_id: post.person for unit in units for post in organization.people_in(unit.pk, on=on)}
    keys = signing.keys_naming(people, names)
    return [
        _listed(
            "Chứng thư cá nhân ghi tên cũ",
            "Vẫn ký được; xin chứng thư theo tên mới khi nơi cấp yêu cầu.",
            [
                (people[key.person_id].full_name, _person(key.person_id))
                for key in keys
                if key.purpose == Purpose.PERSON and key.person_id in people
            ],
            is_todo=True,
        )
    ]


def _of_sources(units: list[Unit], step: ReorganisationStep) -> list[Affected]:
    codes = ", ".join(unit.code for unit in units if unit.code)
    if not codes or step.kind == StepKind.MOVE:
        return []
    sources = touches.active_sources()
    return [
        _listed(
            "Danh bạ đồng bộ",
            f"Danh sách còn ghi mã {codes}: người được hiểu là của đơn vị kế thừa; tên cũ không được đặt lại.",
            [(source.name, reverse("keeping:source_change", args=[source.pk])) for source in sources],
        )
    ]


def _listed(title: str, fate: str, lines: list[tuple[str, str]], *, is_todo: bool = False) -> Affected:
    return Affected(title, len(lines), fate, lines[:_SHOWN], is_todo=is_todo)


def _person(person_id: int | None) -> str:
    return reverse("keeping:person", args=[person_id or 0])


def _capacities(registry_id: int) -> str:
    return f"{reverse('organization:capacities')}?registry={registry_id}"


def moved_words(row: Reorganisation) -> list[tuple[str, str, int]]:
    """(kind, unit that goes on, how many) of what was moved, in the order of the kinds."""
    keys = {name: name.split(":") for name in row.moved}
    units = organization.units_by_id({int(unit_id) for _, unit_id in keys.values()})
    order = list(UnitWork)
    found = [
        (order.index(UnitWork(work)), str(UnitWork(work).label), units[int(unit_id)].name, int(row.moved[name]))
        for name, (work, unit_id) in keys.items()
    ]
    return [(label, unit, count) for _, label, unit, count in sorted(found)]
