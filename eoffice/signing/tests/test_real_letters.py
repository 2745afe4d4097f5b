"""Genuine signatures on genuine letters. They lie outside the project and are only read."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from eoffice.signing.engine.verdicts import FileState, TrustAnchors, Word
from eoffice.signing.engine.verifying import verify_files
from eoffice.signing.tests.factories import NOW

_FOLDER: Final = Path(__file__).resolve().parents[4] / "shared" / "samples" / "letters"
_SIGNATURES: Final = {
    "bo-xay-dung-11410-cong-van-2026-ky-so.pdf": 6,
    "bo-xay-dung-11410-phu-luc-3-ky-so.pdf": 4,
    "c07-2118-cong-van-2026-ky-so-cades.pdf": 6,
    "c07-2243-cong-van-2025-ban-ky-quet.pdf": 5,
    "thu-tuong-999-quyet-dinh-2024-hoa-toc-quet.pdf": 1,
    "ubnd-phu-tho-3-2025-quyet-dinh-quet.pdf": 1,
    "ubnd-quang-ngai-08-chi-thi-2018-quet.pdf": 1,
    "bo-gddt-2628-quyet-dinh-2025-quet.pdf": 0,
}
pytestmark = pytest.mark.skipif(
    not _FOLDER.is_dir(), reason="the folder of real letters (samples/letters) is not on this machine"
)


def test_every_genuine_signature_is_intact_and_of_unknown_chain():
    verdicts = verify_files([_FOLDER / name for name in _SIGNATURES], TrustAnchors(), NOW)

    assert [len(verdict.signatures) for verdict in verdicts] == list(_SIGNATURES.values())
    signatures = [signature for verdict in verdicts for signature in verdict.signatures]
    assert {signature.verdict for signature in signatures} == {Word.INDETERMINATE}
    assert all(signature.intact for signature in signatures)
    assert verdicts[-1].state is FileState.UNSIGNED


def test_clerks_number_day_month_and_seal_are_later_signatures_not_changes_of_the_letter():
    (letter,) = verify_files([_FOLDER / "c07-2118-cong-van-2026-ky-so-cades.pdf"], TrustAnchors(), NOW)

    assert [len(signature.changes) for signature in letter.signatures] == [5, 4, 3, 2, 1, 0]
    assert {change.kind for signature in letter.signatures for change in signature.changes} == {"signature"}
    assert "chưa biết nơi cấp" in letter.reason


def test_weak_digest_is_named():
    (letter,) = verify_files([_FOLDER / "ubnd-quang-ngai-08-chi-thi-2018-quet.pdf"], TrustAnchors(), NOW)

    assert "SHA1" in letter.reason
