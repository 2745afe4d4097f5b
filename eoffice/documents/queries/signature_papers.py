"""The technical report on the signatures of one file of an incoming letter, and why it may be returned for them."""

from __future__ import annotations

from dataclasses import dataclass

from eoffice.documents.errors import DocumentNotFound
from eoffice.documents.models import FilePurpose, FileVersion, IncomingDocument
from eoffice.documents.permissions import incoming as permissions
from eoffice.documents.queries.incoming import get_file, get_incoming
from eoffice.documents.services.changing_state import allows
from eoffice.documents.states import IncomingAction
from eoffice.organization.actor import Actor
from eoffice.signing import queries as signing
from eoffice.signing.engine.reporting import TechnicalReport
from eoffice.signing.engine.verdicts import Word

_RETURNED: dict[Word, str] = {
    Word.INVALID: "Chữ ký số trên văn bản không hợp lệ.",
    Word.INDETERMINATE: "Chưa xác định được chữ ký số trên văn bản.",
}


@dataclass(frozen=True, slots=True)
class SignaturePage:
    """One file's report with its letter; `may_return` when the letter may still go back to its sender."""

    letter: IncomingDocument
    file: FileVersion
    report: TechnicalReport
    may_return: bool


def signature_page(actor: Actor, incoming_id: int, file_id: int) -> SignaturePage:
    """The newest check of one PDF. Raises DocumentNotFound, ReportMissing."""
    version = get_file(actor, incoming_id, file_id)
    letter = get_incoming(actor, incoming_id)
    kept = signing.report_of(version.file_id)
    report = signing.technical_report(kept, file_name=version.name)
    fails = report.verdict.verdict is not Word.VALID and bool(report.verdict.signatures)
    may_return = fails and permissions.can_refuse(actor, letter) and allows(letter, IncomingAction.REFUSE)
    return SignaturePage(letter, version, report, may_return)


def reason_to_return(actor: Actor, incoming_id: int) -> str:
    """What a letter that does not verify is returned with, in words for its sender; empty where it verifies."""
    letter = get_incoming(actor, incoming_id)
    original = letter.files.filter(purpose=FilePurpose.ORIGINAL).order_by("pk").first()
    if original is None:
        raise DocumentNotFound
    verdict = signing.verdict_of(original.file_id)
    if verdict is None or not verdict.signatures or verdict.verdict is Word.VALID:
        return ""
    return f"{_RETURNED[verdict.verdict]} {verdict.why} Đề nghị ký và gửi lại."[:500]
