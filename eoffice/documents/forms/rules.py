"""What the office writes into a distribution rule."""

from __future__ import annotations

from typing import Any

from django import forms

from eoffice.documents.forms.incoming import TextField
from eoffice.documents.models import DistributionRule
from eoffice.documents.queries.rules import CONDITIONS
from eoffice.documents.services.keeping_rules import RuleTerms
from eoffice.layout.types import TYPES

TERMS = ("name", *CONDITIONS, "instruction", "working_days")


class RuleForm(forms.Form):
    """Conditions, then where the letter goes. The service says which conditions and units it takes."""

    name = TextField(label="Tên quy tắc", max_length=200, error_messages={"required": "Ghi tên quy tắc."})
    document_type = forms.ChoiceField(
        label="Loại văn bản", required=False, choices=[("", "Mọi loại"), *((each.code, each.name) for each in TYPES)]
    )
    issuing_body_contains = TextField(label="Cơ quan ban hành có chữ", max_length=200, required=False)
    subject_contains = TextField(label="Trích yếu có chữ", max_length=200, required=False)
    lead_unit = forms.TypedChoiceField(
        label="Đơn vị chủ trì", coerce=int, error_messages={"required": "Chọn đơn vị chủ trì."}
    )
    working_days = forms.IntegerField(
        label="Hạn xử lý (ngày làm việc)", required=False, error_messages={"invalid": "Ghi số ngày, ví dụ 5."}
    )
    instruction = TextField(label="Nội dung giao việc", max_length=500, required=False, widget=forms.Textarea)

    def __init__(self, *args: Any, units: list[tuple[int, str]], **options: Any) -> None:  # noqa: ANN401 - passed on
        super().__init__(*args, **options)
        field = self.fields["lead_unit"]
        if isinstance(field, forms.TypedChoiceField):
            field.choices = [("", "Chọn đơn vị"), *units]

    def terms(self) -> RuleTerms:
        """What a valid form says."""
        said = self.cleaned_data
        return RuleTerms(lead_unit_id=said["lead_unit"], **{name: said[name] for name in TERMS})

    def conditions(self) -> dict[str, str]:
        """The conditions typed so far, whatever the other fields hold."""
        self.is_valid()
        return {name: str(self.cleaned_data.get(name) or "") for name in CONDITIONS}


def initial_of(rule: DistributionRule) -> dict[str, object]:
    """What the form of an existing rule starts with."""
    return {name: getattr(rule, name) for name in TERMS} | {"lead_unit": rule.lead_unit_id}
