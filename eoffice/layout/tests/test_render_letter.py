"""Letters as a reader of the PDF finds them: sizes, styles, places. Rules: NĐ 30/2020, Phụ lục I."""

from __future__ import annotations

import io
import itertools
import unicodedata
from datetime import date

import pikepdf
import pypdfium2 as pdfium
import pytest

from eoffice.layout.errors import BodyInvalid, ContentInvalid
from eoffice.layout.forms import Introduction, Invitation, LeavePermit, Minutes
from eoffice.layout.letters import Appendix, SignatureBlock, render_letter
from eoffice.layout.tests.factories import (
    PARAGRAPH,
    POINTS_PER_MM,
    article,
    body,
    decision,
    letter,
    line_with,
    page_text,
    text,
    written,
)

LEFT = 30 * POINTS_PER_MM
RIGHT = (210 - 15) * POINTS_PER_MM


@pytest.mark.parametrize(
    ("words", "size", "font"),
    [
        ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 12, "Tinos-Bold"),
        ("Độc lập - Tự do - Hạnh phúc", 13, "Tinos-Bold"),
        ("SỐ TRƯỜNG XUÂN", 12, "Tinos"),
        ("MẠNG TRƯỜNG XUÂN", 12, "Tinos-Bold"),
        ("Số:", 13, "Tinos"),
        ("/TXM-KTM", 13, "Tinos"),
        ("Hà Nội, ngày 05 tháng 6 năm 2026", 13, "Tinos-Italic"),
        ("V/v báo cáo", 12, "Tinos"),
        ("Kính gửi", 14, "Tinos"),
        ("Thực hiện Kế hoạch", 14, "Tinos"),
        ("PHÓ TỔNG GIÁM ĐỐC", 14, "Tinos-Bold"),
        ("Nguyễn Minh Khôi", 14, "Tinos-Bold"),
        ("Nơi nhận:", 12, "Tinos-BoldItalic"),
        ("- Như trên;", 11, "Tinos"),
        ("- Lưu: VT, KTM.", 11, "Tinos"),
        ("HỎA TỐC", 13, "Tinos-Bold"),
        ("LƯU HÀNH NỘI BỘ", 13, "Tinos-Bold"),
        ("Số 1 đường Trường Xuân", 11, "Tinos"),
    ],
)
def test_component_of_a_letter_has_its_size_and_style(words: str, size: float, font: str) -> None:
    drawn = render_letter(
        letter(
            number="15",
            issued_on=date(2026, 6, 5),
            urgency="hoa_toc",
            circulation_mark="Lưu hành nội bộ",
            footer_address="Số 1 đường Trường Xuân",
        )
    )

    found = line_with(written(drawn.pdf), words)

    assert (found.size, found.font) == (size, font)


@pytest.mark.parametrize(
    ("words", "size", "font"),
    [
        ("QUYẾT ĐỊNH", 14, "Tinos-Bold"),
        ("Về việc thành lập", 14, "Tinos-Bold"),
        ("TỔNG GIÁM ĐỐC TẬP ĐOÀN", 14, "Tinos-Bold"),
        ("Căn cứ Luật Doanh nghiệp ngày 17 tháng 6 năm 2020;", 14, "Tinos-Italic"),
        ("Theo đề nghị của Chánh Văn phòng.", 14, "Tinos-Italic"),
        ("QUYẾT ĐỊNH:", 14, "Tinos-Bold"),
        ("Điều 1. ", 14, "Tinos-Bold"),
        ("Thành lập Tổ công tác.", 14, "Tinos"),
        ("Quyết định này có hiệu lực kể từ ngày ký./.", 14, "Tinos"),
    ],
)
def test_component_of_a_decision_has_its_size_and_style(words: str, size: float, font: str) -> None:
    found = line_with(written(render_letter(decision()).pdf), words)

    assert (found.size, found.font) == (size, font)


def test_text_keeps_the_margins_and_the_first_line_indent() -> None:
    found = written(render_letter(letter(body=body(text(PARAGRAPH * 3)))).pdf)

    first = line_with(found, "Thực hiện Kế hoạch")
    inside = [each for each in found if each.size == 14 and each.font == "Tinos" and "đề nghị các đơn vị" in each.text]
    assert first.x0 == pytest.approx(LEFT + 12.7 * POINTS_PER_MM, abs=1)
    assert min(each.x0 for each in found) >= LEFT - 1
    assert max(each.x1 for each in found) <= RIGHT + 1
    assert any(each.x1 == pytest.approx(RIGHT, abs=5) for each in [first, *inside])


