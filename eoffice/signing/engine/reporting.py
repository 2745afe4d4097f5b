"""The technical report on a file's signatures, as JSON and as a typeset page (indications of EN 319 102-1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from eoffice.core.clock import VIETNAM
from eoffice.core.typesetting import typeset
from eoffice.signing.engine.verdicts import Change, SignatureVerdict, Verdict

_TEMPLATE: Final = Path(__file__).resolve().parent / "templates" / "report.typ"
_SOURCES: Final = {"time_stamp": "theo dấu thời gian", "claimed": "theo máy của người ký", "none": ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class TechnicalReport:
    """A verdict with what it was built on. `evidence` are SHA-256 of certificates, lists and answers."""

    file_name: str
    file_sha256: str
    verdict: Verdict
    checked_at: datetime
    engine: str = ""
    trust_state: str = ""
    evidence: Sequence[str] = ()
    unreachable: Mapping[str, str]

    def to_json(self) -> dict[str, Any]:
        """`Verdict.to_json` with chain and evidence; keys are only ever added."""
        said = self.verdict.to_json()
        for line, signature in zip(said["signatures"], self.verdict.signatures, strict=True):
            line["chain"] = [asdict(link) for link in signature.chain]
            line["intact"] = signature.intact
        return said | {
            "file": {"name": self.file_name, "sha256": self.file_sha256},
            "checked_at": _local(self.checked_at).isoformat(timespec="seconds"),
            "engine": self.engine,
            "trust_state": self.trust_state,
            "evidence": list(self.evidence),
            "unreachable": dict(self.unreachable),
        }

    def to_pdf(self) -> bytes:
        """The report as a PDF/A page or more."""
        return typeset(
            _TEMPLATE,
            {
                "file_name": self.file_name,
                "sha256": self.file_sha256,
                "word": self.verdict.verdict.label if self.verdict.signatures else "Không có chữ ký số",
                "reason": self.verdict.why,
                "counted": self.verdict.counted,
                "checked_at": f"{_local(self.checked_at):%d/%m/%Y %H:%M}",
                "engine": self.engine or "không rõ",
                "trust_state": self.trust_state or "không rõ",
                "evidence": list(self.evidence),
                "unreachable": [f"{name}: {why}" for name, why in self.unreachable.items()],
                "signatures": [_lines_of(signature) for signature in self.verdict.signatures],
            },
        )


def _lines_of(signature: SignatureVerdict) -> dict[str, Any]:
    moment = f"{_local(signature.time_at):%d/%m/%Y %H:%M:%S}" if signature.time_at else "không rõ"
    source = _SOURCES[signature.time_source.value]
    return {
        "signer": signature.signer or "Không đọc được người ký",
        "word": signature.verdict.label,
        "reason": signature.why,
        "indication": " / ".join(part for part in (signature.indication, signature.sub_indication) if part),
        "facts": [
            ["Ô ký", signature.field],
            ["Thời gian", f"{moment} ({source})" if source else moment],
            ["Loại chữ ký", signature.level_label or "không rõ"],
            ["Thay đổi sau khi ký", "; ".join(_change_words(signature)) or "không có"],
        ],
        "chain": [
            f"{link.subject}. Số sê-ri {link.serial}. Hiệu lực từ {_local(link.starts_at):%d/%m/%Y} đến "
            f"{_local(link.ends_at):%d/%m/%Y}. SHA-256 {link.fingerprint}"
            for link in signature.chain
        ],
    }


def _change_words(signature: SignatureVerdict) -> list[str]:
    return [
        f"{_words_of(change)}{f', {count} lần' if count > 1 else ''}{'' if change.allowed else ' (chưa xác nhận được)'}"
        for change, count in signature.grouped_changes
    ]


def _words_of(change: Change) -> str:
    match change.kind:
        case "signature":
            return f"thêm chữ ký của {change.value or change.field}"
        case "stamp":
            return "thêm dấu thời gian"
        case "filled":
            return f"điền ô {change.field}: {change.value}"
        case "annotation":
            return "thêm chú thích lên trang"
    return f"thay đổi ở {change.field}"


def _local(moment: datetime) -> datetime:
    return moment.astimezone(VIETNAM)
