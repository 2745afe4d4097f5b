"""Slips and registers: the parts Phụ lục IV asks for, with what was written in them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pypdfium2 as pdfium
import pytest

from eoffice.core.tables import to_pdf
from eoffice.layout.registers import (
    FOLLOW_UP,
    INCOMING,
    OUTGOING,
    REGISTERS,
    RegisterBook,
    RegisterForm,
    register_table,
)
from eoffice.layout.slips import (
    HandlingSlip,
    Opinion,
    SlipHead,
    SubmissionSlip,
    render_handling_slip,
    render_submission_slip,
)
from eoffice.layout.tests.factories import page_text

HEAD = SlipHead(body="Văn phòng Tập đoàn", superior_body="Tập đoàn Hạ tầng số", place="Hà Nội", day=date(2026, 2, 5))
BOOK = RegisterBook(
    superior_body="Tập đoàn Hạ tầng số Trường Xuân",
    body="Văn phòng",
    first_day=date(2026, 1, 1),
    last_day=date(2026, 12, 31),
    first_number="01",
    last_number="1523",
)


def test_submission_slip_carries_proposal_opinions_and_decision() -> None:
    given = datetime(2026, 2, 5, 2, 30, tzinfo=UTC)
    slip = SubmissionSlip(
        head=HEAD,
        submitted_to="Tổng Giám đốc",
        submitted_by="Ban Kỹ thuật",
        draft_type="Công văn",
        subject="Trả lời Sở Xây dựng",
        proposal="Kính trình ký văn bản trả lời.",
        attachments=("Công văn đến số 15", "Bảng số liệu"),
        opinions=(Opinion(who="Lê Thu Hà, Ban Pháp chế", text="Đồng ý nội dung.", given_at=given),),
        decided=Opinion(who="Trần Quốc Bảo, Tổng Giám đốc", text="Đồng ý phát hành.", given_at=given),
        drafter="Nguyễn Văn Nam",
        unit_head="Phạm Văn Long",
    )

    shown = page_text(render_submission_slip(slip))

    for words in ("PHIẾU TRÌNH", "Hà Nội, ngày 05 tháng 02 năm 2026", "- Công văn đến số 15;", "- Bảng số liệu."):
        assert words in shown
    assert shown.index("Kính trình ký") < shown.index("Đồng ý nội dung") < shown.index("Đồng ý phát hành")
    assert "(09:30 05/02/2026)" in shown


def test_handling_slip_leaves_free_lines_for_what_is_not_written_yet() -> None:
    slip = HandlingSlip(
        head=HEAD,
        arrival_number="1523",
        arrived_on=date(2026, 2, 5),
        document_type="Công văn",
        number_symbol="15/TXM-KTM",
        issued_on=date(2026, 2, 3),
        issuer="Tổng công ty Hạ tầng mạng",
        subject="Báo cáo tiến độ",
        lead="Ban Kỹ thuật",
        support=("Ban Kế hoạch", "Ban Tài chính"),
        due_on=date(2026, 2, 15),
    )

    shown = page_text(render_handling_slip(slip))

    for words in (
        "PHIẾU GIẢI QUYẾT VĂN BẢN ĐẾN",
        "15/TXM-KTM; 03/02/2026",
        "Ban Kế hoạch; Ban Tài chính",
        "1. Ý kiến của lãnh đạo cơ quan, tổ chức",
        "2. Ý kiến của lãnh đạo đơn vị",
        "3. Đề xuất của người giải quyết",
    ):
        assert words in shown


def test_long_opinion_runs_over_pages() -> None:
    slip = HandlingSlip(
        head=HEAD,
        arrival_number="1",
        arrived_on=date(2026, 2, 5),
        document_type="Công văn",
        number_symbol="1/X",
        issued_on=None,
        issuer="Sở Xây dựng",
        subject="Báo cáo",
        leaders=(Opinion(who="Trần Quốc Bảo", text="Giao Ban Kỹ thuật chủ trì, báo cáo trước ngày 15. " * 120),),
    )

    assert len(pdfium.PdfDocument(render_handling_slip(slip))) >= 2


@pytest.mark.parametrize(("form", "count"), [(OUTGOING, 10), (INCOMING, 10), (FOLLOW_UP, 7)])
def test_register_has_the_columns_of_the_annex(form: RegisterForm, count: int) -> None:
    assert len(form.columns) == count


@pytest.mark.parametrize("form", REGISTERS, ids=lambda form: form.code)
def test_printed_register_has_cover_columns_and_signatures(form: RegisterForm) -> None:
    pdf = to_pdf(register_table(form, BOOK, [[f"ô {n}" for n in range(len(form.columns))]]))

    cover, page = page_text(pdf), page_text(pdf, 1)
    assert "Từ ngày 01/01/2026 đến ngày 31/12/2026" in cover
    assert ("Từ số 01 đến số 1523" in cover) is form.counted
    assert "Quyển số: 01" in cover
    assert f"({len(form.columns)})" in page
    assert "NGƯỜI LẬP SỔ" in page
    assert all(f"ô {n}" in page for n in range(len(form.columns)))
