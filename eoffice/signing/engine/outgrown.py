"""What was signed must say the same whatever follows it.

A table in the signed bytes may point behind them, a stream there may claim more bytes than it has: whoever appends the
missing ones later changes a page without writing any object anew, and a comparison of the objects that an update writes
sees nothing. So each object of the signed revision is read twice: from the signed bytes alone, and from the whole file.
"""

from __future__ import annotations

import io
from typing import Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import Reference
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from eoffice.signing.engine.examining import HOSTILE, ExaminedFile, opened

_WHITE: Final = b"\x00\t\n\x0c\r "


def reads_otherwise(file: ExaminedFile, signature: EmbeddedPdfSignature) -> bool:
    """Whether an object of the signed revision is another one once the bytes that follow are there."""
    end = sum(int(value) for value in list(signature.byte_range)[2:4])
    file.stream.seek(0)
    content = file.stream.read()
    if not content[end:].strip(_WHITE):
        return False
    alone, revision = opened(io.BytesIO(content[:end])), int(signature.signed_revision)
    if alone.xrefs.total_revisions != revision + 1:
        return True
    named = {each for step in range(revision + 1) for each in file.reader.xrefs.explicit_refs_in_revision(step)}
    return any(
        not _is_same(_read(alone, reference, revision), _read(file.reader, reference, revision)) for reference in named
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
