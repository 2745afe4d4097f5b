"""Input of the signing pages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django import forms

from eoffice.core.clock import VIETNAM, local_date
from eoffice.core.errors import Invalid
from eoffice.organization.actor import Actor
from eoffice.signing import certificate_lists
from eoffice.signing.models import (
    AnchorPurpose,
    ArchiveAt,
    CertificateRequestKind,
    HeldCertificate,
    ProviderKind,
    SigningProvider,
)
from eoffice.signing.providers.kinds import KINDS
from eoffice.signing.services import ProviderEntry, keeping_seals


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


class KeyFileForm(NewPinForm):
    """A file with a key, its password, and the PIN it is kept under."""

    pin = _pin("Mã PIN cho khóa này")
    again = _pin("Nhập lại mã PIN cho khóa này")
    file = forms.FileField(
        label="Tệp khóa (.p12, .pfx)",
        error_messages={"required": "Chọn một tệp .p12 hoặc .pfx.", "empty": "Tệp rỗng. Chọn tệp khác."},
    )
    password = forms.CharField(label="Mật khẩu của tệp", required=False, max_length=200, strip=False)
    field_order = ("file", "password", "pin", "again")


class GiveKeyForm(forms.Form):
    """A key of the HSM, and who shall have it: a person or a unit's seal."""

    token = forms.CharField(max_length=64)
    key_id = forms.RegexField(r"^[0-9a-f]{2,128}$")
    email = forms.EmailField(label="E-mail của người được giao", required=False)
    unit = forms.IntegerField(label="hoặc con dấu của", required=False)

    def clean(self) -> dict[str, object] | None:
        cleaned = super().clean()
        if cleaned is not None and bool(cleaned.get("email")) == bool(cleaned.get("unit")):
            self.add_error("email", "Nhập e-mail của một người, hoặc chọn một con dấu.")
        return cleaned


class AuthorityForm(forms.Form):
    """The decision to certify keys oneself."""

    basis = forms.CharField(
        label="Căn cứ",
        max_length=500,
        error_messages={"required": "Nhập quyết định hoặc văn bản làm căn cứ."},
    )
    understood = forms.BooleanField(
        label="Tôi hiểu: chứng thư nội bộ không phải chữ ký số công cộng, bên ngoài không kiểm tra được",
        error_messages={"required": "Đánh dấu để xác nhận đã hiểu."},
    )


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
    list_age_minutes = forms.IntegerField(
        label="Hỏi OCSP từng chứng thư khi danh sách thu hồi lập quá (phút)",
        min_value=0,
        max_value=7 * 24 * 60,
        error_messages={
            "required": "Nhập số phút, 0 nếu không hỏi thêm.",
            "invalid": "Nhập số phút, 0 nếu không hỏi thêm.",
            "min_value": "Nhập số phút từ 0 trở lên.",
            "max_value": "Nhập nhiều nhất 10080 phút (bảy ngày).",
        },
    )


class VerifyForm(forms.Form):
    file = forms.FileField(
        label="Tệp PDF, XML",
        error_messages={"required": "Chọn một tệp PDF hoặc XML để kiểm tra.", "empty": "Tệp rỗng. Chọn tệp khác."},
    )


class AddMethodForm(forms.Form):
    """Which service, and who one is there."""

    account = forms.CharField(
        label="Tài khoản ở dịch vụ", max_length=100, error_messages={"required": "Nhập tài khoản ở dịch vụ."}
    )

    def __init__(self, *args: Any, providers: Sequence[SigningProvider], **kwargs: Any) -> None:  # noqa: ANN401 - Django's own
        super().__init__(*args, **kwargs)
        choices = [(str(each.pk), each.name) for each in providers]
        self.fields["provider"] = forms.ChoiceField(
            label="Dịch vụ",
            choices=choices,
            error_messages={"required": "Chọn dịch vụ.", "invalid_choice": "Chọn dịch vụ."},
        )
        self.order_fields(["provider", "account"])


