"""What a flow is made of: steps in groups, each with a kind and a rule that says who is asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Final

from django.db import models

from eoffice.core.paging import whole_number
from eoffice.core.vietnamese import tidy
from eoffice.organization.models import Role
from eoffice.workflow.errors import StepsInvalid

MAX_STEPS: Final = 20
DEFAULT_NAME: Final = "Quy trình mặc định"


class StepKind(models.TextChoices):
    """Loại bước."""

    INITIAL = "initial", "Ký nháy nội dung"
    FORMAT = "format", "Kiểm tra thể thức"
    OPINION = "opinion", "Cho ý kiến"
    SIGN = "sign", "Ký ban hành"


UNIT_HEAD: Final = "unit_head_of_drafting_unit"
OFFICE: Final = "office_of_registry"
CHIEF: Final = "chief_of_office_of_registry"
CLERK: Final = "clerk_of_registry"
SIGNER: Final = "capacity_signer"
COSIGNER: Final = "cosigner"
RULE_WORDS: Final[Mapping[str, str]] = {
    UNIT_HEAD: "Trưởng đơn vị soạn thảo",
    OFFICE: "Văn phòng hoặc văn thư nơi ban hành",
    CHIEF: "Chánh văn phòng nơi ban hành",
    CLERK: "Văn thư nơi ban hành",
    SIGNER: "Người ký đã chọn trên dự thảo",
    COSIGNER: "Thư ký cùng ký biên bản",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDefinition:
    """One step. Steps of one `group` are asked at the same time; groups follow each other from 1 on.

    `who` is a rule of `RULE_WORDS`, `role:<role>@<unit id>` or `person:<person id>`. A step that is not
    `required` is left out where the rule finds nobody.
    """

    key: str
    title: str
    kind: StepKind
    group: int
    who: str
    required: bool = True

    def to_json(self) -> dict[str, object]:
        return {**asdict(self), "kind": str(self.kind)}


def default_steps() -> tuple[StepDefinition, ...]:
    """Head initials, office checks format, leader signs: what holds where no unit set its own flow."""
    return (
        StepDefinition(key="head", title="Trưởng đơn vị ký nháy", kind=StepKind.INITIAL, group=1, who=UNIT_HEAD),
        StepDefinition(key="format", title="Kiểm tra thể thức", kind=StepKind.FORMAT, group=2, who=OFFICE),
        StepDefinition(key="sign", title="Ký ban hành", kind=StepKind.SIGN, group=3, who=SIGNER),
    )


def with_cosigner(steps: Iterable[StepDefinition], *, has_cosigner: bool) -> tuple[StepDefinition, ...]:
    """The steps of a paper: two signers sign in any order, unless the flow has a step of its own for the second one."""
    steps = tuple(steps)
    if not has_cosigner or any(step.who == COSIGNER for step in steps):
        return steps
    last = max(step.group for step in steps)
    return (
        *steps,
        StepDefinition(key="cosign", title="Thư ký ký biên bản", kind=StepKind.SIGN, group=last, who=COSIGNER),
    )


def steps_from_json(rows: Iterable[Mapping[str, object]]) -> tuple[StepDefinition, ...]:
    """Steps as stored, or as a form or program sent them, checked. Raises StepsInvalid."""
    steps = []
    for number, row in enumerate(rows, start=1):
        kind = str(row.get("kind", ""))
        if kind not in StepKind.values:
            raise StepsInvalid(f"Bước {number} chưa có loại hợp lệ.")
        group = row.get("group", number)
        if isinstance(group, bool) or not isinstance(group, int):
            raise StepsInvalid(f"Bước {number} có thứ tự không hợp lệ.")
        steps.append(
            StepDefinition(
                key=str(row.get("key") or f"step-{number}")[:32],
                title=tidy(str(row.get("title", "")))[:120],
                kind=StepKind(kind),
                group=group,
                who=str(row.get("who", "")),
                required=bool(row.get("required", True)),
            )
        )
    return checked_steps(steps)


def checked_steps(steps: Iterable[StepDefinition]) -> tuple[StepDefinition, ...]:
    """The steps in order, groups from 1, keys unique, one signing step alone at the end. Raises StepsInvalid."""
    ordered = sorted(steps, key=lambda step: step.group)
    if not ordered or len(ordered) > MAX_STEPS:
        raise StepsInvalid(f"Quy trình cần từ 1 đến {MAX_STEPS} bước.")
    groups = {group: place for place, group in enumerate(sorted({step.group for step in ordered}), start=1)}
    checked = []
    for number, step in enumerate(ordered, start=1):
        if not step.title:
            raise StepsInvalid(f"Bước {number} chưa có tên.")
        _check_who(step, number)
        checked.append(
            StepDefinition(
                key=f"{number}-{step.kind}",
                title=step.title,
                kind=step.kind,
                group=groups[step.group],
                who=step.who,
                required=step.who != COSIGNER and (step.required or step.kind is StepKind.SIGN),
            )
        )
    _check_signing(checked)
    return tuple(checked)


def _check_signing(steps: list[StepDefinition]) -> None:
    cosigning = [step for step in steps if step.who == COSIGNER]
    if len(cosigning) > 1 or any(step.kind is not StepKind.SIGN for step in cosigning):
        raise StepsInvalid("Thư ký chỉ có một bước, là bước Ký ban hành.")
    signing = [step for step in steps if step.kind is StepKind.SIGN and step.who != COSIGNER]
    if len(signing) != 1:
        raise StepsInvalid("Quy trình có đúng một bước Ký ban hành.")
    others = [step for step in steps if step is not signing[0] and step not in cosigning]
    first = min(step.group for step in (*signing, *cosigning))
    if any(step.group >= first for step in others):
        raise StepsInvalid("Bước Ký ban hành đứng cuối cùng và không song song với bước khác.")
    if signing[0].who != SIGNER:
        raise StepsInvalid("Bước Ký ban hành do người ký đã chọn trên dự thảo thực hiện.")


def _check_who(step: StepDefinition, number: int) -> None:
    if step.who in RULE_WORDS:
        if step.who == SIGNER and step.kind is not StepKind.SIGN:
            raise StepsInvalid(f"Bước {number}: người ký chỉ được hỏi ở bước Ký ban hành.")
        return
    if role_and_unit(step.who) is None and person_id_of(step.who) is None:
        raise StepsInvalid(f"Bước {number} chưa chọn người duyệt.")


def role_and_unit(who: str) -> tuple[Role, int] | None:
    """The role and unit of `role:<role>@<unit>`; None for other rules."""
    if not who.startswith("role:"):
        return None
    role, _, unit = who.removeprefix("role:").partition("@")
    unit_id = whole_number(unit)
    return (Role(role), unit_id) if role in Role.values and unit_id is not None else None


def person_id_of(who: str) -> int | None:
    """The person of `person:<id>`; None for other rules."""
    return whole_number(who.removeprefix("person:")) if who.startswith("person:") else None
