"""What can be expected to go wrong with keys, signatures and signed files."""

from __future__ import annotations

from decimal import Decimal

from eoffice.core.errors import Conflict, ExpectedError, Invalid, NotFound, NotPermitted


class PdfUnreadable(Invalid):
    """The bytes are no PDF that can be prepared or signed."""

    code = "signing_pdf_unreadable"
    default_message = (
        "Không đọc được tệp PDF này (hỏng, có mật khẩu hoặc không phải PDF). "
        "Tệp gốc còn nguyên; xuất lại PDF rồi tải lên."
    )


class PlacesInvalid(Invalid):
    """Boxes for number, date, signatures or seal are missing or off the page."""

    code = "signing_places_invalid"
    default_message = "Vị trí chữ ký, số hoặc ngày nằm ngoài trang. Đặt lại vị trí rồi trình ký."


class AnnexLocked(Invalid):
    """A separate file that is encrypted: what nobody may change nobody can sign."""

    code = "signing_annex_locked"
    default_message = "Tệp đặt mật khẩu hoặc khóa quyền sửa nên không ký số được."


class CountersigningForbidden(Invalid):
    """The signatures of a file that came signed do not allow another one."""

    code = "signing_countersigning_forbidden"
    default_message = (
        "Tệp này đã có chữ ký số và chữ ký đó khóa tệp, không cho ký thêm. Tệp chưa được dùng; tải bản chưa ký, "
        "hoặc đính kèm tệp đã ký vào dự thảo."
    )


class FieldUnknown(Conflict):
    """The file has no such field prepared."""

    code = "signing_field_unknown"
    default_message = "Tệp không có ô ký này. Tệp chưa thay đổi; tải lại trang để lấy đúng phiên bản trình ký."


class FieldTaken(Conflict):
    """The field carries a value or a signature already."""

    code = "signing_field_taken"
    default_message = "Ô này đã được ký hoặc đã được điền. Tệp chưa thay đổi; tải lại trang để xem trạng thái mới."


class TextDoesNotFit(Invalid):
    """The number or date line is wider than its box."""

    code = "signing_text_does_not_fit"
    default_message = "Số hoặc dòng ngày dài hơn ô dành cho nó trên trang. Tệp chưa thay đổi; dùng ký hiệu ngắn hơn."


class AlreadyElectronic(Conflict):
    code = "signing_already_electronic"
    default_message = (
        "Tệp này đã có chữ ký số: là bản điện tử, không phải bản quét từ giấy. Gửi chính tệp đó, không sao y."
    )


class CertificateUnusable(Conflict):
    """The certificate is out of date, revoked, too weak or not meant for signing."""

    code = "signing_certificate_unusable"
    default_message = "Chứng thư số không dùng để ký được. Chưa có gì được ký; liên hệ quản trị để cấp chứng thư mới."


class SignatureRefused(ExpectedError):
    """The signature was made but did not pass the check that follows; it is thrown away."""

    code = "signing_signature_refused"
    status = 502
    default_message = (
        "Chữ ký vừa tạo không qua được bước kiểm tra nên không được lưu. Tệp trước khi ký còn nguyên; ký lại."
    )


class TimeStampUnavailable(ExpectedError):
    """The time-stamping authority did not answer; nothing was signed."""

    code = "signing_time_stamp_unavailable"
    status = 503
    default_message = "Dịch vụ cấp dấu thời gian không trả lời. Chưa có gì được ký; thử lại sau ít phút."


class PinWrong(Invalid):
    """The PIN does not open the key; `details["tries_left"]` says how many tries remain."""

    code = "signing_pin_wrong"
    default_message = "Mã PIN không đúng. Chưa có gì được ký."


class PinInvalid(Invalid):
    """The chosen PIN is too short or too easily guessed."""

    code = "signing_pin_invalid"
    default_message = "Mã PIN gồm 6 đến 12 chữ số, không lặp một chữ số, không là dãy liên tiếp như 123456."


class KeyLocked(Conflict):
    """Too many wrong PINs; `details["until"]` says when the key opens again."""

    code = "signing_key_locked"
    default_message = (
        "Chữ ký số đang tạm khóa vì nhập sai mã PIN nhiều lần. Chưa có gì được ký; chờ hết thời gian khóa rồi thử lại."
    )


class NoKey(Conflict):
    """This person or unit has no usable key yet."""

    code = "signing_no_key"
    default_message = "Chưa có chữ ký số. Mở trang “Cách ký của tôi” để thêm cách ký rồi ký lại."


class KeyExists(Conflict):
    """A usable key exists; its PIN is changed, not set again."""

    code = "signing_key_exists"
    default_message = "Đã có chữ ký số đang dùng. Muốn đổi mã PIN, dùng mục “Đổi mã PIN”."


class PaperBeingSigned(Conflict):
    """An open request asks for a signature on this version: it must not change, and is not signed twice."""

    code = "signing_paper_being_signed"
    default_message = (
        "Văn bản này đang chờ xác nhận ký ở một yêu cầu khác. Chưa có gì thay đổi; chờ yêu cầu đó xong hoặc hủy nó."
    )


