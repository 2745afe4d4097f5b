"""Names printed in capitals, written as running text writes them: `SỞ Y TẾ TỈNH PHÚ THỌ` → `Sở Y tế tỉnh Phú Thọ`.

Source: NĐ 30/2020/NĐ-CP, PL II (names of bodies: the words for their kind and for their field begin with a capital;
of places and people every syllable does). What a name means cannot be told from its letters alone, so a person
confirms every one; a name that is known already is better taken as it is known.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from eoffice.core.vietnamese import fold, tidy

_KINDS: Final = (
    "Ủy ban nhân dân", "Hội đồng nhân dân", "Tòa án nhân dân", "Viện kiểm sát nhân dân", "Ủy ban Mặt trận Tổ quốc",
    "Bộ Công Thương", "Thủ tướng Chính phủ", "Văn phòng Chính phủ", "Văn phòng Quốc hội", "Văn phòng Chủ tịch nước",
    "Văn phòng Trung ương Đảng", "Chính phủ", "Quốc hội", "Chủ tịch nước", "Liên đoàn Lao động", "Đoàn Thanh niên",
    "Hội Cựu chiến binh", "Hội Liên hiệp Phụ nữ", "Công ty trách nhiệm hữu hạn một thành viên",
    "Công ty trách nhiệm hữu hạn", "Công ty cổ phần", "Công ty TNHH một thành viên", "Công ty TNHH MTV",
    "Công ty TNHH", "Công ty CP", "Tổng công ty", "Công ty", "Tập đoàn", "Ngân hàng thương mại cổ phần", "Ngân hàng",
    "Tổng cục", "Chi cục", "Cục", "Vụ", "Bộ Tư lệnh", "Bộ", "Sở", "Ban Quản lý dự án", "Ban Quản lý", "Ban", "Hội đồng",
    "Văn phòng đại diện", "Văn phòng", "Phòng", "Trung tâm", "Viện", "Học viện", "Trường Đại học", "Trường Cao đẳng",
    "Trường", "Bệnh viện", "Bảo hiểm xã hội", "Kho bạc Nhà nước", "Kiểm toán Nhà nước", "Thanh tra", "Công an",
    "Đảng ủy", "Đảng bộ", "Huyện ủy", "Tỉnh ủy", "Thành ủy", "Công đoàn", "Chi nhánh", "Nhà máy", "Xí nghiệp", "Hội",
)  # fmt: skip
"""Words for the kind of a body as they are written, the longer before the shorter they begin with."""
_PLACE_KINDS: Final = ("thành phố", "thị trấn", "thị xã", "tỉnh", "huyện", "quận", "phường", "xã", "đặc khu", "thôn")
_PLACES: Final = (
    "An Giang", "Bà Rịa - Vũng Tàu", "Bạc Liêu", "Bắc Giang", "Bắc Kạn", "Bắc Ninh", "Bến Tre", "Bình Dương",
    "Bình Định", "Bình Phước", "Bình Thuận", "Cà Mau", "Cao Bằng", "Cần Thơ", "Đà Nẵng", "Đắk Lắk", "Đắk Nông",
    "Điện Biên", "Đồng Nai", "Đồng Tháp", "Gia Lai", "Hà Giang", "Hà Nam", "Hà Nội", "Hà Tĩnh", "Hải Dương",
    "Hải Phòng", "Hậu Giang", "Hòa Bình", "Hồ Chí Minh", "Huế", "Hưng Yên", "Khánh Hòa", "Kiên Giang", "Kon Tum",
    "Lai Châu", "Lạng Sơn", "Lào Cai", "Lâm Đồng", "Long An", "Nam Định", "Nghệ An", "Ninh Bình", "Ninh Thuận",
    "Phú Thọ", "Phú Yên", "Quảng Bình", "Quảng Nam", "Quảng Ngãi", "Quảng Ninh", "Quảng Trị", "Sóc Trăng", "Sơn La",
    "Tây Ninh", "Thái Bình", "Thái Nguyên", "Thanh Hóa", "Thừa Thiên Huế", "Tiền Giang", "Trà Vinh", "Tuyên Quang",
    "Vĩnh Long", "Vĩnh Phúc", "Yên Bái", "Việt Nam",
)  # fmt: skip
"""Provinces before and after 2025, and the country: proper names that stand in names of bodies without their kind."""
_ABBREVIATIONS: Final = frozenset(
    {
        "UBND",
        "HĐND",
        "TAND",
        "VKSND",
        "MTTQ",
        "TNHH",
        "MTV",
        "CP",
        "TMCP",
        "BHXH",
        "CNTT",
        "KHCN",
        "HĐQT",
        "HĐTV",
        "NHNN",
    }
)


def body_name(printed: str) -> str:
    """The name of a body printed in capitals, as PL II writes it; one that has small letters stays as it is."""
    text = tidy(printed)
    if not text.isupper():
        return text
    return _with_places(" ".join(_words(text.split())))


def title_name(printed: str) -> str:
    """A title printed in capitals: `PHÓ TỔNG GIÁM ĐỐC` → `Phó Tổng Giám đốc`; one with small letters stays."""
    text = tidy(printed)
    if not text.isupper():
        return text
    written: list[str] = []
    for word in text.split():
        opens = not written or written[-1] in {"Phó", "Tổng", "Quyền"}
        written.append(word if is_abbreviation(word) else word.capitalize() if opens else word.lower())
    return " ".join(written)


def sentence(printed: str) -> str:
    """A subject printed in capitals, as a sentence; proper names in it are left to who confirms it."""
    text = tidy(printed)
    if not text.isupper():
        return text
    first, *others = text.split()
    opening = first if is_abbreviation(first) else first.capitalize()
    return _with_places(" ".join([opening, *(word if is_abbreviation(word) else word.lower() for word in others)]))


def person_name(printed: str) -> str:
    """A person's name printed in capitals; one with small letters stays."""
    text = tidy(printed)
    return " ".join(word.capitalize() for word in text.split()) if text.isupper() else text


