"""Input of the pages of incoming documents; lengths are those of NĐ 30/2020/NĐ-CP, Phụ lục VI."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

from django import forms

from eoffice.core.clock import local_date
from eoffice.core.vietnamese import nfc
from eoffice.documents.forms.registry_choice import RegistryChoiceForm
from eoffice.documents.models import AssignmentRole, LinkRelation, ProposedDirective, Urgency
from eoffice.documents.services.distributing import Recipient
from eoffice.documents.services.incoming_entry import LABELS, IncomingEntry
from eoffice.layout.types import TYPES
from eoffice.organization import calendar
from eoffice.organization.models import FieldOfWork

NO_FIELD: Final = "Chưa ghi lĩnh vực"
_WRONG_DATE = "Ghi ngày theo dạng dd/mm/yyyy, ví dụ 23/11/2026."


class TextField(forms.CharField):
    """Text in NFC. Over-long input is kept and told, not cut by the browser."""

    def to_python(self, value: Any) -> str:  # noqa: ANN401 - whatever the form was sent
        return nfc(str(super().to_python(value) or ""))


class DayField(forms.DateField):
    default_error_messages = {"invalid": _WRONG_DATE}

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - passed on
        super().__init__(
            widget=forms.DateInput(format="%d/%m/%Y"),
            input_formats=["%d/%m/%Y", "%d/%m/%y", "%d-%m-%Y", "%d.%m.%Y", "%d%m%Y", "%Y-%m-%d"],
            **options,
        )


class RecipientsField(forms.CharField):
    """What the people picker sends: `[{"kind", "id", "role"}]`. Cleans to a list of `Recipient`."""

    widget = forms.HiddenInput

    def to_python(self, value: Any) -> Any:  # noqa: ANN401 - Django types it as the field's text
        text = super().to_python(value)
        if not text:
            return []
        try:
            return [
                Recipient(str(each["kind"]), int(each["id"]), AssignmentRole(each.get("role", AssignmentRole.LEAD)))
                for each in json.loads(str(text))
            ]
        except (ValueError, TypeError, KeyError) as error:
            raise forms.ValidationError("Nơi nhận không đọc được. Chọn lại từ danh sách.") from error


class FieldOfWorkForm(forms.Form):
    """Lĩnh vực of one paper; none is allowed."""

    field_of_work_id = forms.TypedChoiceField(
        label=LABELS["field_of_work_id"], required=False, coerce=int, empty_value=None
    )

    def __init__(self, *args: Any, fields_of_work: Sequence[FieldOfWork], **options: Any) -> None:  # noqa: ANN401 - passed on
        super().__init__(*args, **options)
        field = self.fields["field_of_work_id"]
        if isinstance(field, forms.TypedChoiceField):
            field.choices = [("", NO_FIELD), *((each.pk, each.name) for each in fields_of_work)]


class EntryForm(FieldOfWorkForm):
    """The fields of registration, in the order of the page."""

    issuing_body = TextField(label=LABELS["issuing_body"], error_messages={"required": "Chưa nhập cơ quan ban hành."})
    number = TextField(label=LABELS["number"], required=False)
    symbol = TextField(label=LABELS["symbol"], required=False)
    issued_on = DayField(label=LABELS["issued_on"], required=False)
    document_type = forms.ChoiceField(
        label=LABELS["document_type"],
        required=False,
        choices=[("", "Loại khác"), *[(each.code, each.name) for each in TYPES]],
    )
    type_name = TextField(label=LABELS["type_name"], required=False)
    urgency = forms.TypedChoiceField(
        label=LABELS["urgency"], required=False, coerce=int, choices=Urgency.choices, initial=Urgency.NORMAL
    )
    subject = TextField(
        label=LABELS["subject"], error_messages={"required": "Chưa nhập trích yếu."}, widget=forms.Textarea
    )
    signer_name = TextField(label=LABELS["signer_name"], required=False)
    signer_position = TextField(label=LABELS["signer_position"], required=False)
    due_on = DayField(label=LABELS["due_at"], required=False)
    page_amount = forms.IntegerField(
        label=LABELS["page_amount"], required=False, error_messages={"invalid": "Ghi số trang bằng chữ số."}
    )
    language = TextField(label=LABELS["language"], required=False, initial="Tiếng Việt")
    circulation = TextField(label=LABELS["circulation"], required=False)
    file_notation = TextField(label=LABELS["file_notation"], required=False)
    description = TextField(label=LABELS["description"], required=False)

    def entry(self) -> IncomingEntry:
        """The cleaned form as the service takes it. The form must be valid."""
        data = {name: value for name, value in self.cleaned_data.items() if name in LABELS}
        data["urgency"] = data["urgency"] or Urgency.NORMAL
        due_on = self.cleaned_data["due_on"]
        return IncomingEntry(**data, due_at=calendar.end_of_day(due_on) if due_on else None)


class RegisterForm(EntryForm):
    """Registration: the entry, whom it goes to next, and "không trùng"."""

    forward_to = forms.TypedChoiceField(label="Trình", required=False, coerce=int, empty_value=None)
    not_duplicate = forms.BooleanField(label="Không trùng, vẫn đăng ký", required=False)

    def __init__(self, *args: Any, leaders: list[tuple[int, str]], **options: Any) -> None:  # noqa: ANN401 - passed on
        super().__init__(*args, **options)
        field = self.fields["forward_to"]
        if isinstance(field, forms.TypedChoiceField):
            field.choices = [("", "Chưa trình"), *leaders]


class CorrectForm(EntryForm):
    reason = TextField(label="Lý do sửa", error_messages={"required": "Ghi lý do."}, widget=forms.Textarea)


class DeadlineForm(forms.Form):
    """A deadline by a quick choice (ISO day), "none", or "other" with the day in `due_on`."""

    due_choice = forms.ChoiceField(label="Hạn xử lý", required=False)

    def __init__(self, *args: Any, days: list[tuple[str, str]] | None = None, **options: Any) -> None:  # noqa: ANN401 - passed on
        super().__init__(*args, **options)
        field = self.fields["due_choice"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [("none", "Không hạn"), *(days or []), ("other", "Ngày khác")]
        self.initial.setdefault("due_choice", "none")

    def clean(self) -> dict[str, Any]:
        """Turn the choice into `due_on`; a day typed without choosing "other" counts as well."""
        said = super().clean() or self.cleaned_data
        choice = said.get("due_choice") or "other"
        if choice == "other" and not said.get("due_on") and "due_on" not in self.errors and self.data.get("due_choice"):
            self.add_error("due_on", "Ghi ngày hạn xử lý.")
        elif choice not in {"other", "none"}:
            said["due_on"] = date.fromisoformat(choice)
        return said


class DirectForm(DeadlineForm):
    """Bút phê: text, recipients with their roles, deadline."""

    text = TextField(label="Nội dung chỉ đạo", error_messages={"required": "Ghi nội dung."}, widget=forms.Textarea)
    due_on = DayField(label="Ngày khác", required=False)
    requires_reply = forms.BooleanField(label="Yêu cầu có văn bản trả lời", required=False)
    recipients = RecipientsField(label="Nơi nhận", required=False)
    proposal = forms.IntegerField(required=False, widget=forms.HiddenInput)
    """The secretary's proposal it was made from."""


