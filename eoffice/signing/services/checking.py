"""Check the signatures of stored files, and of files that are only shown to us."""

from __future__ import annotations

import tempfile
from datetime import datetime
from pathlib import Path

from procrastinate.contrib.django import app

from eoffice.core import files
from eoffice.signing.engine.verdicts import Verdict
from eoffice.signing.engine.verifying import verify_pdf
from eoffice.signing.models import VerificationReport
from eoffice.signing.services.authority import trust_anchors

CHECK_TASK = "signing.check_file"


def request_check(*, sha256: str) -> None:
    """Have a stored file checked by a job, in the running transaction."""
    app.configure_task(CHECK_TASK, queue="signing", allow_unknown=False).defer(sha256=sha256)


def check_file(*, sha256: str, now: datetime) -> VerificationReport:
    """Check every signature of a stored file and keep the report; checked again, the newer report replaces the older.

    The check runs in a child process outside any transaction. Source: digital-signature G.4.
    """
    verdict = verify_pdf(files.path_of(sha256), trust_anchors(now=now), now)
    return keep_report(sha256, verdict, now)


def check_bytes(*, content: bytes, now: datetime) -> Verdict:
    """Check a PDF that is not kept: nothing of it stays after the answer."""
    with tempfile.TemporaryDirectory(prefix="eoffice-") as directory:
        path = Path(directory) / "shown.pdf"
        path.write_bytes(content)
        return verify_pdf(path, trust_anchors(now=now), now)


def keep_report(sha256: str, verdict: Verdict, now: datetime) -> VerificationReport:
    """Write a file's report in one statement: two checks at once leave one row."""
    report, _ = VerificationReport.objects.update_or_create(
        file_id=sha256,
        defaults={
            "verdict": verdict.verdict.value,
            "state": verdict.state.value,
            "record": verdict.to_record(),
            "checked_at": now,
        },
    )
    return report
