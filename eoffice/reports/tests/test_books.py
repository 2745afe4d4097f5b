"""The books: exact columns and rows, filters, rights, paper and spreadsheet."""

from __future__ import annotations

import io
import unicodedata
from datetime import date, timedelta

import openpyxl
import pypdfium2 as pdfium
import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from eoffice.core import tables
from eoffice.core.errors import NotFound
from eoffice.core.vietnamese import fold
from eoffice.documents.models import (
    Delivery,
    Draft,
    DraftRecipient,
    EntryState,
    IncomingDocument,
    OutgoingDocument,
    OutsideBody,
    PostalDispatch,
    Register,
    RegisterEntry,
)
from eoffice.documents.queries import books, incoming_book, outgoing_book, postal_book
from eoffice.documents.queries.books import BookFilter
from eoffice.documents.services import numbering
from eoffice.documents.tests.cast import NOW, Cast, actor_of, make_cast
from eoffice.reports import queries
from eoffice.reports.books import FORMS, BookKind

TODAY = date(2026, 11, 23)


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


def november(cast: Cast, **changes: object) -> BookFilter:
    values: dict[str, object] = {
        "registry_id": cast.group.pk, "first_on": date(2026, 11, 1), "last_on": date(2026, 11, 30), **changes,
    }  # fmt: skip
    return BookFilter(**values)  # type: ignore[arg-type]  # values of tests


def enter_outgoing(cast: Cast, subject: str, *, dated_on: date = TODAY, document_type: str = "letter") -> RegisterEntry:
    """A numbered and issued document with company A and a ministry as recipients, as the tables keep it."""
    draft = Draft.objects.create(
        author=cast.officer, unit=cast.technology, registry=cast.group, state="issued", document_type=document_type,
        subject=subject, symbol="TXG-CN", updated_at=NOW,
    )  # fmt: skip
    body, _ = OutsideBody.objects.get_or_create(name="Bộ Tài chính", name_fold="bo tai chinh")
    DraftRecipient.objects.create(draft=draft, position=1, unit=cast.company)
    DraftRecipient.objects.create(draft=draft, position=2, outside=body)
    with transaction.atomic():
        register = numbering.lock_register(cast.outgoing_register.pk)
        taken = numbering.take_number(register=register, dated_on=dated_on)
        outgoing = OutgoingDocument.objects.create(
            draft=draft, registry=cast.group, drafting_unit=cast.technology, state="issued",
            document_type=document_type, number=taken.number, symbol="TXG-CN", subject=subject, issued_on=dated_on,
            issuing_body=cast.group.name, signer=cast.leader, signer_name=cast.leader.full_name,
            signer_position="Tổng Giám đốc", copies=3, numbered_at=NOW, issued_at=NOW, search_fold=fold(subject),
        )  # fmt: skip
        entry = RegisterEntry.objects.create(
            register=register, number=taken.number, dated_on=dated_on, outgoing=outgoing, entered_by=cast.clerk,
            entered_at=NOW,
        )  # fmt: skip
    Delivery.objects.create(
        outgoing=outgoing, unit=cast.company, name=cast.company.name, state="accepted", sent_at=NOW, state_at=NOW
    )
    Delivery.objects.create(
        outgoing=outgoing, outside=body, name="Bộ Tài chính", state="outside", sent_at=NOW, state_at=NOW
    )
    return entry


def enter_incoming(cast: Cast, subject: str, *, due_in_days: int | None = None) -> RegisterEntry:
    """A registered letter with one lead unit."""
    with transaction.atomic():
        register = numbering.lock_register(cast.incoming_register.pk)
        taken = numbering.take_number(register=register, dated_on=TODAY)
        incoming = IncomingDocument.objects.create(
            registry=cast.group, state="in_progress", received_at=NOW, arrival_number=taken.number, arrival_on=TODAY,
            document_type="letter", number="2418", symbol="BKHCN-CĐSQG", issued_on=date(2026, 11, 20),
            issuing_body="Bộ Khoa học và Công nghệ", subject=subject, search_fold=fold(subject),
        )  # fmt: skip
        incoming.assignments.create(
            unit=cast.technology, role="lead", state="in_progress", assigned_at=NOW, accepted_at=NOW,
            due_at=NOW + timedelta(days=due_in_days) if due_in_days is not None else None,
        )  # fmt: skip
        return RegisterEntry.objects.create(
            register=register, number=taken.number, dated_on=TODAY, incoming=incoming, entered_by=cast.clerk,
            entered_at=NOW,
        )  # fmt: skip


