"""Files taken in, and files that must not be."""

from __future__ import annotations

import io
import unicodedata
from pathlib import Path

import pikepdf
import pytest
from django.conf import settings
from django.test import Client
from PIL import Image

from eoffice.audit.models import AuditEntry
from eoffice.core.errors import NotPermitted
from eoffice.core.models import StoredFile
from eoffice.documents.errors import SecrecyUnconfirmed, SecretMaterial
from eoffice.documents.models import FilePurpose, FileVersion, IncomingDocument
from eoffice.documents.services import receiving
from eoffice.documents.services.receiving import Assurance, Receipt
from eoffice.documents.states import IncomingState
from eoffice.documents.tests.cast import NOW, Cast, actor_of
from eoffice.documents.tests.letters import enter, pdf, upload
from eoffice.renditions.errors import DamagedFile, EmptyFile, EncryptedFile, FileTypeRefused, ProgramRefused

pytestmark = pytest.mark.django_db
LETTER = "BỘ KHOA HỌC VÀ CÔNG NGHỆ\nSố: 2418/BKHCN-CĐSQG\nV/v báo cáo kết quả triển khai hệ thống"


def receive(cast: Cast, *uploads, **how) -> list[Receipt]:
    return receiving.receive_incoming(
        actor=actor_of(cast.clerk), registry_id=cast.group.pk, uploads=list(uploads), now=NOW, **how
    )


def nothing_kept() -> bool:
    return not (IncomingDocument.objects.exists() or StoredFile.objects.exists() or FileVersion.objects.exists())


def test_several_files_become_several_letters(cast: Cast) -> None:
    receipts = receive(cast, upload(pdf(LETTER + " 1"), "1.pdf"), upload(pdf(LETTER + " 2"), "2.pdf"))

    letters = IncomingDocument.objects.order_by("pk")
    assert [each.incoming_id for each in receipts] == [each.pk for each in letters]
    assert {each.state for each in letters} == {IncomingState.RECEIVED}
    assert [each.files.get().purpose for each in letters] == [FilePurpose.ORIGINAL] * 2


def test_one_letter_with_its_attachment(cast: Cast) -> None:
    annex = pdf(f"Phụ lục. Đề cương báo cáo kèm theo\n{LETTER}")
    receive(cast, upload(pdf(LETTER), "1.pdf"), upload(annex, "2.pdf"), as_one=True)

    letter = IncomingDocument.objects.get()
    assert [each.purpose for each in letter.files.order_by("pk")] == [FilePurpose.ORIGINAL, FilePurpose.ATTACHMENT]


def test_original_bytes_are_kept_as_they_came(cast: Cast) -> None:
    from eoffice.core import files

    receive(cast, upload(pdf(LETTER)))

    assert files.read(FileVersion.objects.get().file_id) == pdf(LETTER)


def test_name_typed_in_nfd_is_kept_in_nfc(cast: Cast) -> None:
    receive(cast, upload(pdf(LETTER), unicodedata.normalize("NFD", "Công văn số 5.pdf")))

    assert FileVersion.objects.get().name == "Công văn số 5.pdf"


def test_scan_without_text_asks_the_clerk(cast: Cast) -> None:
    picture = io.BytesIO()
    Image.new("L", (1240, 1754), 255).save(picture, "PNG")

    receipt = receive(cast, upload(picture.getvalue(), "quet.png"))[0]

    assert isinstance(receipt.error, SecrecyUnconfirmed)
    assert nothing_kept()
    said = Assurance(seen_no_mark=True)
    assert receive(cast, upload(picture.getvalue(), "quet.png"), assurance=said)[0].error is None


@pytest.mark.parametrize("mark", ["MẬT", "TỐI MẬT", "TUYỆT MẬT"])
def test_marked_paper_is_refused_and_leaves_only_time_and_actor(cast: Cast, mark: str) -> None:
    receipt = receive(cast, upload(pdf(f"TẬP ĐOÀN\n{mark}\n{LETTER}")), assurance=Assurance(seen_no_mark=True))[0]

    assert isinstance(receipt.error, SecretMaterial)
    assert nothing_kept()
    assert list(settings.ENVIRONMENT.hold_dir.glob("*")) == []
    left = AuditEntry.objects.filter(action="documents.incoming.secret_refused").get()
    assert (left.object_id, left.detail, left.person_id) == ("0", {}, cast.clerk.pk)


def test_false_hit_passes_with_name_and_reason(cast: Cast) -> None:
    said = Assurance(not_secret_basis="Tiêu đề bài học, không phải dấu độ mật")

    receipt = receive(cast, upload(pdf(f"MẬT\n{LETTER}")), assurance=said)[0]

    assert receipt.error is None
    basis = IncomingDocument.objects.get().not_secret_basis
    assert basis == "Nguyễn Thị Thu Hương: Tiêu đề bài học, không phải dấu độ mật"


