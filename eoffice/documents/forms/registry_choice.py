"""For which registry: asked of a clerk of several while she works in all her posts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms


class RegistryChoiceForm(forms.Form):
    """`registries` (key, name) are offered to who works for several; there the choice is hers, and required."""

    registry = forms.TypedChoiceField(
        label="Cho đơn vị",
        coerce=int,
        required=False,
        empty_value=None,
        error_messages={"required": "Chọn đơn vị.", "invalid_choice": "Chọn đơn vị."},
    )

    def __init__(self, *args: Any, registries: Sequence[tuple[int, str]] = (), **options: Any) -> None:  # noqa: ANN401 - passed on
        super().__init__(*args, **options)
        field = self.fields["registry"]
        if isinstance(field, forms.TypedChoiceField) and registries:
            field.choices = [("", "Chọn đơn vị"), *registries]
            field.required = True

    @property
    def asks_registry(self) -> bool:
        return self.fields["registry"].required
