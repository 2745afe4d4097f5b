"""What the clerk types when a paper is copied into an electronic file."""

from __future__ import annotations

from django import forms

from eoffice.documents.forms.registry_choice import RegistryChoiceForm
from eoffice.documents.models import CopyForm, OriginalKind
from eoffice.documents.services.copying import CopyEntry
from eoffice.documents.services.receiving import Assurance


class PaperCopyForm(RegistryChoiceForm):
    """The paper, its scan, and who decided that it is copied."""

    form = forms.ChoiceField(label="Hình thức sao", choices=CopyForm.choices)
    original_kind = forms.ChoiceField(label="Sao từ", choices=OriginalKind.choices)
    code = forms.CharField(label="Số, ký hiệu", max_length=80, error_messages={"required": "Nhập số, ký hiệu."})
    dated = forms.DateField(label="Ngày văn bản", error_messages={"required": "Nhập ngày văn bản."})
    issuing_body = forms.CharField(
        label="Cơ quan ban hành", max_length=200, error_messages={"required": "Nhập cơ quan ban hành."}
    )
    subject = forms.CharField(
        label="Trích yếu", max_length=500, widget=forms.Textarea, error_messages={"required": "Nhập trích yếu."}
    )
    basis = forms.CharField(
        label="Người quyết định việc sao",
        max_length=300,
        error_messages={"required": "Ghi người quyết định việc sao."},
    )
    file = forms.FileField(
        label="Bản quét (PDF)",
        error_messages={"required": "Chọn bản quét PDF của văn bản giấy.", "empty": "Tệp rỗng. Chọn tệp khác."},
    )
    seen_no_mark = forms.BooleanField(label="Đã xem, văn bản không có dấu chỉ độ mật", required=False)
    incoming = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def entry(self) -> CopyEntry:
        """What was typed, for the service."""
        typed = self.cleaned_data
        names = ("form", "original_kind", "code", "issuing_body", "subject", "basis")
        return CopyEntry(
            **{name: typed[name].strip() for name in names}, dated=typed["dated"], incoming_id=typed["incoming"]
        )

    def assurance(self) -> Assurance:
        """What was said about secrecy."""
        return Assurance(seen_no_mark=self.cleaned_data["seen_no_mark"])