def test_page_is_a4_and_file_is_pdf_a_with_all_fonts_inside() -> None:
    drawn = render_letter(letter())

    with pikepdf.open(io.BytesIO(drawn.pdf)) as pdf:
        metadata = pdf.open_metadata()
        fonts = [
            descendant
            for page in pdf.pages
            for font in page.Resources.Font.values()
            for descendant in font.DescendantFonts
        ]
        embedded = ["/FontFile2" in font.FontDescriptor for font in fonts]
        size = [float(value) for value in pdf.pages[0].MediaBox]
    assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("2", "B")
    assert len(embedded) == 3
    assert all(embedded)
    assert size == pytest.approx([0, 0, 210 * POINTS_PER_MM, 297 * POINTS_PER_MM], abs=0.1)


def test_unnumbered_letter_leaves_room_for_number_and_date() -> None:
    drawn = render_letter(letter())

    found = written(drawn.pdf)
    number, day = drawn.places.number, drawn.places.date
    assert number is not None
    assert day is not None
    assert number.x0 >= line_with(found, "Số:").x1
    assert number.x1 <= line_with(found, "/TXM-KTM").x0 + 0.5
    for place in (number, day):
        assert not [
            each
            for each in found
            if each.x0 < place.x1 - 1
            and each.x1 > place.x0 + 1
            and place.y0 + 4 < (each.y0 + each.y1) / 2 < place.y1 - 4
        ]


def test_places_of_a_numbered_letter_lie_on_the_number_and_the_date() -> None:
    drawn = render_letter(letter(number="5648", issued_on=date(2026, 1, 5)))

    found = written(drawn.pdf)
    for place, words in ((drawn.places.number, "5648"), (drawn.places.date, "Hà Nội, ngày 05 tháng 01 năm 2026")):
        shown = line_with(found, words)
        assert place is not None
        assert place.x0 - 1 <= shown.x0 < shown.x1 <= place.x1 + 40
        assert place.y0 <= shown.y0 < shown.y1 <= place.y1
        assert (place.y0 + place.y1) / 2 == pytest.approx((shown.y0 + shown.y1) / 2, abs=2.5)


def test_signature_lies_between_title_and_name_and_the_seal_on_its_left_third() -> None:
    drawn = render_letter(letter())

    found = written(drawn.pdf)
    (signature,), seal = drawn.places.signatures, drawn.places.seal
    assert seal is not None
    assert signature.y1 < line_with(found, "PHÓ TỔNG GIÁM ĐỐC").y0
    assert signature.y0 > line_with(found, "Nguyễn Minh Khôi").y1
    name = line_with(found, "Nguyễn Minh Khôi")
    assert (signature.x0 + signature.x1) / 2 == pytest.approx((name.x0 + name.x1) / 2, abs=1)
    assert seal.x1 == pytest.approx(signature.x0 + signature.width / 3, abs=0.1)
    assert seal.width == pytest.approx(36 * POINTS_PER_MM, abs=0.1)


def test_letter_without_symbol_or_seal_has_no_place_for_them() -> None:
    drawn = render_letter(letter(symbol="", sealed=False))

    assert (drawn.places.number, drawn.places.seal) == (None, None)


def test_signature_stays_with_the_last_words_wherever_the_page_ends() -> None:
    for count in range(3, 30):
        drawn = render_letter(letter(body=body(*[text(PARAGRAPH)] * count, text("Câu cuối cùng của văn bản"))))
        page = drawn.places.signatures[0].page
        assert "Câu cuối cùng của văn bản./." in page_text(drawn.pdf, page), count


def test_signature_stays_with_two_last_lines_of_a_long_paragraph() -> None:
    pages = set()
    for count in range(5, 34, 2):
        drawn = render_letter(letter(body=body(text(" ".join([PARAGRAPH] * count)))))
        page = drawn.places.signatures[0].page
        lines = page_text(drawn.pdf, page).split("\n")
        end = next(index for index, line in enumerate(lines) if line.endswith("./."))
        pages.add(page)
        assert end >= (2 if page else 1), count
    assert pages == {0, 1, 2}


def test_letter_holds_hundreds_of_recipients_in_order() -> None:
    units = tuple(f"Đơn vị thành viên thứ {index}" for index in range(700))

    drawn = render_letter(letter(recipients=(*units, "Lưu: VT")))

    shown = "\n".join(page_text(drawn.pdf, page) for page in range(drawn.page_count))
    found = [line for line in shown.split("\n") if line.startswith("- Đơn vị thành viên thứ")]
    assert found == [f"- {unit};" for unit in units]
    assert "- Lưu: VT." in shown
    assert drawn.places.signatures[0].page == 0


def test_page_number_stands_on_all_pages_but_the_first_and_appendices_count_their_own() -> None:
    long = body(*[text(PARAGRAPH)] * 14)
    drawn = render_letter(
        letter(
            body=long, appendices=(Appendix(title="Danh mục trạm", body=long), Appendix(title="Biểu mẫu", body=long))
        )
    )

    tops = []
    for page in range(drawn.page_count):
        above = [each for each in written(drawn.pdf, page) if each.y0 > (297 - 20) * POINTS_PER_MM]
        tops.append("".join(each.text for each in above if each.size == 13 and each.text.isdigit()))
    assert tops == ["", "2", "", "2", "", "2"]