def test_columns_are_those_of_the_decree_in_order() -> None:
    named = {kind: [column.name for column in form.columns] for kind, form in FORMS.items()}

    assert named[BookKind.OUTGOING] == [
        "Số, ký hiệu văn bản", "Ngày tháng văn bản", "Tên loại và trích yếu nội dung văn bản", "Người ký",
        "Nơi nhận văn bản", "Đơn vị, người nhận bản lưu", "Số lượng bản", "Ngày chuyển", "Ký nhận", "Ghi chú",
    ]  # fmt: skip
    assert named[BookKind.INCOMING] == [
        "Ngày đến", "Số đến", "Tác giả", "Số, ký hiệu văn bản", "Ngày tháng văn bản",
        "Tên loại và trích yếu nội dung văn bản", "Đơn vị hoặc người nhận", "Ngày chuyển", "Ký nhận", "Ghi chú",
    ]  # fmt: skip
    assert named[BookKind.FOLLOW_UP] == [
        "Số đến", "Tên loại, số, ký hiệu, ngày, tháng và tên cơ quan, tổ chức ban hành văn bản",
        "Đơn vị hoặc người nhận", "Thời hạn giải quyết", "Tiến độ giải quyết", "Số, ký hiệu văn bản trả lời",
        "Ghi chú",
    ]  # fmt: skip
    assert named[BookKind.POSTAL] == [
        "Ngày chuyển", "Số, ký hiệu văn bản", "Nơi nhận văn bản", "Số lượng bì", "Ký nhận và dấu bưu điện", "Ghi chú",
    ]  # fmt: skip


def test_outgoing_line_is_exact(cast: Cast) -> None:
    enter_outgoing(cast, "V/v báo cáo kết quả triển khai")

    line = queries.book_view(actor_of(cast.clerk), BookKind.OUTGOING, november(cast), now=NOW).lines[0]

    assert line.cells == (
        "01/TXG-CN", TODAY, "Công văn V/v báo cáo kết quả triển khai", "Trần Quốc Khánh",
        f"{cast.company.name}; Bộ Tài chính", "VT; Ban Công nghệ", 3, TODAY,
        "1/1 đã nhận; 1 nơi ngoài hệ thống", "",
    )  # fmt: skip


def test_incoming_and_follow_up_lines_are_exact(cast: Cast) -> None:
    enter_incoming(cast, "V/v báo cáo chuyển đổi số", due_in_days=-1)
    clerk = actor_of(cast.clerk)

    arrived = queries.book_view(clerk, BookKind.INCOMING, november(cast), now=NOW).lines[0]
    followed = queries.book_view(clerk, BookKind.FOLLOW_UP, november(cast), now=NOW).lines[0]

    assert arrived.cells == (
        TODAY, "01", "Bộ Khoa học và Công nghệ", "2418/BKHCN-CĐSQG", date(2026, 11, 20),
        "Công văn V/v báo cáo chuyển đổi số", "Ban Công nghệ", TODAY, "Đã nhận 08:00 23/11/2026", "",
    )  # fmt: skip
    assert followed.cells == (
        "01", "Công văn số 2418/BKHCN-CĐSQG ngày 20/11/2026 của Bộ Khoa học và Công nghệ", "Ban Công nghệ",
        date(2026, 11, 22), "Đang xử lý, quá hạn", "", "",
    )  # fmt: skip
    assert followed.tone == "late"


def test_postal_line_is_exact(cast: Cast) -> None:
    enter_outgoing(cast, "Gửi Bộ Tài chính")
    PostalDispatch.objects.create(
        delivery=Delivery.objects.get(outside__isnull=False), method="post", sent_on=TODAY, envelopes=2,
        reference="EB 123", received_by="Lê Văn Bưu", recorded_by=cast.clerk, recorded_at=NOW,
    )  # fmt: skip

    line = queries.book_view(actor_of(cast.clerk), BookKind.POSTAL, november(cast), now=NOW).lines[0]

    assert line.cells == (TODAY, "01/TXG-CN", "Bộ Tài chính", 2, "Lê Văn Bưu; EB 123", "Bưu điện")


