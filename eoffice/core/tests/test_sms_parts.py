"""Texts as SMS parts: nothing is lost, no letter cut, and every part fits."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from eoffice.core.channels import sms_parts
from eoffice.core.channels.sms_parts import GSM7, MOST_PARTS, UCS2, parts_of

_HEADER = 6


def test_text_without_marks_goes_as_one_part_of_the_gsm_alphabet() -> None:
    parts = parts_of("eOffice: ma dang nhap 123456, dung trong 5 phut.", reference=7)

    assert parts.data_coding == GSM7
    assert parts.payloads == (b"eOffice: ma dang nhap 123456, dung trong 5 phut.",)


def test_vietnamese_goes_as_ucs2() -> None:
    parts = parts_of("Mã đăng nhập 123456", reference=7)

    assert parts.data_coding == UCS2
    assert parts.payloads[0].decode("utf-16-be") == "Mã đăng nhập 123456"


def test_long_text_is_joined_by_its_header() -> None:
    parts = parts_of("Ă" * 71, reference=0x1FF)

    assert [payload[:_HEADER] for payload in parts.payloads] == [
        bytes([5, 0, 3, 255, 2, 1]),
        bytes([5, 0, 3, 255, 2, 2]),
    ]
    assert "".join(payload[_HEADER:].decode("utf-16-be") for payload in parts.payloads) == "Ă" * 71


@given(st.text(max_size=300))
def test_every_part_fits_and_the_whole_comes_back(text: str) -> None:
    parts = parts_of(text, reference=1)

    bodies = [payload[_HEADER:] if parts.are_joined else payload for payload in parts.payloads]
    assert all(len(payload) <= (160 if parts.data_coding == GSM7 else 140) for payload in parts.payloads)
    if parts.data_coding == UCS2 and len(parts.payloads) < MOST_PARTS:
        assert b"".join(bodies) == text.encode("utf-16-be", "replace")
        assert "".join(body.decode("utf-16-be") for body in bodies) == text.encode("utf-16-be", "replace").decode(
            "utf-16-be"
        )


@given(st.text(alphabet=sorted(sms_parts._GSM), max_size=900))
def test_escaped_letters_are_never_cut(text: str) -> None:
    parts = parts_of(text, reference=1)

    assert parts.data_coding == GSM7
    bodies = [payload[_HEADER:] if parts.are_joined else payload for payload in parts.payloads]
    assert all(not body.endswith(b"\x1b") for body in bodies)
    assert b"".join(bodies) == b"".join(sms_parts._GSM[letter] for letter in text)
