"""What the clerk types when a paper is copied into an electronic file, whole or in part."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from eoffice.documents.forms.registry_choice import RegistryChoiceForm
from eoffice.documents.models import CopyForm, OriginalKind
from eoffice.documents.services.copying import CopyEntry
from eoffice.documents.services.deciding_copies import DECIDED_BY
from eoffice.documents.services.extracting import ExtractEntry
from eoffice.documents.services.receiving import Assurance
from eoffice.layout.errors import BodyInvalid
from eoffice.layout.schema import empty_body
from eoffice.layout.types import TYPES
from eoffice.organization.models import SigningCapacity


class CopyDecisionForm(RegistryChoiceForm):
    """Who decided that a paper is copied: one of `deciders`, or somebody outside the unit in words."""

    decider = forms.TypedChoiceField(
        label="Người quyết định việc sao",
        coerce=int,
        required=False,
        empty_value=None,
        error_messages={"invalid_choice": "Người này không có thẩm quyền ký của đơn vị hôm nay. Chọn lại."},
    )
    basis = forms.CharField(label="Văn bản giao việc sao, hoặc người ngoài danh sách", max_length=300, required=False)

    def __init__(self, *args: Any, deciders: Sequence[SigningCapacity] = (), **options: Any) -> None:  # noqa: ANN401 - passed on
        super().__init__(*args, **options)
        self.has_deciders = bool(deciders)
        field = self.fields["decider"]
        several = len({each.registry_id for each in deciders}) > 1
        if isinstance(field, forms.TypedChoiceField):
            field.choices = [
                ("", "Người ngoài danh sách"),
                *((each.pk, _decider_words(each, with_unit=several)) for each in deciders),
            ]

    def clean(self) -> dict[str, Any]:
        typed = self.cleaned_data
        if "decider" in typed and typed["decider"] is None and not typed.get("basis", "").strip():
            self.add_error("decider" if self.has_deciders else "basis", DECIDED_BY)
        return typed


def _decider_words(capacity: SigningCapacity, *, with_unit: bool) -> str:
    words = f"{capacity.person.full_name}, {capacity.position_title}"
    return f"{words} ({capacity.registry.name})" if with_unit else words


class PaperCopyForm(CopyDecisionForm):
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
            **{name: typed[name].strip() for name in names},
            dated=typed["dated"],
            decider_id=typed["decider"],
            incoming_id=typed["incoming"],
        )

    def assurance(self) -> Assurance:
        """What was said about secrecy."""
        return Assurance(seen_no_mark=self.cleaned_data["seen_no_mark"])


class ExtractForm(CopyDecisionForm):
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
            decider_id=typed["decider"],
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
