"""Sao y, sao lục: a scan becomes an electronic copy with the organisation's seal in words at the upper right."""

from __future__ import annotations

import io
import re
import subprocess
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image, ImageDraw

from eoffice.core import files
from eoffice.core.errors import Conflict, ExpectedError, Invalid, NotFound, NotPermitted
from eoffice.documents.errors import SecrecyUnconfirmed
from eoffice.documents.models import PaperCopy
from eoffice.documents.services import copying, sealing_copies
from eoffice.documents.services.copying import CopyEntry
from eoffice.documents.services.receiving import Assurance
from eoffice.documents.tests.cast import NOW, Cast, actor_of
from eoffice.documents.tests.letters import enter
from eoffice.documents.tests.outgoing import SEAL_PIN
from eoffice.signing import queries as signatures
from eoffice.signing import services as signing
from eoffice.signing.errors import AlreadyElectronic, PinWrong
from eoffice.signing.tests.factories import letter_pdf

pytestmark = pytest.mark.django_db


def scan(*, dpi: int = 200, mode: str = "RGB", pages: int = 1) -> bytes:
    """An A4 paper as a scanner gives it."""
    size = (round(8.27 * dpi), round(11.69 * dpi))
    sheets = []
    for number in range(pages):
        sheet = Image.new(mode, size, "white")
        ImageDraw.Draw(sheet).text((size[0] // 5, size[1] // 4), f"QUYET DINH {number + 1}", fill="black")
        sheets.append(sheet)
    stored = io.BytesIO()
    sheets[0].save(stored, format="PDF", resolution=dpi, save_all=True, append_images=sheets[1:])
    return stored.getvalue()


def entry(**more: object) -> CopyEntry:
    typed = {
        "form": "sao_y", "original_kind": "main", "code": "152/QĐ-BKHCN", "dated": date(2026, 11, 2),
        "issuing_body": "Bộ Khoa học và Công nghệ", "subject": "Về danh mục tiêu chuẩn",
        "basis": "Chánh Văn phòng Phạm Đức Thuận", **more,
    }  # fmt: skip
    return CopyEntry(**typed)  # type: ignore[arg-type]  # each value fits its name


def begun(cast: Cast, content: bytes | None = None, **more: object) -> PaperCopy:
    return copying.begin_copy(
        actor=actor_of(cast.clerk), registry_id=cast.group.pk, entry=entry(**more),
        upload=SimpleUploadedFile("quet.pdf", scan() if content is None else content),
        assurance=Assurance(seen_no_mark=True), now=NOW,
    )  # fmt: skip


@pytest.fixture
def seal(cast: Cast) -> Cast:
    signing.ensure_authority(now=NOW)
    signing.set_seal_pin(actor=actor_of(cast.clerk), unit_id=cast.group.pk, pin=SEAL_PIN, now=NOW)
    return cast


def sealed(cast: Cast, copy: PaperCopy) -> PaperCopy:
    return sealing_copies.seal_copy(actor=actor_of(cast.clerk), copy_id=copy.pk, pin=SEAL_PIN, now=NOW)


@pytest.mark.parametrize(("form", "kind", "words"), [("sao_y", "main", "SAO Y;"), ("sao_luc", "copy", "SAO LỤC;")])
def test_copy_carries_seal_and_words_at_the_upper_right_and_nothing_else(
    seal: Cast, form: str, kind: str, words: str
) -> None:
    copy = sealed(seal, begun(seal, scan(pages=2), form=form, original_kind=kind))

    assert copy.result_id is not None
    corner = ["-f", "1", "-l", "1", "-x", "350", "-y", "0", "-W", "250", "-H", "80"]
    read = ["pdftotext", *corner, str(files.path_of(copy.result_id)), "-"]
    text = subprocess.run(read, capture_output=True, text=True, check=True).stdout
    assert words in text
    assert "Tập đoàn" in text
    assert re.search(r"\d\d/\d\d/2026; \d\d:\d\d:\d\d \+07:00", text)
    verdict = signatures.verdict_of(copy.result_id)
    assert verdict is not None
    assert verdict.verdict.value == "valid"
    assert [line.signer for line in verdict.signatures] == [seal.group.name.upper()]
    assert verdict.signatures[0].locks_all
    said = subprocess.run(
        ["pdfsig", "-nocert", files.path_of(copy.result_id)], capture_output=True, text=True, check=False
    ).stdout
    assert said.count("Signature is Valid.") == 1
    assert "total document signed" in said.lower()


def test_scan_itself_stays_and_is_sealed_once(seal: Cast) -> None:
    content = scan()
    copy = sealed(seal, begun(seal, content))

    assert files.read(copy.scan_id or "") == content
    with pytest.raises(Conflict):
        sealed(seal, copy)
    assert PaperCopy.objects.get().result_id == copy.result_id


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (scan(dpi=150), "150 dpi"),
        (scan(mode="L"), "chế độ màu"),
        (b"%PDF-1.4 hong", ""),
    ],
    ids=["coarse", "grey", "broken"],
)
def test_scan_that_is_no_copy_in_the_sense_of_the_decree_is_refused(seal: Cast, content: bytes, words: str) -> None:
    with pytest.raises(ExpectedError) as refused:
        begun(seal, content)
    assert words in str(getattr(refused.value, "fields", ""))
    assert not PaperCopy.objects.exists()


