"""Check the signatures of stored files, and of files that are only shown to us."""

from __future__ import annotations

import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from django.db import transaction
from procrastinate.contrib.django import app

from eoffice.core import files, locks
from eoffice.core.client_address import counted_address
from eoffice.signing.engine.verdicts import Verdict
from eoffice.signing.engine.verifying import verify_pdf
from eoffice.signing.errors import ChecksBusy, TooManyChecks
from eoffice.signing.models import PublicCheck, VerificationReport
from eoffice.signing.services.authority import trust_anchors
from eoffice.signing.services.revocation import WebRevocation

CHECK_TASK: Final = "signing.check_file"
PUBLIC_PLACES: Final = 2
INSIDE_PLACES: Final = 4
CHECKS_OF_AN_ADDRESS: Final = 20
ADDRESS_SPAN: Final = timedelta(minutes=10)


def request_check(*, sha256: str) -> None:
    """Have a stored file checked by a job, in the running transaction."""
    app.configure_task(CHECK_TASK, queue="signing", allow_unknown=False).defer(sha256=sha256)


def check_file(*, sha256: str, now: datetime) -> VerificationReport:
    """Check every signature of a stored file and keep the report; checked again, the newer report replaces the older.

    The check runs in a child process outside any transaction. Source: digital-signature G.4.
    """
    verdict = verify_pdf(files.path_of(sha256), trust_anchors(now=now), now, revocation=WebRevocation())
    return keep_report(sha256, verdict, now)


def check_shown(*, content: bytes, now: datetime, is_signed_in: bool, address: str = "") -> Verdict:
    """Check a PDF that is not kept: nothing of it stays after the answer.

    Checks cost a process each, and the page is open to everybody: strangers have `PUBLIC_PLACES` at once in the whole
    installation and `CHECKS_OF_AN_ADDRESS` in `ADDRESS_SPAN`, people signed in `INSIDE_PLACES`. Raises TooManyChecks,
    ChecksBusy.
    """
    if not is_signed_in and (counted := counted_address(address)):
        with locks.one_at_a_time([f"signing:check:{counted}"]):
            _count_stranger(counted, now)
    kind, places = ("inside", INSIDE_PLACES) if is_signed_in else ("public", PUBLIC_PLACES)
    with locks.one_of(f"signing:check:{kind}", places) as has_place:
        if not has_place:
            raise ChecksBusy
        return _verdict_on(content, now)


@transaction.atomic
def _count_stranger(address: str, now: datetime) -> None:
    PublicCheck.objects.filter(at__lte=now - ADDRESS_SPAN).delete()
    if PublicCheck.objects.filter(address=address).count() >= CHECKS_OF_AN_ADDRESS:
        raise TooManyChecks
    PublicCheck.objects.create(address=address, at=now)


def _verdict_on(content: bytes, now: datetime) -> Verdict:
    with tempfile.TemporaryDirectory(prefix="eoffice-") as directory:
        path = Path(directory) / "shown.pdf"
        path.write_bytes(content)
        return verify_pdf(path, trust_anchors(now=now), now, revocation=WebRevocation())


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
