"""What can be wrong with a file somebody brings, and with making its renditions."""

from __future__ import annotations

from eoffice.core.errors import ExpectedError, Invalid, NotFound


class FileRefused(Invalid):
    """The file cannot be taken in; nothing of it is kept."""

    code = "file_refused"
    default_message = "Không nhận được tệp này. Chưa lưu gì. Kiểm tra lại tệp rồi gửi lại."


class EmptyFile(FileRefused):
    code = "file_empty"
    default_message = "Tệp rỗng (0 byte), chưa lưu gì. Lấy lại tệp từ nơi gửi hoặc quét lại."


class FileTooLarge(FileRefused):
    """`limit_bytes` is the limit of this installation."""

    code = "file_too_large"
    status = 413

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(
            f"Tệp lớn hơn mức {limit_bytes // (1024 * 1024)} MB của hệ thống, chưa lưu gì. "
            "Tách thành nhiều tệp hoặc quét lại ở độ phân giải thấp hơn.",
            limit_bytes=limit_bytes,
        )


class FileTypeRefused(FileRefused):
    code = "file_type_refused"
    status = 415
    default_message = (
        "Nội dung tệp không phải loại được nhận, dù tên tệp ghi thế nào; chưa lưu gì. "
        "Hệ thống nhận PDF, ảnh PNG, JPEG, TIFF và tệp DOCX, DOC, XLSX, XLS, ODT."
    )


class ProgramRefused(FileRefused):
    code = "file_is_program"
    status = 415
    default_message = (
        "Đây là chương trình máy tính, không phải văn bản, dù tên tệp ghi thế nào. Chưa lưu gì. "
        "Không mở tệp này; báo bộ phận an toàn thông tin và hỏi lại nơi gửi."
    )


class MacrosRefused(FileRefused):
    code = "file_has_macros"
    default_message = (
        "Tệp có macro (mã lệnh chạy kèm văn bản) nên không được nhận. Chưa lưu gì. "
        "Lưu lại thành DOCX không macro hoặc PDF rồi gửi lại."
    )


class ArchiveBomb(FileRefused):
    code = "file_expands_too_much"
    default_message = "Tệp nén bung ra lớn bất thường nên không được mở. Chưa lưu gì. Lưu lại thành PDF rồi gửi lại."


class EncryptedFile(FileRefused):
    code = "file_encrypted"
    default_message = (
        "Tệp đặt mật khẩu nên không đọc được nội dung. Chưa lưu gì. Bỏ mật khẩu hoặc xin nơi gửi tệp không khóa."
    )


class DamagedFile(FileRefused):
    code = "file_damaged"
    default_message = (
        "Tệp bị hỏng hoặc thiếu phần cuối (thường do tải chưa xong). Chưa lưu gì. Tải lại từ nơi gửi rồi gửi lại."
    )


class TooManyPages(FileRefused):
    """`pages` were found; `limit` is the limit of this installation."""

    code = "file_too_many_pages"

    def __init__(self, pages: int, limit: int) -> None:
        super().__init__(
            f"Tệp có {_grouped(pages)} trang, hơn mức {_grouped(limit)} trang của hệ thống. "
            "Chưa lưu gì. Tách thành nhiều tệp rồi gửi lại.",
            pages=pages,
            limit=limit,
        )


class ImageTooLarge(FileRefused):
    code = "image_too_large"
    default_message = "Ảnh có quá nhiều điểm ảnh. Chưa lưu gì. Quét lại ở 300 dpi, khổ A4."


class HeldFileGone(NotFound):
    code = "held_file_gone"
    default_message = "Tệp chờ kiểm tra đã hết hạn giữ (một giờ) hoặc đã bị hủy. Gửi lại tệp."


class PageNotFound(NotFound):
    code = "page_not_found"
    default_message = "Văn bản không có trang này."


class RenditionFailed(ExpectedError):
    """The file is kept as it came, but could not be made into a PDF, pages or text."""

    code = "rendition_failed"
    status = 422
    default_message = (
        "Không chuyển được tệp này sang PDF. Tệp gốc vẫn được giữ nguyên. "
        "Tải tệp gốc để xem, hoặc lưu lại thành PDF rồi gửi bản PDF."
    )


class ConverterMissing(RenditionFailed):
    code = "converter_missing"
    default_message = (
        "Máy chủ chưa cài LibreOffice nên chưa chuyển được tệp Word, Excel, ODT sang PDF. "
        "Tệp gốc vẫn được giữ nguyên. Quản trị cài gói libreoffice-writer-nogui và libreoffice-calc-nogui, "
        "rồi bấm Chuyển lại."
    )


class ConversionTimedOut(RenditionFailed):
    """Worth another try: the machine may only have been busy."""

    code = "conversion_timed_out"
    default_message = (
        "Chuyển tệp sang PDF quá lâu nên đã dừng. Tệp gốc vẫn được giữ nguyên. "
        "Bấm Chuyển lại, hoặc lưu thành PDF rồi gửi bản PDF."
    )


def _grouped(number: int) -> str:
    return f"{number:,}".replace(",", ".")