def is_abbreviation(word: str) -> bool:
    """A known short form, or a word nobody can say: PCCC, CNCH."""
    bare = word.strip("().,;-–")
    return bare in _ABBREVIATIONS or (len(bare) > 1 and not any(letter in "aeiouy" for letter in fold(bare)))


def _words(words: list[str]) -> Iterator[str]:
    """Kind, then the field it works in; after the word for a place, proper names to the end."""
    rest = words
    while rest:
        kind = _opening(rest, _KINDS)
        if kind:
            yield kind
            rest = rest[len(kind.split()) :]
        place = _opening(rest, _PLACE_KINDS)
        if place:
            yield place
            yield from (_proper(word) for word in rest[len(place.split()) :])
            return
        opens = True
        while rest and not _opening(rest, _PLACE_KINDS) and not (opens is False and _opening(rest, _KINDS[:6])):
            word, rest = rest[0], rest[1:]
            yield _field_word(word, opens=opens)
            opens = fold(word) in {"va", "-", "–"} or word.endswith(",")


def _opening(words: list[str], phrases: tuple[str, ...]) -> str:
    """The phrase that the words begin with, written as it is written; empty where none does."""
    for phrase in phrases:
        parts = fold(phrase).split()
        if [fold(word) for word in words[: len(parts)]] == parts:
            return phrase
    return ""


def _field_word(word: str, *, opens: bool) -> str:
    if is_abbreviation(word):
        return word
    if fold(word) == "va":
        return "và"
    return word.capitalize() if opens else word.lower()


def _proper(word: str) -> str:
    return word if is_abbreviation(word) else word.capitalize()


def _with_places(text: str) -> str:
    lowered = text.lower()
    for place in _PLACES:
        at = lowered.find(place.lower())
        if at >= 0 and _stands_alone(lowered, at, len(place)):
            text = text[:at] + place + text[at + len(place) :]
    return text


def _stands_alone(text: str, at: int, length: int) -> bool:
    return (at == 0 or text[at - 1] == " ") and (at + length == len(text) or text[at + length] in " ,-")
