"""Vietnamese text: one normal form, one spelling of tone marks, folding for search, order for lists."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_ALPHABET: Final = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_TONES: Final = {"": 0, "\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}
_LETTER_MARKS: Final = "\u0302\u0306\u031b"
# Old and new placing of the tone on open oa, oe, uy: both are read as the old one (hòa).
_NEW_STYLE: Final = re.compile(
    r"(?<![qQ])(o|u|O|U)([àáảãạèéẻẽẹỳýỷỹỵÀÁẢÃẠÈÉẺẼẸỲÝỶỸỴ])(?![a-zA-Zà-ỹÀ-ỸđĐ])",
)


def nfc(text: str) -> str:
    """Composed form, with the Icelandic Ð that some keyboards give turned into Đ."""
    return unicodedata.normalize("NFC", text).replace("Ð", "Đ").replace("ð", "đ")


def tidy(text: str) -> str:
    """NFC on one line: control characters and runs of blanks become single blanks, ends trimmed."""
    composed = nfc(text)
    if composed.isprintable():
        # The way of nearly every cell of a long list: nothing to look for, letter by letter.
        return " ".join(composed.split())
    printable = "".join(" " if unicodedata.category(c) in {"Cc", "Cf", "Zl", "Zp"} else c for c in composed)
    return " ".join(printable.split())


def one_tone_style(text: str) -> str:
    """`hoà`, `thuỷ` and `hòa`, `thủy` become one spelling (the tone on the first vowel)."""

    def move(match: re.Match[str]) -> str:
        first, second = match.group(1), match.group(2)
        base, *marks = list(unicodedata.normalize("NFD", second))
        if (first.lower(), base.lower()) not in {("o", "a"), ("o", "e"), ("u", "y")}:
            return match.group(0)
        return nfc(first + "".join(marks)) + base

    return _NEW_STYLE.sub(move, nfc(text))


def fold(text: str) -> str:
    """Lower case without any mark, for search typed without tones: `Đặng Thuỳ` → `dang thuy`."""
    plain = unicodedata.normalize("NFD", nfc(text).lower()).replace("đ", "d")
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())


def sort_key(text: str) -> str:
    """A key whose code-point order is the Vietnamese dictionary order (letters first, then tones)."""
    letters: list[str] = []
    tones: list[str] = []
    for word in nfc(text).lower().split():
        for character in word:
            base, *marks = list(unicodedata.normalize("NFD", character))
            letter = unicodedata.normalize("NFC", base + "".join(m for m in marks if m in _LETTER_MARKS))
            tone = next((m for m in marks if m in _TONES), "")
            position = _ALPHABET.find(letter)
            letters.append(chr(0x100 + position) if position >= 0 else letter)
            tones.append(str(_TONES[tone]))
        letters.append(" ")
        tones.append(" ")
    return "".join(letters).strip() + "|" + "".join(tones).strip()


def given_name_key(full_name: str) -> str:
    """Order of persons as in Vietnamese lists: by given name (last word), then the rest."""
    words = nfc(full_name).split()
    return sort_key(" ".join([*words[-1:], *words[:-1]]))
