"""What a check of signatures says: words, reasons, and the stable JSON of `eoffice verify` (design part 6)."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from eoffice.signing.engine.authority import INTERNAL_MARK, TEST_MARK
from eoffice.signing.engine.revocation import RevocationMaterial


class Word(StrEnum):
    """Valid (hợp lệ), invalid (không hợp lệ), indeterminate (chưa xác định): digital-signature G.4."""

    VALID = "valid"
    INVALID = "invalid"
    INDETERMINATE = "indeterminate"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS: Final = {Word.VALID: "Hợp lệ", Word.INVALID: "Không hợp lệ", Word.INDETERMINATE: "Chưa xác định"}


LEVELS: Final = {
    "B-B": "Chưa có dấu thời gian (PAdES B-B)",
    "B-T": "Có dấu thời gian (PAdES B-T)",
    "B-LT": "Có dấu thời gian, kèm dữ liệu kiểm tra lâu dài (PAdES B-LT)",
    "B-LTA": "Lưu trữ lâu dài, có dấu thời gian lưu trữ (PAdES B-LTA)",
    "CMS": "CMS, không theo PAdES",
    "XAdES": "Chữ ký trên tệp XML (XAdES)",
    "XAdES-T": "Chữ ký trên tệp XML, có dấu thời gian (XAdES-T)",
    "XAdES-LT": "Chữ ký trên tệp XML, có dấu thời gian, kèm dữ liệu kiểm tra lâu dài (XAdES-LT)",
    "XML-DSig": "Chữ ký trên tệp XML (XML-DSig)",
}
"""What people read for `SignatureVerdict.level`."""


class FileState(StrEnum):
    """Whether there was anything to check."""

    SIGNED = "signed"
    UNSIGNED = "unsigned"
    UNREADABLE = "unreadable"


class TimeSource(StrEnum):
    """Where the shown time comes from: a trusted time stamp, or only the signer's own clock."""

    TIME_STAMP = "time_stamp"
    CLAIMED = "claimed"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Change:
    """Something added after a signature. `kind`: signature, stamp, filled, annotation; `value`: what was filled in."""

    field: str
    kind: str
    value: str
    allowed: bool


