"""What the administrator says about a door, one form per kind."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from django import forms

from eoffice.accounts.doors import saml
from eoffice.accounts.doors.identity import DoorDown
from eoffice.accounts.doors.settings import DEFAULT_AMR
from eoffice.accounts.models import Door, DoorKind
from eoffice.accounts.services.doors import DoorEntry, EntryRules

_KEEP_SECRET: Final = "Để trống thì giữ khóa đang có. Khóa đã lưu không xem lại được."  # noqa: S105 - words


def _text(label: str, *, required: bool = False, initial: str = "", help_text: str = "", size: int = 300) -> Any:  # noqa: ANN401 - a form field
    messages = {"required": f"Nhập {label[:1].lower()}{label[1:]}."}
    return forms.CharField(
        label=label, required=required, initial=initial, help_text=help_text, max_length=size, error_messages=messages
    )


def _port(usual: int) -> forms.IntegerField:
    return forms.IntegerField(
        label="Cổng", min_value=1, max_value=65535, initial=usual, error_messages={"required": "Nhập cổng."}
    )


class DoorForm(forms.Form):
    """What every kind has; `SETTINGS` names the fields that become the door's settings."""

    SETTINGS: ClassVar[tuple[str, ...]] = ()
    code = forms.SlugField(
        label="Mã trong địa chỉ",
        max_length=40,
        help_text="Chữ thường không dấu, ví dụ tap-doan. Không đổi được sau khi tạo, vì nơi đăng nhập chung ghi nhớ.",
        error_messages={"required": "Nhập mã.", "invalid": "Mã gồm chữ thường không dấu, chữ số và gạch nối."},
    )
    name = _text("Tên trên trang đăng nhập", required=True, size=100)
    position = forms.IntegerField(label="Thứ tự", min_value=0, max_value=99, initial=0, required=False)
    is_on = forms.BooleanField(label="Cho đăng nhập bằng cửa này", required=False)

    def __init__(self, *args: Any, door: Door | None = None, **kwargs: Any) -> None:  # noqa: ANN401 - Django's own
        if door is not None:
            kept = {name: door.settings[name] for name in self.SETTINGS if name in door.settings}
            about = {"code": door.code, "name": door.name, "position": door.position, "is_on": door.is_on}
            kwargs["initial"] = {**self.shown(kept), **about}
        super().__init__(*args, **kwargs)
        if door is not None:
            del self.fields["code"]

    @classmethod
    def shown(cls, kept: dict[str, Any]) -> dict[str, Any]:
        """Lists as lines of text."""
        return {name: "\n".join(value) if isinstance(value, list) else value for name, value in kept.items()}

    def settings(self) -> dict[str, Any]:
        return {name: self.cleaned_data.get(name, "") for name in self.SETTINGS}

    def entry(self, kind: str, *, code: str = "") -> DoorEntry:
        """What was typed, for the service. An empty secret keeps the one there is."""
        typed = self.cleaned_data
        return DoorEntry(
            code=code or typed["code"],
            kind=kind,
            name=typed["name"],
            is_on=typed["is_on"],
            position=typed["position"] or 0,
            settings=self.settings(),
            secret=typed.get("secret") or None,
        )


class OidcForm(DoorForm):
    SETTINGS = ("issuer", "client_id", "scopes", "trusts_email", "amr", "acr")
    issuer = _text(
        "Địa chỉ nơi đăng nhập (issuer)", required=True, help_text="Ví dụ https://sso.donvi.vn/realms/donvi."
    )
    client_id = _text("Mã ứng dụng (client ID)", required=True)
    secret = forms.CharField(label="Khóa bí mật (client secret)", required=False, strip=False, help_text=_KEEP_SECRET)
    scopes = _text("Phạm vi xin (scope)", initial="openid email profile")
    trusts_email = forms.BooleanField(
        label="Tin e-mail do nơi này gửi dù không ghi email_verified",
        required=False,
        help_text="Chỉ bật khi người dùng không tự sửa được e-mail của mình ở nơi đăng nhập chung.",
    )
    amr = _text(
        "Giá trị amr nghĩa là đã có yếu tố thứ hai",
        initial=DEFAULT_AMR,
        help_text="Cách nhau bằng dấu cách (RFC 8176).",
    )
    acr = _text(
        "Giá trị acr nghĩa là đã có yếu tố thứ hai", help_text="Gửi kèm khi xin đăng nhập. Để trống nếu không dùng."
    )


