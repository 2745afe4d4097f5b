"""What the clerk types when a register is opened, numbers are kept, a gap is explained."""

from __future__ import annotations

from datetime import date

from django import forms

from eoffice.core.vietnamese import fold
from eoffice.documents.models import BlockHolder, RegisterKind
from eoffice.layout.types import TYPES


class OpenRegisterForm(forms.Form):
    """A new series: on any date, from any number on, with the basis of the numbers before it."""

    kind = forms.ChoiceField(
        label="Loại sổ", choices=RegisterKind.choices, error_messages={"required": "Chọn sổ đến, sổ đi hay sổ bản sao."}
    )
    year = forms.IntegerField(label="Năm", min_value=2000, max_value=2100)
    name = forms.CharField(label="Tên sổ", max_length=200, required=False)
    document_types = forms.MultipleChoiceField(
        label="Chỉ cấp số cho", required=False, choices=[(each.code, each.name) for each in TYPES]
    )
    first_number = forms.IntegerField(label="Số tiếp theo", min_value=1, max_value=9_999_999, initial=1)
    opening_basis = forms.CharField(label="Các số trước ở đâu", max_length=300, required=False)

    @classmethod
    def for_day(cls, day: date) -> OpenRegisterForm:
        """An empty form for the year of `day`."""
        return cls(initial={"year": day.year})

    def series(self) -> str:
        """A stable code for the series, made of its types, or of its name."""
        types = self.cleaned_data["document_types"]
        name = fold(self.cleaned_data["name"]).replace(" ", "_")[:30]
        return "_".join(sorted(types))[:30] if types else name or "chung"


class KeepNumbersForm(forms.Form):
    """A block that the counter steps over."""

    first = forms.IntegerField(label="Từ số", min_value=1, max_value=9_999_999)
    last = forms.IntegerField(label="Đến số", min_value=1, max_value=9_999_999)
    holder = forms.ChoiceField(label="Nơi giữ", choices=BlockHolder.choices, initial=BlockHolder.RESERVED)
    basis = forms.CharField(label="Căn cứ", max_length=300)


class ExplainGapForm(forms.Form):
    """Why a kept number was not used."""

    number = forms.IntegerField(label="Số", min_value=1, max_value=9_999_999)
    reason = forms.CharField(label="Lý do không dùng", max_length=500)
