"""What a reader of a book filters by."""

from __future__ import annotations

from datetime import date

from django import forms

from eoffice.documents.queries.books import BookFilter
from eoffice.layout.types import TYPES

_DAY_FORMATS = ["%d/%m/%Y", "%Y-%m-%d"]


class BookFilterForm(forms.Form):
    """Registry, book, type, period and words; everything may be left out."""

    registry = forms.TypedChoiceField(label="Đơn vị", coerce=int, required=False, empty_value=None)
    book = forms.TypedChoiceField(label="Sổ", coerce=int, required=False, empty_value=None)
    type = forms.ChoiceField(
        label="Loại văn bản",
        required=False,
        choices=[("", "Mọi tên loại"), *((each.code, each.name) for each in TYPES)],
    )
    first = forms.DateField(label="Từ ngày", required=False, input_formats=_DAY_FORMATS)
    last = forms.DateField(label="Đến ngày", required=False, input_formats=_DAY_FORMATS)
    q = forms.CharField(label="Số, trích yếu, nơi nhận", required=False, max_length=200)

    def __init__(
        self,
        *args: object,
        registries: tuple[tuple[int, str], ...],
        books: tuple[tuple[int, str], ...],
        **kwargs: object,
    ) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed on as Django takes them
        registry, book = self.fields["registry"], self.fields["book"]
        if isinstance(registry, forms.TypedChoiceField) and isinstance(book, forms.TypedChoiceField):
            registry.choices = list(registries)
            book.choices = [("", "Tất cả các sổ"), *books]

    def clean(self) -> dict[str, object]:
        values = super().clean() or {}
        first, last = values.get("first"), values.get("last")
        if isinstance(first, date) and isinstance(last, date) and first > last:
            self.add_error("last", "Ngày cuối phải sau ngày đầu.")
        return values

    def wanted(self, *, registry_id: int, first_on: date, last_on: date) -> BookFilter:
        """The checked filter; call after `is_valid`. The arguments stand in for what was left out."""
        values = self.cleaned_data
        last = values["last"] or last_on
        return BookFilter(
            registry_id=values["registry"] or registry_id,
            first_on=values["first"] or min(first_on, last.replace(day=1)),
            last_on=last,
            register_id=values["book"],
            document_type=values["type"],
            text=values["q"],
        )
