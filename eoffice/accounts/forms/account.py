"""Input on the page of one's own account."""

from __future__ import annotations

from typing import Any, Final, cast

from django import forms


class NewPasswordForm(forms.Form):
    new = forms.CharField(
        label="Mật khẩu mới",
        strip=False,
        max_length=256,
        error_messages={
            "required": "Nhập mật khẩu mới.",
        },
    )
    again = forms.CharField(
        label="Nhập lại mật khẩu mới",
        strip=False,
        max_length=256,
        error_messages={
            "required": "Nhập lại mật khẩu mới.",
        },
    )

    def clean(self) -> dict[str, object] | None:
        cleaned = super().clean()
        if cleaned and cleaned.get("new") != cleaned.get("again"):
            self.add_error("again", "Hai lần nhập mật khẩu mới chưa giống nhau.")
        return cleaned


class PasswordForm(NewPasswordForm):
    old = forms.CharField(
        label="Mật khẩu hiện tại",
        strip=False,
        max_length=256,
        error_messages={
            "required": "Nhập mật khẩu hiện tại.",
        },
    )
    field_order = ("old", "new", "again")


class ForgottenForm(forms.Form):
    email = forms.EmailField(
        label="E-mail công việc",
        max_length=254,
        error_messages={
            "required": "Nhập e-mail công việc.",
            "invalid": "E-mail chưa đúng dạng, ví dụ ten@donvi.vn.",
        },
    )


class RevokeForm(forms.Form):
    reason = forms.CharField(
        label="Lý do thu hồi", max_length=200, widget=forms.Textarea, error_messages={"required": "Ghi lý do thu hồi."}
    )


SCOPE_WORDS: Final = {
    "documents:read": "Đọc văn bản",
    "documents:write": "Xử lý văn bản",
    "organization:read": "Đọc đơn vị, người dùng, đề nghị về quyền",
    "organization:write": "Quyết định đề nghị về quyền, sắp xếp tổ chức",
}


_LIVES: Final = {7: "7 ngày", 30: "30 ngày", 90: "90 ngày", 180: "180 ngày", 365: "1 năm"}


class TokenForm(forms.Form):
    name = forms.CharField(label="Tên khóa", max_length=100, error_messages={"required": "Đặt tên cho khóa."})
    scopes = forms.MultipleChoiceField(
        label="Phạm vi",
        choices=list(SCOPE_WORDS.items()),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Chọn ít nhất một phạm vi."},
    )
    days = forms.TypedChoiceField(label="Hạn dùng", coerce=int)

    def __init__(self, *args: Any, most_days: int, **kwargs: Any) -> None:  # noqa: ANN401 - Django's own
        """`most_days` is the longest life the rules allow."""
        super().__init__(*args, **kwargs)
        offered = [days for days in _LIVES if days <= most_days] or [most_days]
        days = cast("forms.TypedChoiceField", self.fields["days"])
        days.choices = [(each, _LIVES.get(each, f"{each} ngày")) for each in offered]
        days.initial = 90 if 90 in offered else offered[-1]
