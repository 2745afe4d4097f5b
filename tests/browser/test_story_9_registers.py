"""Story 9: the books of Phụ lục IV on screen, as PDF, as XLSX."""

from __future__ import annotations

import io
import re
import subprocess
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from eoffice.core import clock
from eoffice.documents.tests import letters
from eoffice.documents.tests.cast import Cast
from eoffice.reports.books import FORMS, BookKind
from tests.browser import stages
from tests.browser.conftest import SitDown

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def book(page: Page, title: str) -> None:
    """Come to a book as a clerk does."""
    page.goto("/")
    page.get_by_role("navigation", name="Điều hướng chính").get_by_role("link", name="Sổ đăng ký").click()
    page.get_by_role("navigation", name="Loại sổ").get_by_role("link", name=title).click()
    expect(page.get_by_role("heading", level=1, name=title)).to_be_visible()


def test_book_of_arrivals_has_the_columns_of_the_decree_on_screen_and_paper(cast: Cast, sit_down: SitDown) -> None:
    for number in (71, 72):
        letters.registered(cast, now=clock.now(), number=str(number), issued_on=stages.yesterday())
    page = sit_down(cast.clerk)
    form = FORMS[BookKind.INCOMING]
    book(page, form.title)

    columns = [column.name for column in form.columns]
    expect(page.get_by_role("columnheader")).to_have_text(columns)
    expect(page.get_by_role("row")).to_have_count(3)
    with page.expect_download() as download:
        page.get_by_role("link", name="Xuất Excel").click()
    sheet = openpyxl.load_workbook(io.BytesIO(Path(download.value.path()).read_bytes())).active
    assert sheet is not None
    cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert any(row[: len(columns)] == columns for row in cells)
    assert sum("72/BKHCN-CĐSQG" in row for row in cells) == 1
    address = page.get_by_role("link", name="In sổ").get_attribute("href")
    printed = page.request.get(str(address)).body()
    info = subprocess.run(["pdfinfo", "-"], input=printed, capture_output=True, check=True).stdout.decode()
    assert re.search(r"Page size:\s+841\.\d+ x 595\.\d+ pts \(A4\)", info)


def test_book_is_filtered_by_words_without_tone_marks(cast: Cast, sit_down: SitDown) -> None:
    for number, subject in ((71, "Chuyển đổi số ngành y tế"), (72, "Phòng cháy chữa cháy")):
        letters.registered(cast, now=clock.now(), number=str(number), issued_on=stages.yesterday(), subject=subject)
    page = sit_down(cast.clerk)
    book(page, FORMS[BookKind.INCOMING].title)
    page.get_by_label("Tìm trong sổ").fill("phong chay")
    page.get_by_role("button", name="Lọc", exact=True).click()

    expect(page.get_by_role("row")).to_have_count(2)
    expect(page.get_by_role("row").nth(1)).to_contain_text("Phòng cháy chữa cháy")


def test_issued_letter_stands_in_the_book_of_departures(cast: Cast, sit_down: SitDown) -> None:
    outgoing = stages.issued(cast)
    page = sit_down(cast.clerk)
    form = FORMS[BookKind.OUTGOING]
    book(page, form.title)

    expect(page.get_by_role("columnheader")).to_have_text([column.name for column in form.columns])
    line = page.get_by_role("row").filter(has_text=outgoing.shown_code)
    expect(line).to_contain_text(cast.leader.full_name)
    line.get_by_role("link", name=outgoing.shown_code).click()
    expect(page.get_by_role("heading", level=1, name=outgoing.subject)).to_be_visible()
