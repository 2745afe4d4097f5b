"""Whatever byte is changed in a signed file, the verdict is never "valid"."""

from __future__ import annotations

import logging
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eoffice.signing.engine.checking import check
from eoffice.signing.engine.verdicts import TrustAnchors, Word
from eoffice.signing.tests.factories import NOW, Pki, Trip


@pytest.fixture(scope="module")
def trust(pki: Pki) -> TrustAnchors:
    logging.getLogger("pyhanko").setLevel(logging.CRITICAL)
    return pki.trust()


def is_valid(content: bytes, trust: TrustAnchors) -> bool:
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        file.write(content)
        file.flush()
        return check(Path(file.name), trust, NOW).verdict is Word.VALID


def test_untouched_file_is_valid(trip: Trip, trust: TrustAnchors):
    assert is_valid(trip.sealed.read_bytes(), trust)


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_file_with_a_flipped_bit_is_never_valid(trip: Trip, trust: TrustAnchors, data: st.DataObject):
    content = bytearray(trip.sealed.read_bytes())
    place = data.draw(st.integers(0, len(content) - 2))  # the last byte is the line end after %%EOF
    content[place] ^= 1 << data.draw(st.integers(0, 7))

    assert not is_valid(bytes(content), trust)


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_signature_value_with_a_flipped_bit_is_never_valid(trip: Trip, trust: TrustAnchors, data: st.DataObject):
    content = bytearray(trip.sealed.read_bytes())
    marker = content.rindex(b"/Contents <")
    place = marker + 11 + data.draw(st.integers(0, content.index(b">", marker) - marker - 12))
    content[place] ^= 1 << data.draw(st.integers(0, 7))

    assert not is_valid(bytes(content), trust)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.integers(0, 20_000), inserted=st.binary(min_size=1, max_size=40).filter(bytes.strip))
def test_file_cut_or_stretched_is_never_valid(trip: Trip, trust: TrustAnchors, cut: int, inserted: bytes):
    content = trip.sealed.read_bytes()

    assert not is_valid(content[: len(content) - cut - 2], trust)
    assert not is_valid(content[:cut] + inserted + content[cut:], trust)
