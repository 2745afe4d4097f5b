"""Bad input of every sort at the door: each gets its own refusal in Vietnamese, and a 4xx."""

from __future__ import annotations

import unicodedata
import zlib
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest

from eoffice.renditions import checking, isolated
from eoffice.renditions.errors import (
    DamagedFile,
    EmptyFile,
    EncryptedFile,
    FileRefused,
    FileTooLarge,
    FileTypeRefused,
    ImageTooLarge,
    ProgramRefused,
    TooManyPages,
)
from eoffice.renditions.inspecting import inspect_pdf
from eoffice.renditions.sniffing import FileKind
from eoffice.renditions.tests import making


@pytest.fixture
def brought(tmp_path: Path) -> Callable[..., Path]:
    def write(content: bytes, name: str = "van-ban.pdf") -> Path:
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return write


def test_a_letter_is_accepted_with_its_facts(brought):
    checked = checking.check(brought(making.letter(pages=2)))

    assert checked.kind is FileKind.PDF
    assert checked.warnings == ()
    assert checked.facts is not None
    assert checked.facts.pages == 2
    assert checked.facts.signed_fields == ()
    assert [(round(w), round(h)) for w, h in checked.facts.page_sizes] == [(595, 842), (595, 842)]


def test_a_pdf_that_needs_a_password_is_refused(brought):
    with pytest.raises(EncryptedFile) as refusal:
        checking.check(brought(making.locked(making.letter(), user="mat-khau")))

    assert refusal.value.status == 422
    assert "mật khẩu" in refusal.value.message


def test_a_pdf_only_restricted_by_its_owner_is_accepted_with_a_warning(brought):
    checked = checking.check(brought(making.locked(making.letter(), user="")))

    assert checked.facts is not None
    assert checked.facts.encrypted
    assert len(checked.warnings) == 1
    assert "hạn chế" in checked.warnings[0]


@pytest.mark.parametrize("share", [0.3, 0.7, 0.98])
def test_a_pdf_cut_off_is_refused(brought, share):
    content = making.letter(pages=3)

    with pytest.raises(DamagedFile):
        checking.check(brought(content[: int(len(content) * share)]))


def test_a_pdf_head_with_rubbish_is_refused(brought):
    with pytest.raises(DamagedFile):
        checking.check(brought(b"%PDF-1.7\n" + b"rubbish " * 1000 + b"startxref\n0\n%%EOF"))


def test_a_pdf_whose_table_is_wrong_is_accepted_with_a_warning(brought):
    content = making.blank(2).replace(b"startxref\n", b"startxref\n9")

    checked = checking.check(brought(content))

    assert checked.facts is not None
    assert (checked.facts.repaired, checked.facts.pages) == (True, 2)
    assert len(checked.warnings) == 1


def test_a_file_of_no_bytes_is_refused(brought):
    with pytest.raises(EmptyFile):
        checking.check(brought(b""))


def test_a_pdf_of_two_thousand_pages_is_refused(brought, settings):
    settings.PDF_PAGE_LIMIT = 1000

    with pytest.raises(TooManyPages) as refusal:
        checking.check(brought(making.blank(2000)))

    assert "2.000 trang" in refusal.value.message
    assert "1.000 trang" in refusal.value.message


def test_a_file_of_two_hundred_megabytes_is_refused_before_it_is_read(brought, settings):
    settings.UPLOAD_LIMIT_BYTES = 100 * 1024**2
    path = brought(making.letter())
    with path.open("r+b") as handle:
        handle.truncate(200 * 1024**2)

    with pytest.raises(FileTooLarge) as refusal:
        checking.check(path)

    assert refusal.value.status == 413
    assert "100 MB" in refusal.value.message


def test_a_program_renamed_to_pdf_is_refused(brought):
    with pytest.raises(ProgramRefused) as refusal:
        checking.check(brought(Path("/bin/true").read_bytes(), "cong-van.pdf"))

    assert refusal.value.status == 415


def test_a_page_renamed_to_pdf_is_refused(brought):
    with pytest.raises(FileTypeRefused):
        checking.check(brought(b"<html>cong van</html>", "cong-van.pdf"))


@pytest.mark.parametrize("packed", [True, False])
def test_a_pdf_with_javascript_is_accepted_with_a_warning(brought, packed):
    content = making.with_javascript(making.letter(), packed=packed)
    assert (b"JavaScript" in content) is not packed

    checked = checking.check(brought(content))

    assert checked.facts is not None
    assert checked.facts.has_javascript
    assert "JavaScript" in checked.warnings[0]


def test_javascript_deep_in_a_page_action_is_found(brought):
    pdf = pikepdf.open(brought(making.letter()))
    pdf.pages[0].obj["/AA"] = pikepdf.Dictionary(
        O=pikepdf.Dictionary(
            S=pikepdf.Name.GoTo, Next=pikepdf.Array([pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=b"x()")])
        )
    )

    assert inspect_pdf(brought(making.saved(pdf), "b.pdf")).has_javascript


def test_a_pdf_with_files_inside_is_accepted_with_a_warning(brought):
    checked = checking.check(brought(making.with_file_inside(making.letter())))

    assert checked.facts is not None
    assert checked.facts.has_embedded_files
    assert len(checked.warnings) == 1


def test_a_name_in_decomposed_unicode_does_not_matter(brought):
    name = unicodedata.normalize("NFD", "Công văn số 12 về việc chuyển đổi số.pdf")

    assert checking.check(brought(making.letter(), name)).kind is FileKind.PDF


def test_a_picture_that_claims_gigabytes_of_memory_is_refused(brought):
    content = bytearray(making.picture("PNG"))
    content[16:24] = (60_000).to_bytes(4, "big") * 2
    content[29:33] = zlib.crc32(bytes(content[12:29])).to_bytes(4, "big")

    with pytest.raises(ImageTooLarge):
        checking.check(brought(bytes(content), "anh.png"))


def test_a_cyclic_page_tree_does_not_hang_the_reader(brought):
    pdf = pikepdf.open(brought(making.letter()))
    pdf.Root.Pages["/Kids"] = pikepdf.Array([pdf.Root.Pages])

    with pytest.raises(DamagedFile):
        checking.check(brought(making.saved(pdf), "b.pdf"))


def test_a_reader_that_takes_too_long_is_ended(brought):
    path = brought(making.blank(5000))

    with pytest.raises(DamagedFile) as refusal:
        isolated.read_pdf("text", path, seconds=0)

    assert refusal.value.details


def test_every_refusal_says_in_vietnamese_what_is_safe_and_what_to_do():
    messages = [one.default_message for one in FileRefused.__subclasses__() if "__init__" not in vars(one)]

    assert len(messages) >= 8
    for message in messages:
        assert "Chưa lưu gì" in message or "chưa lưu gì" in message
