"""Fields and places found on papers: our own, then the real ones of the sample folder."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from eoffice.core.vietnamese import fold
from eoffice.layout.docx import render_letter_docx
from eoffice.layout.errors import PageUnreadable
from eoffice.layout.finding import clear_lines, find_places
from eoffice.layout.letters import RenderedLetter, render_letter
from eoffice.layout.pages import Page, Word
from eoffice.layout.reading import LetterFields, fields_of, read_letter
from eoffice.layout.tests.factories import PARAGRAPH, body, decision, letter, page_text, text

SAMPLES = Path(__file__).resolve().parents[4] / "shared" / "samples" / "letters"
needs_samples = pytest.mark.skipif(
    not (SAMPLES / "truth.json").exists(), reason="the folder of real letters (samples/letters) is not on this machine"
)
needs_office = pytest.mark.skipif(
    shutil.which("soffice") is None, reason="LibreOffice is not installed on this machine"
)


def _values(fields: LetterFields) -> dict[str, object]:
    names = ("number", "symbol", "number_symbol", "place", "issued_on", "superior", "issuer")
    more = ("type", "subject", "signer", "position", "urgency")
    return {name: found.value if (found := getattr(fields, name)) else None for name in (*names, *more)}


def test_fields_of_a_drawn_letter_are_read_back() -> None:
    drawn = render_letter(letter(number="15", issued_on=date(2026, 6, 5), urgency="hoa_toc"))

    fields = read_letter(drawn.pdf)

    assert _values(fields) == {
        "number": "15",
        "symbol": "TXM-KTM",
        "number_symbol": "15/TXM-KTM",
        "place": "Hà Nội",
        "issued_on": date(2026, 6, 5),
        "superior": "TẬP ĐOÀN HẠ TẦNG SỐ TRƯỜNG XUÂN",
        "issuer": "TỔNG CÔNG TY HẠ TẦNG MẠNG TRƯỜNG XUÂN",
        "type": "Công văn",
        "subject": "báo cáo tình hình triển khai kế hoạch phát triển hạ tầng số năm 2026",
        "signer": "Nguyễn Minh Khôi",
        "position": "PHÓ TỔNG GIÁM ĐỐC",
        "urgency": "hoa_toc",
    }
    assert fields.capacity == ("KT. TỔNG GIÁM ĐỐC",)


def test_fields_of_a_drawn_decision_are_read_back() -> None:
    fields = read_letter(render_letter(decision()).pdf)

    values = _values(fields)
    assert (values["type"], values["number_symbol"], values["superior"]) == ("Quyết định", "05/QĐ-TXG", None)
    assert values["subject"] == "Về việc thành lập Tổ công tác triển khai chương trình chuyển đổi số"
    assert (values["signer"], values["position"], fields.capacity) == ("Trần Quốc Bảo", "TỔNG GIÁM ĐỐC", ())


def _word(text: str, x0: float, y0: float, *, bold: bool = True) -> list[Word]:
    """Words of one line in 12 points, a letter 7 points wide."""
    words: list[Word] = []
    for each in text.split():
        words.append(Word(each, 0, x0, y0, x0 + 7 * len(each), y0 + 11, 12, "Times-Bold" if bold else "Times", bold))
        x0 += 7 * len(each) + 4
    return words


def test_national_name_over_two_lines_is_one_heading() -> None:
    words = [
        *_word("BỘ XÂY DỰNG", 90, 770), *_word("CỘNG HÒA XÃ HỘI CHỦ NGHĨA", 320, 770), *_word("VIỆT NAM", 380, 756),
        *_word("Độc lập - Tự do - Hạnh phúc", 330, 740), *_word("Số: 15/BXD-VP", 90, 720, bold=False),
        *_word("Hà Nội, ngày 05 tháng 6 năm 2026", 300, 720, bold=False),
    ]  # fmt: skip

    fields = fields_of([Page(0, 595, 842, tuple(words))])

    assert (fields.issuer and fields.issuer.value, fields.number_symbol and fields.number_symbol.value) == (
        "BỘ XÂY DỰNG", "15/BXD-VP",
    )  # fmt: skip
    assert fields.issued_on is not None
    assert fields.issued_on.value == date(2026, 6, 5)


def test_blank_number_and_date_stay_unknown() -> None:
    values = _values(read_letter(render_letter(letter()).pdf))

    assert (values["number"], values["number_symbol"], values["issued_on"]) == (None, None, None)
    assert values["symbol"] == "TXM-KTM"


def test_date_in_the_text_is_not_taken_for_the_date_of_the_letter() -> None:
    words = text("Ngày 05 tháng 01 năm 2025 Tập đoàn đã gửi công văn, ngày 06 tháng 02 năm 2025 nhận trả lời")

    assert _values(read_letter(render_letter(letter(body=body(words))).pdf))["issued_on"] is None


def test_urgency_word_in_the_text_is_not_a_mark() -> None:
    assert _values(read_letter(render_letter(letter(body=body(text("Việc này rất KHẨN cấp.")))).pdf))["urgency"] is None


def test_broken_file_is_refused() -> None:
    with pytest.raises(PageUnreadable):
        read_letter(b"%PDF-1.7 broken")


def test_encrypted_file_is_refused(tmp_path: Path) -> None:
    locked = tmp_path / "locked.pdf"
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(locked, encryption=pikepdf.Encryption(user="mật khẩu", owner="x"))

    with pytest.raises(PageUnreadable):
        read_letter(locked)


def _near(found: Any, drawn: Any, tolerance: float) -> bool:
    pairs = zip((found.x0, found.y0, found.x1, found.y1), (drawn.x0, drawn.y0, drawn.x1, drawn.y1), strict=True)
    return found.page == drawn.page and all(abs(a - b) <= tolerance for a, b in pairs)


@pytest.mark.parametrize("paragraphs", [1, 12])
def test_places_are_found_where_they_were_drawn(paragraphs: int) -> None:
    drawn: RenderedLetter = render_letter(letter(body=body(*[text(PARAGRAPH)] * paragraphs)))

    found = find_places(drawn.pdf)

    assert found.number is not None
    assert found.signature is not None
    assert found.seal is not None
    assert _near(found.number.box, drawn.places.number, 2)
    assert _near(found.signature.box, drawn.places.signatures[0], 2)
    assert _near(found.seal.box, drawn.places.seal, 2)
    assert min(found.number.confidence, found.signature.confidence) >= 0.9


def test_paper_without_letterhead_has_no_places_and_no_fields() -> None:
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        buffer = io.BytesIO()
        pdf.save(buffer)

    found = find_places(buffer.getvalue())

    assert (found.number, found.date, found.signature, found.seal) == (None, None, None, None)
    assert read_letter(buffer.getvalue()) == LetterFields(has_text=False)


def _converted(folder: Path, *sources: Path) -> list[Path]:
    command = ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", "pdf"]
    subprocess.run(
        [*command, "--outdir", str(folder), *map(str, sources)], check=True, capture_output=True, timeout=180
    )
    return [folder / f"{source.stem}.pdf" for source in sources]


@needs_office
def test_places_of_a_word_file_are_found_and_the_blank_date_is_cleared(tmp_path: Path) -> None:
    source = tmp_path / "du-thao.docx"
    source.write_bytes(render_letter_docx(letter()))
    (pdf,) = _converted(tmp_path, source)

    found = find_places(pdf)

    assert found.date is not None
    assert found.number is not None
    assert found.signature is not None
    assert found.number.confidence > 0.9
    cleared = page_text(clear_lines(pdf.read_bytes(), [found.date.box]))
    assert "Hà Nội, ngày" in page_text(pdf.read_bytes())
    assert "Hà Nội, ngày" not in cleared
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in cleared
    assert "Kính gửi" in cleared


def _same(read: object, true: object) -> bool:
    return fold(str(read or "")) == fold(str(true or ""))


def _faults(fields: LetterFields, truth: dict[str, Any]) -> dict[str, tuple[object, object]]:
    signer = (truth["signers"] or [{}])[0]
    wanted = {
        "number": truth["number"],
        "symbol": truth["symbol"],
        "number_symbol": truth["number_symbol"],
        "place": truth["place"],
        "issued_on": truth["issue_date"],
        "superior": truth["superior_body"],
        "issuer": truth["issuing_body"],
        "type": truth["document_type"],
        "subject": truth["subject"],
        "signer": signer.get("name"),
        "position": signer.get("position"),
    }
    read = _values(fields)
    faults = {name: (read[name], true) for name, true in wanted.items() if not _same(read[name], true)}
    if not _same(" ".join(fields.capacity).replace(" ", ""), " ".join(signer.get("capacity", [])).replace(" ", "")):
        faults["capacity"] = (fields.capacity, signer.get("capacity"))
    return faults


def _truth(name: str) -> dict[str, Any]:
    entries: list[dict[str, Any]] = json.loads((SAMPLES / "truth.json").read_text())
    return next(entry for entry in entries if entry["file"] == name)


@needs_samples
def test_number_and_date_that_exist_only_in_signature_marks_are_read() -> None:
    name = "bo-xay-dung-11410-cong-van-2026-ky-so.pdf"

    assert _faults(read_letter(SAMPLES / name), _truth(name)) == {}


@needs_samples
def test_number_that_is_a_picture_stays_unknown_and_the_rest_is_read() -> None:
    name = "c07-2118-cong-van-2026-ky-so-cades.pdf"
    truth = _truth(name)

    faults = _faults(read_letter(SAMPLES / name), truth)

    assert faults == {
        "number": (None, truth["number"]),
        "number_symbol": (None, truth["number_symbol"]),
        "issued_on": (None, truth["issue_date"]),
    }


@needs_samples
def test_annex_does_not_take_the_number_of_its_letter() -> None:
    values = _values(read_letter(SAMPLES / "bo-xay-dung-11410-phu-luc-3-ky-so.pdf"))

    assert set(values.values()) == {None}


@needs_samples
@pytest.mark.parametrize("name", sorted(path.name for path in SAMPLES.glob("*-quet.pdf")))
def test_scan_without_text_fills_nothing(name: str) -> None:
    assert read_letter(SAMPLES / name) == LetterFields(has_text=False)


@needs_samples
@needs_office
def test_fields_of_real_word_files_are_read(tmp_path: Path) -> None:
    names = [
        "c07-2243-cong-van-2025-du-thao.doc",
        "ubnd-binh-duong-09-2009-chi-thi.doc",
        "chinh-phu-30-2020-nghi-dinh.docx",
    ]

    pdfs = _converted(tmp_path, *(SAMPLES / name for name in names))

    assert [_faults(read_letter(pdf), _truth(name)) for pdf, name in zip(pdfs, names, strict=True)] == [{}, {}, {}]
