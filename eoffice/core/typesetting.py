"""One warm typst compiler per process, with the fonts of the house and nothing else."""

from __future__ import annotations

import json
import struct
import threading
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import typst

FONTS_DIR = Path(__file__).resolve().parent / "fonts"
MISSING: Final = "□"
"""Shown where a list holds a character that the fonts do not have."""
_lock = threading.Lock()


@lru_cache(maxsize=32)
def _compiler(template: Path) -> Any:  # noqa: ANN401 - the wheel ships no types
    return typst.Compiler(
        str(template), root=str(template.parent), font_paths=[str(FONTS_DIR)], ignore_system_fonts=True
    )


def typeset(template: Path, data: dict[str, object], *, pdf_a: bool = True) -> bytes:
    """Set `template` with `data` (read there as `json(bytes(sys.inputs.data))`) and return the PDF (PDF/A-2b).

    Data travels as JSON, never as source text, so nothing typed by a user is ever read as typst code.
    Characters that the fonts do not have (PDF/A refuses them) are set as `MISSING`; what must be exact asks
    `unprintable` first.
    """
    with _lock:
        return _compile(template, data, pdf_a=pdf_a)


def typeset_with_places(template: Path, data: dict[str, object]) -> tuple[bytes, list[dict[str, Any]]]:
    """Like `typeset`, with the values of all `#metadata(…)<place>` of the document, in its order."""
    with _lock:
        pdf = _compile(template, data, pdf_a=True)
        return pdf, json.loads(_compiler(template).query("<place>", field="value"))


def _compile(template: Path, data: dict[str, object], *, pdf_a: bool) -> bytes:
    pdf = _compiler(template).compile(
        sys_inputs={"data": json.dumps(_settable(data), ensure_ascii=False)},
        format="pdf",
        pdf_standards=["a-2b"] if pdf_a else [],
    )
    return bytes(pdf)


def unprintable(data: object) -> frozenset[str]:
    """Characters anywhere in the strings of `data` that our fonts cannot show."""
    return frozenset(character for text in _strings(data) for character in _missing(text))


def _strings(data: object) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, Mapping):
        for value in data.values():
            yield from _strings(value)
    elif isinstance(data, Iterable):
        for value in data:
            yield from _strings(value)


def _settable(data: object) -> object:
    if isinstance(data, str):
        missing = _missing(data)
        return data.translate({ord(character): MISSING for character in missing}) if missing else data
    if isinstance(data, Mapping):
        return {key: _settable(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_settable(value) for value in data]
    return data


def _missing(text: str) -> set[str]:
    unknown = set(text) - _known_characters()
    return {character for character in unknown if unicodedata.category(character) not in {"Cc", "Cf", "Zs", "Zl", "Zp"}}


@lru_cache(maxsize=1)
def _known_characters() -> frozenset[str]:
    """Characters that all four styles have."""
    covers = [_characters_of(path) for path in sorted(FONTS_DIR.glob("*.ttf"))]
    return frozenset.intersection(*covers)


def _characters_of(font: Path) -> frozenset[str]:
    """Keys of the font's character map (OpenType `cmap`, subtable format 4: the Basic Multilingual Plane)."""
    content = font.read_bytes()
    tables = struct.unpack_from(">H", content, 4)[0]
    records = (struct.unpack_from(">4sIII", content, 12 + 16 * index) for index in range(tables))
    cmap = next(offset for tag, _sum, offset, _length in records if tag == b"cmap")
    found: set[str] = set()
    for index in range(struct.unpack_from(">H", content, cmap + 2)[0]):
        start = cmap + struct.unpack_from(">HHI", content, cmap + 4 + 8 * index)[2]
        if struct.unpack_from(">H", content, start)[0] == 4:
            found.update(_segments(content, start))
    return frozenset(found)


def _segments(content: bytes, start: int) -> Iterator[str]:
    count = struct.unpack_from(">H", content, start + 6)[0] // 2
    ends = struct.unpack_from(f">{count}H", content, start + 14)
    starts = struct.unpack_from(f">{count}H", content, start + 16 + 2 * count)
    deltas = struct.unpack_from(f">{count}h", content, start + 16 + 4 * count)
    ranges_at = start + 16 + 6 * count
    for index, (first, last, delta) in enumerate(zip(starts, ends, deltas, strict=True)):
        offset = struct.unpack_from(">H", content, ranges_at + 2 * index)[0]
        for code in range(first, min(last, 0xFFFE) + 1):
            glyph = (code + delta) & 0xFFFF
            if offset:
                glyph = struct.unpack_from(">H", content, ranges_at + 2 * index + offset + 2 * (code - first))[0]
            if glyph:
                yield chr(code)
