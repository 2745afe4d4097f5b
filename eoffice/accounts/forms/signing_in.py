"""Input at the door."""

from __future__ import annotations

from django import forms


class SignInForm(forms.Form):
    email = forms.EmailField(
        label="E-mail công việc",
        max_length=254,
        error_messages={
            "required": "Nhập e-mail công việc.",
            "invalid": "E-mail chưa đúng dạng, ví dụ ten@donvi.vn.",
        },
    )
    password = forms.CharField(
        label="Mật khẩu",
        strip=False,
        max_length=256,
        error_messages={
            "required": "Nhập mật khẩu.",
        },
    )
