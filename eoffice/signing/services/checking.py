"""Check the signatures of stored files, and of files that are only shown to us."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from django.db import transaction
from procrastinate.contrib.django import app

from eoffice.core import files, locks
from eoffice.core.client_address import counted_address
from eoffice.signing.engine.revocation import Link, RevocationMaterial
from eoffice.signing.engine.verdicts import Verdict
from eoffice.signing.engine.verifying import ENGINE, links_of_files, verify_file, verify_files
from eoffice.signing.errors import ChecksBusy, TooManyChecks
from eoffice.signing.models import EvidenceItem, EvidenceKind, PublicCheck, VerificationReport
from eoffice.signing.services.revocation import WebRevocation
from eoffice.signing.services.trust import state_of, trust_anchors

CHECK_TASK: Final = "signing.check_file"
PUBLIC_PLACES: Final = 2
INSIDE_PLACES: Final = 4
CHECKS_OF_AN_ADDRESS: Final = 20
ADDRESS_SPAN: Final = timedelta(minutes=10)
RECHECK_AFTER: Final = timedelta(hours=1)
RECHECKS_AT_ONCE: Final = 100


def request_check(*, sha256: str, fresh: bool = False) -> None:
    """Have a stored file checked by a job, in the running transaction; `fresh` asks for revocation anew."""
    app.configure_task(CHECK_TASK, queue="signing", allow_unknown=False).defer(sha256=sha256, fresh=fresh)


def check_file(*, sha256: str, now: datetime, fresh: bool = False) -> VerificationReport:
    """Check every signature of a stored file and keep report and evidence; a newer report replaces the older.

    `fresh` asks for revocation anew. The check runs in child processes, the questions in this one, all outside any
    transaction. Where a source was silent, the file is checked again later. Source: digital-signature G.4.
    """
    path, trust = files.path_of(sha256), trust_anchors(now=now)
    links = links_of_files([path], trust, now)
    material = WebRevocation().material(links, now=now, fresh=fresh)
    verdict = verify_files([path], trust.with_revocation(material), now)[0]
    evidence = _evidence_of(links, material)
    with transaction.atomic():
        report = keep_report(sha256, verdict, now)
        report.engine, report.trust_state = ENGINE, state_of(trust)
        report.evidence, report.unreachable = _kept(evidence, now), material.unreachable
        report.recheck_at = now + RECHECK_AFTER if material.unreachable else None
        report.save(update_fields=["engine", "trust_state", "evidence", "unreachable", "recheck_at"])
    return report


def recheck_due(*, now: datetime) -> int:
    """Have what waits for another check checked, some at a time; returns how many were ordered.

    The next try is put off at once, so that a file whose job dies is not ordered every few minutes.
    """
    with transaction.atomic():
        due = VerificationReport.objects.select_for_update(skip_locked=True).filter(recheck_at__lte=now)
        found = list(due.order_by("recheck_at", "pk")[:RECHECKS_AT_ONCE])
        VerificationReport.objects.filter(pk__in=[each.pk for each in found]).update(recheck_at=now + RECHECK_AFTER)
        for each in found:
            request_check(sha256=each.pk)
    return len(found)


def _evidence_of(links: Sequence[Link], material: RevocationMaterial) -> list[tuple[EvidenceKind, bytes]]:
    """What the verdict was built on beside the file itself; lists of our own authority come from our own table."""
    certificates = dict.fromkeys(der for link in links for der in (link.certificate, link.issuer))
    return [
        *((EvidenceKind.CERTIFICATE, der) for der in certificates),
        *((EvidenceKind.OCSP, der) for der in material.ocsps),
        *((EvidenceKind.CRL, der) for der in material.crls),
    ]


def _kept(evidence: Sequence[tuple[EvidenceKind, bytes]], now: datetime) -> list[str]:
    rows = [
        EvidenceItem(sha256=hashlib.sha256(content).hexdigest(), kind=kind, content=content, kept_at=now)
        for kind, content in evidence
    ]
    EvidenceItem.objects.bulk_create(rows, ignore_conflicts=True)
    return [row.sha256 for row in rows]


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
        return verify_file(path, trust_anchors(now=now), now, revocation=WebRevocation())


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


def recheck_at(report: VerificationReport, moment: datetime) -> None:
    """Have the file of a report checked again at the first turn after a moment."""
    report.recheck_at = moment
    report.save(update_fields=["recheck_at"])
