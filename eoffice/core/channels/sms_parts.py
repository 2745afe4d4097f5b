"""A text as SMS parts: GSM 7-bit alphabet where it fits, else UCS-2; long texts as parts the phone joins again.

Source: 3GPP TS 23.038 (alphabets), TS 23.040 (concatenation by user data header).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_BASIC: Final = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_ESCAPE: Final = 0x1B
_EXTENSION: Final = {
    "\f": 0x0A, "^": 0x14, "{": 0x28, "}": 0x29, "\\": 0x2F, "[": 0x3C, "~": 0x3D, "]": 0x3E, "|": 0x40, "€": 0x65,
}  # fmt: skip
_GSM: Final = {
    **{letter: bytes([code]) for code, letter in enumerate(_BASIC) if code != _ESCAPE},
    **{letter: bytes([_ESCAPE, code]) for letter, code in _EXTENSION.items()},
}
GSM7: Final = 0x00
"""`data_coding` of the GSM alphabet, one letter an octet, as SMPP 3.4 carries it."""
UCS2: Final = 0x08
_WHOLE: Final = {GSM7: 160, UCS2: 140}
_PART: Final = {GSM7: 153, UCS2: 134}
MOST_PARTS: Final = 6


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts to submit; with more than one, each begins with its user data header."""

    data_coding: int
    payloads: tuple[bytes, ...]

    @property
    def are_joined(self) -> bool:
        return len(self.payloads) > 1


def parts_of(text: str, *, reference: int) -> Parts:
    """Split `text`; `reference` (one octet) is what the phone joins the parts by.

    No letter is ever cut: neither an escaped one of the GSM alphabet nor a pair of UTF-16 halves. A text longer than
    `MOST_PARTS` parts loses its end.
    """
    coding = GSM7 if all(letter in _GSM for letter in text) else UCS2
    letters = [_GSM[letter] if coding == GSM7 else letter.encode("utf-16-be", "replace") for letter in text]
    if sum(map(len, letters)) <= _WHOLE[coding]:
        return Parts(coding, (b"".join(letters),))
    chunks = _filled_up(letters, _PART[coding])[:MOST_PARTS]
    if len(chunks) == 1:
        return Parts(coding, (chunks[0],))
    header = bytes([5, 0, 3, reference & 0xFF, len(chunks)])
    return Parts(coding, tuple(header + bytes([number]) + chunk for number, chunk in enumerate(chunks, start=1)))


def _filled_up(letters: list[bytes], size: int) -> list[bytes]:
    chunks = [bytearray()]
    for letter in letters:
        if len(chunks[-1]) + len(letter) > size:
            chunks.append(bytearray())
        chunks[-1] += letter
    return [bytes(chunk) for chunk in chunks]