class SamlForm(DoorForm):
    SETTINGS = ("idp_entity_id", "sso_url", "certificates", "email_attribute", "subject_attribute", "acr")
    metadata = forms.CharField(
        label="Dán tệp mô tả (metadata XML) của nơi đăng nhập",
        required=False,
        widget=forms.Textarea,
        max_length=200_000,
        help_text="Ba mục dưới được điền từ tệp này.",
    )
    idp_entity_id = _text("Tên nơi đăng nhập (entity ID)")
    sso_url = _text("Địa chỉ đăng nhập (HTTP-Redirect)")
    certificates = forms.CharField(
        label="Chứng thư ký của nơi đăng nhập",
        required=False,
        widget=forms.Textarea,
        max_length=40_000,
        help_text="Dạng PEM. Khi nơi đăng nhập đổi khóa thì dán cả chứng thư cũ và mới.",
    )
    email_attribute = _text(
        "Thuộc tính chứa e-mail", help_text="Để trống thì tìm trong các tên quen dùng, rồi đến NameID."
    )
    subject_attribute = _text("Thuộc tính định danh không đổi", help_text="Để trống thì dùng NameID.")
    acr = _text("AuthnContext nghĩa là đã có yếu tố thứ hai", help_text="Cách nhau bằng dấu cách.", size=1000)

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        if cleaned.get("metadata"):
            try:
                read = saml.read_metadata(cleaned["metadata"])
            except DoorDown as error:
                self.add_error("metadata", str(error))
            else:
                cleaned["idp_entity_id"], cleaned["sso_url"] = read.idp_entity_id, read.sso_url
                cleaned["certificates"] = "\n".join(_as_pem(key) for key in read.certificates)
        return cleaned

    @classmethod
    def shown(cls, kept: dict[str, Any]) -> dict[str, Any]:
        return {**kept, "certificates": "\n".join(kept.get("certificates") or [])}

    def settings(self) -> dict[str, Any]:
        typed = str(self.cleaned_data.get("certificates") or "")
        found = [part.partition("-----END")[0] for part in typed.split("-----BEGIN CERTIFICATE-----")[1:]]
        return {**super().settings(), "certificates": [_as_pem("".join(part.split())) for part in found]}


class LdapForm(DoorForm):
    SETTINGS = (
        "host", "port", "security", "ca_pem", "reader_dn", "base_dn", "person_filter", "email_attribute",
        "subject_attribute", "domains",
    )  # fmt: skip
    host = _text("Máy chủ thư mục", required=True)
    port = forms.IntegerField(
        label="Cổng", min_value=1, max_value=65535, initial=636, error_messages={"required": "Nhập cổng."}
    )
    security = forms.ChoiceField(
        label="Kênh mã hóa",
        choices=[
            ("ldaps", "LDAPS (cổng 636)"),
            ("starttls", "StartTLS (cổng 389)"),
            ("none", "Không, chỉ trong máy này"),
        ],
    )
    ca_pem = forms.CharField(
        label="Chứng thư gốc của máy chủ",
        required=False,
        widget=forms.Textarea,
        max_length=40_000,
        help_text="Dạng PEM. Để trống thì dùng chứng thư gốc của hệ điều hành.",
    )
    reader_dn = _text("Tài khoản đọc (bind DN)", help_text="Chỉ cần quyền đọc người dùng.")
    secret = forms.CharField(label="Mật khẩu của tài khoản đọc", required=False, strip=False, help_text=_KEEP_SECRET)
    base_dn = _text("Gốc tìm kiếm (base DN)", required=True)
    person_filter = _text(
        "Bộ lọc tìm người",
        initial="(&(objectClass=person)(mail={login}))",
        help_text="{login} là e-mail người dùng nhập. Active Directory: (userPrincipalName={login}).",
    )
    email_attribute = _text("Thuộc tính chứa e-mail", initial="mail")
    subject_attribute = _text(
        "Thuộc tính định danh không đổi", initial="entryUUID", help_text="Active Directory: objectGUID."
    )
    domains = _text("Chỉ cho các tên miền e-mail", help_text="Cách nhau bằng dấu cách. Để trống thì cho mọi tên miền.")

    @classmethod
    def shown(cls, kept: dict[str, Any]) -> dict[str, Any]:
        return {**kept, "domains": " ".join(kept.get("domains") or [])}

    def settings(self) -> dict[str, Any]:
        return {**super().settings(), "domains": str(self.cleaned_data.get("domains") or "").casefold().split()}


