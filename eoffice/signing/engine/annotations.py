"""Annotations added after signing: told apart from other changes, since a certification may permit them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import Reference
from pyhanko.pdf_utils.reader import HistoricalResolver
from pyhanko.sign.diff_analysis import ModificationLevel, QualifiedWhitelistRule, ReferenceUpdate

_DEEPEST: Final = 32
_Found = tuple[ModificationLevel, ReferenceUpdate]


class AnnotationsAdded(QualifiedWhitelistRule):
    """Lets a page get more annotations, none of them a form's field, if nothing else of it changes.

    Those that stood must stand in their order. Whether they are permitted is asked elsewhere (`judging`).
    """

    def apply_qualified(self, old: HistoricalResolver, new: HistoricalResolver) -> Iterable[_Found]:
        written = new.explicit_refs_in_revision()  # type: ignore[no-untyped-call]  # pyHanko leaves it untyped
        for page in _pages(old, old.root.raw_get("/Pages"), depth=0):
            yield from _added_to(page, old, new, written)


def _pages(revision: HistoricalResolver, node: generic.PdfObject, depth: int) -> Iterator[Reference]:
    if not isinstance(node, generic.IndirectObject) or depth > _DEEPEST:
        return
    value = revision(node.reference)
    if not isinstance(value, generic.DictionaryObject):
        return
    if "/Kids" not in value:
        yield node.reference
        return
    for kid in value["/Kids"]:
        yield from _pages(revision, kid, depth + 1)


def _added_to(
    page: Reference, old: HistoricalResolver, new: HistoricalResolver, written: set[Reference]
) -> Iterator[_Found]:
    before, after = old(page), new(page)
    if not isinstance(before, generic.DictionaryObject) or not isinstance(after, generic.DictionaryObject):
        return
    places = [_annotations(before, old), _annotations(after, new)]
    stood, stands = places[0][1], places[1][1]
    rest = {key for key in (*before, *after) if key not in ("/Annots", "/Tabs")}
    if stands[: len(stood)] != stood or len(stands) == len(stood):
        return
    if any(key not in before or key not in after or before.raw_get(key) != after.raw_get(key) for key in rest):
        return
    changed = {reference for reference in (page, places[1][0]) if reference is not None and reference in written}
    for annotation in stands[len(stood) :]:
        drawn = new(annotation.reference) if isinstance(annotation, generic.IndirectObject) else annotation
        if not isinstance(drawn, generic.DictionaryObject) or not _is_plain(drawn):
            return
        needed = new.collect_dependencies(annotation, since_revision=old.revision + 1)
        changed |= {reference for reference in needed if old.is_ref_unassignable(reference)}
    for reference in changed:
        yield ModificationLevel.ANNOTATIONS, ReferenceUpdate(reference)


def _is_plain(annotation: generic.DictionaryObject) -> bool:
    """Whether an annotation is no field of a form: those are judged as fields."""
    return "/FT" not in annotation and "/Subtype" in annotation and annotation["/Subtype"] != "/Widget"


def _annotations(
    page: generic.DictionaryObject, revision: HistoricalResolver
) -> tuple[Reference | None, list[generic.PdfObject]]:
    """The reference of the list, if it has one, and what it names."""
    if "/Annots" not in page:
        return None, []
    value = page.raw_get("/Annots")
    reference = value.reference if isinstance(value, generic.IndirectObject) else None
    listed = revision(reference) if reference is not None else value
    if not isinstance(listed, generic.ArrayObject):
        return reference, []
    return reference, [listed.raw_get(index) for index in range(len(listed))]
