"""What an administrator fills in for each kind of remote service, and the client that is made of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from eoffice.signing.models import ProviderKind
from eoffice.signing.providers import smartca, vgca
from eoffice.signing.providers.csc import Csc
from eoffice.signing.providers.https import JsonService, is_acceptable
from eoffice.signing.providers.mysign import MySign
from eoffice.signing.providers.signer import Signer
from eoffice.signing.providers.smartca import SmartCa, SmartCaIntegrated
from eoffice.signing.providers.vgca import Vgca


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """How a remote service is reached: what the administrator set, its secrets opened, where browsers come back."""

    base_url: str
    timeout_s: float
    settings: Mapping[str, Any]
    secrets: Mapping[str, str]
    redirect_uri: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingField:
    """One line of a provider's form. `choices` are (value, words); a secret is written and never shown."""

    name: str
    label: str
    hint: str = ""
    default: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    is_secret: bool = False
    is_needed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of remote service."""

    base_url: str
    account_label: str
    """What a person types so that the service finds him."""
    fields: tuple[SettingField, ...]
    make: Callable[[Connection], Signer]
    logs_in_by_browser: bool = False
    is_on_desk: bool = False
    """A program on the signer's own computer: his page speaks with it, the server never does."""
    is_address: Callable[[str], bool] = is_acceptable
    address_words: str = "Địa chỉ phải bắt đầu bằng https://."
    confirm_s: int = 300


def _service(at: Connection) -> JsonService:
    return JsonService(base_url=at.base_url, timeout_s=at.timeout_s)


def _smart_ca(at: Connection) -> SmartCa:
    return SmartCa(
        service=_service(at),
        sp_id=str(at.settings["sp_id"]),
        sp_password=at.secrets.get("sp_password", ""),
        status_id=str(at.settings.get("status_id") or "transaction_id"),
        refused_words=str(at.settings.get("refused_words") or smartca.REFUSED_WORDS),
        expired_words=str(at.settings.get("expired_words") or smartca.EXPIRED_WORDS),
    )


def _smart_ca_integrated(at: Connection) -> SmartCaIntegrated:
    return SmartCaIntegrated(
        service=_service(at), sp_id=str(at.settings["sp_id"]), sp_password=at.secrets.get("sp_password", "")
    )


def _my_sign(at: Connection) -> MySign:
    return MySign(
        service=_service(at),
        client_id=str(at.settings["client_id"]),
        client_secret=at.secrets.get("client_secret", ""),
        profile_id=str(at.settings["profile_id"]),
        mode=int(at.settings.get("mode") or 1),
    )


def _csc(at: Connection) -> Csc:
    return Csc(
        service=_service(at),
        version=int(at.settings.get("version") or 2),
        client_id=str(at.settings["client_id"]),
        client_secret=at.secrets.get("client_secret", ""),
        redirect_uri=at.redirect_uri,
        asks_pin=at.settings.get("asks") in {"pin", "pin_otp", "pin_sent"},
        asks_otp=at.settings.get("asks") in {"otp", "pin_otp", "sent", "pin_sent"},
        sends_otp=at.settings.get("asks") in {"sent", "pin_sent"},
        extends=at.settings.get("batch") == "extend",
    )


def _vgca(at: Connection) -> Vgca:
    return Vgca()


_CALLS: Final = tuple((name, name) for name in vgca.CALLS)
_SP_ID: Final = SettingField(name="sp_id", label="Mã nhà cung cấp (sp_id)")
_SP_PASSWORD: Final = SettingField(name="sp_password", label="Khóa bí mật (sp_password)", is_secret=True)
_CLIENT_ID: Final = SettingField(name="client_id", label="Mã ứng dụng (client_id)")
_CLIENT_SECRET: Final = SettingField(name="client_secret", label="Khóa bí mật (client_secret)", is_secret=True)
_CITIZEN: Final = "Số CCCD, hộ chiếu hoặc mã số thuế"

