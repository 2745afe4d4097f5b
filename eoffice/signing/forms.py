"""Input of the signing pages."""

from __future__ import annotations

from django import forms

from eoffice.signing.models import AnchorPurpose


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


class AnchorForm(forms.Form):
    """A certificate for the trust list."""

    certificate = forms.FileField(
        label="Tệp chứng thư (DER hoặc PEM)", error_messages={"required": "Chọn một tệp chứng thư."}
    )
    purpose = forms.ChoiceField(label="Tin cậy để kiểm tra", choices=AnchorPurpose.choices)
    kind = forms.ChoiceField(
        label="Loại", choices=(("anchor", "Chứng thư gốc"), ("intermediate", "Chứng thư trung gian (chỉ để nối chuỗi)"))
    )
    trusted_from = forms.DateField(label="Tin từ ngày", required=False)
    trusted_until = forms.DateField(label="Đến hết ngày", required=False)
    basis = forms.CharField(
        label="Căn cứ",
        max_length=500,
        error_messages={"required": "Ghi căn cứ: văn bản, hoặc nơi đã đối chiếu dấu vân tay."},
    )


class RevocationRulesForm(forms.Form):
    """Whether and whom we ask about revocation."""

    asks_online = forms.BooleanField(
        label="Hỏi thông tin thu hồi qua mạng (OCSP, danh sách thu hồi) khi kiểm tra chữ ký", required=False
    )
    inside_hosts = forms.CharField(label="Máy chủ trong mạng nội bộ được phép hỏi", required=False, max_length=2000)


class VerifyForm(forms.Form):
    file = forms.FileField(
        label="Tệp PDF",
        error_messages={"required": "Chọn một tệp PDF để kiểm tra.", "empty": "Tệp rỗng. Chọn một tệp PDF khác."},
    )
