from __future__ import annotations

import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eoffice.renditions import checking, office
from eoffice.renditions.secrecy import (
    FoundIn,
    SecrecyCheck,
    SecrecyFinding,
    SecrecyLevel,
    examine,
    find_secrecy_mark,
)
from eoffice.renditions.sniffing import FileKind
from eoffice.renditions.tests import making

needs_office = pytest.mark.skipif(office.installation() is None, reason="LibreOffice is not installed on this machine")


@pytest.mark.parametrize(
    ("line", "level"),
    [
        ("MẬT", SecrecyLevel.SECRET),
        ("  MẬT ", SecrecyLevel.SECRET),
        ("[MẬT]", SecrecyLevel.SECRET),
        ("M Ậ T", SecrecyLevel.SECRET),
        ("TỐI MẬT", SecrecyLevel.TOP_SECRET),
        ("TUYỆT MẬT", SecrecyLevel.MOST_SECRET),
        ("T U Y Ệ T   M Ậ T", SecrecyLevel.MOST_SECRET),
        (unicodedata.normalize("NFD", "TUYỆT MẬT"), SecrecyLevel.MOST_SECRET),
    ],
)
def test_a_line_of_nothing_but_the_mark_in_capitals_counts(line, level):
    found = find_secrecy_mark(head_lines=["TẬP ĐOÀN TRƯỜNG XUÂN", line, "Số: 12/TXG-CN"])

    assert found == SecrecyFinding(level, FoundIn.PAGE)


@pytest.mark.parametrize(
    "line",
    [
        "Mật",
        "mật",
        "Tối mật",
        "BẢO MẬT",
        "MẬT KHẨU",
        "BẢO VỆ BÍ MẬT NHÀ NƯỚC",
        "Độ mật: không",
        "ĐỘ MẬT",
        "văn bản có độ MẬT phải gửi riêng",
        "MẤT",
        "MẶT",
        "MAT",
        "MẮT",
        "",
    ],
)
def test_other_lines_are_no_marks(line):
    assert find_secrecy_mark(head_lines=[line]) is None


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("MẬT_12-TXG.pdf", SecrecyLevel.SECRET),
        ("MAT_12-TXG.pdf", SecrecyLevel.SECRET),
        ("MAT.pdf", SecrecyLevel.SECRET),
        ("CV 12 (MẬT).pdf", SecrecyLevel.SECRET),
        ("[MAT] bao cao.docx", SecrecyLevel.SECRET),
        ("Báo cáo quý IV - MẬT.docx", SecrecyLevel.SECRET),
        ("tuyet mat 05.pdf", SecrecyLevel.MOST_SECRET),
        ("TUYETMAT.pdf", SecrecyLevel.MOST_SECRET),
        ("Cong-van_toi-mat.doc", SecrecyLevel.TOP_SECRET),
        ("Công văn tối mật.doc", SecrecyLevel.TOP_SECRET),
        (unicodedata.normalize("NFD", "TỐI MẬT 3.pdf"), SecrecyLevel.TOP_SECRET),
    ],
)
def test_a_file_name_that_says_so_counts(name, level):
    assert find_secrecy_mark(head_lines=[], file_name=name) == SecrecyFinding(level, FoundIn.FILE_NAME)


@pytest.mark.parametrize(
    "name",
    [
        "Quy chế bảo mật thông tin.pdf",
        "BAO MAT THONG TIN.pdf",
        "QUY CHẾ BẢO MẬT.pdf",
        "Luật Bảo vệ bí mật nhà nước.pdf",
        "LUAT BAO VE BI MAT NHA NUOC.pdf",
        "mat khau wifi.docx",
        "MẬT KHẨU HỆ THỐNG.docx",
        "MAT_KHAU.docx",
        "BENH VIEN MAT.pdf",
        "Bệnh viện Mắt.pdf",
        "tôi mất thẻ.pdf",
        "format.pdf",
        "MATRIX.xlsx",
        "mật ong.pdf",
        "12-TXG-CN.pdf",
        "",
    ],
)
def test_other_file_names_are_no_marks(name):
    assert find_secrecy_mark(head_lines=[], file_name=name) is None


@pytest.mark.parametrize(
    ("declared", "level"),
    [("mat", SecrecyLevel.SECRET), ("Mật", SecrecyLevel.SECRET), ("toi_mat", SecrecyLevel.TOP_SECRET)],
)
def test_what_the_clerk_declares_counts_first(declared, level):
    found = find_secrecy_mark(head_lines=["TUYỆT MẬT"], file_name="tuyet mat.pdf", declared=declared)

    assert found == SecrecyFinding(level, FoundIn.DECLARED)


@pytest.mark.parametrize("declared", [None, "", "thuong", "Không"])
def test_declaring_none_is_no_mark(declared):
    assert find_secrecy_mark(head_lines=[], declared=declared) is None


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_is_read_without_error(line, name):
    find_secrecy_mark(head_lines=[line], file_name=name, declared=line)