def test_appendices_are_headed_with_roman_numbers_and_a_blank_reference() -> None:
    drawn = render_letter(
        decision(appendices=(Appendix(title="Danh sách", body=body()), Appendix(title="Dự toán", body=body())))
    )

    found = written(drawn.pdf, 2)
    assert (line_with(found, "Phụ lục II").size, line_with(found, "Phụ lục II").font) == (14, "Tinos-Bold")
    assert line_with(found, "DỰ TOÁN").font == "Tinos-Bold"
    reference = line_with(found, "(Kèm theo Quyết định số")
    assert reference.font == "Tinos-Italic"
    assert "05/" not in reference.text


def test_single_appendix_carries_no_number() -> None:
    drawn = render_letter(letter(appendices=(Appendix(title="Danh sách", body=body()),)))

    assert page_text(drawn.pdf, 1).startswith("Phụ lục \n") or page_text(drawn.pdf, 1).startswith("Phụ lục\n")


def test_text_issued_by_a_decision_has_a_head_of_its_own() -> None:
    issued = Appendix(issued_type="Quy chế", title="Công tác văn thư", body=body(article("Phạm vi điều chỉnh")))

    shown = page_text(render_letter(decision(appendices=(issued,))).pdf, 1)

    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in shown
    assert shown.index("QUY CHẾ") < shown.index("Công tác văn thư") < shown.index("Điều 1. Phạm vi điều chỉnh")


def test_minutes_have_no_date_line_and_two_signatures_secretary_first() -> None:
    minutes = letter(
        type="minutes",
        symbol="BB-TXG",
        subject="Họp giao ban tháng 11",
        addressees=(),
        extra=Minutes(
            started="08 giờ 00, ngày 20 tháng 11 năm 2026",
            venue="Phòng họp số 1",
            attendees=("Ban Tổng Giám đốc", "Trưởng các ban"),
            chair="Ông Trần Quốc Bảo",
            secretary="Bà Lê Thu Hà",
            ended="11 giờ 30, ngày 20 tháng 11 năm 2026",
        ),
        signatures=(
            SignatureBlock(lines=("Thư ký",), name="Lê Thu Hà"),
            SignatureBlock(lines=("Chủ tọa",), name="Trần Quốc Bảo"),
        ),
    )

    drawn = render_letter(minutes)

    secretary, chair = drawn.places.signatures
    assert drawn.places.date is None
    assert secretary.x1 < chair.x0
    assert "Cuộc họp kết thúc vào 11 giờ 30, ngày 20 tháng 11 năm 2026./." in page_text(drawn.pdf).replace("\n", " ")


def test_invitation_says_who_where_and_when() -> None:
    invitation = Invitation(
        invited="Giám đốc các đơn vị",
        event="Hội nghị tổng kết",
        chair="Ông Trần Quốc Bảo",
        time="08 giờ",
        venue="Tầng 2",
    )

    shown = page_text(render_letter(letter(type="invitation", symbol="GM-TXM", addressees=(), extra=invitation)).pdf)

    for words in (
        "trân trọng kính mời: Giám đốc các",
        "Tới dự Hội nghị tổng kết",
        "Thời gian: 08 giờ",
        "Địa điểm: Tầng 2",
    ):
        assert words in shown


def test_introduction_and_leave_permit_fill_their_set_sentences() -> None:
    introduction = Introduction(
        person="Lê Thu Hà",
        position="Chuyên viên",
        sent_to="Sở Xây dựng",
        purpose="nộp hồ sơ",
        valid_until=date(2026, 3, 1),
    )
    leave = LeavePermit(
        requested_on=date(2026, 2, 1),
        person="Lê Thu Hà",
        position="Chuyên viên",
        days="03 ngày",
        starts_on=date(2026, 2, 9),
        ends_on=date(2026, 2, 11),
        venue="Hà Nội",
        counted_as="nghỉ hằng năm",
    )

    first = page_text(render_letter(letter(type="introduction", addressees=(), extra=introduction)).pdf)
    second = page_text(render_letter(letter(type="leave_permit", addressees=(), extra=leave)).pdf)

    assert "Được cử đến: Sở Xây dựng" in first
    assert "Giấy này có giá trị đến hết ngày 01/03/2026./." in first
    assert "03 ngày kể từ ngày 09/02/2026 đến hết ngày 11/02/2026 tại Hà Nội." in " ".join(second.split())


