"""What is typed on the page of a flow."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict

from eoffice.core.paging import whole_number
from eoffice.organization.models import Role, Unit
from eoffice.workflow.definitions import (
    MAX_STEPS,
    RULE_WORDS,
    StepDefinition,
    StepKind,
    checked_steps,
    person_id_of,
    role_and_unit,
)
from eoffice.workflow.errors import StepsInvalid

BY_ROLE = "role"
BY_PERSON = "person"
WHO_CHOICES = [*RULE_WORDS.items(), (BY_ROLE, "Người giữ vai trò ở một đơn vị"), (BY_PERSON, "Một người được chỉ định")]


class FlowForm(forms.Form):
    """Unit, type and name of a flow; its steps are rows of the page (`steps_of`)."""

    unit = forms.TypedChoiceField(label="Đơn vị áp dụng (gồm cấp dưới)", coerce=int)
    document_type = forms.SlugField(label="Loại văn bản", max_length=32, required=False)
    """A type's code, empty for every type; the page lists them, this room does not know them."""
    name = forms.CharField(label="Tên quy trình", max_length=200)
    keeps_initials = forms.BooleanField(label="Giữ chữ ký nháy khi có lần dự thảo mới", required=False)

    def __init__(self, *args: Any, units: list[Unit], **kwargs: Any) -> None:  # noqa: ANN401 - Django's own
        super().__init__(*args, **kwargs)
        unit = self.fields["unit"]
        if isinstance(unit, forms.ChoiceField):
            unit.choices = [(row.pk, f"{'· ' * (len(row.ancestor_ids) - 1)}{row.name}") for row in units]


def steps_of(raw: QueryDict) -> list[dict[str, Any]]:
    """The rows of the page in their order, moved, removed or added as the pressed button says; not checked."""
    count = raw.get("step-count", "0")
    rows = [_row(raw, index) for index in range(min(whole_number(count) or 0, MAX_STEPS))]
    order = raw.get("order", "")
    if order:
        wanted = [at for part in order.split(",") if (at := whole_number(part)) is not None and at < len(rows)]
        rows = [rows[index] for index in dict.fromkeys(wanted)] if len(set(wanted)) == len(rows) else rows
    verb, _, place = raw.get("do", "").partition(":")
    at = -1 if (given := whole_number(place)) is None else given
    if verb == "up" and 0 < at < len(rows):
        rows[at - 1], rows[at] = rows[at], rows[at - 1]
    elif verb == "down" and 0 <= at < len(rows) - 1:
        rows[at], rows[at + 1] = rows[at + 1], rows[at]
    elif verb == "remove" and 0 <= at < len(rows):
        rows.pop(at)
    elif verb == "add" and len(rows) < MAX_STEPS:
        rows.insert(max(len(rows) - 1, 0), blank_row())
    return rows


def blank_row() -> dict[str, Any]:
    return {
        "title": "", "kind": str(StepKind.INITIAL), "who": "", "role": str(Role.UNIT_HEAD), "unit": "", "person": "",
        "parallel": False, "required": True,
    }  # fmt: skip


def rows_of(steps: tuple[StepDefinition, ...]) -> list[dict[str, Any]]:
    """Steps as rows of the page."""
    rows = []
    for index, step in enumerate(steps):
        named, person_id = role_and_unit(step.who), person_id_of(step.who)
        rows.append(
            {
                "title": step.title,
                "kind": str(step.kind),
                "who": BY_ROLE if named else BY_PERSON if person_id else step.who,
                "role": str(named[0]) if named else str(Role.UNIT_HEAD),
                "unit": named[1] if named else "",
                "person": person_id or "",
                "parallel": index > 0 and steps[index - 1].group == step.group,
                "required": step.required,
            }
        )
    return rows


def _number_or_blank(text: str) -> int | str:
    number = whole_number(text)
    return "" if number is None else number


def _row(raw: QueryDict, index: int) -> dict[str, Any]:
    def value(name: str) -> str:
        return raw.get(f"step-{index}-{name}", "")

    return {
        "title": value("title"),
        "kind": value("kind"),
        "who": value("who"),
        "role": value("role"),
        "unit": _number_or_blank(value("unit")),
        "person": _number_or_blank(value("person")),
        "parallel": bool(value("parallel")),
        "required": bool(value("required")),
    }


def checked_rows(rows: list[dict[str, Any]]) -> tuple[StepDefinition, ...]:
    """Rows as the steps of a flow. Raises StepsInvalid."""
    steps: list[StepDefinition] = []
    group = 0
    for number, row in enumerate(rows, start=1):
        if row["kind"] not in StepKind.values:
            raise StepsInvalid(f"Bước {number} chưa chọn loại.")
        group += 0 if row["parallel"] and group else 1
        steps.append(
            StepDefinition(
                key=str(number),
                title=" ".join(row["title"].split())[:120],
                kind=StepKind(row["kind"]),
                group=group,
                who=_who(row),
                required=row["required"],
            )
        )
    return checked_steps(steps)


def _who(row: dict[str, Any]) -> str:
    if row["who"] == BY_ROLE:
        return f"role:{row['role']}@{row['unit']}"
    if row["who"] == BY_PERSON:
        return f"person:{row['person']}"
    return str(row["who"])