@dataclass(frozen=True, slots=True)
class ChainLink:
    """One certificate, from the signer's upwards. Times are ISO 8601 with zone; `fingerprint` is SHA-256 hex."""

    subject: str
    issuer: str
    serial: str
    valid_from: str
    valid_to: str
    fingerprint: str

    @property
    def starts_at(self) -> datetime:
        return datetime.fromisoformat(self.valid_from)

    @property
    def ends_at(self) -> datetime:
        return datetime.fromisoformat(self.valid_to)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureVerdict:
    """The verdict on one signature field."""

    field: str
    signer: str
    verdict: Word
    reason: str
    time: str | None = None
    """ISO 8601 in +07:00."""
    time_source: TimeSource = TimeSource.NONE
    indication: str = "INDETERMINATE"
    """TOTAL-PASSED, TOTAL-FAILED or INDETERMINATE (EN 319 102-1, 5.1.3)."""
    sub_indication: str = ""
    level: str = ""
    """B-B, B-T, B-LT, B-LTA; CMS for a signature that is no PAdES; empty when unreadable."""
    changes: tuple[Change, ...] = ()
    intact: bool = False
    """The signed bytes and the value agree, whatever else is wrong."""
    locks_all: bool = False
    """Carries FieldMDP ALL: nothing may follow (the seal of our own flow)."""
    covers_file: bool = False
    chain: tuple[ChainLink, ...] = ()
    strength: str = ""
    """The level that its proofs give, B-B to B-LTA, whether the signature itself is PAdES or not."""
    holds_until: str | None = None
    """When it can no longer be proven unless something is added; ISO 8601 in +07:00."""

    @property
    def why(self) -> str:
        return _why(self.reason)

    @property
    def grouped_changes(self) -> list[tuple[Change, int]]:
        """What came later, in order; what cannot be told apart is named once, with how often it came."""
        found: dict[tuple[str, str, bool], tuple[Change, int]] = {}
        for change in self.changes:
            told = (change.kind, change.value or change.field, change.allowed)
            first, count = found.get(told, (change, 0))
            found[told] = (first, count + 1)
        return list(found.values())

    @property
    def level_label(self) -> str:
        return LEVELS.get(self.level, "")

    @property
    def mark_words(self) -> str:
        """What a certificate of an installation's own authority says it is; empty for a licensed provider's."""
        marks = {TEST_MARK: "Chứng thư thử nghiệm", INTERNAL_MARK: "Chứng thư nội bộ"}
        found = (words for mark, words in marks.items() if any(mark in link.subject for link in self.chain))
        return next(found, "")

    @property
    def holds_until_at(self) -> datetime | None:
        return datetime.fromisoformat(self.holds_until) if self.holds_until else None

    @property
    def time_at(self) -> datetime | None:
        return datetime.fromisoformat(self.time) if self.time else None

    def to_json(self) -> dict[str, Any]:
        """The keys that design part 6 promises, and the words of EN 319 102-1."""
        return {
            "field": self.field,
            "signer": self.signer,
            "verdict": self.verdict.value,
            "reason": self.reason,
            "time": self.time,
            "time_source": self.time_source.value,
            "level": self.level,
            "indication": self.indication,
            "sub_indication": self.sub_indication,
            "changes": [asdict(change) for change in self.changes],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The verdict on a file: the worst of its signatures; indeterminate when there is none or it cannot be read."""

    verdict: Word
    state: FileState
    reason: str
    signatures: tuple[SignatureVerdict, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The stable JSON of `eoffice verify --json`."""
        return {
            "verdict": self.verdict.value,
            "reason": self.reason,
            "signatures": [signature.to_json() for signature in self.signatures],
        }

    def to_record(self) -> dict[str, Any]:
        """Everything, for keeping; `from_record` reads it back."""
        return asdict(self)

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Verdict:
        return cls(
            verdict=Word(record["verdict"]),
            state=FileState(record["state"]),
            reason=record["reason"],
            signatures=tuple(_signature(line) for line in record["signatures"]),
        )

    @property
    def why(self) -> str:
        return _why(self.reason)

    @property
    def counted(self) -> str:
        """How many signatures of each word: "6 chữ ký: 5 hợp lệ, 1 chưa xác định"; empty for one or none."""
        if len(self.signatures) < 2:
            return ""
        found = [(word, sum(line.verdict is word for line in self.signatures)) for word in Word]
        parts = ", ".join(f"{count} {word.label.lower()}" for word, count in found if count)
        return f"{len(self.signatures)} chữ ký: {parts}"

    def of_field(self, name: str) -> SignatureVerdict | None:
        return next((signature for signature in self.signatures if signature.field == name), None)


_LEADS: Final = {
    "Không hợp lệ: ": "",
    "Chưa xác định: ": "",
    "Chữ ký nguyên vẹn nhưng chưa xác định: ": "Chữ ký nguyên vẹn, nhưng ",
}


def _why(reason: str) -> str:
    """A reason to stand behind its word, without saying the word again."""
    for lead, instead in _LEADS.items():
        if reason.startswith(lead):
            rest = instead + reason.removeprefix(lead)
            return rest[:1].upper() + rest[1:]
    return reason


def unreadable(reason: str) -> Verdict:
    """The verdict on something that cannot be checked at all."""
    return Verdict(verdict=Word.INDETERMINATE, state=FileState.UNREADABLE, reason=reason)


def of_signatures(signatures: Sequence[SignatureVerdict]) -> Verdict:
    """Sum up: one invalid makes the file invalid, else one indeterminate makes it indeterminate."""
    words = {signature.verdict for signature in signatures}
    for word in (Word.INVALID, Word.INDETERMINATE):
        if word in words:
            worst = next(signature for signature in signatures if signature.verdict is word)
            return Verdict(verdict=word, state=FileState.SIGNED, reason=worst.reason, signatures=tuple(signatures))
    if not signatures:
        return Verdict(verdict=Word.INDETERMINATE, state=FileState.UNSIGNED, reason="Tệp không có chữ ký số.")
    reason = f"Cả {len(signatures)} chữ ký hợp lệ." if len(signatures) > 1 else signatures[0].reason
    return Verdict(verdict=Word.VALID, state=FileState.SIGNED, reason=reason, signatures=tuple(signatures))


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustPeriod:
    """From when to when an anchor is believed for one use: `signer` or `time_stamp`. None is without end."""

    fingerprint: str
    use: str
    starts_at: datetime | None
    ends_at: datetime | None

    def contains(self, moment: datetime) -> bool:
        return (self.starts_at is None or self.starts_at <= moment) and (self.ends_at is None or moment < self.ends_at)

    def to_json(self) -> list[str]:
        return [self.fingerprint, self.use, *(at.isoformat() if at else "" for at in (self.starts_at, self.ends_at))]

    @classmethod
    def from_json(cls, line: Sequence[str]) -> TrustPeriod:
        fingerprint, use, starts_at, ends_at = line
        times = [datetime.fromisoformat(text) if text else None for text in (starts_at, ends_at)]
        return cls(fingerprint=fingerprint, use=use, starts_at=times[0], ends_at=times[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustAnchors:
    """Whom we believe: DER certificates, revocation lists and OCSP answers. Time stamps have anchors of their own."""

    roots: tuple[bytes, ...] = ()
    intermediates: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()
    time_stamp_roots: tuple[bytes, ...] = ()
    ocsps: tuple[bytes, ...] = ()
    periods: tuple[TrustPeriod, ...] = ()
    """From when to when single anchors are believed; those not named always are."""

    def roots_at(self, moment: datetime) -> tuple[bytes, ...]:
        """Anchors believed for signers at a proven time."""
        return tuple(der for der in self.roots if self._is_believed(der, "signer", moment))

    def time_stamp_roots_at(self, moment: datetime) -> tuple[bytes, ...]:
        """Anchors believed for time stamps at a proven time."""
        return tuple(der for der in self.time_stamp_roots if self._is_believed(der, "time_stamp", moment))

    def _is_believed(self, der: bytes, use: str, moment: datetime) -> bool:
        if not self.periods:
            return True
        fingerprint = hashlib.sha256(der).hexdigest()
        periods = [line for line in self.periods if (line.fingerprint, line.use) == (fingerprint, use)]
        return not periods or any(line.contains(moment) for line in periods)

    def with_revocation(self, material: RevocationMaterial) -> TrustAnchors:
        """The same anchors with fresh lists and answers."""
        return replace(self, crls=(*self.crls, *material.crls), ocsps=(*self.ocsps, *material.ocsps))

    def to_json(self) -> dict[str, Any]:
        contents = {name: [base64.b64encode(content).decode() for content in getattr(self, name)] for name in _CONTENTS}
        return {**contents, "periods": [line.to_json() for line in self.periods]}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> TrustAnchors:
        contents = {name: tuple(base64.b64decode(text) for text in value[name]) for name in _CONTENTS}
        return cls(**contents, periods=tuple(TrustPeriod.from_json(line) for line in value["periods"]))


_CONTENTS: Final = ("roots", "intermediates", "crls", "time_stamp_roots", "ocsps")


def _signature(line: Mapping[str, Any]) -> SignatureVerdict:
    values = dict(line)
    values["verdict"] = Word(values["verdict"])
    values["time_source"] = TimeSource(values["time_source"])
    values["changes"] = tuple(Change(**change) for change in values["changes"])
    values["chain"] = tuple(ChainLink(**link) for link in values["chain"])
    return SignatureVerdict(**values)
