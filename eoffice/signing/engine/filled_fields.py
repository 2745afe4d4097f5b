"""Text fields filled after a signature: which of them are our own flow's number and date (A.4, G.4)."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import pikepdf
import pypdfium2
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import FieldMDPAction, FieldMDPSpec


@dataclass(frozen=True, slots=True)
class FilledField:
    """A field whose value came after the first signed revision; `filled_in` is the revision that did it."""

    name: str
    value: str
    filled_in: int
    fault: str
    """Why it is no allowed filling; empty when it may be one."""


def examine_filling(
    reader: PdfFileReader, path: Path, name: str, *, first_revision: int, first_lock: FieldMDPSpec | None
) -> FilledField:
    """Hold a changed field to the rule: empty before, left open by name, filled once, drawn as its value says."""
    before = _field_at(reader, name, first_revision)
    newest = reader.xrefs.total_revisions - 1
    after = _field_at(reader, name, newest)
    if before is None or after is None or "/FT" not in after or after["/FT"] != "/Tx":
        return FilledField(name, "", newest, "ô này không có sẵn trước chữ ký đầu tiên")
    value = _value_of(after)
    if _value_of(before):
        return FilledField(name, value, newest, "nội dung có sẵn của ô đã bị thay")
    if first_lock is None or first_lock.action is not FieldMDPAction.EXCLUDE or name not in (first_lock.fields or ()):
        return FilledField(name, value, newest, "chữ ký đầu tiên không chừa ô này")
    changed_in = _revisions_that_change(reader, after, first_revision, newest)
    if len(changed_in) != 1:
        return FilledField(name, value, newest, "ô được điền nhiều lần")
    if not value or _drawn_text(path, name) != _plain(value):
        return FilledField(name, value, changed_in[0], "chữ hiện trên trang khác với giá trị của ô")
    return FilledField(name, value, changed_in[0], "")


def _field_at(reader: PdfFileReader, name: str, revision: int) -> generic.DictionaryObject | None:
    root = reader.get_historical_root(revision)
    if "/AcroForm" not in root or "/Fields" not in root["/AcroForm"]:
        return None
    for entry in root["/AcroForm"]["/Fields"]:
        field = entry.get_object()
        if isinstance(field, generic.DictionaryObject) and "/T" in field and str(field["/T"]) == name:
            return field
    return None


def _value_of(field: generic.DictionaryObject) -> str:
    return str(field["/V"]) if "/V" in field else ""


def _revisions_that_change(
    reader: PdfFileReader, field: generic.DictionaryObject, first: int, newest: int
) -> list[int]:
    """Revisions after `first` in which the field, its drawing or anything the drawing needs was written."""
    own: set[generic.Reference] = set()
    if field.container_ref is not None and isinstance(field.container_ref, generic.Reference):
        own.add(field.container_ref)
    if "/AP" in field:
        own |= _references_below(field.raw_get("/AP"))
    changed = []
    for revision in range(first + 1, newest + 1):
        if own & reader.xrefs.explicit_refs_in_revision(revision):
            changed.append(revision)
    return changed


def _references_below(value: generic.PdfObject, depth: int = 0) -> set[generic.Reference]:
    found: set[generic.Reference] = set()
    if depth > 12:
        return found
    if isinstance(value, generic.IndirectObject):
        found.add(value.reference)
        value = value.get_object()  # type: ignore[no-untyped-call]  # pyHanko leaves it untyped
    if isinstance(value, generic.DictionaryObject):
        for key in value:
            if key not in ("/Parent", "/P"):
                found |= _references_below(value.raw_get(key), depth + 1)
    elif isinstance(value, generic.ArrayObject):
        for index in range(len(value)):
            found |= _references_below(value.raw_get(index), depth + 1)
    return found


def _drawn_text(path: Path, name: str) -> str:
    """The text of the field's drawing alone, read by other libraries than the one that checks the signature."""
    with pikepdf.open(path) as signed, pikepdf.new() as alone:
        field = next(entry for entry in signed.Root.AcroForm.Fields if str(entry.get("/T", "")) == name)
        drawing = alone.copy_foreign(field.AP.N)
        page = alone.add_blank_page(page_size=(float(drawing.BBox[2]), float(drawing.BBox[3])))
        page.obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Drawing=drawing))
        page.obj.Contents = alone.make_stream(b"/Drawing Do")
        content = io.BytesIO()
        alone.save(content)
    with pypdfium2.PdfDocument(content.getvalue()) as document:
        page_text = document[0].get_textpage()
        return _plain(page_text.get_text_bounded())


def _plain(text: str) -> str:
    return "".join(text.split())
