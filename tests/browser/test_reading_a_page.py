"""The viewer of pages: what a browser cannot draw the server draws, and a phone can read the text alone."""

from __future__ import annotations

import io

import pikepdf
import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Route, expect

from eoffice.core import clock
from eoffice.documents.models import IncomingDocument
from eoffice.documents.services import forwarding, receiving, registering
from eoffice.documents.tests import letters
from eoffice.documents.tests.cast import Cast, actor_of
from tests.browser import stages
from tests.browser.conftest import SitDown
from tests.working import work

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def scan_in_jpeg_2000() -> bytes:
    """One A4 page that is nothing but a JPEG 2000 picture, as some scanners make them."""
    picture = Image.new("RGB", (620, 877), "white")
    ImageDraw.Draw(picture).rectangle((60, 100, 560, 400), fill="navy")
    coded = io.BytesIO()
    picture.save(coded, "JPEG2000")
    pdf = pikepdf.new()
    image = pdf.make_stream(
        coded.getvalue(),
        Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=620, Height=877,
        ColorSpace=pikepdf.Name.DeviceRGB, BitsPerComponent=8, Filter=pikepdf.Name.JPXDecode,
    )  # fmt: skip
    page = pdf.add_blank_page(page_size=(595, 842))
    page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=image))
    page.Contents = pdf.make_stream(b"q 595 0 0 842 0 0 cm /Im0 Do Q")
    made = io.BytesIO()
    pdf.save(made)
    return made.getvalue()


def submitted(cast: Cast, content: bytes) -> IncomingDocument:
    """A letter with that very file, registered and submitted to the leader; its renditions are made."""
    now = clock.now()
    clerk = actor_of(cast.clerk, now=now)
    assert clerk.registry_id is not None
    receipt = receiving.receive_incoming(
        actor=clerk, registry_id=clerk.registry_id, uploads=[letters.upload(content)], now=now,
        assurance=receiving.Assurance(seen_no_mark=True),
    )[0]  # fmt: skip
    assert receipt.incoming_id is not None, receipt.error
    registering.register_incoming(actor=clerk, incoming_id=receipt.incoming_id, entry=letters.entry(), now=now)
    work()
    return forwarding.forward_incoming(
        actor=clerk, incoming_id=receipt.incoming_id, leader_id=cast.leader.pk, now=clock.now()
    )


def forbid_compiled_code(route: Route) -> None:
    """Answer as a proxy does that puts the policy of the pages on every file: pdf.js may decode no JPEG 2000 then."""
    response = route.fetch()
    route.fulfill(response=response, headers={**response.headers, "Content-Security-Policy": "script-src 'self'"})


def test_a_scan_the_browser_cannot_draw_is_shown_as_the_servers_picture(cast: Cast, sit_down: SitDown) -> None:
    letter = submitted(cast, scan_in_jpeg_2000())
    page = sit_down(cast.leader)
    page.route("**/pdf.worker*", forbid_compiled_code)

    page.goto(f"/documents/incoming/{letter.pk}/")

    picture = page.locator(".viewer-page[data-drawn-by=server] > img.viewer-picture")
    expect(picture).to_be_visible()
    expect(picture).to_have_js_property("complete", True)
    blue = picture.evaluate(
        """img => { const canvas = Object.assign(document.createElement('canvas'), {width: 62, height: 87});
            const pen = canvas.getContext('2d'); pen.drawImage(img, 0, 0, 62, 87);
            return [...pen.getImageData(30, 25, 1, 1).data] }"""
    )
    assert blue[2] > blue[0] + 60


def test_a_phone_reads_the_text_of_a_letter_and_a_desk_returns_to_its_page(cast: Cast, sit_down: SitDown) -> None:
    letter = submitted(cast, stages.letter_pdf(1))
    page = sit_down(cast.leader, phone=True)
    page.goto(f"/documents/incoming/{letter.pk}/")

    page.get_by_role("button", name="Dạng chữ").click()

    text = page.get_by_role("region", name="Nội dung dạng chữ")
    expect(text).to_contain_text("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM")
    expect(text.get_by_role("note")).to_contain_text("Trang ảnh mới là văn bản")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert text.evaluate("box => box.scrollWidth <= box.clientWidth")
    page.get_by_role("button", name="Trang", exact=True).click()
    expect(page.locator(".viewer-page canvas").first).to_be_visible()


def test_a_file_the_browser_cannot_open_at_all_comes_page_by_page_from_the_server(
    cast: Cast, sit_down: SitDown
) -> None:
    letter = submitted(cast, stages.letter_pdf(1))
    pages = pikepdf.open(io.BytesIO(stages.letter_pdf(1))).pages
    page = sit_down(cast.leader)
    page.route("**/files/*/pdf/", lambda route: route.fulfill(content_type="application/pdf", body="%PDF-1.7 broken"))

    page.goto(f"/documents/incoming/{letter.pk}/")

    expect(page.locator(".viewer-page > img.viewer-picture")).to_have_count(len(pages))
    expect(page.locator(".viewer-page > img.viewer-picture").first).to_be_visible()
    expect(page.get_by_text("Chưa xem được văn bản ở đây")).to_have_count(0)
