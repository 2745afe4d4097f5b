"""Thể thức findings: each fault is named once with its clause, and a letter without fault has none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from eoffice.layout.finding import find_places
from eoffice.layout.form_findings import PageWords, Severity, findings_of_letter, findings_of_page
from eoffice.layout.letters import Appendix, LetterContent, SignatureBlock, render_letter
from eoffice.layout.reading import read_letter
from eoffice.layout.schema import empty_body


def paragraph(text: str) -> dict[str, object]:
    return {"type": "doc", "content": [{"type": "paragraph", "content": [{"type": "text", "text": text}]}]}


GOOD = LetterContent(
    type="letter",
    issuing_body="Tập đoàn Hạ tầng số Trường Xuân",
    symbol="TXG-CN",
    place="Hà Nội",
    subject="Báo cáo kết quả triển khai chữ ký số",
    addressees=("Công ty Dịch vụ số",),
    body=paragraph("Đề nghị các đơn vị báo cáo trước ngày 30."),
    recipients=("Như trên", "Lưu: VT, CN"),
    signatures=(SignatureBlock(lines=("TỔNG GIÁM ĐỐC",), name="Trần Quốc Khánh"),),
)
DECISION = replace(
    GOOD, type="decision", symbol="QĐ-TXG", subject="Về việc ban hành quy chế", addressees=(),
    authority="Tổng Giám đốc", legal_bases=("Căn cứ Điều lệ Tập đoàn",), recipients=("Như Điều 3", "Lưu: VT"),
    body={"type": "doc", "content": [{"type": "article", "content": [{"type": "text", "text": "Ban hành Quy chế."}]}]},
)  # fmt: skip


def test_a_letter_without_fault_has_no_finding() -> None:
    assert findings_of_letter(GOOD) == ()
    assert findings_of_letter(DECISION) == ()


@pytest.mark.parametrize(
    ("content", "part", "severity", "clause"),
    [
        (replace(GOOD, symbol=""), "Số, ký hiệu", "error", "PL I, mục II.3"),
        (replace(GOOD, symbol="TXG-Cn"), "Số, ký hiệu", "error", "PL I, mục II.3"),
        (replace(GOOD, symbol="TXG"), "Số, ký hiệu", "warning", "PL I, mục II.3"),
        (replace(GOOD, symbol="TXG-" + "A" * 30), "Số, ký hiệu", "error", "PL VI"),
        (replace(DECISION, symbol="TB-TXG"), "Số, ký hiệu", "error", "PL I, mục II.3"),
        (replace(GOOD, place=" "), "Địa danh, ngày", "error", "PL I, mục II.4"),
        (replace(GOOD, subject=""), "Trích yếu", "error", "PL I, mục II.5"),
        (replace(GOOD, subject="BÁO CÁO KẾT QUẢ TRIỂN KHAI"), "Trích yếu", "error", "PL I, mục II.5"),
        (replace(GOOD, subject="Báo cáo " * 30), "Trích yếu", "warning", "PL I, mục II.5"),
        (replace(GOOD, subject="Báo cáo kết quả."), "Trích yếu", "warning", "PL I, mục II.5"),
        (replace(DECISION, subject="Quyết định về quy chế"), "Trích yếu", "warning", "PL I, mục II.5"),
        (replace(GOOD, addressees=()), "Kính gửi", "error", "PL I, mục II.9"),
        (replace(DECISION, authority=""), "Thẩm quyền ban hành", "error", "PL III, mẫu 1.1, 1.2"),
        (replace(DECISION, legal_bases=()), "Căn cứ ban hành", "error", "PL I, mục II.6"),
        (replace(DECISION, legal_bases=("Nghị định số 30",)), "Căn cứ ban hành", "warning", "PL I, mục II.6"),
        (replace(GOOD, body=empty_body()), "Nội dung", "error", "PL I, mục II.6"),
        (replace(GOOD, body=DECISION.body), "Nội dung", "warning", "PL I, mục II.6"),
        (replace(GOOD, signatures=()), "Người ký", "error", "PL I, mục II.7"),
        (
            replace(GOOD, signatures=(SignatureBlock(lines=("TỔNG GIÁM ĐỐC",), name="TS. Trần Quốc Khánh"),)),
            "Người ký", "error", "PL I, mục II.7",
        ),
        (replace(GOOD, recipients=("Lưu: VT",)), "Nơi nhận", "error", "PL I, mục II.9"),
        (replace(GOOD, circulation_mark="Nội bộ"), "Phạm vi lưu hành", "warning", "PL I, mục III.2"),
        (replace(GOOD, drafter_mark="phuc 3"), "Ký hiệu người soạn", "warning", "PL I, mục III.3"),
        (replace(GOOD, body=paragraph("Theo Phụ lục kèm theo.")), "Phụ lục", "warning", "PL I, mục III.1"),
        (
            replace(GOOD, appendices=(Appendix(title="Danh sách", body=paragraph("Một")),)),
            "Phụ lục", "warning", "PL I, mục III.1",
        ),
    ],
)  # fmt: skip
def test_each_fault_is_named_once_with_its_clause(
    content: LetterContent, part: str, severity: str, clause: str
) -> None:
    found = findings_of_letter(content)

    assert [(each.part, each.severity, each.clause) for each in found] == [(part, Severity(severity), clause)]
    assert found[0].message
    assert found[0].remedy


def test_an_appendix_without_title_is_an_error_even_where_it_is_mentioned() -> None:
    content = replace(
        GOOD, body=paragraph("Theo Phụ lục kèm theo."), appendices=(Appendix(title="", body=paragraph("Một")),)
    )

    assert [each.message for each in findings_of_letter(content)] == ["Phụ lục 1 chưa có tên."]


def test_a_paper_without_number_lacks_no_symbol() -> None:
    assert findings_of_letter(replace(GOOD, symbol=""), needs_number=False) == ()


def words_of(pdf: bytes) -> PageWords:
    fields, places = read_letter(pdf), find_places(pdf)
    found = [name for name in ("number", "date", "signature") if getattr(places, name) is not None]
    return PageWords(
        type_name=fields.type.value if fields.type else "", symbol=fields.symbol.value if fields.symbol else "",
        place=fields.place.value if fields.place else "", issuer=fields.issuer.value if fields.issuer else "",
        subject=fields.subject.value if fields.subject else "", signer=fields.signer.value if fields.signer else "",
        has_text=fields.has_text, found=tuple(found),
    )  # fmt: skip


def test_a_page_that_agrees_with_what_was_filled_in_has_no_finding() -> None:
    long = replace(GOOD, body=paragraph("Đề nghị các đơn vị báo cáo kết quả trước ngày 30. " * 12))
    page = words_of(render_letter(long).pdf)

    assert findings_of_page(page, long, wanted=("signature",)) == ()


def test_a_page_that_says_otherwise_is_named_part_by_part() -> None:
    long = replace(GOOD, body=paragraph("Đề nghị các đơn vị báo cáo kết quả trước ngày 30. " * 12))
    page = words_of(render_letter(long).pdf)
    filled_in = replace(
        long, subject="Rà soát hạ tầng", signatures=(SignatureBlock(lines=("TỔNG GIÁM ĐỐC",), name="Lê Minh Nguyệt"),)
    )

    found = findings_of_page(page, filled_in)

    assert [each.part for each in found] == ["Trích yếu", "Người ký"]
    assert all(each.severity is Severity.ERROR for each in found)


def test_nobody_is_told_to_change_a_page_that_came_signed() -> None:
    page = PageWords(signer="Trần Văn Đối Tác", found=())

    found = findings_of_page(page, GOOD, wanted=("signature",), came_signed=True)

    assert [each.severity for each in found] == [Severity.WARNING, Severity.ERROR]
    assert all("không sửa được" in each.remedy and "tải lại" not in each.remedy for each in found)


def test_places_that_were_not_found_are_named() -> None:
    found = findings_of_page(PageWords(found=("date",)), GOOD, wanted=("number", "date", "signature"))

    assert [each.part for each in found] == ["Số, ký hiệu", "Người ký"]


def test_a_scan_is_said_to_be_unreadable() -> None:
    found = findings_of_page(PageWords(has_text=False), GOOD, wanted=("number",))

    assert [each.part for each in found] == ["Trang"]