def test_voided_number_keeps_its_line_with_the_reason(cast: Cast) -> None:
    entry = enter_outgoing(cast, "Văn bản bị hủy")
    numbering.void_entry(
        actor=actor_of(cast.clerk), entry=entry, state=EntryState.VOID, reason="Dừng ban hành", now=NOW
    )

    line = queries.book_view(actor_of(cast.clerk), BookKind.OUTGOING, november(cast), now=NOW).lines[0]

    assert (line.cells[0], line.cells[-1], line.void_reason) == (
        "01/TXG-CN", "Đã hủy: Dừng ban hành", "Dừng ban hành",
    )  # fmt: skip


def test_filters_narrow_by_date_type_book_and_words_in_any_form(cast: Cast) -> None:
    enter_outgoing(cast, "Về hạ tầng số", dated_on=date(2026, 10, 5))
    enter_outgoing(cast, "Về chuyển đổi số", document_type="notice")
    enter_outgoing(cast, "Về lưu trữ")
    clerk = actor_of(cast.clerk)

    def codes(**changes: object) -> list[object]:
        view = queries.book_view(clerk, BookKind.OUTGOING, november(cast, **changes), now=NOW)
        return [line.cells[0] for line in view.lines]

    assert codes() == ["03/TXG-CN", "02/TXG-CN"]
    assert codes(first_on=date(2026, 10, 1)) == ["03/TXG-CN", "02/TXG-CN", "01/TXG-CN"]
    assert codes(document_type="notice") == ["02/TXG-CN"]
    assert codes(text="luu tru") == ["03/TXG-CN"]
    assert codes(text=unicodedata.normalize("NFD", "chuyển đổi")) == ["02/TXG-CN"]
    assert codes(register_id=cast.company_outgoing_register.pk) == []


@pytest.mark.parametrize("who", ["officer", "outsider", "company_clerk", "administrator"])
def test_others_find_no_book_of_the_group(cast: Cast, who: str) -> None:
    enter_outgoing(cast, "Không phải ai cũng xem")
    actor = actor_of(getattr(cast, who))

    for kind in BookKind:
        with pytest.raises(NotFound):
            queries.book_view(actor, kind, november(cast), now=NOW)
        with pytest.raises(NotFound):
            queries.book_table(actor, kind, november(cast), now=NOW)
    assert outgoing_book.outgoing_book(actor, november(cast)).lines == ()
    assert postal_book.postal_book(actor, november(cast)).lines == ()


