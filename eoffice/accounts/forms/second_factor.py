"""Input of the administrator: rules of the second proof, gateways."""

from __future__ import annotations

from typing import Any

from django import forms

from eoffice.accounts.models import Requirement
from eoffice.core.channels.http_gateway import BODY_TYPES, METHODS
from eoffice.core.channels.mail_gateway import SECURITIES
from eoffice.core.errors import Invalid

_REQUIRED = {"required": "Không để trống."}


class RulesForm(forms.Form):
    """`roles` are given by the view: the codes and names the organisation knows."""

    always_roles = forms.MultipleChoiceField(
        label="Luôn hỏi người có vai trò", required=False, widget=forms.CheckboxSelectMultiple
    )
    everybody_else = forms.ChoiceField(
        label="Những người còn lại", choices=Requirement.choices, widget=forms.RadioSelect
    )
    networks = forms.CharField(label="Mạng nội bộ", required=False, max_length=10_000, widget=forms.Textarea)
    trusted_days = forms.IntegerField(label="Số ngày tin cậy một thiết bị", error_messages=_REQUIRED)
    code_channels = forms.MultipleChoiceField(
        label="Cách nhận mã khác ngoài SMS",
        required=False,
        choices=[("voice", "Cuộc gọi thoại"), ("mail", "E-mail")],
        widget=forms.CheckboxSelectMultiple,
    )
    codes_per_number = forms.IntegerField(label="Số mã mỗi số điện thoại trong 10 phút", error_messages=_REQUIRED)
    codes_per_address = forms.IntegerField(label="Số mã mỗi địa chỉ mạng trong 10 phút", error_messages=_REQUIRED)

    def __init__(self, *args: Any, roles: list[tuple[str, str]], **options: Any) -> None:  # noqa: ANN401 - as Form takes
        super().__init__(*args, **options)
        self.fields["always_roles"].choices = roles  # type: ignore[attr-defined]  # a MultipleChoiceField


class GatewayForm(forms.Form):
    """Name, switch and secret of every kind; the settings of each kind follow below."""

    name = forms.CharField(label="Tên cổng", max_length=100, error_messages=_REQUIRED)
    is_on = forms.BooleanField(label="Đang bật", required=False, initial=True)
    secret = forms.CharField(
        label="Mật khẩu hoặc khóa của cổng",
        required=False,
        strip=False,
        max_length=2000,
        widget=forms.PasswordInput(render_value=False),
    )

    def settings(self) -> dict[str, Any]:
        """What is particular to the kind."""
        own = set(GatewayForm.base_fields)
        return {name: value for name, value in self.cleaned_data.items() if name not in own}


class HttpGatewayForm(GatewayForm):
    url = forms.CharField(label="Địa chỉ", max_length=1000, error_messages=_REQUIRED)
    method = forms.ChoiceField(label="Phương thức", choices=[(each, each) for each in METHODS])
    header_lines = forms.CharField(label="Đầu mục (mỗi dòng «Tên: giá trị»)", required=False, widget=forms.Textarea)
    body_type = forms.ChoiceField(label="Dạng nội dung", choices=[(each, each.upper()) for each in BODY_TYPES])
    body = forms.CharField(label="Mẫu nội dung", required=False, max_length=8000, widget=forms.Textarea)
    user = forms.CharField(label="Tên tài khoản ở cổng", required=False, max_length=200)
    success_status = forms.CharField(label="Mã HTTP thành công", max_length=10, initial="200-299")
    success_path = forms.CharField(label="Đường dẫn JSON phải xét", required=False, max_length=200)
    success_value = forms.CharField(label="Giá trị phải có ở đó", required=False, max_length=200)
    success_pattern = forms.CharField(label="Biểu thức phải có trong câu trả lời", required=False, max_length=500)
    id_path = forms.CharField(label="Đường dẫn JSON tới mã tin", required=False, max_length=200)

    def settings(self) -> dict[str, Any]:
        settings = super().settings()
        lines = settings.pop("header_lines").splitlines()
        pairs = [line.partition(":") for line in lines if line.strip()]
        if any(not colon for _, colon, _ in pairs):
            raise Invalid(fields={"header_lines": "Mỗi dòng là «Tên: giá trị»."})
        return {**settings, "headers": {name.strip(): value.strip() for name, _, value in pairs}}


class SmppGatewayForm(GatewayForm):
    host = forms.CharField(label="Máy chủ", max_length=253, error_messages=_REQUIRED)
    port = forms.IntegerField(label="Cổng", initial=2775, error_messages=_REQUIRED)
    tls = forms.BooleanField(label="Mã hóa kết nối (TLS)", required=False)
    system_id = forms.CharField(label="Tên đăng nhập (system_id)", max_length=100, error_messages=_REQUIRED)
    system_type = forms.CharField(label="Loại hệ thống (system_type)", required=False, max_length=12)
    sender = forms.CharField(label="Tên người gửi", required=False, max_length=100)
    enquire_every_s = forms.IntegerField(label="Nhịp giữ kết nối (giây)", initial=30, error_messages=_REQUIRED)
    asks_receipt = forms.BooleanField(label="Xin báo nhận của nhà mạng", required=False, initial=True)


class SmtpGatewayForm(GatewayForm):
    host = forms.CharField(label="Máy chủ thư", max_length=253, error_messages=_REQUIRED)
    port = forms.IntegerField(label="Cổng", initial=587, error_messages=_REQUIRED)
    security = forms.ChoiceField(label="Mã hóa", choices=list(SECURITIES.items()))
    user = forms.CharField(label="Tài khoản", required=False, max_length=200)
    sender = forms.CharField(label="Địa chỉ gửi", max_length=254, error_messages=_REQUIRED)
    sender_name = forms.CharField(label="Tên người gửi", max_length=100, initial="eOffice", error_messages=_REQUIRED)


FORMS: dict[str, type[GatewayForm]] = {
    "http": HttpGatewayForm,
    "smpp": SmppGatewayForm,
    "smtp": SmtpGatewayForm,
    "inbox": GatewayForm,
}