def test_words_with_mat_are_no_mark(cast: Cast) -> None:
    assert receive(cast, upload(pdf(f"Quy chế bảo mật\nĐổi mật khẩu\n{LETTER}")))[0].error is None


def test_declared_secrecy_is_refused_whatever_the_reason(cast: Cast) -> None:
    said = Assurance(declared="Mật", not_secret_basis="Lý do")

    assert isinstance(receive(cast, upload(pdf(LETTER)), assurance=said)[0].error, SecretMaterial)


def locked_pdf() -> bytes:
    made = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf(LETTER))) as document:
        document.save(made, encryption=pikepdf.Encryption(owner="a", user="b"))
    return made.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "error"),
    [
        (b"", "rong.pdf", EmptyFile),
        (pdf(LETTER)[: len(pdf(LETTER)) // 2], "cut.pdf", DamagedFile),
        (locked_pdf(), "khoa.pdf", EncryptedFile),
        (b"MZ\x90\x00" + b"\0" * 400, "chuong-trinh.pdf", ProgramRefused),
        (b"chi la chu", "ghi-chu.txt", FileTypeRefused),
    ],
)
def test_bad_file_is_refused_with_a_clear_message(cast: Cast, content, name, error) -> None:
    receipt = receive(cast, upload(content, name), assurance=Assurance(seen_no_mark=True))[0]

    assert isinstance(receipt.error, error)
    assert 400 <= receipt.error.status < 500
    assert nothing_kept()


def test_one_bad_file_does_not_hold_up_the_others(cast: Cast) -> None:
    receipts = receive(cast, upload(b"", "rong.pdf"), upload(pdf(LETTER), "tot.pdf"))

    assert isinstance(receipts[0].error, EmptyFile)
    assert receipts[1].incoming_id == IncomingDocument.objects.get().pk


def test_second_click_finds_what_the_first_made(cast: Cast) -> None:
    first = receive(cast, upload(pdf(LETTER)), request_key="khoa-1")[0]
    second = receive(cast, upload(pdf(LETTER)), request_key="khoa-1")[0]

    assert first.incoming_id == second.incoming_id
    assert IncomingDocument.objects.count() == 1


@pytest.mark.parametrize("who", ["leader", "head", "company_clerk", "outsider", "auditor", "administrator"])
def test_only_the_registrys_clerk_receives(cast: Cast, who: str) -> None:
    with pytest.raises(NotPermitted):
        receiving.receive_incoming(
            actor=actor_of(getattr(cast, who)), registry_id=cast.group.pk, uploads=[upload(pdf(LETTER))], now=NOW
        )
    assert nothing_kept()


def test_upload_answers_json_to_the_drop_zone(cast: Cast, client: Client) -> None:
    enter(client, cast.clerk)

    url, json_please = "/documents/incoming/receive/", {"accept": "application/json"}
    kept = client.post(url, {"files": upload(pdf(LETTER))}, headers=json_please)
    refused = client.post(url, {"files": upload(b"x")}, headers=json_please)

    assert kept.json()["href"] == f"/documents/incoming/{IncomingDocument.objects.get().pk}/register/"
    assert refused.status_code == FileTypeRefused.status
    assert refused.json()["message"]


def samples() -> list[Path]:
    import os

    root = Path(os.environ.get("EOFFICE_SAMPLES") or Path(settings.PACKAGE_DIR).parent.parent / "shared" / "samples")
    found = root / "letters"
    return sorted(each for each in found.glob("*") if each.suffix in {".pdf", ".docx", ".doc"})


@pytest.mark.slow
@pytest.mark.skipif(not samples(), reason="the real letters are not kept with the code: set EOFFICE_SAMPLES")
def test_real_letters_are_received_registered_and_directed(cast: Cast) -> None:
    from eoffice.documents.services import directing, registering
    from eoffice.documents.tests.letters import entry, to_unit

    for number, path in enumerate(samples(), start=1):
        receipt = receive(cast, upload(path.read_bytes(), path.name), assurance=Assurance(seen_no_mark=True))[0]
        assert receipt.error is None, (path.name, receipt.error)
        assert receipt.incoming_id is not None
        registering.register_incoming(
            actor=actor_of(cast.clerk), incoming_id=receipt.incoming_id, forward_to=cast.leader.pk, now=NOW,
            entry=entry(number=f"{number}", subject=path.stem),
        )  # fmt: skip
        directing.direct_incoming(
            actor=actor_of(cast.leader), incoming_id=receipt.incoming_id, text="Giao xử lý.",
            recipients=[to_unit(cast.technology)], now=NOW,
        )  # fmt: skip

    letters = IncomingDocument.objects.filter(state=IncomingState.IN_PROGRESS)
    assert sorted(each.arrival_number or 0 for each in letters) == list(range(1, 17))