def test_text_page_is_no_scan(seal: Cast) -> None:
    with pytest.raises(Invalid) as refused:
        begun(seal, letter_pdf())
    assert "không phải ảnh quét" in refused.value.fields["file"]
    assert not PaperCopy.objects.exists()


def test_form_of_copy_must_fit_what_is_copied_and_all_be_said(seal: Cast) -> None:
    with pytest.raises(Invalid) as again:
        begun(seal, form="sao_luc", original_kind="main", basis=" ")
    with pytest.raises(Invalid) as full:
        begun(seal, form="sao_y", original_kind="copy")

    assert set(again.value.fields) == {"original_kind", "basis"}
    assert full.value.fields["original_kind"] == "Sao y sao từ bản gốc hoặc bản chính."
    assert not PaperCopy.objects.exists()


def test_signed_file_is_electronic_already(seal: Cast) -> None:
    copy = sealed(seal, begun(seal))
    assert copy.result_id is not None
    second = begun(seal, files.read(copy.result_id))

    with pytest.raises(AlreadyElectronic):
        sealed(seal, second)
    second.refresh_from_db()
    assert second.sealed_at is None


def test_only_the_clerk_of_the_registry_copies_and_others_see_nothing(seal: Cast, client: Client) -> None:
    copy = begun(seal)

    for person in (seal.leader, seal.officer, seal.company_clerk):
        with pytest.raises((NotPermitted, NotFound)):
            sealing_copies.seal_copy(actor=actor_of(person), copy_id=copy.pk, pin=SEAL_PIN, now=NOW)
    with pytest.raises(PinWrong):
        sealing_copies.seal_copy(actor=actor_of(seal.clerk), copy_id=copy.pk, pin="111222", now=NOW)
    copy.refresh_from_db()
    assert copy.sealed_at is None
    enter(client, seal.company_clerk)
    assert client.get(f"/documents/copies/{copy.pk}/").status_code == 404
    assert client.get(f"/documents/copies/{copy.pk}/file/").status_code == 404
    enter(client, seal.officer)
    assert client.get("/documents/copies/").status_code == 403
    assert client.get("/documents/copies/new/").status_code == 403


def test_secrecy_is_confirmed_before_a_scan_is_kept(seal: Cast) -> None:
    with pytest.raises(SecrecyUnconfirmed):
        copying.begin_copy(
            actor=actor_of(seal.clerk), registry_id=seal.group.pk, entry=entry(),
            upload=SimpleUploadedFile("quet.pdf", scan()), assurance=Assurance(), now=NOW,
        )  # fmt: skip
    assert not PaperCopy.objects.exists()


def test_pages_lead_from_the_paper_to_the_sealed_file(seal: Cast, client: Client) -> None:
    enter(client, seal.clerk)
    typed = {
        "form": "sao_y", "original_kind": "main", "code": "152/QĐ-BKHCN", "dated": "02/11/2026",
        "issuing_body": "Bộ Khoa học và Công nghệ", "subject": "Về danh mục", "basis": "Chánh Văn phòng",
        "seen_no_mark": "on",
    }  # fmt: skip
    wrong = client.post("/documents/copies/new/", typed)
    assert wrong.status_code == 422
    assert "Về danh mục" in wrong.content.decode()

    made, again = (
        client.post(
            "/documents/copies/new/",
            {**typed, "file": SimpleUploadedFile("quet.pdf", scan()), "idempotency_key": "k1"},
        )
        for _ in range(2)
    )
    assert again["Location"] == made["Location"]
    assert PaperCopy.objects.count() == 1
    assert made.status_code == 303
    where = made.headers["Location"]
    assert "SAO Y;" in client.get(where).content.decode()
    bad = client.post(f"{where}seal/", {"pin": "111222"})
    assert "Mã PIN không đúng" in bad.content.decode()
    assert client.post(f"{where}seal/", {"pin": SEAL_PIN}).status_code == 303

    page = client.get(where).content.decode()
    assert "Tải bản sao" in page
    assert "Kết quả kiểm tra chữ ký" in page
    assert "152/QĐ-BKHCN" in client.get("/documents/copies/").content.decode()
    sent = client.get(f"{where}file/?download=1")
    assert "attachment" in sent.headers["Content-Disposition"]
    assert b"".join(sent.streaming_content).startswith(b"%PDF-1.7")  # type: ignore[attr-defined]  # a file response
