"""Story 8: the page where any PDF is checked, and the panel on a document."""

from __future__ import annotations

from pathlib import Path

import pytest
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
