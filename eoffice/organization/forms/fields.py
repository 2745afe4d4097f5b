"""Fields of the organization's forms: text in NFC, days as people write them, a person or unit that was picked."""

from __future__ import annotations

from typing import Any

from django import forms

from eoffice.core.vietnamese import nfc


class TextField(forms.CharField):
    """Text in NFC. Over-long input is kept and told by the service, not cut by the browser."""

    def to_python(self, value: Any) -> str:  # noqa: ANN401 - whatever the form was sent
        return nfc(str(super().to_python(value) or ""))


class DayField(forms.DateField):
    """A day of Vietnam, `dd/mm/yyyy`."""

    default_error_messages = {"invalid": "Ghi ngày theo dạng dd/mm/yyyy, ví dụ 23/11/2026."}

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - passed on
        super().__init__(
            widget=forms.DateInput(format="%d/%m/%Y"),
            input_formats=["%d/%m/%Y", "%d/%m/%y", "%d-%m-%Y", "%d.%m.%Y", "%d%m%Y", "%Y-%m-%d"],
            **options,
        )


class PickField(forms.IntegerField):
    """The key of a person or unit found in the picker; `choices` holds what is chosen, so that a fault keeps it."""

    widget = forms.Select

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - passed on
        super().__init__(max_value=10**18, min_value=1, **options)
        self.choices: list[tuple[int | str, str]] = [("", "")]
