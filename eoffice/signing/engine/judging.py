"""From what was measured to a word: what breaks a signature, what leaves it in doubt, and why, in Vietnamese."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pyhanko.sign.ades.report import AdESIndeterminate, AdESPassed, AdESSubIndic
from pyhanko.sign.diff_analysis import DiffResult
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel

from eoffice.core.clock import VIETNAM
from eoffice.signing.engine import strength, structure
from eoffice.signing.engine.contexts import lacks_old_answer, lacks_revocation, signer_context, stamp_context
from eoffice.signing.engine.contradictions import ON_HOLD, rests_on_strange_lists, revoked_after_all
from eoffice.signing.engine.examining import ExaminedFile
from eoffice.signing.engine.looking import look_after
from eoffice.signing.engine.outgrown import reads_otherwise
from eoffice.signing.engine.stamps import proven_after
from eoffice.signing.engine.verdicts import Change, Word

UNKNOWN_ISSUER: Final = "chưa biết nơi cấp chứng thư số (không nằm trong danh sách tin cậy của hệ thống)"
_OUT_OF_DATE: Final = "chứng thư số ngoài thời hạn hiệu lực và không có dấu thời gian chứng minh lúc ký"
_NO_OLD_ANSWER: Final = "chứng thư số đã hết hạn và không còn thông tin thu hồi từ khi nó còn hạn"
_CHAIN_REASONS: Final[dict[AdESSubIndic, str]] = {
    AdESIndeterminate.NO_CERTIFICATE_CHAIN_FOUND: UNKNOWN_ISSUER,
    AdESIndeterminate.OUT_OF_BOUNDS_NO_POE: _OUT_OF_DATE,
    AdESIndeterminate.OUT_OF_BOUNDS_NOT_REVOKED: _OUT_OF_DATE,
    AdESIndeterminate.EXPIRED: "chứng thư số đã hết hạn",
    AdESIndeterminate.NOT_YET_VALID: "chứng thư số chưa đến ngày hiệu lực",
    AdESIndeterminate.TRY_LATER: "chưa có thông tin thu hồi mới của chứng thư số",
    AdESIndeterminate.REVOCATION_OUT_OF_BOUNDS_NO_POE: "chưa có thông tin thu hồi mới của chứng thư số",
    AdESIndeterminate.NO_POE: "dấu thời gian không còn đủ để chứng minh lúc ký",
    AdESIndeterminate.REVOKED_NO_POE: "chứng thư số hoặc nơi cấp đã bị thu hồi",
    AdESIndeterminate.REVOKED_CA_NO_POE: "chứng thư của nơi cấp đã bị thu hồi",
    AdESIndeterminate.TIMESTAMP_ORDER_FAILURE: "các dấu thời gian mâu thuẫn nhau",
    AdESIndeterminate.CHAIN_CONSTRAINTS_FAILURE: "chứng thư số không dành cho việc ký văn bản",
    AdESIndeterminate.CRYPTO_CONSTRAINTS_FAILURE: "thuật toán ký không còn đủ an toàn",
    AdESIndeterminate.CRYPTO_CONSTRAINTS_FAILURE_NO_POE: "thuật toán ký không còn đủ an toàn",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """The word, its reason in Vietnamese, and the indication with sub-indication of EN 319 102-1."""

    word: Word
    reason: str
    sub_indication: str = ""

    @property
    def indication(self) -> str:
        return _INDICATIONS[self.word]


@dataclass(frozen=True, slots=True)
class _Fault:
    code: str
    text: str


_INDICATIONS: Final = {
    Word.VALID: "TOTAL-PASSED",
    Word.INVALID: "TOTAL-FAILED",
    Word.INDETERMINATE: "INDETERMINATE",
}


def judge(
    file: ExaminedFile,
    signature: EmbeddedPdfSignature,
    status: PdfSignatureStatus,
    changes: list[Change],
    proven: datetime | None,
    standing: AdESSubIndic,
) -> Finding:
    """The finding on one signature. Valid only if our own rules and EN 319 102-1 both pass it.

    Source: digital-signature G.4; a revocation before the proven time is "invalid" here, where the standard without
    proof of existence says "indeterminate".
    """
    told = _revocation(file, status, proven)
    fault = _breach(file, signature, status) or (None if told is None or told.is_hold else told.fault)
    if fault:
        return Finding(Word.INVALID, f"Không hợp lệ: {fault.text}.", fault.code)
    doubt = told.fault if told else _doubt(file, signature, status, changes, proven) or _standing_doubt(standing)
    explained = {change.field for change in changes if change.kind != "annotation"}
    look = look_after(file, signature, explained, changed_only=doubt is not None)
    if look.differs is not None and not _may_be_annotated(signature, changes):
        text = f"Không hợp lệ: trang {look.differs} hiện nay trông khác với trang đã ký."
        return Finding(Word.INVALID, text, "FORMAT_FAILURE")
    if doubt:
        return Finding(Word.INDETERMINATE, f"Chữ ký nguyên vẹn nhưng chưa xác định: {doubt.text}.", doubt.code)
    if _is_annotated(changes):
        text = "Chữ ký nguyên vẹn nhưng chưa xác định: sau khi ký, tệp được thêm chú thích."
        return Finding(Word.INDETERMINATE, text, "SIG_CONSTRAINTS_FAILURE")
    if look.hidden is not None:
        text = f"Chữ ký nguyên vẹn nhưng chưa xác định: hình thêm sau khi ký che mất nội dung ở trang {look.hidden}."
        return Finding(Word.INDETERMINATE, text, "SIG_CONSTRAINTS_FAILURE")
    if look.unseen is not None:
        text = f"sau khi ký, trang {look.unseen} được ghi lại, tệp quá nặng nên chưa so được hình trang ấy"
        return Finding(Word.INDETERMINATE, f"Chữ ký nguyên vẹn nhưng chưa xác định: {text}.", "SIG_CONSTRAINTS_FAILURE")
    if proven is None:
        return Finding(Word.VALID, "Hợp lệ theo trạng thái hiện nay (chưa có dấu thời gian).")
    return Finding(Word.VALID, "Hợp lệ tại thời điểm ghi trong dấu thời gian.")


def _is_annotated(changes: list[Change]) -> bool:
    return any(change.kind == "annotation" for change in changes)


def _may_be_annotated(signature: EmbeddedPdfSignature, changes: list[Change]) -> bool:
    """Whether annotations were added under a certification that permits them (ISO 32000-2, 12.8.2.2, P of 3).

    They may cover what was certified ("evil annotation attack"): permitted, so not invalid, and never valid.
    """
    return _is_annotated(changes) and signature.docmdp_level is MDPPerm.ANNOTATE


def _breach(file: ExaminedFile, signature: EmbeddedPdfSignature, status: PdfSignatureStatus) -> _Fault | None:
    """What makes a signature invalid (G.4): digest, value, coverage, permissions, revocation."""
    if status.coverage is None or status.coverage < SignatureCoverageLevel.ENTIRE_REVISION:
        return _Fault("FORMAT_FAILURE", "phạm vi ký không bao trọn phiên bản đã ký")
    if not status.intact:
        return _Fault("HASH_FAILURE", "nội dung đã bị thay đổi sau khi ký")
    if not status.valid:
        return _Fault("SIG_CRYPTO_FAILURE", "giá trị chữ ký không khớp chứng thư số")
    if structure.hole_fault(signature, file.stream):
        return _Fault("FORMAT_FAILURE", "phần bỏ trống khi ký chứa dữ liệu khác ngoài chữ ký")
    if file.damaged_tail:
        return _Fault("FORMAT_FAILURE", "có dữ liệu lạ nối vào sau khi ký")
    if any(revision > signature.signed_revision for revision in file.promised) or reads_otherwise(file, signature):
        return _Fault("FORMAT_FAILURE", "nội dung được thêm sau khi ký vào chỗ mà bản đã ký để trống")
    if not status.docmdp_ok or not isinstance(status.diff_result, DiffResult | None):
        return _Fault("FORMAT_FAILURE", "tệp bị sửa sau khi ký theo cách chữ ký không cho phép")
    return None


@dataclass(frozen=True, slots=True)
class _Revocation:
    """A certificate of the path is revoked, or only suspended for a while."""

    at: datetime
    is_hold: bool

    @property
    def fault(self) -> _Fault:
        day = self.at.astimezone(VIETNAM)
        if self.is_hold:
            return _Fault("TRY_LATER", f"chứng thư số bị tạm dừng từ ngày {day:%d/%m/%Y}")
        return _Fault("REVOKED", f"chứng thư số đã bị thu hồi ngày {day:%d/%m/%Y}")


def _revocation(file: ExaminedFile, status: PdfSignatureStatus, proven: datetime | None) -> _Revocation | None:
    details = status.revocation_details
    if details is not None:
        return _Revocation(details.revocation_date, details.revocation_reason.native == ON_HOLD)
    told = revoked_after_all(status.validation_path, signer_context(file, proven or file.now))
    return None if told is None else _Revocation(told.revocation_dt, told.reason.native == ON_HOLD)


def _doubt(
    file: ExaminedFile,
    signature: EmbeddedPdfSignature,
    status: PdfSignatureStatus,
    changes: list[Change],
    proven: datetime | None,
) -> _Fault | None:
    """What keeps an intact signature from being called valid."""
    weakness = strength.weakness_of(signature, status)
    if weakness:
        return _Fault("CRYPTO_CONSTRAINTS_FAILURE", weakness)
    faults = structure.encoding_faults(signature)
    if faults:
        return _Fault("FORMAT_FAILURE", faults[0])
    if _shares_value(file, signature):
        return _Fault("FORMAT_FAILURE", "nhiều ô cùng dùng một giá trị chữ ký")
    path = status.validation_path
    if status.trust_problem_indic is not None or path is None:
        known = status.trust_problem_indic or AdESIndeterminate.NO_CERTIFICATE_CHAIN_FOUND
        if known is AdESIndeterminate.CERTIFICATE_CHAIN_GENERAL_FAILURE and lacks_revocation(file, signature, proven):
            known = AdESIndeterminate.TRY_LATER
        return _chain_fault(known)
    if not status.trusted:
        return _Fault("CERTIFICATE_CHAIN_GENERAL_FAILURE", "chuỗi chứng thư số không kiểm tra được")
    if rests_on_strange_lists(path, signer_context(file, proven or file.now)):
        return _chain_fault(AdESIndeterminate.TRY_LATER)
    if strength.is_meant_for_something_else(signature.signer_cert):
        return _chain_fault(AdESIndeterminate.CHAIN_CONSTRAINTS_FAILURE)
    if structure.has_broken_certificate(signature, file.trust):
        return _Fault("CERTIFICATE_CHAIN_GENERAL_FAILURE", "chứng thư số kèm theo bị hỏng")
    stamp = status.timestamp_validity
    if stamp is not None and not (stamp.valid and stamp.intact and stamp.trusted):
        return _Fault("SIG_CONSTRAINTS_FAILURE", "dấu thời gian kèm theo không kiểm tra được")
    about = status.content_timestamp_validity
    if about is not None and not (about.valid and about.intact):
        return _Fault("SIG_CONSTRAINTS_FAILURE", "dấu thời gian của nội dung không khớp nội dung")
    held_at = proven_after(file, signature.signed_revision) or file.now
    if stamp is not None and revoked_after_all(stamp.validation_path, stamp_context(file, held_at)):
        return _Fault("SIG_CONSTRAINTS_FAILURE", "chứng thư của dấu thời gian kèm theo đã bị thu hồi")
    if stamp is not None and rests_on_strange_lists(stamp.validation_path, stamp_context(file, held_at)):
        return _Fault("SIG_CONSTRAINTS_FAILURE", "chưa có thông tin thu hồi của chứng thư dấu thời gian")
    of_content = status.content_timestamp_validity
    if of_content is not None and not (of_content.valid and of_content.intact):
        return _Fault("SIG_CONSTRAINTS_FAILURE", "dấu thời gian lấy trước khi ký không khớp nội dung")
    if not status.seed_value_ok:
        return _Fault(
            "SIG_CONSTRAINTS_FAILURE", "chữ ký không theo điều kiện mà ô chữ ký trong tệp đặt ra cho người ký"
        )
    if any(revision > signature.signed_revision for revision in file.ambiguous):
        text = "sau khi ký, tệp được ghi thêm nội dung mà các phần mềm đọc theo những cách khác nhau"
        return _Fault("FORMAT_FAILURE", text)
    paths = [path, *([stamp.validation_path] if stamp else [])]
    if proven is not None and any(lacks_old_answer(file, each) for each in paths):
        return _Fault("REVOCATION_OUT_OF_BOUNDS_NO_POE", _NO_OLD_ANSWER)
    unexplained = [change for change in changes if not change.allowed and change.kind != "annotation"]
    if unexplained:
        text = f"sau khi ký, ô “{unexplained[0].field}” đã thay đổi ({unexplained[0].value or 'không rõ nội dung'})"
        return _Fault("SIG_CONSTRAINTS_FAILURE", text)
    return None


def _standing_doubt(standing: AdESSubIndic) -> _Fault | None:
    return None if standing is AdESPassed.OK else _chain_fault(standing)


def _chain_fault(indication: AdESSubIndic) -> _Fault:
    text = _CHAIN_REASONS.get(indication, "chuỗi chứng thư số không kiểm tra được")
    return _Fault(indication.standard_name, text)


def _shares_value(file: ExaminedFile, signature: EmbeddedPdfSignature) -> bool:
    own = list(signature.byte_range)
    value = signature.signer_info["signature"].native
    return any(
        other is not signature and (list(other.byte_range) == own or other.signer_info["signature"].native == value)
        for other in file.signatures
    )
