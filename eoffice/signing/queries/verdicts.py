"""What the newest checks said of several stored files at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from eoffice.signing.engine.verdicts import Verdict
from eoffice.signing.models import LastingFile, VerificationReport


@dataclass(frozen=True, slots=True)
class NewestVerdict:
    """The newest completion of a file (itself where nothing was added) with what its newest check said, and when."""

    sha256: str
    verdict: Verdict | None
    checked_at: datetime | None


def newest_verdicts_of(sha256s: Iterable[str]) -> dict[str, NewestVerdict]:
    """The same as `newest_verdict_of` for several files; two queries, none for none."""
    asked = list(sha256s)
    if not asked:
        return {}
    newest = dict(LastingFile.objects.filter(file_id__in=asked).values_list("file_id", "newest_id"))
    shown = {sha256: newest.get(sha256) or sha256 for sha256 in asked}
    reports = VerificationReport.objects.in_bulk(set(shown.values()))
    found = {}
    for sha256, current in shown.items():
        report = reports.get(current)
        found[sha256] = NewestVerdict(
            current, Verdict.from_record(report.record) if report else None, report.checked_at if report else None
        )
    return found
