"""The file somebody compares with the issued one."""

from __future__ import annotations

from django import forms


class CompareForm(forms.Form):
    file = forms.FileField(
        error_messages={"required": "Chọn tệp PDF cần đối chiếu.", "empty": "Tệp trống. Chọn tệp khác."}
    )
