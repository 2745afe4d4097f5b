"""What is written when somebody shall see one document."""

from __future__ import annotations

from django import forms

from eoffice.organization.forms.fields import DayField, PickField, TextField
from eoffice.organization.forms.rights import TermsForm


class SightForm(TermsForm):
    """Cấp quyền xem: one person, until a day, for a reason."""

    person = PickField(
        label="Người được xem",
        error_messages={"required": "Chọn người được xem.", "invalid": "Chọn người trong danh sách."},
    )
    starts_on = DayField(label="Từ ngày")
    ends_on = DayField(label="Đến hết ngày", error_messages={"required": "Ghi ngày kết thúc."})
    reason = TextField(label="Lý do", widget=forms.Textarea, error_messages={"required": "Ghi lý do cấp quyền xem."})
