"""What programs read in different ways: then no look of ours tells what another one shows."""

from __future__ import annotations

from typing import BinaryIO, Final

from pyhanko.pdf_utils.misc import PdfStrictReadError

from eoffice.signing.engine.examining import HOSTILE, opened

_TWICE: Final = "Multiple definitions"
"""How the library's message begins where a dictionary names an entry twice."""


def read_in_two_ways(stream: BinaryIO, *, first_signed: int) -> frozenset[int]:
    """Revisions after `first_signed` in which an object names an entry twice.

    Of two entries some programs take the first and some the last (ISO 32000-2, 7.3.7 leaves it open): an object that
    one of them finds unchanged is another one elsewhere.
    """
    reader = opened(stream)
    newest = reader.xrefs.total_revisions - 1
    found = set()
    reader.strict = True
    for revision in range(first_signed + 1, newest + 1):
        for reference in reader.xrefs.explicit_refs_in_revision(revision):
            try:
                reader.get_object(reference, revision)  # type: ignore[no-untyped-call]  # pyHanko leaves it untyped
            except PdfStrictReadError as error:
                if str(error).startswith(_TWICE):
                    found.add(revision)
            except HOSTILE:
                continue  # what cannot be read is judged where it is used
    return frozenset(found)
