"""What can be expected to go wrong with documents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from eoffice.core.errors import Conflict, ExpectedError, Invalid, NotFound, NotPermitted
from eoffice.layout.form_findings import Finding


class DocumentNotFound(NotFound):
    code = "document_not_found"
    default_message = "Không tìm thấy văn bản. Đường dẫn sai, đã thu hồi, hoặc không nằm trong phạm vi được xem."


class CodeUnknown(NotFound):
    """No issued paper carries this code of check."""

    code = "check_code_unknown"
    default_message = (
        "Không có văn bản đã phát hành nào mang mã này. Xem lại mã in trên văn bản. Nếu mã đúng như in, văn bản có thể "
        "là giả: báo nơi ban hành."
    )


class TooManyCodes(ExpectedError):
    """An address has tried too many codes that no paper carries."""

    code = "too_many_codes"
    status = 429
    default_message = "Đã thử quá nhiều mã không có. Chờ 10 phút rồi nhập lại mã in trên văn bản."


class RegisterMissing(Conflict):
    code = "register_missing"
    default_message = "Chưa mở sổ cho năm này. Văn thư mở sổ trong mục Sổ đăng ký rồi làm tiếp."


class RegisterClosed(Conflict):
    code = "register_closed"
    default_message = "Sổ đã khóa. Chọn sổ đang mở để lấy số."


class DatesRunBackwards(Invalid):
    """A later number would carry an earlier date."""

    code = "dates_run_backwards"

    def __init__(self, last_dated_on: date) -> None:
        super().__init__(
            f"Ngày không được trước ngày {last_dated_on:%d/%m/%Y} của số vừa cấp trong sổ này.",
            fields={"dated_on": f"Chọn từ {last_dated_on:%d/%m/%Y} trở đi."},
        )


class BlockOverlaps(Invalid):
    code = "block_overlaps"
    default_message = "Dải số trùng với số đã cấp hoặc dải số khác đang giữ. Chọn dải khác."


class NumberNotReserved(Conflict):
    code = "number_not_reserved"
    default_message = "Số này không nằm trong dải đang giữ, hoặc đã được cấp. Chọn số khác."


class SecretMaterial(Invalid):
    """State-secret material is refused and not kept (design part 5)."""

    code = "secret_material"
    default_message = (
        "Không tiếp nhận tài liệu bí mật nhà nước trên hệ thống này. Tệp chưa được lưu. Báo cán bộ bảo mật của đơn vị."
    )


class NoCapacity(NotPermitted):
    code = "no_capacity"
    default_message = "Chưa có thẩm quyền ký loại văn bản này cho đơn vị phát hành. Quản trị cần ghi nhận căn cứ trước."


class CapacityOutsideField(NoCapacity):
    """The capacity is bound to fields of work and the paper is in another, or in none."""

    code = "capacity_outside_field"


class ReplyRequired(Conflict):
    code = "reply_required"
    default_message = "Chưa hoàn thành được: cần văn bản trả lời. Gắn văn bản, hoặc ghi lý do không trả lời."


class SeveralLeads(Invalid):
    code = "several_leads"
    default_message = "Một bút phê có đúng một nơi chủ trì. Chọn lại vai trò của các nơi nhận."


class UndoTooLate(Conflict):
    code = "undo_too_late"
    default_message = "Đã quá thời gian hoàn tác, hoặc đã có người tiếp nhận. Trao đổi với nơi nhận để thay đổi."


class VersionChanged(Conflict):
    code = "version_changed"
    default_message = "Dự thảo đã đổi sau lần xem gần nhất. Xem lần mới rồi làm tiếp."


class NotSealed(Conflict):
    code = "not_sealed"
    default_message = "Chưa phát hành được: văn bản chưa có chữ ký số của cơ quan."


class LeaderSignatureInvalid(Conflict):
    code = "leader_signature_invalid"
    default_message = "Chưa đóng dấu được: chữ ký của người có thẩm quyền trên tệp này không hợp lệ."


class PossibleDuplicate(Conflict):
    """A letter like this one stands in the register already; `earlier` are its ids."""

    code = "possible_duplicate"
    default_message = (
        "Có thể trùng với văn bản đã đăng ký. Chưa cấp số. Xem văn bản trước; nếu không trùng, chọn “Không trùng” rồi "
        "đăng ký."
    )


class SecrecyUnconfirmed(Invalid):
    """A picture of a page: nobody has said yet that it bears no mark of secrecy."""

    code = "secrecy_unconfirmed"
    default_message = (
        "Tệp là bản quét nên máy chưa đọc được. Chưa lưu tệp. "
        "Xem trang, đánh dấu “Bản quét: đã xem, không có dấu chỉ độ mật” rồi tải lên lại."
    )


class NotALeader(Invalid):
    code = "not_a_leader"
    default_message = "Người được chọn không phải lãnh đạo của đơn vị này. Chọn lại người nhận trình."


class DayOff(Invalid):
    """A deadline on a day nobody works."""

    code = "day_off"


class DeadlineAfterParent(Invalid):
    code = "deadline_after_parent"


class AlreadyDirected(Conflict):
    code = "already_directed"
    default_message = "Văn bản đã có nơi chủ trì. Rút lại phân công cũ trước khi giao nơi khác."


class PageNotReady(Conflict):
    code = "page_not_ready"
    default_message = (
        "Tệp vừa tải lên chưa chuyển xong sang PDF, hoặc chưa có tệp. "
        "Tệp gốc vẫn được giữ; chờ trang hiện ra rồi làm tiếp."
    )


class PlacesMissing(Invalid):
    code = "places_missing"
    default_message = "Chưa đặt đủ vị trí số, ngày, chữ ký, dấu trên trang. Đặt vị trí rồi trình lại."


class DraftIncomplete(Invalid):
    """A draft that cannot be submitted yet; `fields` says what is missing."""

    code = "draft_incomplete"
    default_message = "Chưa trình được: dự thảo còn thiếu thông tin. Nội dung đã nhập vẫn còn nguyên."


class FormFaults(Invalid):
    """A draft whose form has faults that must be put right, or be kept for a reason given with the submission."""

    code = "form_faults"

    def __init__(self, faults: Sequence[Finding]) -> None:
        self.faults = tuple(faults)
        listed = " ".join(f"{each.part}: {each.message} ({each.clause})" for each in self.faults)
        super().__init__(
            f"Chưa trình được: còn {len(self.faults)} điểm thể thức phải sửa. {listed} "
            "Sửa rồi trình lại, hoặc ghi lý do giữ nguyên để người duyệt xem.",
            fields={"form_reason": "Sửa các điểm thể thức, hoặc ghi lý do giữ nguyên."},
        )


class SignatureStarted(Conflict):
    code = "signature_started"
    default_message = "Tệp đã có chữ ký nên không đổi vị trí được nữa. Muốn đổi thì trả lại dự thảo để ký lần mới."


class PageNotFilled(Conflict):
    """The number is taken, but could not be written on the page."""

    code = "page_not_filled"

    def __init__(self, shown_code: str, why: str) -> None:
        super().__init__(
            f"Đã cấp số {shown_code} nhưng chưa ghi được số và ngày lên trang: {why} "
            "Số vẫn được giữ; làm lại bước ghi số, hoặc hủy số có lý do."
        )


class FileNotReady(Conflict):
    code = "file_not_ready"
    default_message = "Số và ngày chưa được ghi lên trang. Chờ ít giây rồi tải lại, hoặc làm lại bước ghi số."


class SealingTakenOver(Conflict):
    code = "sealing_taken_over"
    default_message = "Văn bản này đang được người khác đóng dấu. Tải lại trang để xem kết quả."


class AnnexUnsealable(Invalid):
    """A separate file that the organisation cannot sign; said before a number is taken."""

    code = "annex_unsealable"

    def __init__(self, faults: Mapping[str, str]) -> None:
        listed = " ".join(f"{name}: {why}" for name, why in faults.items())
        super().__init__(
            f"Chưa cấp số: tệp kèm không ký số được. {listed} Trả lại để người soạn thay tệp. Sổ chưa thay đổi."
        )


class AnnexNotReady(Conflict):
    code = "annex_not_ready"
    default_message = "Tệp kèm đang được chuyển sang PDF để ký số. Chờ ít giây rồi làm lại; chưa có gì thay đổi."


class AnnexNotSealed(Conflict):
    """One annex could not be signed, so nothing counts as sealed."""

    code = "annex_not_sealed"

    def __init__(self, name: str, why: str) -> None:
        super().__init__(
            f"Chưa đóng dấu: phụ lục {name} chưa ký được. {why} Văn bản chưa phát hành; làm lại thì tệp đã ký rồi "
            "không ký lần nữa."
        )


class SealNotWhole(Conflict):
    """A key elsewhere signed some of the files of a paper and not the others, so nothing counts as sealed."""

    code = "seal_not_whole"

    def __init__(self, unsigned: Iterable[str]) -> None:
        super().__init__(f"Chưa đóng dấu: {', '.join(unsigned)} chưa ký được. Ký lại; tệp đã ký rồi không ký lần nữa.")


class NoRecipients(Invalid):
    code = "no_recipients"
    default_message = "Chưa phát hành được: văn bản chưa có nơi nhận. Trả lại dự thảo để bổ sung nơi nhận."


class NotIssued(Conflict):
    """Only an issued document leaves the house as a file (design part 4, step 6)."""

    code = "not_issued"
    default_message = "Văn bản chưa phát hành nên chưa tải về hay in được. Xem trên màn hình dưới dạng ảnh có dấu chìm."


class Recalled(Conflict):
    code = "recalled"
    default_message = "Văn bản đã thu hồi, chỉ còn để tra cứu."


class PdfNotReady(Conflict):
    """The PDF of a file is being made, or could not be made."""

    code = "pdf_not_ready"
    default_message = "Bản xem PDF đang được tạo, hoặc tệp không chuyển được. Tệp gốc vẫn tải về được."


class RuleNotFound(NotFound):
    code = "rule_not_found"
    default_message = "Không tìm thấy quy tắc phân phối. Đường dẫn sai, hoặc quy tắc thuộc đơn vị khác."


class AlreadyReminded(Conflict):
    """A line is reminded of once a day at most."""

    code = "already_reminded"


class NothingProposed(Conflict):
    code = "nothing_proposed"
    default_message = "Dự kiến bút phê không còn: thư ký đã bỏ, hoặc ý kiến đã được gửi. Tải lại trang để xem."


class ProposalChanged(Conflict):
    """The proposal on the screen is not the one kept."""

    code = "proposal_changed"
    default_message = (
        "Dự kiến bút phê vừa được sửa ở nơi khác. Chưa gửi và chưa ghi đè. Tải lại trang để xem bản mới rồi làm lại."
    )

    def beside_the_form(self) -> Invalid:
        """The same above a form that keeps what was typed."""
        return Invalid("Dự kiến vừa được người khác sửa nên chưa lưu. Chép nội dung của mình, mở lại để xem bản mới.")
