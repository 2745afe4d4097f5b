"""Input of the signing pages."""

from __future__ import annotations

from django import forms


def _pin(label: str) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=12, strip=True, error_messages={"required": f"Nhập {label.lower()}."}
    )


class NewPinForm(forms.Form):
    """A first PIN, or the one after a forgotten one."""

    pin = _pin("Mã PIN mới")
    again = _pin("Nhập lại mã PIN mới")

    def clean(self) -> dict[str, object] | None:
        cleaned = super().clean()
        if cleaned and cleaned.get("pin") != cleaned.get("again"):
            self.add_error("again", "Hai lần nhập mã PIN mới chưa giống nhau.")
        return cleaned


class ChangePinForm(NewPinForm):
    old = _pin("Mã PIN hiện tại")
    field_order = ("old", "pin", "again")


class ImageForm(forms.Form):
    image = forms.FileField(label="Ảnh chữ ký (PNG)", error_messages={"required": "Chọn một tệp PNG."})


class VerifyForm(forms.Form):
    file = forms.FileField(
        label="Tệp PDF",
        error_messages={"required": "Chọn một tệp PDF để kiểm tra.", "empty": "Tệp rỗng. Chọn một tệp PDF khác."},
    )
