"""Input of a reorganisation: the decision, one step of each kind, where people go."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django import forms

from eoffice.organization import queries as organization
from eoffice.organization.forms.fields import DayField, PickField, TextField
from eoffice.organization.models import StepKind, UnitKind
from eoffice.organization.queries.reorganisations import PlacedPost
from eoffice.organization.services.preparing_reorganisation import DecisionTerms, NewUnit, PersonPlace, StepTerms

UNITS: Final = "/api/v1/organization/recipients?kind=unit&q="
_PICK: Final = {"required": "Chọn đơn vị.", "invalid": "Chọn đơn vị trong danh sách."}
_MERGED: Final = 4
"""So many units merge in one step; more take another step into the same unit."""
_PARTS: Final = {StepKind.SPLIT: 3, StepKind.MERGE: 1, StepKind.RENAME: 1}


class ReasonForm(forms.Form):
    remark = TextField(label="Lý do trả lại", max_length=500, error_messages={"required": "Ghi lý do trả lại."})


class DecisionForm(forms.Form):
    """Quyết định; `unit` is asked once, when it is begun."""

    title = TextField(label="Tên gọi", max_length=200, error_messages={"required": "Ghi tên gọi."})
    decision_number = TextField(label="Số quyết định", max_length=50, error_messages={"required": "Ghi số quyết định."})
    decided_on = DayField(label="Ngày quyết định", error_messages={"required": "Ghi ngày quyết định."})
    effective_on = DayField(label="Hiệu lực từ ngày", error_messages={"required": "Ghi ngày hiệu lực."})
    note = TextField(label="Căn cứ khác, ghi chú", max_length=500, required=False, widget=forms.Textarea)

    def terms(self) -> DecisionTerms:
        """What a valid form says."""
        said = self.cleaned_data
        return DecisionTerms(
            title=said["title"],
            decision_number=said["decision_number"],
            decided_on=said["decided_on"],
            effective_on=said["effective_on"],
            note=said["note"],
        )


class StepForm(forms.Form):
    """One step; which fields it has is said by its kind."""

    def __init__(self, *args: object, kind: StepKind, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]  # passed on as Django takes them
        self.kind = kind
        count = _MERGED if kind == StepKind.MERGE else 1
        for number in range(1, count + 1):
            label = f"Đơn vị thứ {number}" if count > 1 else "Đơn vị"
            self.fields[f"unit_{number}"] = PickField(label=label, required=number == 1, error_messages=_PICK)
        if kind in _TARGETS:
            self.fields["target"] = PickField(
                label=_TARGETS[kind], required=kind != StepKind.MERGE, error_messages=_PICK
            )
        if kind == StepKind.SPLIT:
            self.fields["keeps_source"] = forms.BooleanField(
                label="Tách: đơn vị này vẫn hoạt động với người ở lại", required=False
            )
        for number in range(1, _PARTS.get(kind, 0) + 1):
            self._add_part(number)

    def _add_part(self, number: int) -> None:
        needed = self.kind == StepKind.RENAME
        said = {"required": "Chưa ghi."}
        self.fields[f"name_{number}"] = TextField(label="Tên", max_length=200, required=needed, error_messages=said)
        self.fields[f"short_name_{number}"] = TextField(label="Tên ngắn", max_length=80, required=False)
        self.fields[f"symbol_{number}"] = TextField(
            label="Viết tắt trong ký hiệu", max_length=30, required=needed, error_messages=said
        )
        if self.kind == StepKind.RENAME:
            return
        self.fields[f"kind_{number}"] = forms.ChoiceField(
            label="Loại", choices=UnitKind.choices, initial=UnitKind.BOARD, required=False
        )
        self.fields[f"code_{number}"] = TextField(label="Mã đơn vị", max_length=40, required=False)
        self.fields[f"has_registry_{number}"] = forms.BooleanField(
            label="Có văn thư, con dấu, sổ riêng", required=False
        )

    @property
    def picks(self) -> list[forms.BoundField]:
        """The units it is done to."""
        return [self[name] for name in self.fields if name.startswith("unit_")]

    @property
    def part_fields(self) -> list[list[forms.BoundField]]:
        """The fields of each new unit."""
        names = ("name", "short_name", "symbol", "kind", "code", "has_registry")
        return [
            [self[f"{name}_{number}"] for name in names if f"{name}_{number}" in self.fields]
            for number in range(1, _PARTS.get(self.kind, 0) + 1)
        ]

    def show_picked(self) -> None:
        """Put the names of what was picked into the lists, so that a fault keeps them."""
        picks = {name: each for name, each in self.fields.items() if isinstance(each, PickField)}
        chosen = {name: int(value) for name in picks if (value := str(self.data.get(name, ""))).isdecimal()}
        units = organization.units_by_id(chosen.values())
        for name, key in chosen.items():
            if key in units:
                picks[name].choices = [("", ""), (key, units[key].name)]

    def terms(self) -> StepTerms:
        """What a valid form says."""
        said = self.cleaned_data
        unit_ids = [said[name] for name in self.fields if name.startswith("unit_") and said[name]]
        return StepTerms(
            kind=self.kind,
            unit_ids=tuple(dict.fromkeys(unit_ids)),
            target_id=said.get("target"),
            parts=tuple(self._part(number) for number in range(1, _PARTS.get(self.kind, 0) + 1) if self._has(number)),
            keeps_source=bool(said.get("keeps_source")),
        )

    def _has(self, number: int) -> bool:
        return bool(self.cleaned_data[f"name_{number}"] or self.cleaned_data[f"symbol_{number}"])

    def _part(self, number: int) -> NewUnit:
        said = self.cleaned_data
        return NewUnit(
            name=said[f"name_{number}"],
            short_name=said[f"short_name_{number}"],
            symbol=said[f"symbol_{number}"],
            kind=said.get(f"kind_{number}") or UnitKind.DEPARTMENT,
            code=said.get(f"code_{number}", ""),
            has_registry=bool(said.get(f"has_registry_{number}")),
        )


_TARGETS: Final = {
    StepKind.MERGE: "Sáp nhập vào",
    StepKind.CLOSE: "Đơn vị tiếp nhận",
    StepKind.MOVE: "Cấp trên mới",
}


class PeopleForm(forms.Form):
    """Where each post goes; whose line was left as it is goes to the first unit, in the post held now."""

    def __init__(
        self, *args: object, posts: Sequence[PlacedPost], choices: list[tuple[str, str]], **options: object
    ) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]  # passed on as Django takes them
        self.posts = list(posts)
        for post in self.posts:
            key = post.posting.pk
            self.fields[f"to_{key}"] = forms.ChoiceField(
                label="Đơn vị", choices=choices, required=False, initial="" if post.to is None else str(post.to)
            )
            self.fields[f"position_{key}"] = TextField(label="Chức vụ", max_length=100, initial=post.position)
            self.fields[f"rank_{key}"] = forms.IntegerField(
                label="Cấp bậc", min_value=0, max_value=99, initial=post.rank, error_messages={"invalid": "Ghi số."}
            )
            self.fields[f"roles_{key}"] = forms.BooleanField(
                label="Chuyển vai trò", required=False, initial=post.keeps_roles
            )

    @property
    def rows(self) -> list[tuple[PlacedPost, list[forms.BoundField]]]:
        """Each post with its fields."""
        return [
            (post, [self[f"{name}_{post.posting.pk}"] for name in ("to", "position", "rank", "roles")])
            for post in self.posts
        ]

    def places(self) -> dict[int, PersonPlace]:
        """What a valid form says."""
        said = self.cleaned_data
        found = {}
        for post in self.posts:
            key = post.posting.pk
            to = said[f"to_{key}"]
            found[key] = PersonPlace(
                to=int(to) if to else None,
                position=said[f"position_{key}"],
                rank=said[f"rank_{key}"],
                keeps_roles=said[f"roles_{key}"],
            )
        return found