@pytest.fixture
def brought(tmp_path: Path) -> Callable[[bytes], Path]:
    def write(content: bytes) -> Path:
        path = tmp_path / "source"
        path.write_bytes(content)
        return path

    return write


@pytest.mark.parametrize(
    ("mark", "level"),
    [("MẬT", SecrecyLevel.SECRET), ("TỐI MẬT", SecrecyLevel.TOP_SECRET), ("TUYỆT MẬT", SecrecyLevel.MOST_SECRET)],
)
def test_a_mark_in_box_10a_of_a_pdf_is_found_beside_the_right_column(brought, mark, level):
    check = examine(brought(making.letter(mark=mark)), kind=FileKind.PDF, file_name="cv-12.pdf")

    assert check == SecrecyCheck(SecrecyFinding(level, FoundIn.PAGE), needs_confirmation=False)


def test_a_letter_about_passwords_is_clear(brought):
    body = ("V/v bảo mật và đổi mật khẩu định kỳ", "BẢO MẬT THÔNG TIN", "Điều 1. Độ MẬT của văn bản")

    check = examine(brought(making.letter(body=body)), kind=FileKind.PDF, file_name="bao-mat.pdf")

    assert check == SecrecyCheck(None, needs_confirmation=False)


def test_a_mark_in_the_lower_half_or_on_page_two_does_not_count(brought):
    body = (*[f"Đoạn {number}" for number in range(32)], "MẬT")

    check = examine(brought(making.letter(body=body, pages=2)), kind=FileKind.PDF, file_name="cv.pdf")

    assert check.finding is None


def test_a_scan_without_text_asks_the_clerk(brought):
    assert examine(brought(making.blank(1)), kind=FileKind.PDF, file_name="quet.pdf") == SecrecyCheck(
        None, needs_confirmation=True
    )
    assert examine(brought(making.picture("JPEG")), kind=FileKind.JPEG, file_name="quet.jpg").needs_confirmation


def test_a_scan_named_secret_is_a_finding_not_a_question(brought):
    check = examine(brought(making.blank(1)), kind=FileKind.PDF, file_name="MAT_quet.pdf")

    assert check.finding == SecrecyFinding(SecrecyLevel.SECRET, FoundIn.FILE_NAME)
    assert not check.needs_confirmation


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (lambda line: making.word("TẬP ĐOÀN TRƯỜNG XUÂN", line, "Kính gửi: Ban Công nghệ" * 3), FileKind.DOCX),
        (lambda line: making.sheet(("TẬP ĐOÀN TRƯỜNG XUÂN",), (line,)), FileKind.XLSX),
        (making.open_document, FileKind.ODT),
    ],
)
def test_a_mark_in_an_office_file_is_found(brought, make, kind):
    marked = examine(brought(make("TỐI MẬT")), kind=kind, file_name="a")
    plain = examine(brought(make("V/v bảo mật")), kind=kind, file_name="a")

    assert marked.finding == SecrecyFinding(SecrecyLevel.TOP_SECRET, FoundIn.PAGE)
    assert plain == SecrecyCheck(None, needs_confirmation=False)


def test_a_mark_in_a_text_box_of_a_word_file_is_found(brought):
    box = (
        '<w:p xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:r><w:t>Số: 12</w:t>'
        "<w:pict><w:txbxContent><w:p><w:r><w:t>MẬ</w:t></w:r><w:r><w:t>T</w:t></w:r></w:p></w:txbxContent>"
        "</w:pict></w:r></w:p>"
    )
    content = making.replaced(making.word("Kính gửi"), "word/document.xml", "<w:sectPr", box + "<w:sectPr")

    check = examine(brought(content), kind=FileKind.DOCX, file_name="a.docx")

    assert check.finding == SecrecyFinding(SecrecyLevel.SECRET, FoundIn.PAGE)


def test_a_word_file_that_is_only_a_picture_asks_the_clerk(brought):
    picture = (
        '<w:p xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:r><w:drawing/></w:r></w:p>'
    )
    content = making.replaced(making.word(""), "word/document.xml", "<w:sectPr", picture + "<w:sectPr")

    assert examine(brought(content), kind=FileKind.DOCX, file_name="a.docx").needs_confirmation


@pytest.mark.skipif(not making.SAMPLES.is_dir(), reason="real letters are not beside the project")
@needs_office
def test_no_real_letter_is_taken_for_a_secret_and_every_scan_asks():
    scans = {path.name for path in making.SAMPLES.iterdir() if path.stem.endswith("quet")}
    asked = set()
    for path in making.real_letters():
        check = examine(path, kind=checking.check(path).kind, file_name=path.name)
        assert check.finding is None, path.name
        if check.needs_confirmation:
            asked.add(path.name)

    assert scans
    assert asked == scans
