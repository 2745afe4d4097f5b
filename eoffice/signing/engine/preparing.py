"""One signing file: every field with its lock before the first signature (digital-signature A.4, G.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Pdf, String

from eoffice.core.geometry import Box, LetterPlaces
from eoffice.signing.engine.countersigning import append_fields
from eoffice.signing.errors import PdfUnreadable, PlacesInvalid

NUMBER_FIELD: Final = "so"
DATE_FIELD: Final = "ngay"
SEAL_FIELD: Final = "dau"

_POINTS_PER_MM: Final = 72 / 25.4
_SLACK: Final = 0.5
_PRINT: Final = 4
_READ_ONLY: Final = 1
_ACTIVE_KEYS: Final = ("/OpenAction", "/AA", "/AcroForm", "/Perms", "/DSS", "/Collection", "/Requirements", "/Threads")


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedLetter:
    """Names of the fields in the prepared file; None or empty where the letter has no such place.

    `countersign_only` is True for a file that came signed already: its bytes stand unchanged, signature fields were
    appended under names that were free, and number and date cannot be written on it any more.
    """

    number_field: str | None
    date_field: str | None
    signer_fields: tuple[str, ...]
    seal_field: str | None
    countersign_only: bool = False


def prepare(
    source: Path,
    target: Path,
    places: LetterPlaces,
    *,
    signer_fields: Sequence[str] = ("ky_1",),
    any_order: bool = False,
) -> PreparedLetter:
    """Write `target`: `source` cleaned and normalised, with its form and signature fields and their locks.

    Each signer's field locks all but number, date, later signers (`any_order`: all other signers) and the seal; the
    seal's field locks everything.
    A `source` that carries a signature stays as it is and only gets signature fields appended (design part 4, step 5).
    Source of the rule: digital-signature A.4 and G.1. Raises PdfUnreadable, PlacesInvalid.
    """
    if len(signer_fields) != len(places.signatures) or not signer_fields:
        raise PlacesInvalid("Số ô chữ ký không khớp số người ký. Đặt đủ vị trí cho từng người ký rồi trình ký.")
    try:
        with Pdf.open(source) as pdf:
            _check_places(pdf, places)
            if is_signed(pdf):
                return _countersigned(source, target, places, signer_fields)
            remove_active_content(pdf)
            prepared = _add_fields(pdf, places, tuple(signer_fields), any_order=any_order)
            pdf.save(
                target,
                object_stream_mode=pikepdf.ObjectStreamMode.disable,
                linearize=False,
                deterministic_id=True,
                encryption=False,
            )
    except pikepdf.PdfError as error:
        raise PdfUnreadable from error
    return prepared


def _countersigned(source: Path, target: Path, places: LetterPlaces, signer_fields: Sequence[str]) -> PreparedLetter:
    appended = append_fields(
        source,
        target,
        signers=list(zip(signer_fields, places.signatures, strict=True)),
        seal=(SEAL_FIELD, places.seal) if places.seal else None,
    )
    return PreparedLetter(
        number_field=None,
        date_field=None,
        signer_fields=appended.signers,
        seal_field=appended.seal,
        countersign_only=True,
    )


def is_signed(pdf: Pdf) -> bool:
    """Whether any field, at any depth, carries a signature."""
    form = pdf.Root.get("/AcroForm")
    if not isinstance(form, Object) or "/Fields" not in form:
        return False
    waiting: list[Object] = list(form.Fields)
    seen: set[tuple[int, int]] = set()
    while waiting:
        field = waiting.pop()
        if field.is_indirect and field.objgen in seen:
            continue
        seen.add(field.objgen)
        if "/V" in field and _type_of(field) == "/Sig":
            return True
        waiting.extend(field.get("/Kids", []))
    return False


def seal_box(signature: Box, *, diameter_mm: float = 36) -> Box:
    """Where a seal of real size lies when it covers the left third of a signature (Decree 30/2020, PL I II.8a)."""
    diameter = diameter_mm * _POINTS_PER_MM
    right = signature.x0 + signature.width / 3
    middle = (signature.y0 + signature.y1) / 2
    left = max(right - diameter, 0)
    return Box(signature.page, left, middle - diameter / 2, left + diameter, middle + diameter / 2)


def _type_of(field: Object) -> str:
    node: Object | None = field
    for _ in range(32):
        if node is None:
            return ""
        if "/FT" in node:
            return str(node.FT)
        node = node.get("/Parent")
    return ""


def _check_places(pdf: Pdf, places: LetterPlaces) -> None:
    boxes = [box for box in (places.number, places.date, places.seal, *places.signatures) if box is not None]
    for box in boxes:
        if not 0 <= box.page < len(pdf.pages) or box.width <= 0 or box.height <= 0:
            raise PlacesInvalid
        x0, y0, x1, y1 = (float(value) for value in pdf.pages[box.page].mediabox)
        if box.x0 < x0 - _SLACK or box.y0 < y0 - _SLACK or box.x1 > x1 + _SLACK or box.y1 > y1 + _SLACK:
            raise PlacesInvalid


def remove_active_content(pdf: Pdf) -> None:
    """Take out what could run, change or be typed into after signing; drawn field content stays on the page."""
    pdf.generate_appearance_streams()
    pdf.flatten_annotations(mode="print")
    for key in _ACTIVE_KEYS:
        if key in pdf.Root:
            del pdf.Root[key]
    names = pdf.Root.get("/Names")
    if names is not None:
        for key in ("/JavaScript", "/EmbeddedFiles"):
            if key in names:
                del names[key]
    for page in pdf.pages:
        if "/AA" in page:
            del page["/AA"]
        _keep_links_only(page)


def _keep_links_only(page: pikepdf.Page) -> None:
    annotations = page.get("/Annots")
    if annotations is None:
        return
    kept = [annotation for annotation in annotations if _is_plain_link(annotation)]
    if kept:
        page["/Annots"] = Array(kept)
    else:
        del page["/Annots"]


def _is_plain_link(annotation: Object) -> bool:
    if annotation.get("/Subtype") != Name.Link:
        return False
    action = annotation.get("/A")
    return action is None or action.get("/S") in (Name.URI, Name.GoTo)


def _add_fields(pdf: Pdf, places: LetterPlaces, signer_fields: tuple[str, ...], *, any_order: bool) -> PreparedLetter:
    fields = []
    number_field = NUMBER_FIELD if places.number else None
    date_field = DATE_FIELD if places.date else None
    seal_field = SEAL_FIELD if places.seal else None
    if places.number:
        fields.append(_text_field(pdf, NUMBER_FIELD, "Số của văn bản", places.number))
    if places.date:
        fields.append(_text_field(pdf, DATE_FIELD, "Địa danh và ngày, tháng, năm ban hành", places.date))
    open_later = [name for name in (number_field, date_field, seal_field) if name]
    for index, (name, box) in enumerate(zip(signer_fields, places.signatures, strict=True)):
        others = [other for other in signer_fields if other != name] if any_order else signer_fields[index + 1 :]
        lock = Dictionary(
            Type=Name.SigFieldLock,
            Action=Name.Exclude,
            Fields=Array([String(other) for other in [*open_later, *others]]),
        )
        fields.append(signature_field(pdf, name, f"Chữ ký số {index + 1}", box, lock))
    if places.seal:
        lock = Dictionary(Type=Name.SigFieldLock, Action=Name.All)
        fields.append(signature_field(pdf, SEAL_FIELD, "Chữ ký số của cơ quan, tổ chức", places.seal, lock))
    pdf.Root.AcroForm = pdf.make_indirect(Dictionary(Fields=Array(fields), SigFlags=1, DR=Dictionary()))
    return PreparedLetter(
        number_field=number_field, date_field=date_field, signer_fields=signer_fields, seal_field=seal_field
    )


def _text_field(pdf: Pdf, name: str, title: str, box: Box) -> Object:
    return _widget(pdf, box, FT=Name.Tx, T=String(name), TU=String(title), Ff=_READ_ONLY, DA=String("0 g"), F=_PRINT)


def signature_field(pdf: Pdf, name: str, title: str, box: Box, lock: Dictionary) -> Object:
    return _widget(pdf, box, FT=Name.Sig, T=String(name), TU=String(title), F=_PRINT, Lock=pdf.make_indirect(lock))


def _widget(pdf: Pdf, box: Box, **entries: Object | String | int) -> Object:
    page = pdf.pages[box.page]
    empty = pdf.make_stream(
        b"", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, box.width, box.height]), Resources=Dictionary()
    )
    drawn = Dictionary(
        Type=Name.Annot,
        Subtype=Name.Widget,
        Rect=Array([box.x0, box.y0, box.x1, box.y1]),
        P=page.obj,
        AP=Dictionary(N=empty),
    )
    for key, value in entries.items():
        drawn[f"/{key}"] = value
    widget = pdf.make_indirect(drawn)
    if "/Annots" not in page:
        page["/Annots"] = Array()
    page["/Annots"].append(widget)
    return widget
