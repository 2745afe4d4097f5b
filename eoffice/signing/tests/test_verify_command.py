from __future__ import annotations

import json
import os
import ssl
import subprocess
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import pytest

from eoffice.core import clock, files
from eoffice.core.errors import Invalid
from eoffice.signing import commands, queries, services
from eoffice.signing.engine.authority import make_root
from eoffice.signing.jobs import check_file
from eoffice.signing.tests.factories import NOW, PIN, Cast, Pki, Trip, letter_pdf, letter_places, store_pdf


def verify(path: Path, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, Any]]:
    parser = ArgumentParser()
    commands.register(parser.add_subparsers())
    arguments = parser.parse_args(["verify", str(path), "--json", *words])
    code = arguments.run(arguments)
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


def test_carried_roots_and_lists_are_believed_without_an_installation(
    trip: Trip, pki: Pki, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    root, issuing, stranger = (tmp_path / name for name in ("goc.pem", "cap.der", "la.pem"))
    root.write_text(ssl.DER_cert_to_PEM_cert(pki.root.der))
    issuing.write_bytes(pki.issuing.der)
    stranger.write_text(ssl.DER_cert_to_PEM_cert(make_root(name="Người lạ", now=NOW).der))
    lists = []
    for number, content in enumerate(pki.crls()):
        path = tmp_path / f"{number}.crl"
        path.write_bytes(content)
        lists += ["--crl", str(path)]
    at = ("--at", NOW.isoformat(), "--offline")

    assert verify(trip.sealed, capsys, "--trust", str(root), "--trust", str(issuing), *lists, *at)[0] == 0
    assert verify(trip.sealed, capsys, "--trust", str(issuing), *lists, *at)[0] == 0  # an anchor need not be a root
    assert verify(trip.sealed, capsys, "--trust", str(stranger), *lists, *at)[0] == 2
    altered = tmp_path / "x.pdf"
    altered.write_bytes(trip.sealed.read_bytes() + b"%them")
    assert verify(altered, capsys, "--trust", str(root), *lists, *at)[0] == 1


@pytest.mark.parametrize(
    "words", [("--trust", "hong.pem"), ("--trust", "khong-co.pem"), ("--crl", "hong.pem"), ("--at", "hôm qua")]
)
def test_what_is_carried_but_unreadable_is_named(
    words: tuple[str, str], trip: Trip, pki: Pki, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):  # fmt: skip
    monkeypatch.chdir(tmp_path)
    Path("goc.der").write_bytes(pki.root.der)
    Path("hong.pem").write_bytes(b"-----BEGIN CERTIFICATE-----\nnothing")

    with pytest.raises(Invalid, match=words[1] if words[0] != "--at" else "--at"):
        verify(trip.sealed, capsys, "--trust", "goc.der", *words)


def test_where_no_installation_is_a_file_is_still_judged_and_no_database_made(trip: Trip, tmp_path: Path):
    altered = tmp_path / "x.pdf"
    altered.write_bytes(trip.sealed.read_bytes() + b"%them")
    data = tmp_path / "data"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DATABASE_", "EOFFICE_"))}

    def judged(*words: str) -> tuple[int, str, str]:
        ran = subprocess.run(
            [sys.executable, "-m", "eoffice.cli", "verify", *words],
            env={**kept, "EOFFICE_DATA": str(data)}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        return ran.returncode, ran.stdout, ran.stderr

    code, told, beside = judged(str(trip.sealed), "--json", "--offline")
    assert (code, json.loads(told)["verdict"]) == (2, "indeterminate")
    assert "--trust" in beside
    assert not (data / "pg").exists()
    code, told, _ = judged(str(altered), "--json", "--offline")
    assert (code, json.loads(told)["verdict"]) == (1, "invalid")
    # What kept it from judging is no verdict: neither "invalid" (1) nor "indeterminate" (2).
    assert judged("--json")[:2] == (5, "")
    assert judged(str(trip.sealed), "--json", "--at", "hôm qua")[:2] == (5, "")