def test_pages_meet_without_gap_or_overlap(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(7):
        enter_outgoing(cast, f"Văn bản {number}", dated_on=TODAY - timedelta(days=6 - number // 2 * 2))
    monkeypatch.setattr(books, "PAGE_SIZE", 3)
    clerk, codes, after = actor_of(cast.clerk), [], ""

    while True:
        page = outgoing_book.outgoing_book(clerk, november(cast), after=after)
        codes += [line.code for line in page.lines]
        if page.next_after is None:
            break
        after = page.next_after

    assert codes == [f"{number:02d}/TXG-CN" for number in range(7, 0, -1)]
    assert outgoing_book.outgoing_book(clerk, november(cast), after="x.1.2").lines[0].code == "07/TXG-CN"


def test_statements_do_not_grow_with_the_lines(cast: Cast, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for number in range(5):
        enter_outgoing(cast, f"Văn bản {number}")
        enter_incoming(cast, f"Văn bản đến {number}")
    clerk = actor_of(cast.clerk)

    with django_assert_num_queries(2):
        outgoing_book.outgoing_book(clerk, november(cast))
    with django_assert_num_queries(3):
        incoming_book.incoming_book(clerk, november(cast))
    with django_assert_num_queries(3):
        incoming_book.follow_up_book(clerk, november(cast), now=NOW)
    with django_assert_num_queries(1):
        postal_book.postal_book(clerk, november(cast))


def test_paper_book_is_landscape_with_cover_period_numbers_and_signatures(cast: Cast) -> None:
    for number in range(40):
        enter_outgoing(cast, f"V/v triển khai nhiệm vụ số {number} của kế hoạch năm 2026")

    table = queries.book_table(actor_of(cast.clerk), BookKind.OUTGOING, november(cast), now=NOW)
    document = pdfium.PdfDocument(tables.to_pdf(table))

    width, height = document[0].get_size()
    cover, last = (document[index].get_textpage().get_text_bounded() for index in (0, len(document) - 1))
    assert width > height
    assert len(document) >= 3
    for words in ("SỔ ĐĂNG KÝ VĂN BẢN ĐI", "Năm: 2026", "Từ số 01/TXG-CN đến số 40/TXG-CN", "Quyển số"):
        assert words in cover
    assert "NGƯỜI GHI SỔ" in last
    assert "Nguyễn Thị Thu Hương" in last


def test_spreadsheet_has_the_same_lines(cast: Cast) -> None:
    enter_outgoing(cast, "=HYPERLINK(1)")

    table = queries.book_table(actor_of(cast.clerk), BookKind.OUTGOING, november(cast), now=NOW)
    sheet = openpyxl.load_workbook(io.BytesIO(tables.to_xlsx(table))).active

    assert sheet is not None
    values = [[cell.value for cell in row] for row in sheet.iter_rows()]
    header = next(index for index, row in enumerate(values) if row[0] == "Số, ký hiệu văn bản")
    assert values[header][:10] == [column.name for column in table.columns]
    assert values[header + 2][0] == "01/TXG-CN"
    assert values[header + 2][2] == "Công văn =HYPERLINK(1)"


def test_empty_book_prints(cast: Cast) -> None:
    for kind in BookKind:
        table = queries.book_table(actor_of(cast.clerk), kind, november(cast), now=NOW)
        assert tables.to_pdf(table).startswith(b"%PDF-")


def test_pages_open_in_the_browser(cast: Cast) -> None:
    enter_outgoing(cast, "V/v báo cáo")
    enter_incoming(cast, "V/v đôn đốc", due_in_days=3)
    client, outsider = Client(), Client()
    assert cast.clerk.user is not None
    assert cast.outsider.user is not None
    client.force_login(cast.clerk.user)
    outsider.force_login(cast.outsider.user)
    period = {"first": "01/11/2026", "last": "30/11/2026"}

    for kind in BookKind:
        page = client.get(reverse("reports:book", args=[kind]), period)
        assert page.status_code == 200, kind
        assert FORMS[kind].title in page.content.decode()
        assert outsider.get(reverse("reports:book", args=[kind]), period).status_code == 404
        for name in ("book_pdf", "book_xlsx"):
            assert client.get(reverse(f"reports:{name}", args=[kind]), period).status_code == 200
            assert outsider.get(reverse(f"reports:{name}", args=[kind]), period).status_code == 404
    shown = client.get(reverse("reports:book", args=["outgoing"]), period).content.decode()
    assert "01/TXG-CN" in shown
    assert "liên tục" in shown


def test_wrong_period_is_a_clear_refusal(cast: Cast) -> None:
    client = Client()
    assert cast.clerk.user is not None
    client.force_login(cast.clerk.user)

    answer = client.get(reverse("reports:book", args=["outgoing"]), {"first": "30/11/2026", "last": "01/11/2026"})

    assert answer.status_code == 422
    assert "Ngày cuối phải sau ngày đầu" in answer.content.decode()
    assert client.get(reverse("reports:book", args=["khac"])).status_code == 404


def test_menu_entry_leads_to_the_first_book_or_says_whose_work_it_is(cast: Cast, client: Client) -> None:
    address = reverse("reports:book", args=["outgoing"])
    Register.objects.all().delete()
    assert cast.clerk.user is not None
    assert cast.officer.user is not None
    client.force_login(cast.clerk.user)
    clerks = client.get(address)
    client.force_login(cast.officer.user)
    officers = client.get(address)

    assert (clerks.status_code, officers.status_code) == (200, 200)
    assert reverse("documents:register_open") in clerks.content.decode()
    assert reverse("documents:register_open") not in officers.content.decode()
    assert "Chưa có sổ nào trong phạm vi được xem" in officers.content.decode()
