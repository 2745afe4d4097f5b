"""Story 8: the page where any PDF is checked, the panel on a document, and the picture printed on a page."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pypdfium2
import pytest
import zxingcpp
from playwright.sync_api import Page, expect

from eoffice.core import files
from eoffice.documents.tests.cast import Cast
from tests.browser import stages
from tests.browser.conftest import SitDown

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def check(page: Page, path: Path) -> None:
    """Bring a file by the door's own link: a paper without a printed code is checked as a file."""
    page.goto("/tai-khoan/dang-nhap/")
    page.get_by_role("link", name="Kiểm tra văn bản").click()
    page.get_by_role("link", name="kiểm tra chữ ký của tệp PDF").click()
    page.get_by_role("button", name="Thả tệp PDF, XML vào đây").set_input_files(path)
    page.get_by_role("button", name="Kiểm tra", exact=True).click()


def test_stranger_checks_a_valid_a_tampered_and_an_unsigned_file(cast: Cast, sit_down: SitDown, tmp_path: Path) -> None:
    outgoing = stages.issued(cast)
    assert outgoing.file is not None
    content = files.read(outgoing.file.file_id)
    valid, tampered, unsigned = (tmp_path / name for name in ("that.pdf", "sua.pdf", "chua-ky.pdf"))
    valid.write_bytes(content)
    altered = bytearray(content)
    altered[content.index(b"stream") + 60] ^= 1
    tampered.write_bytes(altered)
    unsigned.write_bytes(stages.letter_pdf(1))
    page = sit_down(None)
    result = page.get_by_role("region", name="Kết quả kiểm tra chữ ký")

    check(page, valid)
    expect(result.get_by_role("status")).to_contain_text("Hợp lệ")
    expect(result.get_by_role("heading", level=3)).to_have_count(2)
    expect(result.get_by_role("heading", level=3).first).to_contain_text(cast.leader.full_name)
    expect(result.get_by_text("Chứng thư thử nghiệm").first).to_be_visible()
    check(page, tampered)
    expect(result.get_by_role("status")).to_contain_text("Không hợp lệ")
    check(page, unsigned)
    expect(result.get_by_role("status")).to_contain_text("không có chữ ký")

    reader = sit_down(cast.clerk)
    reader.goto(f"/documents/outgoing/{outgoing.pk}/")
    panel = reader.get_by_role("region", name="Chữ ký số")
    expect(panel.get_by_text("Hợp lệ").first).to_be_visible()


def test_stranger_scans_the_picture_on_a_printed_page_and_compares_a_file(
    cast: Cast, sit_down: SitDown, tmp_path: Path
) -> None:
    outgoing = stages.issued(cast)
    assert outgoing.file is not None
    content = files.read(outgoing.file.file_id)
    issued, altered = tmp_path / "ban-da-nhan.pdf", tmp_path / "ban-da-sua.pdf"
    issued.write_bytes(content)
    altered.write_bytes(content.replace(b"%PDF-1.7", b"%PDF-1.6", 1))
    with pypdfium2.PdfDocument(content) as printed:
        [seen] = zxingcpp.read_barcodes(printed[0].render(scale=150 / 72).to_pil())
    phone = sit_down(None, phone=True)

    phone.goto(urlsplit(seen.text).path)
    expect(phone.get_by_role("heading", level=1)).to_contain_text("01/TXG-CN")
    expect(phone.get_by_role("status").first).to_contain_text("Có văn bản này. Chữ ký số: hợp lệ")
    expect(phone.get_by_text(cast.leader.full_name).first).to_be_visible()
    assert stages.SUBJECT not in phone.content()

    for file, answer in ((issued, "Đúng bản đã phát hành"), (altered, "Không phải tệp đã phát hành")):
        phone.get_by_role("button", name="Thả tệp PDF vào đây").set_input_files(file)
        phone.get_by_role("button", name="Đối chiếu").click()
        expect(phone.get_by_role("region", name="Đối chiếu tệp đang có").get_by_role("status").first).to_contain_text(
            answer
        )
