"""Input on the page of one's own account."""

from __future__ import annotations

from typing import Final

from django import forms


class PasswordForm(forms.Form):
    old = forms.CharField(
        label="Mật khẩu hiện tại",
        strip=False,
        max_length=256,
        error_messages={
            "required": "Nhập mật khẩu hiện tại.",
        },
    )
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


SCOPE_WORDS: Final = {
    "documents:read": "Đọc văn bản",
    "documents:write": "Xử lý văn bản",
    "organization:read": "Đọc đơn vị, người dùng",
}


class TokenForm(forms.Form):
    name = forms.CharField(label="Tên khóa", max_length=100, error_messages={"required": "Đặt tên cho khóa."})
    scopes = forms.MultipleChoiceField(
        label="Phạm vi",
        choices=list(SCOPE_WORDS.items()),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Chọn ít nhất một phạm vi."},
    )
    days = forms.TypedChoiceField(
        label="Hạn dùng", choices=[(30, "30 ngày"), (90, "90 ngày"), (365, "1 năm")], coerce=int, initial=90
    )
