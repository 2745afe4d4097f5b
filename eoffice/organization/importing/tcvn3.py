"""TCVN3 (TCVN 5712:1993 VN3, "ABC" fonts): the eight-bit form of old Vietnamese lists."""

from __future__ import annotations

from typing import Final

_FIRST: Final = {
    0xA1: "ĂÂÊÔƠƯĐăâêôơưđ",
    0xB5: "àảãáạ",
    0xBB: "ằẳẵắ",
    0xC6: "ặầẩẫấậè",
    0xCE: "ẻẽéẹềểễếệìỉ",
    0xDC: "ĩíịò",
    0xE1: "ỏõóọồổỗốộờởỡớợù",
    0xF1: "ủũúụừửữứựỳỷỹýỵ",
}
_LETTERS: Final = {start + offset: letter for start, run in _FIRST.items() for offset, letter in enumerate(run)}


def decode(content: bytes) -> str:
    """The text of TCVN3 bytes. Raises UnicodeDecodeError at a byte the code does not have."""
    letters = []
    for place, byte in enumerate(content):
        letter = chr(byte) if byte < 0x80 else _LETTERS.get(byte)
        if letter is None:
            raise UnicodeDecodeError("tcvn3", content, place, place + 1, "not a letter of TCVN3")
        letters.append(letter)
    return "".join(letters)