class PrepareForm(DirectForm):
    """Dự kiến bút phê: the same, with the version that was on the screen."""

    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


def initial_of_proposal(proposal: ProposedDirective | None, days: list[tuple[str, str]]) -> dict[str, object]:
    """What a form of a directive starts with where a secretary prepared it."""
    if proposal is None:
        return {}
    due = proposal.due_on.isoformat() if proposal.due_on else "none"
    is_quick = due in {"none", *(day for day, _ in days)}
    return {
        "text": proposal.text,
        "recipients": json.dumps(proposal.recipients),
        "due_choice": due if is_quick else "other",
        "due_on": None if is_quick else proposal.due_on,
        "requires_reply": proposal.requires_reply,
    }


class PassOnForm(DeadlineForm):
    """Giao việc: an instruction of one's own, recipients, deadline."""

    instruction = TextField(label="Nội dung giao việc", required=False, widget=forms.Textarea)
    due_on = DayField(label="Ngày khác", required=False)
    recipients = RecipientsField(label="Người nhận", required=False)


class AddRecipientsForm(DeadlineForm):
    """Later places of a directive; without words of their own they get those of the directive."""

    instruction = TextField(label="Nội dung", required=False, widget=forms.Textarea)
    due_on = DayField(label="Ngày khác", required=False)
    recipients = RecipientsField(label="Nơi nhận thêm", required=False)


