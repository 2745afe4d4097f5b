"""Lists of as many lines as public authorities publish: read at once, and heard all the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from eoffice.signing.engine import long_lists
from eoffice.signing.engine.authority import Revocation, issue_crl
from eoffice.signing.engine.checking import check
from eoffice.signing.engine.verdicts import TrustAnchors, Word
from eoffice.signing.tests.factories import NOW, Pki, Trip

_LINES = 3000
"""Enough to be long (`long_lists.LONG`)."""


def _under_a_long_list(pki: Pki, *, also: Sequence[Revocation] = ()) -> TrustAnchors:
    strangers = [Revocation(10**30 + number, NOW - timedelta(days=5)) for number in range(_LINES)]
    listed = issue_crl(pki.issuing, revoked=[*strangers, *also], number=2, now=NOW)
    assert len(listed) > long_lists.LONG
    return replace(pki.trust(), crls=(pki.crls()[0], listed))


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Serial numbers that a list was read line by line for, lists that are short aside."""
    found: list[int] = []
    whole = long_lists._line_by_line

    def counted(cert: Any, issuer: Any, listed: Any, authority: Any) -> object:
        if len(listed.dump()) > long_lists.LONG:
            found.append(cert.serial_number)
        return whole(cert, issuer, listed, authority)

    monkeypatch.setattr(long_lists, "_line_by_line", counted)
    return found


def test_long_list_that_names_nobody_of_the_file_is_never_read_line_by_line(trip: Trip, pki: Pki, read: list[int]):
    assert check(trip.sealed, _under_a_long_list(pki), NOW).verdict is Word.VALID
    assert read == []


def test_whom_a_long_list_names_is_revoked(trip: Trip, pki: Pki, read: list[int]):
    serial = x509.load_der_x509_certificate(trip.keys[0].certificate).serial_number
    trust = _under_a_long_list(pki, also=[Revocation(serial, NOW - timedelta(days=1))])

    verdict = check(trip.sealed, trust, NOW)

    assert [line.verdict for line in verdict.signatures] == [Word.INVALID, Word.VALID]
    assert set(read) == {serial}


def test_long_list_that_is_cut_off_is_no_list(trip: Trip, pki: Pki, tmp_path: Path):
    trust = _under_a_long_list(pki)
    assert long_lists.is_whole(trust.crls[1])
    assert not long_lists.is_whole(trust.crls[1][:-100])
    assert long_lists.names_serial(trust.crls[1], 10**30)
    assert not long_lists.names_serial(trust.crls[1], 10**29)
    assert long_lists.names_serial(trust.crls[1][:-100], 10**29)  # left to the library
