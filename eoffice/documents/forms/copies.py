"""What the clerk types when a paper is copied into an electronic file, whole or in part."""

from __future__ import annotations

import json
from collections.abc import Mapping

from django import forms

from eoffice.documents.forms.registry_choice import RegistryChoiceForm
from eoffice.documents.models import CopyForm, OriginalKind
from eoffice.documents.services.copying import CopyEntry
from eoffice.documents.services.extracting import ExtractEntry
from eoffice.documents.services.receiving import Assurance
from eoffice.layout.errors import BodyInvalid
from eoffice.layout.schema import empty_body
from eoffice.layout.types import TYPES


class PaperCopyForm(RegistryChoiceForm):
    """The paper, its scan, and who decided that it is copied."""

    form = forms.ChoiceField(
        label="Hình thức sao", choices=[(form.value, form.label) for form in (CopyForm.FULL, CopyForm.AGAIN)]
    )
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


class ExtractForm(RegistryChoiceForm):
    """The form of a paper, the part of it that is copied, and what stands under the copy."""

    document_type = forms.ChoiceField(label="Loại văn bản", choices=[(kind.code, kind.name) for kind in TYPES])
    original_kind = forms.ChoiceField(
        label="Trích từ", choices=[(kind.value, kind.label) for kind in (OriginalKind.MAIN, OriginalKind.ORIGINAL)]
    )
    superior_body = forms.CharField(label="Cơ quan chủ quản", max_length=200, required=False)
    issuing_body = forms.CharField(
        label="Cơ quan ban hành", max_length=200, error_messages={"required": "Nhập cơ quan ban hành."}
    )
    code = forms.CharField(label="Số, ký hiệu", max_length=80, error_messages={"required": "Nhập số, ký hiệu."})
    dated = forms.DateField(label="Ngày văn bản", error_messages={"required": "Nhập ngày văn bản."})
    place = forms.CharField(label="Địa danh", max_length=60, required=False)
    subject = forms.CharField(
        label="Trích yếu", max_length=500, widget=forms.Textarea, error_messages={"required": "Nhập trích yếu."}
    )
    signer_lines = forms.CharField(label="Quyền hạn, chức vụ", max_length=400, widget=forms.Textarea, required=False)
    signer_name = forms.CharField(
        label="Người ký văn bản", max_length=100, error_messages={"required": "Nhập người ký văn bản."}
    )
    basis = forms.CharField(
        label="Người quyết định việc sao",
        max_length=300,
        error_messages={"required": "Ghi người quyết định việc sao."},
    )
    recipients = forms.CharField(label="Nơi nhận bản trích sao", max_length=4000, widget=forms.Textarea, required=False)
    body = forms.CharField(required=False, max_length=2_000_000, widget=forms.HiddenInput)
    incoming = forms.IntegerField(required=False, widget=forms.HiddenInput)
    outgoing = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def entry(self) -> ExtractEntry:
        """What was typed, for the service. Raises BodyInvalid for a body that cannot be read."""
        typed = self.cleaned_data
        names = (
            "original_kind", "document_type", "issuing_body", "code", "dated", "subject", "signer_name", "basis",
            "superior_body", "place",
        )  # fmt: skip
        return ExtractEntry(
            **{name: typed[name] for name in names},
            body=_body_of(typed["body"]),
            signer_lines=tuple(typed["signer_lines"].splitlines()),
            recipients=tuple(typed["recipients"].splitlines()),
            incoming_id=typed["incoming"],
            outgoing_id=typed["outgoing"],
        )


def _body_of(text: str) -> Mapping[str, object]:
    if not text.strip():
        return empty_body()
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise BodyInvalid from error
    if not isinstance(value, dict):
        raise BodyInvalid
    return value
