"""What can be expected to go wrong when letters are set or read."""

from __future__ import annotations

from eoffice.core.errors import Invalid


class LayoutError(Invalid):
    """Base of the room."""

    code = "layout"
    default_message = "Chưa trình bày được văn bản. Nội dung đã nhập vẫn còn nguyên."


class BodyInvalid(LayoutError):
    """The body of a letter does not follow the closed schema; `details["path"]` names the faulty node."""

    code = "layout_body_invalid"
    default_message = (
        "Nội dung văn bản có phần không đọc được. Bản đã lưu trước đó vẫn còn nguyên; "
        "tải lại trang rồi nhập lại phần vừa sửa."
    )


class ContentInvalid(LayoutError):
    """The data of a letter contradict each other or the rules of Phụ lục I."""

    code = "layout_content_invalid"
    default_message = "Thông tin của văn bản chưa đủ để trình bày. Nội dung đã nhập vẫn còn nguyên."


class PageUnreadable(LayoutError):
    """A PDF whose pages cannot be opened."""

    code = "layout_page_unreadable"
    default_message = (
        "Không mở được trang của tệp PDF này. Tệp gốc vẫn được giữ nguyên; kiểm tra tệp hoặc tải lên bản khác."
    )


class NoFreeSpace(LayoutError):
    """No place on the page is large enough for the stamp."""

    code = "layout_no_free_space"
    default_message = (
        "Trang đầu không còn chỗ trống đủ cho dấu ĐẾN. Tệp chưa thay đổi; kéo dấu tới vị trí phù hợp rồi đóng lại."
    )
