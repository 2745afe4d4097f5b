"""Two versions of a draft laid beside each other: what was taken out, what was put in, word by word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final, Literal

from eoffice.layout.schema import plain_text

Change = Literal["same", "removed", "added"]
_TOKENS: Final = re.compile(r"\s+|[^\s]+")
_FIELDS: Final = (
    ("addressees", "Kính gửi"),
    ("legal_bases", "Căn cứ"),
    ("authority", "Thẩm quyền ban hành"),
    ("field_of_work", "Lĩnh vực"),
    ("signer", "Người ký"),
    ("recipients", "Nơi nhận"),
    ("circulation_mark", "Phạm vi lưu hành"),
    ("drafter_mark", "Ký hiệu người soạn, số bản"),
    ("symbol", "Ký hiệu"),
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of words with what became of it."""

    change: Change
    text: str


@dataclass(frozen=True, slots=True)
class ComparedLine:
    """One paragraph: untouched, taken out, put in, or changed inside (`pieces` of several kinds)."""

    change: Literal["same", "removed", "added", "changed"]
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class ComparedField:
    """One field whose value differs."""

    label: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """Fields that differ, and the whole text by paragraphs."""

    fields: tuple[ComparedField, ...]
    lines: tuple[ComparedLine, ...]

    @property
    def is_same(self) -> bool:
        return not self.fields and all(line.change == "same" for line in self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparable:
    """What of a version is compared."""

    subject: str
    type_name: str
    content: Mapping[str, object]
    body: Mapping[str, object]


def compare(old: Comparable, new: Comparable) -> Compared:
    """Everything that differs between two versions. Pure; linear in the number of paragraphs for like texts."""
    pairs = [("Loại văn bản", old.type_name, new.type_name), ("Trích yếu", old.subject, new.subject)]
    pairs += [(label, _shown(old.content.get(name)), _shown(new.content.get(name))) for name, label in _FIELDS]
    pairs += _extra_pairs(old.content.get("extra"), new.content.get("extra"))
    fields = tuple(ComparedField(label, compare_words(a, b)) for label, a, b in pairs if a != b)
    return Compared(fields, tuple(_compared_lines(_lines_of(old), _lines_of(new))))


def _extra_pairs(old: object, new: object) -> list[tuple[str, str, str]]:
    before = old if isinstance(old, Mapping) else {}
    after = new if isinstance(new, Mapping) else {}
    names = dict.fromkeys([*before, *after])
    return [(f"Mục riêng ({name})", _shown(before.get(name)), _shown(after.get(name))) for name in names]


def _shown(value: object) -> str:
    if isinstance(value, list):
        return "\n".join(str(each) for each in value)
    return "" if value is None else str(value)


def _lines_of(version: Comparable) -> list[str]:
    lines = plain_text(version.body).split("\n") if version.body else []
    appendices = version.content.get("appendices")
    for appendix in appendices if isinstance(appendices, list) else []:
        lines += [f"Phụ lục: {appendix.get('title', '')}", *plain_text(appendix.get("body") or {}).split("\n")]
    return [line for line in lines if line.strip()]


def _compared_lines(old: list[str], new: list[str]) -> Iterator[ComparedLine]:
    for tag, i1, i2, j1, j2 in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield from (ComparedLine("same", (Piece("same", line),)) for line in old[i1:i2])
        else:
            yield from _replaced(old[i1:i2], new[j1:j2])


def _replaced(old: list[str], new: list[str]) -> Iterator[ComparedLine]:
    """Paragraphs that stand in the same place are compared inside; the rest is gone or new."""
    shared = min(len(old), len(new))
    for before, after in zip(old[:shared], new[:shared], strict=True):
        pieces = compare_words(before, after)
        if any(piece.change == "same" and piece.text.strip() for piece in pieces):
            yield ComparedLine("changed", pieces)
        else:
            yield ComparedLine("removed", (Piece("removed", before),))
            yield ComparedLine("added", (Piece("added", after),))
    yield from (ComparedLine("removed", (Piece("removed", line),)) for line in old[shared:])
    yield from (ComparedLine("added", (Piece("added", line),)) for line in new[shared:])


def compare_words(old: str, new: str) -> tuple[Piece, ...]:
    """The words of one text against another: joined again, the pieces not added give `old`, those not removed `new`."""
    before, after = _TOKENS.findall(old), _TOKENS.findall(new)
    pieces: list[Piece] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(a=before, b=after, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append(Piece("same", "".join(before[i1:i2])))
            continue
        if i2 > i1:
            pieces.append(Piece("removed", "".join(before[i1:i2])))
        if j2 > j1:
            pieces.append(Piece("added", "".join(after[j1:j2])))
    return tuple(pieces)
