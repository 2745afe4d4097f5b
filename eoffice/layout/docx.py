"""The DOCX twin of a drawn letter: same words, same tables without borders, Times New Roman."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from typing import Any, Final

from docx import Document
from docx.document import Document as DocxDocument
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.table import Table as DocxTable
from docx.table import _Cell as DocxCell
from docx.text.paragraph import Paragraph as DocxParagraph

from eoffice.layout.letters import LetterContent, drawing_data

FONT: Final = "Times New Roman"
DOCX_MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

_Data = Mapping[str, Any]
"""Drawing data: plain JSON values built in `letters.drawing_data`."""

_ALIGN: Final = {
    "left": WD_ALIGN_PARAGRAPH.LEFT,
    "center": WD_ALIGN_PARAGRAPH.CENTER,
    "right": WD_ALIGN_PARAGRAPH.RIGHT,
    "justify": WD_ALIGN_PARAGRAPH.JUSTIFY,
}
_WIDTH_MM: Final = 165.0
_SIGNATURE_LINES: Final = 4
_RED: Final = RGBColor(0xD4, 0, 0)


def render_letter_docx(content: LetterContent) -> bytes:
    """Draw the letter as DOCX, to be worked on in Word; its pages may break elsewhere than those of the PDF.

    Source: NĐ 30/2020/NĐ-CP, PL I and PL III. Raises BodyInvalid, ContentInvalid.
    """
    data = drawing_data(content)
    document = Document()
    _set_up(document, data)
    _head(document, data, date_blank=f"{content.place}, ngày      tháng      năm       ")
    _title(document, data)
    _addressees(document, data)
    for base in data["bases"]:  # type: ignore[attr-defined]  # a list of strings
        _text(document, base, italic=True, indent=True, align="justify", before=6)
    if data["resolves"]:
        _text(document, str(data["resolves"]), bold=True, align="center", before=8, after=4, keep=True)
    _blocks(document, data["body"])  # type: ignore[arg-type]  # a list of blocks
    _foot(document, data)
    _address(document, data)
    for appendix in data["appendices"]:  # type: ignore[attr-defined]  # a list of appendices
        _appendix(document, data, appendix)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _set_up(document: DocxDocument, data: _Data) -> None:
    document.core_properties.title = str(data["title"])[:255]
    document.core_properties.author = ""
    document.core_properties.language = "vi-VN"
    normal: Any = document.styles["Normal"]  # the stubs of styles know no fonts
    normal.font.name = FONT
    normal.font.size = Pt(14)
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), FONT)
    normal.element.rPr.rFonts.set(qn("w:cs"), FONT)
    normal.paragraph_format.space_after = Pt(0)
    normal.paragraph_format.space_before = Pt(0)
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin = section.bottom_margin = Mm(20)
    section.left_margin, section.right_margin = Mm(30), Mm(15)
    section.header_distance = Mm(10)
    section.different_first_page_header_footer = True
    _page_number(section.header.paragraphs[0])


def _page_number(paragraph: DocxParagraph) -> None:
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = paragraph.add_run()
    run.font.size = Pt(13)
    for kind, instruction in (("begin", None), (None, "PAGE"), ("end", None)):
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        else:
            element.set(qn("xml:space"), "preserve")
            element.text = instruction
        run._r.append(element)  # python-docx has no public field API


def _head(document: DocxDocument, data: _Data, *, date_blank: str) -> None:
    table = _plain_table(document, 2, (data["left_mm"], _WIDTH_MM - data["left_mm"]))
    left, right = table.rows[0].cells
    _letterhead(left, right, data)
    row = table.rows[1].cells
    if data["symbol"]:
        number = data["number"] or "\u00a0" * 8
        _text(row[0], f"Số: {number}/{data['symbol']}", size=13, align="center", before=6, first=True)
    if data["letter_subject"]:
        _text(row[0], data["letter_subject"], size=12, align="center", before=6)
    if data["urgency"]:
        _boxed(row[0], data["urgency"]["word"], width_mm=data["urgency"]["width_mm"])
    if data["dated"]:
        _text(row[1], data["date"] or date_blank, size=13, italic=True, align="center", before=6, first=True)


def _letterhead(left: DocxCell, right: DocxCell, data: _Data) -> None:
    first = True
    if data["superior"]:
        _text(left, data["superior"], size=12, align="center", first=True)
        first = False
    _text(left, data["issuing"], size=12, bold=True, align="center", first=first)
    _short_rule(left, width_mm=26, cell_mm=data["left_mm"])
    _text(right, data["nation"], size=12, bold=True, align="center", first=True)
    if data["motto"]:
        _text(right, data["motto"], size=13, bold=True, align="center")
    _short_rule(right, width_mm=56, cell_mm=_WIDTH_MM - data["left_mm"])


def _title(document: DocxDocument, data: _Data) -> None:
    if data["type_name"]:
        _text(document, data["type_name"], bold=True, align="center", before=12)
        if data["subject"]:
            _text(document, data["subject"], bold=True, align="center")
        _short_rule(document, width_mm=40, cell_mm=_WIDTH_MM)
    if data["authority"]:
        _text(document, data["authority"], bold=True, align="center", before=8, after=4)


def _addressees(document: DocxDocument, data: _Data) -> None:
    names = data["addressees"]
    if len(names) == 1:
        _text(document, f"{data['addressee_label']}: {names[0]}", align="center", before=12, after=6)
    elif names:
        _text(document, f"{data['addressee_label']}:", before=12, left_mm=42)
        for name in names:
            _text(document, f"- {name}", left_mm=60)
        _text(document, "", size=6)
    if data["circulation"]:
        _boxed(document, data["circulation"], width_mm=60, colour=None, align=WD_TABLE_ALIGNMENT.RIGHT)


def _blocks(document: DocxDocument, blocks: Iterable[_Data]) -> None:
    for block in blocks:
        if "runs" in block:
            _paragraph(document.add_paragraph(), block)
        else:
            _ruled_table(document, block)


def _paragraph(paragraph: DocxParagraph, block: _Data, *, in_cell: bool = False) -> None:
    paragraph.alignment = _ALIGN["left" if in_cell and block["align"] == "justify" else block["align"]]
    shape = paragraph.paragraph_format
    shape.space_before = Pt(1 if in_cell else 6)
    shape.line_spacing = 1.0 if in_cell else 1.05
    shape.keep_with_next = block["level"] > 0
    if block["indent"] and not in_cell:
        shape.first_line_indent = Mm(12.7)
    for piece in block["runs"]:
        for index, part in enumerate(piece["text"].split("\n")):
            run = paragraph.add_run()
            if index:
                run.add_break()
            run.add_text(part)
            run.bold, run.italic, run.underline = (
                piece["strong"] or None,
                piece["em"] or None,
                piece["underline"] or None,
            )


def _ruled_table(document: DocxDocument, block: _Data) -> None:
    widths = [_WIDTH_MM * share / sum(block["widths"]) for share in block["widths"]]
    table = document.add_table(len(block["rows"]), len(widths))
    table.style = "Table Grid"
    _set_widths(table, widths)
    taken: set[tuple[int, int]] = set()
    for row_index, row in enumerate(block["rows"]):
        column = 0
        for each in row:
            while (row_index, column) in taken:
                column += 1
            last_row, last_column = row_index + each["rowspan"] - 1, column + each["colspan"] - 1
            taken.update((r, c) for r in range(row_index, last_row + 1) for c in range(column, last_column + 1))
            cell = table.cell(row_index, column)
            if (last_row, last_column) != (row_index, column):
                cell = cell.merge(table.cell(last_row, last_column))
            _fill_cell(cell, each)
            column = last_column + 1
    for row in table.rows[: block["header_rows"]]:
        repeated = OxmlElement("w:tblHeader")
        row._tr.get_or_add_trPr().append(repeated)  # python-docx has no public API for repeated rows


def _fill_cell(cell: DocxCell, each: _Data) -> None:
    for index, block in enumerate(each["blocks"]):
        paragraph = cell.paragraphs[0] if index == 0 else cell.add_paragraph()
        _paragraph(paragraph, block, in_cell=True)
        if each["header"]:
            paragraph.alignment = _ALIGN["center" if block["align"] == "justify" else block["align"]]
        for run in paragraph.runs:
            run.font.size = Pt(13)
            if each["header"]:
                run.bold = True


def _foot(document: DocxDocument, data: _Data) -> None:
    if document.paragraphs:
        document.paragraphs[-1].paragraph_format.keep_with_next = True
    _text(document, "", size=6, keep=True)
    signatures = data["signatures"]
    if len(signatures) > 1:
        table = _plain_table(document, 1, tuple(_WIDTH_MM / len(signatures) for _ in signatures))
        for cell, signature in zip(table.rows[0].cells, signatures, strict=True):
            _signature(cell, signature)
        _recipients(document, data["recipients"])
        return
    table = _plain_table(document, 1, (76, _WIDTH_MM - 76))
    left, right = table.rows[0].cells
    _recipients(left, data["recipients"])
    for signature in signatures:
        _signature(right, signature)


def _recipients(place: DocxDocument | DocxCell, lines: list[str]) -> None:
    if lines:
        _text(place, "Nơi nhận:", size=12, bold=True, italic=True, first=isinstance(place, DocxCell))
    for line in lines:
        _text(place, f"- {line}", size=11)


def _signature(cell: DocxCell, signature: _Data) -> None:
    for index, line in enumerate(signature["lines"]):
        _text(cell, line, bold=True, align="center", first=index == 0, keep=True)
    for _ in range(_SIGNATURE_LINES):
        _text(cell, "", align="center", keep=True)
    _text(cell, signature["name"], bold=True, align="center")


def _address(document: DocxDocument, data: _Data) -> None:
    if not data["footer"]:
        return
    paragraph = document.sections[0].first_page_footer.paragraphs[0]
    _write(paragraph, data["footer"], size=11)
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _border(paragraph, "top")


def _appendix(document: DocxDocument, data: _Data, appendix: _Data) -> None:
    section = document.add_section(WD_SECTION.NEW_PAGE)
    section.orientation = WD_ORIENT.LANDSCAPE if appendix["landscape"] else WD_ORIENT.PORTRAIT
    wide, high = (Mm(297), Mm(210)) if appendix["landscape"] else (Mm(210), Mm(297))
    section.page_width, section.page_height = wide, high
    numbering = OxmlElement("w:pgNumType")
    numbering.set(qn("w:start"), "1")
    section._sectPr.append(numbering)  # python-docx has no public API for the first page number
    section.first_page_footer.is_linked_to_previous = False
    if appendix["letterhead"]:
        left, right = _plain_table(document, 1, (data["left_mm"], _WIDTH_MM - data["left_mm"])).rows[0].cells
        _letterhead(left, right, data)
    if appendix["label"]:
        _text(document, appendix["label"], bold=True, align="center")
    _text(document, appendix["title"], bold=True, align="center", before=12 if appendix["letterhead"] else 0)
    if appendix["subtitle"]:
        _text(document, appendix["subtitle"], bold=True, align="center")
    _text(document, appendix["reference"], italic=True, align="center")
    _short_rule(document, width_mm=45, cell_mm=_WIDTH_MM)
    _blocks(document, appendix["body"])


def _text(
    place: DocxDocument | DocxCell,
    text: str,
    *,
    size: float = 14,
    bold: bool = False,
    italic: bool = False,
    align: str = "left",
    before: float = 0,
    after: float = 0,
    left_mm: float = 0,
    indent: bool = False,
    keep: bool = False,
    first: bool = False,
) -> DocxParagraph:
    """One paragraph; `first` writes into the empty paragraph that every cell begins with."""
    paragraph = place.paragraphs[0] if first else place.add_paragraph()
    paragraph.alignment = _ALIGN[align]
    shape = paragraph.paragraph_format
    shape.space_before, shape.space_after = Pt(before), Pt(after)
    shape.keep_with_next = keep
    if left_mm:
        shape.left_indent = Mm(left_mm)
    if indent:
        shape.first_line_indent = Mm(12.7)
    _write(paragraph, text, size=size, bold=bold, italic=italic)
    return paragraph


def _write(paragraph: DocxParagraph, text: str, *, size: float, bold: bool = False, italic: bool = False) -> None:
    run = paragraph.add_run(text)
    run.font.size = Pt(size)
    run.bold, run.italic = bold or None, italic or None


def _plain_table(document: DocxDocument, rows: int, widths_mm: tuple[float, ...]) -> DocxTable:
    table: DocxTable = document.add_table(rows, len(widths_mm))
    _set_widths(table, widths_mm)
    return table


def _set_widths(table: DocxTable, widths_mm: Iterable[float]) -> None:
    table.autofit = False
    for column, width in zip(table.columns, widths_mm, strict=True):
        column.width = Mm(width)
        for cell in column.cells:
            cell.width = Mm(width)


def _short_rule(place: DocxDocument | DocxCell, *, width_mm: float, cell_mm: float) -> None:
    """A rule drawn as the upper border of an empty line, indented from both sides to its width."""
    paragraph = place.add_paragraph()
    side = Mm((cell_mm - width_mm) / 2 - (2 if isinstance(place, DocxCell) else 0))
    paragraph.paragraph_format.left_indent = paragraph.paragraph_format.right_indent = side
    paragraph.paragraph_format.line_spacing = Pt(5)
    paragraph.paragraph_format.space_before = Pt(1)
    _border(paragraph, "top")


def _border(paragraph: DocxParagraph, *sides: str) -> None:
    borders = OxmlElement("w:pBdr")
    for side in sides:
        edge = OxmlElement(f"w:{side}")
        for name, value in (("val", "single"), ("sz", "5"), ("space", "1"), ("color", "000000")):
            edge.set(qn(f"w:{name}"), value)
        borders.append(edge)
    paragraph._p.get_or_add_pPr().append(borders)  # python-docx has no public API for borders


def _boxed(
    place: DocxDocument | DocxCell,
    word: str,
    *,
    width_mm: float,
    colour: RGBColor | None = _RED,
    align: WD_TABLE_ALIGNMENT = WD_TABLE_ALIGNMENT.CENTER,
) -> None:
    """A one-celled table with a single border (boxes 10b and 11)."""
    _text(place, "", size=4)
    table = place.add_table(1, 1)
    table.style = "Table Grid"
    table.alignment = align
    _set_widths(table, (width_mm,))
    table.rows[0].height = Mm(8)
    cell = table.cell(0, 0)
    paragraph = _text(cell, word, size=13, bold=True, align="center", before=3, first=True)
    if colour is not None:
        for run in paragraph.runs:
            run.font.color.rgb = colour
        _colour_borders(table, str(colour))


def _colour_borders(table: DocxTable, colour: str) -> None:
    borders = OxmlElement("w:tblBorders")
    for side in ("top", "left", "bottom", "right"):
        edge = OxmlElement(f"w:{side}")
        for name, value in (("val", "single"), ("sz", "8"), ("space", "0"), ("color", colour)):
            edge.set(qn(f"w:{name}"), value)
        borders.append(edge)
    table._tbl.tblPr.append(borders)  # python-docx has no public API for borders
