"""What is written into a proposal: who, which right, from when to when, why."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from eoffice.core.paging import whole_number
from eoffice.organization.forms.fields import DayField, PickField, TextField
from eoffice.organization.models import Person, Role, Unit
from eoffice.organization.services.proposing_rights import Terms

_WHO = {"required": "Chọn người.", "invalid": "Chọn người trong danh sách."}
_WHERE = {"required": "Chọn đơn vị.", "invalid": "Chọn đơn vị trong danh sách."}
_WHY = {"required": "Ghi lý do thay đổi."}


class TermsForm(forms.Form):
    """Days and reason, and what was picked shown again after a fault."""

    def show_picked(self, *, person: Person | None = None, unit: Unit | None = None) -> None:
        for name, label, row in (
            ("person", person.full_name if person else "", person),
            ("unit", unit.name if unit else "", unit),
        ):
            field = self.fields.get(name)
            if isinstance(field, PickField) and row is not None:
                field.choices = [("", ""), (row.pk, label)]

    def picked(self, name: str) -> int | None:
        """The key picked in a field, also while other fields are at fault."""
        return whole_number(str(self.data.get(name) or self.initial.get(name) or ""))

    def terms(self) -> Terms:
        """What a valid form says."""
        said = self.cleaned_data
        return Terms(
            starts_on=said["starts_on"],
            ends_on=said.get("ends_on"),
            reason=said["reason"],
            basis=said.get("basis", ""),
        )


class RoleForm(TermsForm):
    """Giao vai trò."""

    person = PickField(label="Người được giao", error_messages=_WHO)
    role = forms.ChoiceField(label="Vai trò", choices=[("", "Chọn vai trò"), *Role.choices])
    unit = PickField(label="Ở đơn vị", error_messages=_WHERE)
    starts_on = DayField(label="Từ ngày")
    ends_on = DayField(label="Đến hết ngày", required=False)
    basis = TextField(label="Căn cứ", required=False, max_length=300)
    reason = TextField(label="Lý do", widget=forms.Textarea, error_messages=_WHY)


class EndForm(TermsForm):
    """Thôi một vai trò, một phạm vi kiểm tra hay một quyền xem."""

    starts_on = DayField(label="Không còn hiệu lực từ ngày")
    reason = TextField(label="Lý do", widget=forms.Textarea, error_messages=_WHY)


class MandateForm(TermsForm):
    """Giao phạm vi kiểm tra."""

    person = PickField(label="Người kiểm tra", error_messages=_WHO)
    unit = PickField(label="Đơn vị được kiểm tra, gồm các đơn vị trực thuộc", error_messages=_WHERE)
    documents_from = DayField(label="Văn bản từ ngày", required=False)
    documents_to = DayField(label="Văn bản đến hết ngày", required=False)
    basis = TextField(
        label="Quyết định, kế hoạch kiểm tra", max_length=300, error_messages={"required": "Ghi căn cứ kiểm tra."}
    )
    starts_on = DayField(label="Được xem từ ngày")
    ends_on = DayField(label="Được xem đến hết ngày", required=False)
    reason = TextField(label="Lý do", widget=forms.Textarea, error_messages=_WHY)


class PowersForm(forms.Form):
    """Bật quyền quản trị."""

    reason = TextField(
        label="Lý do", widget=forms.Textarea, error_messages={"required": "Ghi rõ việc cần làm, theo yêu cầu nào."}
    )
    password = forms.CharField(
        label="Mật khẩu", widget=forms.PasswordInput, strip=False, error_messages={"required": "Nhập lại mật khẩu."}
    )

    def __init__(self, *args: Any, has_password: bool = True, **kwargs: Any) -> None:  # noqa: ANN401 - Django's own
        """Without a password here nothing is typed: the person has proved himself on a page of its own."""
        super().__init__(*args, **kwargs)
        if not has_password:
            del self.fields["password"]


def first_day(today: date) -> dict[str, Any]:
    """What a new proposal starts with."""
    return {"starts_on": today}
