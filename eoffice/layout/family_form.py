"""What an administrator writes about a family."""

from __future__ import annotations

from django import forms

from eoffice.layout.families import FamilyRules
from eoffice.layout.keeping_families import FamilyTerms

_FIELDS = ("nation", "motto", "typed_symbol", "letter_symbol", "basis")


class FamilyTermsForm(forms.Form):
    """The service says what is missing or wrong."""

    nation = forms.CharField(label="Dòng đầu bên phải", required=False)
    motto = forms.CharField(label="Dòng dưới", required=False)
    typed_symbol = forms.CharField(label="Ký hiệu văn bản có tên loại", required=False)
    letter_symbol = forms.CharField(label="Ký hiệu công văn", required=False)
    basis = forms.CharField(label="Căn cứ xác nhận", required=False)

    def terms(self) -> FamilyTerms:
        """What was typed."""
        self.is_valid()
        return FamilyTerms(**{name: self.cleaned_data.get(name) or "" for name in _FIELDS})


def initial_of(rules: FamilyRules) -> dict[str, str]:
    """What the form starts with."""
    return {name: getattr(rules, name) for name in _FIELDS}
