"""From what was measured to a word: what breaks a signature, what leaves it in doubt, and why, in Vietnamese."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from pyhanko.sign.ades.report import AdESIndeterminate, AdESSubIndic
from pyhanko.sign.diff_analysis import DiffResult
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel

from eoffice.core.clock import VIETNAM
from eoffice.signing.engine import structure
from eoffice.signing.engine.examining import ExaminedFile
from eoffice.signing.engine.verdicts import Change, Word

_WEAK_DIGESTS: Final = frozenset({"sha1", "md5", "md2"})
_UNKNOWN_ISSUER: Final = "chưa biết nơi cấp chứng thư số (không nằm trong danh sách tin cậy của hệ thống)"
_OUT_OF_DATE: Final = "chứng thư số ngoài thời hạn hiệu lực và không có dấu thời gian chứng minh lúc ký"
_CHAIN_REASONS: Final[dict[AdESSubIndic, str]] = {
    AdESIndeterminate.NO_CERTIFICATE_CHAIN_FOUND: _UNKNOWN_ISSUER,
    AdESIndeterminate.OUT_OF_BOUNDS_NO_POE: _OUT_OF_DATE,
    AdESIndeterminate.OUT_OF_BOUNDS_NOT_REVOKED: _OUT_OF_DATE,
    AdESIndeterminate.EXPIRED: "chứng thư số đã hết hạn",
    AdESIndeterminate.NOT_YET_VALID: "chứng thư số chưa đến ngày hiệu lực",
    AdESIndeterminate.TRY_LATER: "chưa có thông tin thu hồi mới của chứng thư số",
    AdESIndeterminate.REVOCATION_OUT_OF_BOUNDS_NO_POE: "chưa có thông tin thu hồi mới của chứng thư số",
    AdESIndeterminate.CHAIN_CONSTRAINTS_FAILURE: "chứng thư số không dành cho việc ký văn bản",
    AdESIndeterminate.CRYPTO_CONSTRAINTS_FAILURE: "thuật toán ký không còn đủ an toàn",
    AdESIndeterminate.CRYPTO_CONSTRAINTS_FAILURE_NO_POE: "thuật toán ký không còn đủ an toàn",
}


def word_and_reason(
    file: ExaminedFile,
    signature: EmbeddedPdfSignature,
    status: PdfSignatureStatus,
    changes: list[Change],
    proven: datetime | None,
) -> tuple[Word, str]:
    """The word on one signature and its reason in Vietnamese. Source: digital-signature G.4."""
    fault = _breach(file, signature, status)
    if fault:
        return Word.INVALID, f"Không hợp lệ: {fault}."
    doubt = _doubt(file, signature, status, changes)
    if doubt:
        return Word.INDETERMINATE, f"Chữ ký nguyên vẹn nhưng chưa xác định: {doubt}."
    if proven is None:
        return Word.VALID, "Hợp lệ theo trạng thái hiện nay (chưa có dấu thời gian)."
    return Word.VALID, "Hợp lệ tại thời điểm ghi trong dấu thời gian."


def _breach(file: ExaminedFile, signature: EmbeddedPdfSignature, status: PdfSignatureStatus) -> str:
    """What makes a signature invalid (G.4): digest, value, coverage, permissions, revocation."""
    if status.coverage is None or status.coverage < SignatureCoverageLevel.ENTIRE_REVISION:
        return "phạm vi ký không bao trọn phiên bản đã ký"
    if not status.intact:
        return "nội dung đã bị thay đổi sau khi ký"
    if not status.valid:
        return "giá trị chữ ký không khớp chứng thư số"
    if structure.hole_fault(signature, file.stream):
        return "phần bỏ trống khi ký chứa dữ liệu khác ngoài chữ ký"
    if file.damaged_tail:
        return "có dữ liệu lạ nối vào sau khi ký"
    if not status.docmdp_ok or not isinstance(status.diff_result, DiffResult | None):
        return "tệp bị sửa sau khi ký theo cách chữ ký không cho phép"
    if status.revocation_details is not None:
        day = status.revocation_details.revocation_date.astimezone(VIETNAM)
        return f"chứng thư số đã bị thu hồi ngày {day:%d/%m/%Y}"
    return ""


def _doubt(
    file: ExaminedFile, signature: EmbeddedPdfSignature, status: PdfSignatureStatus, changes: list[Change]
) -> str:
    """What keeps an intact signature from being called valid."""
    if status.md_algorithm in _WEAK_DIGESTS:
        return f"ký bằng thuật toán băm {status.md_algorithm.upper()} không còn an toàn"
    faults = structure.encoding_faults(signature)
    if faults:
        return faults[0]
    if _shares_value(file, signature):
        return "nhiều ô cùng dùng một giá trị chữ ký"
    if status.trust_problem_indic is not None or status.validation_path is None:
        indication = status.trust_problem_indic
        return (
            _CHAIN_REASONS.get(indication, "chuỗi chứng thư số không kiểm tra được")
            if indication
            else (_CHAIN_REASONS[AdESIndeterminate.NO_CERTIFICATE_CHAIN_FOUND])
        )
    if not status.trusted:
        return "chuỗi chứng thư số không kiểm tra được"
    if structure.has_broken_certificate(signature, file.trust):
        return "chứng thư số kèm theo bị hỏng"
    stamp = status.timestamp_validity
    if stamp is not None and not (stamp.valid and stamp.intact and stamp.trusted):
        return "dấu thời gian kèm theo không kiểm tra được"
    unexplained = [change for change in changes if not change.allowed]
    if unexplained:
        return f"sau khi ký, ô “{unexplained[0].field}” đã thay đổi ({unexplained[0].value or 'không rõ nội dung'})"
    return ""


def _shares_value(file: ExaminedFile, signature: EmbeddedPdfSignature) -> bool:
    own = list(signature.byte_range)
    return sum(list(other.byte_range) == own for other in file.signatures) > 1
