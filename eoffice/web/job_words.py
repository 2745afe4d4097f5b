"""What each background task does, in the administrator's words."""

from __future__ import annotations

from typing import Any, Final

_TASKS: Final = {
    "accounts.answer_reset_request": "Gửi thư đặt lại mật khẩu",
    "accounts.forget_old_entries": "Xóa lượt thử và phiên đã cũ",
    "accounts.warn_of_ending_tokens": "Báo mã truy cập sắp hết hạn",
    "audit.seal": "Khóa nhật ký",
    "core.deliver_event": "Chuyển sự kiện đến các phần của hệ thống",
    "core.note_receipt": "Ghi kết quả nhận tin nhắn",
    "core.retry_stalled_jobs": "Nhận lại tác vụ của tiến trình đã chết",
    "core.send_message": "Gửi tin nhắn",
    "documents.freeze_draft": "Tạo tệp trình ký",
    "documents.hand_over": "Bàn giao công việc của người nghỉ",
    "documents.put_number_on_page": "Ghi số lên trang văn bản",
    "documents.reorganise": "Sắp xếp lại đơn vị",
    "documents.reorganise_due": "Tìm việc sắp xếp đơn vị đến ngày",
    "documents.tell_of_lateness": "Nhắn tin việc vừa quá hạn",
    "notifications.close_sent_mail": "Ghi kết quả gửi thư thông báo",
    "notifications.send_due_mail": "Gửi thư thông báo đến hạn",
    "organization.apply_import": "Nhập danh sách đã xác nhận",
    "organization.check_import": "Kiểm tra danh sách nhập",
    "organization.invite_people": "Gửi thư mời người được nhập",
    "organization.read_due_sources": "Tìm danh bạ đến giờ đồng bộ",
    "organization.read_source": "Đồng bộ danh bạ",
    "organization.tell_of_delegations": "Báo ủy quyền bắt đầu, kết thúc",
    "organization.turn_sights": "Bắt đầu, kết thúc quyền xem từng văn bản",
    "procrastinate.builtin_tasks.remove_old_jobs": "Xóa tác vụ đã xong",
    "builtin:procrastinate.builtin_tasks.remove_old_jobs": "Xóa tác vụ đã xong",
    "renditions.purge_hold": "Xóa tệp tải lên bỏ dở",
    "renditions.render": "Chuyển tệp sang PDF và văn bản thuần",
    "renditions.take_up_abandoned": "Nhận lại tệp đang chuyển dở",
    "signing.check_file": "Kiểm tra chữ ký của tệp",
    "signing.complete_file": "Bổ sung bằng chứng lâu dài cho chữ ký",
    "signing.expire_requests": "Kết thúc yêu cầu ký quá hạn",
    "signing.finish_request": "Hoàn thành tệp đã ký",
    "signing.go_on_polling": "Hỏi tiếp các yêu cầu ký đang chờ",
    "signing.order_due_completions": "Tìm chữ ký đến lượt bổ sung, gia hạn",
    "signing.poll_requests": "Hỏi kết quả các yêu cầu ký",
    "signing.recheck_due": "Tìm chữ ký cần kiểm tra lại",
    "signing.renew_revocation_lists": "Lấy danh sách thu hồi mới",
    "signing.watch_certificates": "Theo dõi hạn, thu hồi của chứng thư",
    "signing.send_request": "Gửi yêu cầu ký đến dịch vụ ký",
    "web.play_demo_story": "Dựng văn bản mẫu",
}
_LONGEST: Final = 16
"""Of a fingerprint its first characters are enough to find the file."""


def task_words(name: str) -> str:
    """What a task does; the name itself where nobody gave it words."""
    return _TASKS.get(name, name)


def task_objects(arguments: dict[str, Any]) -> str:
    """What a job works on: the keys it was given, long ones by their beginning."""
    return ", ".join(str(value)[:_LONGEST] for value in arguments.values() if value is not None)