class MethodRulesForm(forms.Form):
    """What of a certificate must match its person."""

    matches_name = forms.BooleanField(label="Tên trên chứng thư phải là họ tên người ký", required=False)
    matches_email = forms.BooleanField(label="Chứng thư phải ghi e-mail của người ký", required=False)
    matches_account = forms.BooleanField(
        label="Chứng thư phải ghi số định danh (CCCD, mã số thuế) đã dùng ở dịch vụ", required=False
    )


_TIMEOUT_S: Final = 15


class ProviderForm(forms.Form):
    """A remote service: the common lines, then those of its kind. A secret left empty stays as it is."""

    name = forms.CharField(label="Tên hiện cho người dùng", max_length=100)
    base_url = forms.CharField(label="Địa chỉ dịch vụ", max_length=300)
    is_on = forms.BooleanField(label="Đang dùng", required=False)
    timeout_s = forms.IntegerField(label="Chờ trả lời (giây)", min_value=2, max_value=120)
    confirm_s = forms.IntegerField(label="Chờ người ký xác nhận (giây)", min_value=30, max_value=86400)

    def __init__(self, *args: Any, kind: str, provider: SigningProvider | None = None, **kwargs: Any) -> None:  # noqa: ANN401 - Django's own
        self.kind = KINDS[kind]
        kwargs["initial"] = _initial(kind, provider)
        super().__init__(*args, **kwargs)
        if self.kind.is_on_desk:  # nothing is asked of it from here
            del self.fields["timeout_s"]
        for line in self.kind.fields:
            hint = "Đã lưu; để trống nếu không đổi." if line.is_secret and provider is not None else line.hint
            needed = line.is_needed and not (line.is_secret and provider is not None)
            if line.choices:
                self.fields[line.name] = forms.ChoiceField(
                    label=line.label, choices=line.choices, required=needed, help_text=hint
                )
            else:
                widget = forms.PasswordInput() if line.is_secret else forms.TextInput()
                self.fields[line.name] = forms.CharField(
                    label=line.label, max_length=300, required=needed, help_text=hint, widget=widget
                )

    def entry(self) -> ProviderEntry:
        """What was typed, for the service."""
        typed = self.cleaned_data
        return ProviderEntry(
            name=typed["name"],
            base_url=typed["base_url"],
            is_on=typed["is_on"],
            timeout_s=typed.get("timeout_s", _TIMEOUT_S),
            confirm_s=typed["confirm_s"],
            settings={line.name: typed[line.name] for line in self.kind.fields if not line.is_secret},
            secrets={line.name: typed[line.name] for line in self.kind.fields if line.is_secret},
        )

    def show(self, error: Invalid) -> None:
        """Put each fault beside its line."""
        for name, words in (error.fields or {"": error.message}).items():
            self.add_error(name if name in self.fields else None, words)


def _initial(kind: str, provider: SigningProvider | None) -> dict[str, object]:
    defaults: dict[str, object] = {line.name: line.default for line in KINDS[kind].fields}
    if provider is None:
        known = KINDS[kind]
        fresh = {"base_url": known.base_url, "is_on": True, "timeout_s": _TIMEOUT_S, "confirm_s": known.confirm_s}
        return {**defaults, "name": ProviderKind(kind).label.partition(" (")[0], **fresh}
    kept = {name: getattr(provider, name) for name in ("name", "base_url", "is_on", "timeout_s", "confirm_s")}
    return {**defaults, **provider.settings, **kept}


class CertificateRequestForm(forms.Form):
    """What is asked for: a certificate of one's own, or for a seal one keeps."""

    kind = forms.ChoiceField(label="Loại đề nghị", choices=CertificateRequestKind.choices)
    reason = forms.CharField(
        label="Lý do",
        max_length=500,
        widget=forms.Textarea,
        error_messages={"required": "Ghi lý do, ví dụ: chứng thư hết hạn ngày 05/01/2027."},
    )

    def __init__(self, *args: Any, actor: Actor, now: datetime, **kwargs: Any) -> None:  # noqa: ANN401 - Django's own
        super().__init__(*args, **kwargs)
        asked = certificate_lists.what_can_be_asked(actor, now=now)
        seals = [(str(each.pk), f"Con dấu {each.name}") for each in asked.seals]
        self.fields["whose"] = forms.ChoiceField(label="Cấp cho", required=False, choices=[("", actor.name), *seals])
        held = [(str(each.pk), _held_words(each)) for each in asked.held]
        self.fields["replaces"] = forms.ChoiceField(
            label="Chứng thư được cấp lại hoặc thay thiết bị", required=False, choices=[("", "Không có"), *held]
        )