class ImapForm(DoorForm):
    SETTINGS = ("host", "port", "security", "ca_pem", "login_is_local_part", "domains")
    host = _text("Máy chủ thư (IMAP)", required=True)
    port = forms.IntegerField(
        label="Cổng", min_value=1, max_value=65535, initial=993, error_messages={"required": "Nhập cổng."}
    )
    security = forms.ChoiceField(
        label="Kênh mã hóa",
        choices=[("tls", "TLS (cổng 993)"), ("starttls", "STARTTLS (cổng 143)"), ("none", "Không, chỉ trong máy này")],
    )
    ca_pem = LdapForm.base_fields["ca_pem"]
    login_is_local_part = forms.BooleanField(label="Tên đăng nhập chỉ gồm phần trước dấu @", required=False)
    domains = _text("Tên miền e-mail", required=True, help_text="Cách nhau bằng dấu cách.")

    @classmethod
    def shown(cls, kept: dict[str, Any]) -> dict[str, Any]:
        return LdapForm.shown(kept)

    def settings(self) -> dict[str, Any]:
        return {**super().settings(), "domains": str(self.cleaned_data.get("domains") or "").casefold().split()}


class EntryPolicyForm(forms.Form):
    local_passwords = forms.BooleanField(
        label="Mọi tài khoản có mật khẩu riêng được dùng mật khẩu đó",
        required=False,
        help_text="Tắt thì chỉ tài khoản khẩn cấp dùng được mật khẩu riêng.",
    )
    idle_minutes = forms.IntegerField(label="Tự đăng xuất khi không dùng (phút)", min_value=5, max_value=1440)
    special_idle_minutes = forms.IntegerField(label="Riêng quản trị, kiểm tra (phút)", min_value=5, max_value=1440)
    absolute_hours = forms.IntegerField(label="Một phiên dài nhất (giờ)", min_value=1, max_value=24)
    invitation_days = forms.IntegerField(label="Thư mời dùng được trong (ngày)", min_value=1, max_value=60)
    reset_minutes = forms.IntegerField(label="Thư đặt lại mật khẩu dùng được trong (phút)", min_value=5, max_value=1440)
    tokens_each = forms.IntegerField(label="Số khóa truy cập nhiều nhất của một người", min_value=0, max_value=100)
    token_days = forms.IntegerField(label="Khóa truy cập dùng lâu nhất (ngày)", min_value=1, max_value=366)

    def rules(self) -> EntryRules:
        return EntryRules(**self.cleaned_data)


FORMS: Final[dict[str, type[DoorForm]]] = {
    DoorKind.OIDC: OidcForm,
    DoorKind.SAML: SamlForm,
    DoorKind.LDAP: LdapForm,
    DoorKind.IMAP: ImapForm,
}


def _as_pem(bare: str) -> str:
    body = bare.replace("-----BEGIN CERTIFICATE-----", "").replace("-----END CERTIFICATE-----", "")
    lines = [body[start : start + 64] for start in range(0, len(body), 64)]
    return "\n".join(["-----BEGIN CERTIFICATE-----", *lines, "-----END CERTIFICATE-----"])
