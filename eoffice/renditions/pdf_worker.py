"""Reads hostile PDFs in a process of its own: `python -I pdf_worker.py COMMAND …`, answers JSON on stdout.

It imports nothing of the house, limits its own memory, time and output before it touches the file, and may
crash without harm. Exit 3 carries an expected refusal: `{"error": "encrypted" | "damaged" | "no_page"}`.
"""

from __future__ import annotations

import json
import resource
import sys
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

MEMORY_BYTES: Final = 3 * 1024**3
OUTPUT_BYTES: Final = 256 * 1024**2
TAIL_BYTES: Final = 2048
MAX_DEPTH: Final = 40
PAGE_TEXT_LIMIT: Final = 200_000
"""Characters kept of one page; a page of a letter has about 3,000."""
EXPECTED_EXIT: Final = 3


class Refused(Exception):
    """An expected refusal; the text is its stable code."""


def main(arguments: list[str]) -> int:
    command, seconds, *rest = arguments
    limit_self(int(seconds))
    commands: dict[str, Callable[..., Any]] = {"inspect": inspect, "text": text, "head": head, "render": render}
    try:
        answer = commands[command](*rest)
    except Refused as refusal:
        json.dump({"error": str(refusal)}, sys.stdout)
        return EXPECTED_EXIT
    json.dump(answer, sys.stdout)
    return 0


