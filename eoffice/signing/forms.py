"""Input of the signing pages."""

from __future__ import annotations

from django import forms


def _pin(label: str) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=12, strip=True, error_messages={"required": f"Nhập {label.lower()}."}
    )


def _millimetres(label: str) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        max_digits=4,
        decimal_places=1,
        localize=True,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        error_messages={"required": "Nhập số đo bằng milimét.", "invalid": "Nhập một số, ví dụ 36 hoặc 36,5."},
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


class SignatureImageForm(forms.Form):
    """A new picture of one's own signature."""

    image = forms.FileField(label="Ảnh chữ ký (PNG)", error_messages={"required": "Chọn một tệp PNG."})
    from_paper = forms.BooleanField(
        label="Ảnh chụp hoặc quét trên giấy trắng: tách nền giấy, đổi sang mực xanh", required=False
    )


class SealImageForm(forms.Form):
    """A new picture of a unit's seal."""

    seal = forms.FileField(label="Ảnh con dấu (PNG)", error_messages={"required": "Chọn một tệp PNG."})
    diameter_mm = _millimetres("Đường kính dấu thật (mm)")


class ImageRulesForm(forms.Form):
    """The rules of pictures in this installation."""

    signatures_wait = forms.BooleanField(
        label="Ảnh chữ ký mới chờ quản trị viên xác nhận mới được dùng", required=False
    )
    smallest_seal_mm = _millimetres("Đường kính dấu nhỏ nhất (mm)")
    largest_seal_mm = _millimetres("Đường kính dấu lớn nhất (mm)")


class RefuseImageForm(forms.Form):
    reason = forms.CharField(label="Lý do", max_length=500, error_messages={"required": "Nhập lý do không xác nhận."})


class VerifyForm(forms.Form):
    file = forms.FileField(
        label="Tệp PDF",
        error_messages={"required": "Chọn một tệp PDF để kiểm tra.", "empty": "Tệp rỗng. Chọn một tệp PDF khác."},
    )