class RequestInterrupted(Conflict):
    """The process that signed died on the way."""

    code = "signing_request_interrupted"
    default_message = "Máy chủ dừng giữa chừng khi đang ký. Văn bản này chưa được ký; ký lại."


class KeyNotYours(NotPermitted):
    """The open key belongs to someone else, or to another unit."""

    code = "signing_key_not_yours"
    default_message = "Chữ ký số đã mở không thuộc người hoặc đơn vị này. Chưa có gì được ký."


class ImageInvalid(Invalid):
    """The picture of a handwritten signature or of a seal cannot be used."""

    code = "signing_image_invalid"
    default_message = (
        "Ảnh phải là tệp PNG đọc được, dưới 2 MB, rộng từ 100 đến 4000 điểm ảnh. Ảnh đang dùng (nếu có) còn nguyên."
    )


class SealSizeInvalid(Invalid):
    """The diameter given for a seal is outside the range of this installation."""

    code = "signing_seal_size_invalid"

    def __init__(self, smallest_mm: Decimal, largest_mm: Decimal) -> None:
        low, high = (f"{size.normalize():f}".replace(".", ",") for size in (smallest_mm, largest_mm))
        super().__init__(
            f"Đường kính dấu phải từ {low} đến {high} mm. Ảnh dấu đang dùng (nếu có) còn nguyên; "
            "đo lại dấu thật rồi nhập."
        )


class ImageDecided(Conflict):
    """The picture no longer waits: somebody decided, or a newer one was uploaded."""

    code = "signing_image_decided"
    default_message = "Ảnh này không còn chờ xác nhận. Chưa có gì thay đổi; tải lại trang để xem kết quả."


class AuthorityMissing(Conflict):
    """No certificate authority is set up in this installation."""

    code = "signing_authority_missing"
    default_message = (
        "Hệ thống không tự cấp chứng thư số. Tải tệp khóa .p12, .pfx hoặc thêm dịch vụ ký số ở trang “Cách ký của tôi”."
    )


class AuthorityExists(Conflict):
    """The installation has an authority of its own already."""

    code = "signing_authority_exists"
    default_message = "Hệ thống đã có nơi cấp chứng thư. Chưa có gì thay đổi."


class KeyFileInvalid(Invalid):
    """A file with a key that cannot be used, or a wrong password."""

    code = "signing_key_file_invalid"


class TooManyKeyFiles(ExpectedError):
    """A person has tried more files or passwords than anybody needs."""

    code = "signing_too_many_key_files"
    status = 429
    default_message = (
        "Đã thử nhiều tệp hoặc mật khẩu trong ít phút. Tệp chưa được đọc và không được lưu. "
        "Chờ mười lăm phút rồi thử lại."
    )


class HsmDown(ExpectedError):
    """The HSM, its library, its token or its PIN cannot be used now."""

    code = "signing_hsm_down"
    status = 503
    default_message = "HSM không trả lời. Chưa có gì được ký; ký lại sau ít phút hoặc báo quản trị."


class ReportMissing(NotFound):
    """This file has not been checked yet."""

    code = "signing_report_missing"
    default_message = "Chưa có kết quả kiểm tra chữ ký của tệp này."


class SealRefused(Conflict):
    """The file does not carry a valid signature of the authorised person, so it is not sealed."""

    code = "signing_seal_refused"
    default_message = "Chưa đóng dấu: tệp chưa có chữ ký hợp lệ của người có thẩm quyền. Tệp chưa thay đổi."


class TooManyChecks(ExpectedError):
    """An address without a sign-in has asked for more checks than one needs."""

    code = "signing_too_many_checks"
    status = 429
    default_message = (
        "Địa chỉ mạng này đã kiểm tra nhiều tệp trong ít phút. Tệp chưa được kiểm tra và không được lưu. "
        "Chờ mười phút rồi kiểm tra tiếp, hoặc đăng nhập."
    )


class ChecksBusy(ExpectedError):
    """Every place for a check is taken."""

    code = "signing_checks_busy"
    status = 429
    default_message = (
        "Đang có nhiều tệp được kiểm tra cùng lúc. Tệp chưa được kiểm tra và không được lưu. Chờ ít giây rồi thử lại."
    )


class TooManyCodes(ExpectedError):
    """A person has had more codes sent than one signature needs."""

    code = "signing_too_many_codes"
    status = 429
    default_message = "Đã gửi nhiều mã trong ít phút. Dùng mã mới nhất, hoặc chờ mười phút rồi gửi lại."


class FilePassUnknown(NotFound):
    """No file is handed out, or taken, for this token."""

    code = "signing_file_pass_unknown"


class FilePassOver(ExpectedError):
    """The token was good once: it was used, came too late, or another took its place."""

    code = "signing_file_pass_over"
    status = 410


class ReturnedFileRefused(Invalid):
    """What a signing program brought back is not the prepared file with the one signature that was asked for."""

    code = "signing_returned_file_refused"

    def __init__(self, message: str, fault: str) -> None:
        self.fault = fault
        super().__init__(message)
