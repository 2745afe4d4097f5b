"""What the administrator gives with a list."""

from __future__ import annotations

from django import forms

from eoffice.organization.importing.reading import LIMIT_BYTES


class ImportForm(forms.Form):
    file = forms.FileField(
        label="Tệp danh sách",
        error_messages={
            "required": "Chọn tệp CSV hoặc XLSX.",
            "empty": "Tệp rỗng. Chọn tệp khác.",
            "missing": "Chọn tệp CSV hoặc XLSX.",
            "max_length": "Tên tệp dài quá.",
        },
        max_length=200,
    )
    is_full = forms.BooleanField(label="Danh sách đầy đủ: người không còn trong tệp coi như đã nghỉ", required=False)

    def clean_file(self) -> object:
        file = self.cleaned_data["file"]
        if file.size > LIMIT_BYTES:
            raise forms.ValidationError(f"Tệp lớn hơn {LIMIT_BYTES // 1024 // 1024} MB. Chia nhỏ rồi nhập lại.")
        return file
