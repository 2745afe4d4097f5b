"""What was signed must say the same whatever follows it.

A table in the signed bytes may point behind them, a stream there may claim more bytes than it has: whoever appends the
missing ones later changes a page without writing any object anew, and a comparison of the objects that an update writes
sees nothing. So each object of the signed revision that is not read to its end within the signed bytes is read twice:
from these alone, and from the whole file.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO, Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import Reference
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.xref import ObjStreamRef
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from eoffice.signing.engine.examining import HOSTILE, ExaminedFile, opened

_TWICE: Final = "Multiple definitions"
"""How the library's message begins where a dictionary names an entry twice."""
Reaches = Mapping[tuple[int, int, int], int]
"""Where the reading of an object ended: by its number, its generation and the revision that has it."""


@dataclass(frozen=True, slots=True)
class ReadThrough:
    """What reading every object of a file once has shown."""

    reaches: Reaches
    ambiguous: frozenset[int]
    """Revisions after the first signed one in which a dictionary names an entry twice."""


def read_through(stream: BinaryIO, *, first_signed: int) -> ReadThrough:
    """Read the objects of every revision, where there is one after the first that is signed.

    Of two entries of one name some programs take the first and some the last (ISO 32000-2, 7.3.7 leaves it open): an
    object that one of them finds unchanged is another one elsewhere.
    """
    reader = opened(stream)
    reader.strict = True  # else the library passes over the second entry in silence
    newest = reader.xrefs.total_revisions - 1
    found: dict[tuple[int, int, int], int] = {}
    ambiguous = set()
    for revision in range(newest + 1 if first_signed < newest else 0):
        for reference in reader.xrefs.explicit_refs_in_revision(revision):
            key = (reference.idnum, reference.generation, revision)
            try:
                found[key] = _end_of(reader, reference, revision)
            except HOSTILE as error:
                found[key] = sys.maxsize
                if revision > first_signed and str(error).startswith(_TWICE):
                    ambiguous.add(revision)
    return ReadThrough(found, frozenset(ambiguous))


def _end_of(reader: PdfFileReader, reference: Reference, revision: int) -> int:
    """Where reading ends; past everything for what lies in a stream that is not as it was. Raises `HOSTILE`."""
    place = reader.xrefs.get_historical_ref(reference, revision)
    reader.get_object(reference, revision)  # type: ignore[no-untyped-call]  # pyHanko leaves it untyped
    if isinstance(place, ObjStreamRef):
        holder = Reference(place.obj_stream_id, 0, reader)
        is_there = reader.xrefs.get_historical_ref(holder, revision) is not None
        return 0 if is_there and reader.xrefs.get_last_change(holder) <= revision else sys.maxsize
    return int(reader.stream.tell())


def reads_otherwise(file: ExaminedFile, signature: EmbeddedPdfSignature) -> bool:
    """Whether an object of the signed revision is another one once the bytes that follow are there.

    Those that are read to their end within the signed bytes are the same in both.
    """
    end = sum(int(value) for value in list(signature.byte_range)[2:4])
    revision = int(signature.signed_revision)
    reaching = {
        Reference(number, generation, file.reader)
        for (number, generation, step), reach in file.reaches.items()
        if step <= revision and reach > end
    }
    if not reaching:
        return False
    file.stream.seek(0)
    alone = opened(io.BytesIO(file.stream.read(end)))
    return any(
        not _is_same(_read(alone, reference, revision), _read(file.reader, reference, revision))
        for reference in reaching
    )


def _read(reader: PdfFileReader, reference: Reference, revision: int) -> generic.PdfObject | None:
    """An object as a revision has it; None where it cannot be read."""
    known = Reference(reference.idnum, reference.generation, reader)
    try:
        is_newest = reader.xrefs.get_last_change(known) <= revision
        # Only the newest state is cached by the library: most objects are never written again.
        value: generic.PdfObject = reader.get_object(known, None if is_newest else revision)  # type: ignore[no-untyped-call]  # pyHanko leaves it untyped
    except HOSTILE:
        return None
    return value


def _is_same(first: generic.PdfObject | None, second: generic.PdfObject | None) -> bool:
    """Whether two values are equal, references by their numbers only, since each belongs to its own reader."""
    waiting = [(first, second)]
    while waiting:
        one, other = waiting.pop()
        if isinstance(one, generic.IndirectObject) and isinstance(other, generic.IndirectObject):
            if (one.idnum, one.generation) != (other.idnum, other.generation):
                return False
        elif isinstance(one, generic.DictionaryObject) and isinstance(other, generic.DictionaryObject):
            if set(one) != set(other) or _content(one) != _content(other):
                return False
            waiting.extend((one.raw_get(key), other.raw_get(key)) for key in one)
        elif isinstance(one, generic.ArrayObject) and isinstance(other, generic.ArrayObject):
            if len(one) != len(other):
                return False
            waiting.extend((one.raw_get(index), other.raw_get(index)) for index in range(len(one)))
        elif type(one) is not type(other) or (one != other and not isinstance(one, generic.NullObject)):
            return False
    return True


def _content(value: generic.DictionaryObject) -> bytes | None:
    """The bytes of a stream as they stand in the file; None for a dictionary without."""
    return bytes(value.encoded_data) if isinstance(value, generic.StreamObject) else None