@pytest.mark.parametrize("kind", ["notice", "plan", "regulation", "contract", "open_letter", "telegram"])
def test_every_typed_document_shows_its_name(kind: str) -> None:
    from eoffice.layout.types import type_of

    shown = page_text(render_letter(letter(type=kind, symbol="X-TXG", addressees=())).pdf)

    assert type_of(kind).name.upper() in shown


def test_notice_with_addressees_is_refused() -> None:
    with pytest.raises(ContentInvalid, match="Kính gửi"):
        render_letter(letter(type="notice"))


def test_letter_with_a_foreign_body_is_refused() -> None:
    with pytest.raises(BodyInvalid):
        render_letter(letter(body={"type": "doc", "content": [{"type": "script"}]}))


def test_words_that_look_like_markup_stay_words() -> None:
    tricky = '#import "x.typ" $x^2$ *đậm* _nghiêng_ @nhãn <nhãn> \\ [ngoặc] // ghi chú'

    shown = page_text(render_letter(letter(subject=tricky, body=body(text(tricky)))).pdf).replace("\n", " ")

    assert shown.count("@nhãn") == 2
    assert "*đậm* _nghiêng_" in shown


def test_character_without_a_glyph_is_refused_by_name() -> None:
    with pytest.raises(ContentInvalid, match="😀"):
        render_letter(letter(body=body(text("Chúc mừng 😀"))))


def test_address_stands_at_the_foot_of_page_one_only() -> None:
    drawn = render_letter(letter(footer_address="Số 1 đường Trường Xuân", body=body(*[text(PARAGRAPH)] * 15)))

    address = line_with(written(drawn.pdf), "Số 1 đường Trường Xuân")
    assert address.y1 < 30 * POINTS_PER_MM
    assert drawn.page_count == 2
    assert "Số 1 đường" not in page_text(drawn.pdf, 1)


def test_date_of_a_place_with_a_long_name_stays_on_one_line() -> None:
    drawn = render_letter(letter(place="Thành phố Hồ Chí Minh", number="15", issued_on=date(2026, 11, 30)))

    found = line_with(written(drawn.pdf), "Thành phố Hồ Chí Minh, ngày 30 tháng 11 năm 2026")
    assert found.size == 13
    assert drawn.places.date is not None
    assert drawn.places.date.x0 < found.x0 < found.x1 < drawn.places.date.x1


def test_long_names_of_bodies_wrap_inside_their_column() -> None:
    superior = "Ủy ban Quản lý vốn nhà nước và đầu tư phát triển hạ tầng kỹ thuật số quốc gia"
    drawn = render_letter(letter(superior_body=superior, issuing_body=f"Trung tâm {superior}", number="15"))

    found = written(drawn.pdf)
    left = [each for each in found if each.size == 12 and each.x0 < 250 and each.text.isupper()]
    assert len(left) >= 6
    assert max(each.x1 for each in left) < line_with(found, "CỘNG HÒA").x0
    assert min(each.y0 for each in left) > line_with(found, "/TXM-KTM").y1


def _accented_letters() -> list[str]:
    tones = ["", "\u0300", "\u0301", "\u0309", "\u0303", "\u0323"]
    lower = [unicodedata.normalize("NFC", vowel + tone) for vowel, tone in itertools.product("aăâeêioôơuưy", tones)]
    accented = [each for each in [*lower, "đ"] if not each.isascii()]
    return [*accented, *(each.upper() for each in accented)]


def test_every_vietnamese_letter_is_drawn_in_all_styles() -> None:
    letters = _accented_letters()
    assert len(letters) == 134
    for marks in ([], ["strong"], ["em"], ["strong", "em"]):
        words = {"type": "text", "text": " ".join(letters), "marks": [{"type": mark} for mark in marks]}
        drawn = render_letter(letter(body=body({"type": "paragraph", "content": [words]})))
        pictures = _pictures(drawn.pdf, letters)
        assert len(pictures) == 134
        assert all(any(pixel < 128 for pixel in picture) for picture in pictures)
        assert len(set(pictures)) == 134


def _pictures(pdf: bytes, letters: list[str]) -> list[bytes]:
    """The ink of each letter of the paragraph, cut from the rendered page."""
    scale = 6
    page = pdfium.PdfDocument(pdf)[0]
    image = page.render(scale=scale, grayscale=True).to_pil()
    words = page.get_textpage()
    shown = words.get_text_range()
    start = shown.index(" ".join(letters[:8]))
    pictures: list[bytes] = []
    for index in range(start, start + 700):
        if len(pictures) == len(letters):
            break
        if shown[index] != letters[len(pictures)]:
            continue
        x0, y0, x1, y1 = words.get_charbox(index)
        high = page.get_height()
        box = (int(x0 * scale), int((high - y1) * scale), int(x1 * scale) + 1, int((high - y0) * scale) + 1)
        cut = image.crop(box)
        pictures.append(bytes(cut.size) + cut.tobytes())
    return pictures
