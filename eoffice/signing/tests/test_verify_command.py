from __future__ import annotations

import json
from argparse import Namespace
from pathlib import Path

import pytest

from eoffice.core import clock, files
from eoffice.signing import commands, queries, services
from eoffice.signing.jobs import check_file
from eoffice.signing.tests.factories import PIN, Cast, Trip, letter_pdf, letter_places, store_pdf


def verify(path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, object]]:
    code = commands.run_verify(Namespace(file=path, json=True))
    out = capsys.readouterr().out
    return code, json.loads(out) if out else {}


def signed_by_leader(cast: Cast) -> str:
    now = clock.now()
    services.set_pin(actor=cast.leader, pin=PIN, now=now)
    prepared = services.prepare_file(source_sha=store_pdf(letter_pdf()).pk, places=letter_places()).stored
    key = services.unlock(actor=cast.leader, pin=PIN, now=now)
    return services.sign_file(
        actor=cast.leader, open_key=key, source_sha=prepared.pk, field="ky_1", mark=None, now=now
    ).pk


def test_valid_file_exits_zero(cast: Cast, capsys: pytest.CaptureFixture[str]):
    from_store = files.path_of(signed_by_leader(cast))

    code, spoken = verify(from_store, capsys)

    assert (code, spoken["verdict"]) == (0, "valid")


def test_altered_file_exits_one(cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    altered = tmp_path / "x.pdf"
    altered.write_bytes(files.read(signed_by_leader(cast)) + b"%them")

    code, spoken = verify(altered, capsys)

    assert (code, spoken["verdict"]) == (1, "invalid")


def test_unknown_chain_exits_two(cast: Cast, trip: Trip, capsys: pytest.CaptureFixture[str]):
    code, spoken = verify(trip.sealed, capsys)

    assert (code, spoken["verdict"]) == (2, "indeterminate")


def test_unsigned_exits_three_and_unreadable_four(db: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    unsigned, broken = tmp_path / "u.pdf", tmp_path / "b.pdf"
    unsigned.write_bytes(letter_pdf())
    broken.write_bytes(b"no pdf")

    assert verify(unsigned, capsys)[0] == 3
    assert verify(broken, capsys)[0] == 4
    assert verify(tmp_path / "missing.pdf", capsys)[0] == 4


def test_job_keeps_one_report_however_often_it_runs(cast: Cast):
    sha256 = signed_by_leader(cast)

    check_file(sha256=sha256)
    first = queries.report_of(sha256).checked_at
    check_file(sha256=sha256)

    assert queries.report_of(sha256).checked_at > first
    assert queries.report_of(sha256).verdict == "valid"