class RemindForm(forms.Form):
    """Whom to remind, and of what."""

    lines = forms.TypedMultipleChoiceField(
        label="Đôn đốc",
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Chọn nơi cần đôn đốc.",
            "invalid_choice": "Nơi đã chọn hôm nay đã đôn đốc, hoặc đã xong. Tải lại trang rồi chọn lại.",
        },
    )
    note = TextField(label="Lời nhắc", required=False, max_length=200)

    def __init__(self, *args: Any, lines: list[tuple[int, str]], **options: Any) -> None:  # noqa: ANN401 - passed on
        super().__init__(*args, **options)
        field = self.fields["lines"]
        if isinstance(field, forms.TypedMultipleChoiceField):
            field.choices = lines


class LinkForm(forms.Form):
    """The other document as `kind:id`, and how the two belong together."""

    target = forms.RegexField(
        r"^(incoming|outgoing|draft):\d{1,18}$",
        error_messages={
            "required": "Chọn một văn bản trong kết quả tìm.",
            "invalid": "Chọn một văn bản trong kết quả tìm.",
        },
    )
    relation = forms.ChoiceField(label="Quan hệ", choices=LinkRelation.choices, initial=LinkRelation.RELATED)

    def other(self) -> tuple[str, int]:
        """Kind and key of the document chosen; the form is valid."""
        kind, _, pk = self.cleaned_data["target"].partition(":")
        return kind, int(pk)


class ConsultForm(forms.Form):
    question = TextField(
        label="Nội dung xin ý kiến", error_messages={"required": "Ghi nội dung xin ý kiến."}, widget=forms.Textarea
    )
    due_on = DayField(label="Cần trả lời trước", required=False)
    asked = RecipientsField(label="Xin ý kiến của", required=False)


class AnswerForm(forms.Form):
    answer = TextField(
        label="Ý kiến trả lời", error_messages={"required": "Ghi ý kiến trả lời."}, widget=forms.Textarea
    )


class ProgressForm(forms.Form):
    text = TextField(label="Tiến độ", error_messages={"required": "Ghi nội dung."}, widget=forms.Textarea)
    percent = forms.IntegerField(
        label="Tỷ lệ hoàn thành (%)", required=False, error_messages={"invalid": "Ghi từ 0 đến 100."}
    )


class ExtendForm(forms.Form):
    due_on = DayField(label="Xin gia hạn đến", required=True, error_messages={"required": "Chọn ngày xin gia hạn đến."})
    reason = TextField(label="Lý do", error_messages={"required": "Ghi lý do."}, widget=forms.Textarea)


class DecideExtensionForm(forms.Form):
    decision = forms.ChoiceField(
        label="Quyết định",
        choices=[("grant", "Cho gia hạn"), ("refuse", "Không cho gia hạn")],
        widget=forms.RadioSelect,
    )
    note = TextField(label="Ghi chú, lý do nếu không cho", required=False, widget=forms.Textarea)


class ReportForm(forms.Form):
    result = TextField(label="Kết quả xử lý", error_messages={"required": "Ghi kết quả xử lý."}, widget=forms.Textarea)
    no_reply_reason = TextField(label="Lý do không có văn bản trả lời", required=False)


class ReceiveForm(RegistryChoiceForm):
    """What the clerk says about the files she brings; the files travel beside the form."""

    as_one = forms.BooleanField(label="Các tệp là một văn bản và tệp kèm theo", required=False)
    seen_no_mark = forms.BooleanField(label="Bản quét: đã xem, không có dấu chỉ độ mật", required=False)
    not_secret_basis = TextField(label="Không phải tài liệu mật, lý do", required=False)


def initial_of(entry: Any) -> dict[str, object]:  # noqa: ANN401 - a letter or an entry: the same field names
    """What a form of entry starts with, from a letter."""
    values: dict[str, object] = {name: getattr(entry, name) for name in LABELS if name != "due_at"}
    due_at: datetime | None = entry.due_at
    values["due_on"] = local_date(due_at) if due_at else None
    return values


class ReasonForm(forms.Form):
    reason = TextField(label="Lý do", error_messages={"required": "Ghi lý do."}, widget=forms.Textarea)


class ForwardForm(forms.Form):
    """Trình: to whom, with an optional word."""

    leader = forms.TypedChoiceField(
        label="Trình lãnh đạo", coerce=int, error_messages={"required": "Chọn người nhận trình."}
    )
    note = TextField(label="Ý kiến của văn phòng", required=False, widget=forms.Textarea)

    def __init__(self, *args: Any, leaders: list[tuple[int, str]], **options: Any) -> None:  # noqa: ANN401 - passed on
        super().__init__(*args, **options)
        field = self.fields["leader"]
        if isinstance(field, forms.TypedChoiceField):
            field.choices = leaders if len(leaders) == 1 else [("", "Chọn lãnh đạo"), *leaders]
