"""The DOCX twin: same words and sizes, and it opens."""

from __future__ import annotations

import io
import shutil
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.shared import Mm

from eoffice.layout.docx import render_letter_docx
from eoffice.layout.letters import Appendix
from eoffice.layout.tests.factories import PARAGRAPH, body, decision, letter, page_text, text


def _runs(content: bytes) -> dict[str, tuple[float | None, bool | None, bool | None]]:
    document = Document(io.BytesIO(content))
    cells = [cell for table in document.tables for row in table.rows for cell in row.cells]
    paragraphs = [*document.paragraphs, *(each for cell in cells for each in cell.paragraphs)]
    return {
        run.text: (_points(run.font.size), run.bold, run.italic) for paragraph in paragraphs for run in paragraph.runs
    }


def _points(length: Any) -> float | None:
    return None if length is None else float(length.pt)


def test_components_have_the_sizes_of_the_pdf() -> None:
    runs = _runs(render_letter_docx(letter(number="15", issued_on=date(2026, 6, 5))))

    wanted = {
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM": (12.0, True, None),
        "TẬP ĐOÀN HẠ TẦNG SỐ TRƯỜNG XUÂN": (12.0, None, None),
        "Số: 15/TXM-KTM": (13.0, None, None),
        "Hà Nội, ngày 05 tháng 6 năm 2026": (13.0, None, True),
        "Nơi nhận:": (12.0, True, True),
        "- Lưu: VT, KTM.": (11.0, None, None),
        "PHÓ TỔNG GIÁM ĐỐC": (14.0, True, None),
    }
    assert {words: runs.get(words) for words in wanted} == wanted


def test_page_is_a4_in_times_new_roman_with_the_margins_of_the_decree() -> None:
    document = Document(io.BytesIO(render_letter_docx(letter())))

    section = document.sections[0]
    lengths = (section.page_width, section.page_height, section.left_margin, section.right_margin)
    assert [round((length or 0) / Mm(1)) for length in lengths] == [210, 297, 30, 15]
    style: Any = document.styles["Normal"]
    assert style.font.name == "Times New Roman"


def test_table_with_spans_keeps_its_cells() -> None:
    def cell(words: str, **attributes: object) -> dict[str, object]:
        return {"type": "table_cell", "attrs": attributes, "content": [text(words)]}

    table = {
        "type": "table",
        "content": [
            {"type": "table_row", "content": [cell("a", rowspan=2), cell("b", colspan=2)]},
            {"type": "table_row", "content": [cell("c"), cell("d")]},
        ],
    }

    drawn = Document(io.BytesIO(render_letter_docx(letter(body=body(table)))))

    ruled = next(each for each in drawn.tables if len(each.columns) == 3)
    assert [cell.text for cell in ruled.rows[0].cells] == ["a", "b", "b"]
    assert [cell.text for cell in ruled.rows[1].cells] == ["a", "c", "d"]


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed on this machine")
def test_office_opens_it_and_shows_the_same_words(tmp_path: Path) -> None:
    source = tmp_path / "van-ban.docx"
    source.write_bytes(render_letter_docx(decision(appendices=(Appendix(title="Danh sách", body=body()),))))

    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    subprocess.run(
        ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(source)],
        check=True,
        capture_output=True,
        timeout=120,
    )

    pdf = (tmp_path / "van-ban.pdf").read_bytes()
    assert "Điều 1. Thành lập Tổ công tác." in page_text(pdf)
    assert "DANH SÁCH" in page_text(pdf, 1)
    assert PARAGRAPH[:40] in page_text(pdf, 1)
