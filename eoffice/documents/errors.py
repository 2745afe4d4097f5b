"""What can be expected to go wrong with documents."""

from __future__ import annotations

from datetime import date

from eoffice.core.errors import Conflict, Invalid, NotFound, NotPermitted


class DocumentNotFound(NotFound):
    code = "document_not_found"
    default_message = "Không tìm thấy văn bản. Đường dẫn sai, đã thu hồi, hoặc không nằm trong phạm vi được xem."


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
        "Không tiếp nhận tài liệu bí mật nhà nước trên hệ thống này. Tệp chưa được lưu. "
        "Báo cán bộ bảo mật của đơn vị."
    )


class NoCapacity(NotPermitted):
    code = "no_capacity"
    default_message = "Chưa có thẩm quyền ký loại văn bản này cho đơn vị phát hành. Quản trị cần ghi nhận căn cứ trước."


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
