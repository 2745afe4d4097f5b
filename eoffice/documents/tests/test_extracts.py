"""Trích sao: a paper's form set anew with a part of it, numbered in the register of copies, sealed as a copy."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from eoffice.core import files
from eoffice.core.errors import Conflict, Invalid, NotFound, NotPermitted
from eoffice.documents.errors import NotIssued, RegisterMissing
from eoffice.documents.models import PaperCopy, RegisterEntry, RegisterKind
from eoffice.documents.queries.extracts import from_incoming, from_outgoing
from eoffice.documents.queries.ledger import ledger_of
from eoffice.documents.services import extracting, sealing_copies, voiding_copies
from eoffice.documents.services.extracting import ExtractEntry
from eoffice.documents.services.issuing import issue_outgoing
from eoffice.documents.services.numbering import open_register
from eoffice.documents.tests.cast import NOW, Cast, actor_of
from eoffice.documents.tests.drafts import body
from eoffice.documents.tests.letters import enter, registered
from eoffice.documents.tests.outgoing import SEAL_PIN, sealed
from eoffice.layout.tests.factories import page_text
from eoffice.signing import queries as signatures
from eoffice.signing import services as signing

pytestmark = pytest.mark.django_db

_ARTICLE = "Điều 3. Văn phòng chịu trách nhiệm thi hành."


def entry(**more: object) -> ExtractEntry:
    typed = {
        "original_kind": "main", "document_type": "decision", "issuing_body": "Bộ Khoa học và Công nghệ",
        "code": "152/QĐ-BKHCN", "dated": date(2026, 11, 2), "subject": "Về danh mục tiêu chuẩn",
        "signer_name": "Hồ Quang Thịnh", "signer_lines": ("KT. Bộ trưởng", "Thứ trưởng"), "place": "Hà Nội",
        "basis": "Chánh Văn phòng Phạm Đức Thuận", "body": body(_ARTICLE), "recipients": ("Ban Công nghệ", "Lưu: VT"),
        **more,
    }  # fmt: skip
    return ExtractEntry(**typed)  # type: ignore[arg-type]  # each value fits its name


@pytest.fixture
def book(cast: Cast) -> Cast:
    """The cast with a register of copies."""
    open_register(
        actor=actor_of(cast.clerk), registry=cast.group, kind=RegisterKind.COPY, year=2026, now=NOW, first_number=5,
        opening_basis="Số 1 đến 4 ở sổ giấy.",
    )  # fmt: skip
    return cast


def begun(cast: Cast, **more: object) -> PaperCopy:
    return extracting.begin_extract(actor=actor_of(cast.clerk), registry_id=cast.group.pk, entry=entry(**more), now=NOW)


def test_an_extract_carries_the_form_of_the_paper_its_part_and_the_seal_in_words(book: Cast, tmp_path: Path) -> None:
    clerk = actor_of(book.clerk)
    copy = begun(book)

    assert copy.shown_code == f"05/TrS-{book.group.symbol}"
    assert copy.scan_id is not None
    words = " ".join(page_text(files.read(copy.scan_id)).split())
    for part in (
        "BỘ KHOA HỌC VÀ CÔNG NGHỆ", "Số: 152/QĐ-BKHCN", "Hà Nội, ngày 02 tháng 11 năm 2026", "QUYẾT ĐỊNH", "(Trích)",
        _ARTICLE, "KT. BỘ TRƯỞNG", "(Đã ký)", "Hồ Quang Thịnh", "TRÍCH SAO", f"Số: 05/TrS-{book.group.symbol}",
        "Phạm Đức Thuận", "- Ban Công nghệ;",
    ):  # fmt: skip
        assert part in words

    copy = extracting.revise_extract(actor=clerk, copy_id=copy.pk, entry=entry(signer_name="Lê Văn Bảy"), now=NOW)
    assert copy.shown_code == f"05/TrS-{book.group.symbol}"
    signing.ensure_authority(now=NOW)
    signing.set_seal_pin(actor=clerk, unit_id=book.group.pk, pin=SEAL_PIN, now=NOW)
    copy = sealing_copies.seal_copy(actor=clerk, copy_id=copy.pk, pin=SEAL_PIN, now=NOW)

    assert copy.result_id is not None
    verdict = signatures.verdict_of(copy.result_id)
    assert verdict is not None
    assert verdict.verdict.value == "valid"
    path = tmp_path / "trich-sao.pdf"
    path.write_bytes(files.read(copy.result_id))
    assert "Signature is Valid" in subprocess.run(["pdfsig", path], capture_output=True, text=True, check=False).stdout
    with pytest.raises(Conflict):
        extracting.revise_extract(actor=clerk, copy_id=copy.pk, entry=entry(), now=NOW)
    copy.refresh_from_db()
    assert copy.extract["signer_name"] == "Lê Văn Bảy"


def test_numbers_of_extracts_run_on_and_the_ledger_is_whole(book: Cast) -> None:
    codes = [begun(book).shown_code for _ in range(2)]
    assert [code.split("/")[0] for code in codes] == ["05", "06"]
    assert ledger_of(RegisterEntry.objects.latest("pk").register).is_whole


def test_a_form_sent_twice_takes_one_number(book: Cast) -> None:
    clerk = actor_of(book.clerk)
    first, second = (
        extracting.begin_extract(actor=clerk, registry_id=book.group.pk, entry=entry(), request_key="k1", now=NOW)
        for _ in range(2)
    )

    assert second.pk == first.pk
    assert PaperCopy.objects.count() == 1
    assert RegisterEntry.objects.get().copy_id == first.pk


def test_a_form_sent_again_after_the_void_leads_to_the_extract_it_made(book: Cast) -> None:
    client = Client()
    enter(client, book.clerk)
    address = reverse("documents:extract_new")
    typed = {
        "document_type": "decision", "original_kind": "main", "issuing_body": "Bộ", "code": "152/QĐ-BKHCN",
        "dated": "02/11/2026", "subject": "Về danh mục", "signer_name": "Hồ Quang Thịnh", "basis": "Chánh Văn phòng",
        "body": json.dumps(body(_ARTICLE), ensure_ascii=False), "idempotency_key": "k2",
    }  # fmt: skip
    made = client.post(address, typed)
    copy = PaperCopy.objects.get()
    voiding_copies.void_copy(actor=actor_of(book.clerk), copy_id=copy.pk, reason="Trích nhầm điều.", now=NOW)

    again = client.post(address, typed)

    assert (again.status_code, again["Location"]) == (303, made["Location"])
    assert f"bản trích sao {copy.shown_code} đã hủy" in client.get(again["Location"]).content.decode()
    assert PaperCopy.objects.get().scan_id == copy.scan_id


def test_what_is_missing_takes_no_number(cast: Cast, book: Cast) -> None:
    for change, field in (
        ({"body": body("   ")}, "body"),
        ({"body": body("TỐI MẬT")}, "body"),
        ({"signer_name": " "}, "signer_name"),
        ({"dated": date(2030, 1, 1)}, "dated"),
        ({"document_type": "khac"}, "document_type"),
        ({"original_kind": "copy"}, "original_kind"),
    ):
        with pytest.raises(Invalid) as refused:
            begun(book, **change)
        assert field in refused.value.fields
    with pytest.raises(NotPermitted):
        extracting.begin_extract(actor=actor_of(cast.officer), registry_id=cast.group.pk, entry=entry(), now=NOW)
    assert not PaperCopy.objects.exists()
    assert not RegisterEntry.objects.exists()


def test_without_a_register_of_copies_nothing_is_kept(cast: Cast) -> None:
    with pytest.raises(RegisterMissing, match="Sổ đăng ký bản sao"):
        begun(cast)
    assert not PaperCopy.objects.exists()


def test_an_extract_starts_from_a_letter_or_an_issued_document(book: Cast) -> None:
    clerk = actor_of(book.clerk)
    letter = registered(book)
    started = from_incoming(clerk, letter.pk)
    assert (started["issuing_body"], started["code"]) == (letter.issuing_body, f"{letter.number}/{letter.symbol}")

    outgoing = sealed(book)
    with pytest.raises(NotIssued):
        from_outgoing(clerk, outgoing.pk)
    with pytest.raises(NotIssued):
        begun(book, outgoing_id=outgoing.pk)
    issue_outgoing(actor=clerk, outgoing_id=outgoing.pk, now=NOW)
    started = from_outgoing(clerk, outgoing.pk)
    assert started["code"] == outgoing.shown_code
    assert "Kế hoạch số 15" in str(started["body"])
    with pytest.raises(NotFound):
        extracting.begin_extract(
            actor=clerk, registry_id=book.group.pk, now=NOW, entry=replace(entry(), incoming_id=999_999)
        )
    copy = begun(book, outgoing_id=outgoing.pk)
    assert copy.outgoing_id == outgoing.pk


def test_the_page_keeps_what_was_typed_and_shows_the_extract_before_anything_is_kept(book: Cast) -> None:
    client = Client()
    enter(client, book.clerk)
    address = reverse("documents:extract_new")
    assert "Trích sao văn bản" in client.get(address).content.decode()
    typed = {
        "document_type": "decision", "original_kind": "main", "issuing_body": "Bộ", "code": "152/QĐ-BKHCN",
        "dated": "02/11/2026", "subject": "Về danh mục", "signer_name": "", "basis": "Chánh Văn phòng",
        "body": json.dumps(body(_ARTICLE), ensure_ascii=False),
    }  # fmt: skip
    refused = client.post(address, typed)
    assert refused.status_code == 422
    assert "152/QĐ-BKHCN" in refused.content.decode()
    assert "chịu trách nhiệm thi hành" in refused.content.decode()

    typed["signer_name"] = "Hồ Quang Thịnh"
    shown = client.post(address, {**typed, "preview": "1"})
    assert shown["Content-Type"] == "application/pdf"
    assert not PaperCopy.objects.exists()