def limit_self(seconds: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (OUTPUT_BYTES, OUTPUT_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


# Inspecting -------------------------------------------------------------------------------------------------


def inspect(path: str) -> dict[str, Any]:
    import pikepdf  # noqa: PLC0415 - only this command pays for the import

    truncated = not _has_end(Path(path))
    repaired = False
    try:
        pdf = _open(path, recover=False)
    except pikepdf.PdfError:
        repaired = True
        try:
            pdf = _open(path, recover=True)
        except pikepdf.PdfError as error:
            raise Refused("damaged") from error
    with pdf:
        javascript, launch = _actions(pdf)
        try:
            pages = len(pdf.pages)
            sizes = [_page_size(page) for page in pdf.pages]
        except (pikepdf.PdfError, ValueError, TypeError, KeyError, IndexError) as error:
            raise Refused("damaged") from error
        return {
            "pages": pages,
            "encrypted": pdf.is_encrypted,
            "has_javascript": javascript,
            "has_launch_action": launch,
            "has_embedded_files": _has_embedded_files(pdf),
            "signed_fields": _signed_fields(pdf),
            "signature_boxes": _signature_boxes(pdf),
            "page_sizes": sizes,
            "truncated": truncated,
            "repaired": repaired,
        }


def _open(path: str, *, recover: bool) -> Any:  # noqa: ANN401 - pikepdf is imported late
    import pikepdf  # noqa: PLC0415

    try:
        return pikepdf.open(path, attempt_recovery=recover, suppress_warnings=True)
    except pikepdf.PasswordError as error:
        raise Refused("encrypted") from error


def _has_end(path: Path) -> bool:
    with path.open("rb") as handle:
        size = handle.seek(0, 2)
        handle.seek(max(0, size - TAIL_BYTES))
        tail = handle.read()
    return b"%%EOF" in tail and b"startxref" in tail


def _page_size(page: Any) -> list[float]:  # noqa: ANN401 - pikepdf.Page
    x0, y0, x1, y1 = (float(value) for value in page.cropbox)
    width, height = abs(x1 - x0), abs(y1 - y0)
    return [height, width] if _rotation(page.obj) % 180 else [width, height]


def _rotation(node: Any) -> int:  # noqa: ANN401 - pikepdf.Dictionary
    """`/Rotate` of a page, inherited from the page tree where the page itself has none."""
    for _ in range(MAX_DEPTH):
        if "/Rotate" in node:
            return int(node["/Rotate"])
        if "/Parent" not in node:
            break
        node = node["/Parent"]
    return 0


def _actions(pdf: Any) -> tuple[bool, bool]:  # noqa: ANN401 - pikepdf.Pdf
    """Whether any object of the file is a JavaScript action, and any a Launch action, reachable or not."""
    javascript = launch = False
    for value in pdf.objects:
        for dictionary in _dictionaries(value, 0):
            action = dictionary.get("/S")
            javascript = javascript or "/JS" in dictionary or action == "/JavaScript"
            launch = launch or action == "/Launch"
            if javascript and launch:
                return True, True
    return javascript, launch


def _dictionaries(value: Any, depth: int) -> Iterator[Any]:  # noqa: ANN401 - any PDF object
    """`value` and every dictionary written directly inside it; indirect ones come by themselves."""
    import pikepdf  # noqa: PLC0415

    if depth > MAX_DEPTH:
        return
    if isinstance(value, pikepdf.Dictionary):
        yield value
        children = [value.get(key) for key in value.keys()]  # noqa: SIM118 - pikepdf keys
    elif isinstance(value, pikepdf.Stream):
        children = [value.stream_dict]
    elif isinstance(value, pikepdf.Array):
        children = list(value)
    else:
        return
    for child in children:
        if isinstance(child, pikepdf.Object) and not child.is_indirect:
            yield from _dictionaries(child, depth + 1)


def _has_embedded_files(pdf: Any) -> bool:  # noqa: ANN401 - pikepdf.Pdf
    import pikepdf  # noqa: PLC0415

    names = pdf.Root.get("/Names")
    if isinstance(names, pikepdf.Dictionary) and "/EmbeddedFiles" in names:
        return True
    if "/AF" in pdf.Root:
        return True
    for page in pdf.pages:
        annotations = page.obj.get("/Annots")
        if not isinstance(annotations, pikepdf.Array):
            continue
        for annotation in annotations:
            if isinstance(annotation, pikepdf.Dictionary) and annotation.get("/Subtype") == "/FileAttachment":
                return True
    return False


def _signed_fields(pdf: Any) -> list[str]:  # noqa: ANN401 - pikepdf.Pdf
    import pikepdf  # noqa: PLC0415

    form = pdf.Root.get("/AcroForm")
    if not isinstance(form, pikepdf.Dictionary):
        return []
    found: list[str] = []
    seen: set[tuple[int, int]] = set()

    def visit(field: Any, prefix: str, kind: str, depth: int) -> None:  # noqa: ANN401 - any PDF object
        if depth > MAX_DEPTH or not isinstance(field, pikepdf.Dictionary):
            return
        if field.is_indirect:
            if field.objgen in seen:
                return
            seen.add(field.objgen)
        name = ".".join(part for part in (prefix, str(field.get("/T", ""))) if part)
        kind = str(field.get("/FT", kind))
        if kind == "/Sig" and isinstance(field.get("/V"), pikepdf.Dictionary):
            found.append(name)
        kids = field.get("/Kids")
        if isinstance(kids, pikepdf.Array):
            for kid in kids:
                visit(kid, name, kind, depth + 1)

    fields = form.get("/Fields")
    if isinstance(fields, pikepdf.Array):
        for field in fields:
            visit(field, "", "", 0)
    return found


def _signature_boxes(pdf: Any) -> list[list[float]]:  # noqa: ANN401 - pikepdf.Pdf
    """Page (from 0) and rectangle of each signature that is drawn; what cannot be read is left out."""
    import pikepdf  # noqa: PLC0415

    found: list[list[float]] = []
    for number, page in enumerate(pdf.pages):
        annotations = page.obj.get("/Annots")
        for widget in annotations if isinstance(annotations, pikepdf.Array) else ():
            if not isinstance(widget, pikepdf.Dictionary):
                continue
            parent = widget.get("/Parent")
            field = widget if "/FT" in widget or not isinstance(parent, pikepdf.Dictionary) else parent
            if field.get("/FT") != "/Sig" or not isinstance(field.get("/V"), pikepdf.Dictionary):
                continue
            try:
                x0, y0, x1, y1 = (float(value) for value in widget["/Rect"])
            except (KeyError, TypeError, ValueError):
                continue
            box = [min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)]
            if box[0] < box[2] and box[1] < box[3]:
                found.append([number, *box])
    return found


# Text -------------------------------------------------------------------------------------------------------


def text(path: str) -> list[str]:
    """The text of every page, annotations and signature appearances included."""
    document = _pdfium(path)
    pages = []
    for index in range(len(document)):
        textpage = _drawn_page(document, index).get_textpage()
        pages.append(_clean(textpage.get_text_range(0, min(textpage.count_chars(), PAGE_TEXT_LIMIT))))
    return pages


def head(path: str) -> dict[str, Any]:
    """Lines of the upper half of page 1, split at the gap between the two columns of a letterhead.

    `characters` counts the whole page; `image_share` is the largest picture's share of the page.
    """
    document = _pdfium(path)
    page = _drawn_page(document, 0)
    width, height = page.get_size()
    textpage = page.get_textpage()
    return {
        "lines": _lines_above(textpage, height / 2),
        "characters": len(textpage.get_text_range(0, min(textpage.count_chars(), PAGE_TEXT_LIMIT)).strip()),
        "image_share": _image_share(page, width * height),
    }


def _pdfium(path: str) -> Any:  # noqa: ANN401 - pypdfium2 is imported late
    import pypdfium2  # noqa: PLC0415

    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        raise Refused("encrypted" if "assword" in str(error) else "damaged") from error
    if len(document) == 0:
        raise Refused("damaged")
    return document


def _drawn_page(document: Any, index: int) -> Any:  # noqa: ANN401 - pypdfium2.PdfDocument
    """The page with annotations and form appearances drawn into it: a clerk's number is often only there."""
    import pypdfium2  # noqa: PLC0415

    try:
        page = document[index]
    except (pypdfium2.PdfiumError, IndexError) as error:
        raise Refused("no_page") from error
    if pypdfium2.raw.FPDFPage_GetAnnotCount(page) > 0:
        pypdfium2.raw.FPDFPage_Flatten(page, pypdfium2.raw.FLAT_NORMALDISPLAY)
        page.close()
        page = document[index]
    return page


def _clean(value: str) -> str:
    kept = "".join(c for c in value.replace("\r\n", "\n").replace("\r", "\n") if c in "\n\t" or ord(c) >= 32)
    return unicodedata.normalize("NFC", kept.replace("\ufffe", "").replace("\uffff", ""))


def _lines_above(textpage: Any, floor: float) -> list[str]:  # noqa: ANN401 - pypdfium2.PdfTextPage
    """Characters above `floor` grouped by baseline, then cut where the gap is wider than two letters."""
    letters: list[tuple[float, float, float, float, str]] = []
    for index in range(min(textpage.count_chars(), 10_000)):
        character = textpage.get_text_range(index, 1)
        if not character.strip():
            continue
        x0, y0, x1, y1 = textpage.get_charbox(index, loose=True)
        if y0 >= floor:
            letters.append((y0, x0, x1, max(y1 - y0, 1.0), character))
    lines: list[list[tuple[float, float, float, float, str]]] = []
    for letter in sorted(letters, key=lambda one: -one[0]):
        if lines and abs(lines[-1][-1][0] - letter[0]) < letter[3] * 0.35:
            lines[-1].append(letter)
        else:
            lines.append([letter])
    return [part for line in lines for part in _parts_of(line)]


def _parts_of(line: list[tuple[float, float, float, float, str]]) -> Iterator[str]:
    line.sort(key=lambda one: one[1])
    part = ""
    end = line[0][1]
    for _, x0, x1, size, character in line:
        gap = x0 - end
        if part and gap > size * 1.2:
            yield _clean(part)
            part = ""
        elif part and gap > size * 0.16:
            part += " "
        part += character
        end = max(x1, x0)
    yield _clean(part)


def _image_share(page: Any, area: float) -> float:  # noqa: ANN401 - pypdfium2.PdfPage
    import pypdfium2  # noqa: PLC0415

    largest = 0.0
    for item in page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE], max_depth=4):
        x0, y0, x1, y1 = item.get_bounds()
        largest = max(largest, abs(x1 - x0) * abs(y1 - y0))
    return round(largest / area, 3) if area else 0.0


# Pictures ---------------------------------------------------------------------------------------------------


def render(path: str, directory: str, width_px: str, max_pixels: str, *pages: str) -> list[str]:
    """Draw pages (from 0) as `<page>.webp` in `directory`, `width_px` wide unless that passes `max_pixels`.

    The first page must exist; others that do not are left out.
    """
    document = _pdfium(path)
    document.init_forms()
    written = []
    if int(pages[0]) >= len(document):
        raise Refused("no_page")
    for number in (int(page) for page in pages if int(page) < len(document)):
        page = document[number]
        width, height = page.get_size()
        scale = min(int(width_px) / width, (int(max_pixels) / (width * height)) ** 0.5)
        picture = page.render(scale=scale, may_draw_forms=True, draw_annots=True).to_pil().convert("RGB")
        name = f"{number}.webp"
        picture.save(Path(directory) / name, "WEBP", quality=82, method=2)
        written.append(name)
    return written


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
