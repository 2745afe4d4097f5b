"""What pages are made of, in two states of one file: a page made of the same objects needs no second look.

Read with another library than that which judges the changes.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Sequence
from typing import Final

import pikepdf

from eoffice.signing.engine.examining import HOSTILE

_UPWARDS: Final = re.compile(rb"/(?:Parent|P|Popup|IRT|StructParents?|Dest) \d+ \d+ R")
"""Entries that lead from what is drawn back to what holds it, or to another page."""
_REFERENCE: Final = re.compile(rb"(?<!\S)(\d{1,10}) (\d{1,5}) R\b")
_IS_PAGE: Final = re.compile(rb"/Type /Pages?\b")
_HIGHEST_TREE: Final = 32
_OF_TREE: Final = ("/Kids", "/Parent", "/Count")
_FOR_ALL: Final = ("/DR", "/DA", "/Q", "/NeedAppearances")
"""Entries of the form by which viewers draw fields of any page."""
_Key = tuple[int, int]


def pages_made_anew(before: bytes, after: bytes) -> frozenset[int] | None:
    """Pages (from 0) that are not made of the same in both states; None where that cannot be told."""
    try:
        with pikepdf.open(io.BytesIO(before)) as signed, pikepdf.open(io.BytesIO(after)) as newest:
            first, second = _Makeup(signed), _Makeup(newest)
            if len(signed.pages) != len(newest.pages) or first.of_all() != second.of_all():
                return None
            return frozenset(
                number for number in range(len(signed.pages)) if first.of_page(number) != second.of_page(number)
            )
    except HOSTILE:
        return None


class _Makeup:
    """The objects of one state of a file, each hashed once."""

    def __init__(self, pdf: pikepdf.Pdf) -> None:
        self._pdf = pdf
        self._known: dict[_Key, tuple[bytes, tuple[_Key, ...]]] = {}

    def of_page(self, number: int) -> bytes:
        """A digest of the page, what it inherits and all that it draws."""
        holder: pikepdf.Object = self._pdf.pages[number].obj
        parts = [bytes(holder.unparse(resolved=True))]
        for _ in range(_HIGHEST_TREE):
            if "/Parent" not in holder:
                break
            holder = holder["/Parent"]
            parts.extend(self._entries(holder, [str(key) for key in holder if str(key) not in _OF_TREE]))
        return self._digest(parts)

    def of_all(self) -> bytes:
        """A digest of what bears on every page: layers, and how fields are drawn."""
        parts = self._entries(self._pdf.Root, ["/OCProperties"])
        if "/AcroForm" in self._pdf.Root:
            parts.extend(self._entries(self._pdf.Root["/AcroForm"], _FOR_ALL))
        return self._digest(parts)

    def _entries(self, holder: pikepdf.Object, keys: Sequence[str]) -> list[bytes]:
        return [key.encode() + b" " + _text(holder[key]) for key in sorted(keys) if key in holder]

    def _digest(self, parts: list[bytes]) -> bytes:
        text = _UPWARDS.sub(b"", b"\n".join(parts))
        found: dict[_Key, bytes] = {}
        waiting = _named_in(text)
        while waiting:
            key = waiting.pop()
            if key not in found:
                found[key], named = self._own(key)
                waiting.extend(named)
        lines = [b"%d %d %s" % (*key, own) for key, own in sorted(found.items())]
        return hashlib.sha256(b"\n".join([text, *lines])).digest()

    def _own(self, key: _Key) -> tuple[bytes, tuple[_Key, ...]]:
        """The hash of one object without those it names, and which it names."""
        if key not in self._known:
            value = self._pdf.get_object(key)
            text = _UPWARDS.sub(b"", _text(value, resolved=True))
            own = hashlib.sha256(text)
            if isinstance(value, pikepdf.Stream):
                own.update(value.read_raw_bytes())
            self._known[key] = own.digest(), () if _IS_PAGE.search(text) else tuple(_named_in(text))
        return self._known[key]


def _text(value: object, *, resolved: bool = False) -> bytes:
    """An object as text; of a stream its dictionary. Plain values stand for themselves."""
    if isinstance(value, pikepdf.Stream) and resolved:
        return bytes(value.stream_dict.unparse(resolved=True))
    if isinstance(value, pikepdf.Object):
        return bytes(value.unparse(resolved=resolved))
    return repr(value).encode()


def _named_in(text: bytes) -> list[_Key]:
    return [(int(number), int(generation)) for number, generation in _REFERENCE.findall(text)]