class HandOverForm(forms.Form):
    """The minutes of a seal's hand-over."""

    device = forms.CharField(label="Thiết bị", max_length=200)
    handed_on = forms.DateField(label="Ngày bàn giao")
    witness = forms.CharField(label="Người chứng kiến", max_length=200)
    permission = forms.CharField(label="Văn bản cho phép", max_length=300)
    reason = forms.CharField(label="Lý do", max_length=500, widget=forms.Textarea)

    def __init__(self, *args: Any, unit_id: int, now: datetime, **kwargs: Any) -> None:  # noqa: ANN401 - Django's own
        super().__init__(*args, **kwargs)
        people = keeping_seals.possible_keepers(unit_id, on=local_date(now))
        self.fields["to_person"] = forms.ChoiceField(
            label="Bên nhận",
            choices=[("", "Chọn văn thư"), *((str(each.pk), each.full_name) for each in people)],
            error_messages={"required": "Chọn người nhận.", "invalid_choice": "Chọn người nhận trong danh sách."},
        )
        self.order_fields(["to_person"])

    def entry(self) -> keeping_seals.HandOverEntry:
        """What was typed, for the service."""
        typed = self.cleaned_data
        words = {name: typed[name].strip() for name in ("device", "permission", "reason", "witness")}
        return keeping_seals.HandOverEntry(to_person_id=int(typed["to_person"]), handed_on=typed["handed_on"], **words)


def _held_words(held: HeldCertificate) -> str:
    return f"{held.holder_name}, {held.issuer}, hết hạn {held.expires_at.astimezone(VIETNAM):%d/%m/%Y}"


class TimeStampAuthorityForm(forms.Form):
    """A service that gives time stamps."""

    name = forms.CharField(label="Tên dịch vụ", max_length=100, error_messages={"required": "Nhập tên dịch vụ."})
    url = forms.CharField(
        label="Địa chỉ (RFC 3161)", max_length=500, error_messages={"required": "Nhập địa chỉ dịch vụ."}
    )
    timeout_s = forms.IntegerField(
        label="Chờ trả lời tối đa (giây)", initial=10, error_messages={"required": "Nhập số giây."}
    )
    user = forms.CharField(label="Tên đăng nhập", required=False, max_length=100)
    password = forms.CharField(label="Mật khẩu", required=False, max_length=200, strip=False)
    client_pem = forms.CharField(
        label="Chứng thư và khóa của hệ thống khi dịch vụ yêu cầu (PEM)",
        required=False,
        max_length=20_000,
        widget=forms.Textarea,
    )
    clears_client = forms.BooleanField(label="Bỏ chứng thư và khóa đã lưu", required=False)
    issuer_pem = forms.CharField(
        label="Chứng thư gốc TLS của dịch vụ, nếu không phải loại phổ biến (PEM)",
        required=False,
        max_length=20_000,
        widget=forms.Textarea,
    )
    is_on = forms.BooleanField(label="Đang dùng", required=False, initial=True)


class LevelRulesForm(forms.Form):
    """When issued papers get their archive time stamp, and how early it is renewed."""

    archive_at = forms.ChoiceField(label="Thêm dấu thời gian lưu trữ", choices=ArchiveAt.choices)
    archive_after_days = forms.IntegerField(
        label="Số ngày sau khi phát hành", error_messages={"required": "Nhập số ngày.", "invalid": "Nhập số ngày."}
    )
    renew_before_days = forms.IntegerField(
        label="Gia hạn trước khi hết giá trị (ngày)",
        error_messages={"required": "Nhập số ngày.", "invalid": "Nhập số ngày."},
    )