KINDS: Final[dict[str, Kind]] = {
    ProviderKind.SMARTCA: Kind(
        base_url="https://gwsca.vnpt.vn/sca/sp769",
        account_label=_CITIZEN,
        fields=(
            _SP_ID,
            _SP_PASSWORD,
            SettingField(
                name="status_id",
                label="Hỏi kết quả bằng",
                hint="Tài liệu SP769 không nói rõ; hỏi VNPT nếu yêu cầu ký mãi không có kết quả.",
                default="transaction_id",
                choices=(
                    ("transaction_id", "transaction_id (mã của eOffice)"),
                    ("tran_code", "tran_code (mã của VNPT)"),
                ),
            ),
            SettingField(
                name="refused_words",
                label="Dấu hiệu người ký từ chối",
                hint="Các từ trong câu trả lời, cách nhau bằng dấu phẩy.",
                default=smartca.REFUSED_WORDS,
                is_needed=False,
            ),
            SettingField(
                name="expired_words",
                label="Dấu hiệu hết hạn xác nhận",
                hint="Các từ trong câu trả lời, cách nhau bằng dấu phẩy.",
                default=smartca.EXPIRED_WORDS,
                is_needed=False,
            ),
        ),
        make=_smart_ca,
    ),
    ProviderKind.SMARTCA_V2: Kind(
        base_url="https://gwsca.vnpt.vn/sca/sp769",
        account_label=_CITIZEN,
        fields=(_SP_ID, _SP_PASSWORD),
        make=_smart_ca_integrated,
    ),
    ProviderKind.MYSIGN: Kind(
        base_url="https://remotesigning.viettel.vn",
        account_label="Tài khoản MySign (CMT_…, MST_…)",
        fields=(
            _CLIENT_ID,
            _CLIENT_SECRET,
            SettingField(name="profile_id", label="Hồ sơ (profile_id)", default="adss:ras:profile:001"),
            SettingField(
                name="mode",
                label="Cách nhận kết quả (async)",
                default="1",
                choices=(("1", "1, eOffice hỏi lại"), ("2", "2, eOffice hỏi lại")),
            ),
        ),
        make=_my_sign,
    ),
    ProviderKind.CSC: Kind(
        base_url="",
        account_label="Tên tài khoản ở dịch vụ",
        fields=(
            SettingField(name="version", label="Phiên bản", default="2", choices=(("2", "CSC v2"), ("1", "CSC v1"))),
            _CLIENT_ID,
            _CLIENT_SECRET,
            SettingField(
                name="asks",
                label="Người ký nhập khi ký",
                hint="Để trống nếu người ký xác nhận trên điện thoại hoặc tại trang của dịch vụ.",
                default="",
                choices=(
                    ("", "Không nhập gì"),
                    ("pin", "Mã PIN"),
                    ("otp", "Mã OTP của ứng dụng, thiết bị"),
                    ("pin_otp", "Mã PIN và OTP của ứng dụng, thiết bị"),
                    ("sent", "Mã OTP do dịch vụ gửi khi ký"),
                    ("pin_sent", "Mã PIN và OTP do dịch vụ gửi khi ký"),
                ),
                is_needed=False,
            ),
            SettingField(
                name="batch",
                label="Ký nhiều văn bản",
                hint="Chọn cách thứ hai khi dịch vụ chỉ nhận một giá trị băm mỗi lần ký.",
                default="once",
                choices=(
                    ("once", "Một lần cho cả lượt"),
                    ("extend", "Từng văn bản, gia hạn quyền (extendTransaction)"),
                ),
            ),
        ),
        make=_csc,
        logs_in_by_browser=True,
    ),
    ProviderKind.VGCA: Kind(
        base_url=vgca.ADDRESS,
        account_label="",
        fields=(
            SettingField(
                name="upload_answer",
                label="Trả lời khi nhận tệp đã ký",
                hint="Các bản của chương trình đọc khác nhau. Nếu nó báo lỗi dù tệp đã về, đổi sang cách kia.",
                default="true",
                choices=(("true", "Status: true"), ("0", "Status: 0")),
            ),
            SettingField(name="call_official", label="Lệnh khi ký chính thức", default="SignApproved", choices=_CALLS),
            SettingField(
                name="call_other",
                label="Lệnh khi ký nháy, ký nội dung, thể thức",
                default="SignApproved",
                choices=_CALLS,
            ),
            SettingField(name="call_seal", label="Lệnh khi ký số cơ quan", default=vgca.SEAL_CALL, choices=_CALLS),
        ),
        make=_vgca,
        is_on_desk=True,
        is_address=vgca.is_loopback,
        address_words="Địa chỉ là wss://127.0.0.1 kèm cổng, ví dụ wss://127.0.0.1:8987.",
        confirm_s=1800,
    ),
}
