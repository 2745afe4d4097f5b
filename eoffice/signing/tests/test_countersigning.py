"""Files that came signed already: what may still be signed on them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner

from eoffice.core.geometry import Box, LetterPlaces
from eoffice.signing.engine.countersigning import require_room
from eoffice.signing.engine.preparing import prepare
from eoffice.signing.engine.signing import _CachedKeySigner, sign_pdf
from eoffice.signing.engine.verdicts import TrustAnchors, Word
from eoffice.signing.engine.verifying import verify_files
from eoffice.signing.errors import CountersigningForbidden
from eoffice.signing.tests.factories import NOW, Pki, letter_pdf, whole_way

_SAMPLES: Final = Path(__file__).resolve().parents[4] / "shared" / "samples" / "letters"
_PLACES: Final = LetterPlaces(
    number=None, date=None, signatures=(Box(0, 100, 300, 220, 360),), seal=Box(0, 40, 290, 142, 392)
)


@pytest.fixture(scope="module")
def pki() -> Pki:
    return Pki()


def _signed_elsewhere(path: Path, pki: Pki, *, certify: MDPPerm | None = None) -> Path:
    """A page signed by another program, without our locks; certified with a permission where one is given."""
    source, target = path / "plain.pdf", path / f"came-{certify}.pdf"
    source.write_bytes(letter_pdf())
    metadata = PdfSignatureMetadata(
        field_name="Signature1", md_algorithm="sha256", certify=certify is not None,
        docmdp_permissions=certify or MDPPerm.FILL_FORMS,
    )  # fmt: skip
    signer: signers.Signer = _CachedKeySigner(pki.key("Đối tác"))
    with source.open("rb") as original, target.open("w+b") as output:
        PdfSigner(metadata, signer=signer).sign_pdf(IncrementalPdfFileWriter(original), output=output)
    return target


@pytest.mark.parametrize("certify", [None, MDPPerm.FILL_FORMS, MDPPerm.ANNOTATE])
def test_a_file_signed_elsewhere_takes_signature_and_seal(tmp_path: Path, pki: Pki, certify: MDPPerm | None):
    came = _signed_elsewhere(tmp_path, pki, certify=certify)
    prepared, signed, sealed = (tmp_path / name for name in ("p.pdf", "s.pdf", "d.pdf"))

    require_room(came, trust=pki.trust(), now=NOW)
    letter = prepare(came, prepared, _PLACES, signer_fields=("ky_1",))
    sign_pdf(prepared, signed, key=pki.key("Tổng Giám đốc"), field="ky_1", mark=None, now=NOW)
    sign_pdf(signed, sealed, key=pki.key("TẬP ĐOÀN"), field="dau", mark=None, now=NOW)

    assert (letter.number_field, letter.signer_fields, letter.seal_field) == (None, ("ky_1",), "dau")
    verdicts = verify_files([came, signed, sealed], pki.trust(), NOW)
    assert [len(verdict.signatures) for verdict in verdicts] == [1, 2, 3]
    assert {line.verdict for line in verdicts[-1].signatures} == {Word.VALID}
    assert verdicts[-1].signatures[-1].covers_file


def test_a_certification_that_permits_nothing_is_refused(tmp_path: Path, pki: Pki):
    came = _signed_elsewhere(tmp_path, pki, certify=MDPPerm.NO_CHANGES)

    with pytest.raises(CountersigningForbidden, match="không cho ký thêm"):
        require_room(came, trust=pki.trust(), now=NOW)


@pytest.mark.parametrize("step", ["signed", "sealed"])
def test_a_letter_of_ours_is_refused_because_its_signatures_lock_it(tmp_path: Path, pki: Pki, step: str):
    trip = whole_way(tmp_path, pki)

    with pytest.raises(CountersigningForbidden):
        require_room(trip.sealed if step == "sealed" else trip.signed[-1], trust=pki.trust(), now=NOW)


def test_new_fields_get_names_that_are_free_and_leave_every_old_byte(tmp_path: Path, pki: Pki):
    came, prepared = whole_way(tmp_path, pki).signed[-1], tmp_path / "p.pdf"

    letter = prepare(came, prepared, _PLACES, signer_fields=("ky_1",))

    assert (letter.countersign_only, letter.signer_fields, letter.seal_field) == (True, ("ky_1_them_2",), "dau_them_2")
    assert prepared.read_bytes().startswith(came.read_bytes())


def test_a_file_changed_after_its_signature_is_refused(tmp_path: Path, pki: Pki):
    came = _signed_elsewhere(tmp_path, pki)
    content = bytearray(came.read_bytes())
    content[content.index(b"/MediaBox") - 30] ^= 1
    came.write_bytes(content)

    with pytest.raises(CountersigningForbidden, match="Đối tác"):
        require_room(came, trust=pki.trust(), now=NOW)


@pytest.mark.skipif(not _SAMPLES.is_dir(), reason="the folder of real letters (samples/letters) is not on this machine")
@pytest.mark.parametrize(
    ("name", "signatures"),
    [("bo-xay-dung-11410-cong-van-2026-ky-so.pdf", 6), ("ubnd-phu-tho-3-2025-quyet-dinh-quet.pdf", 1)],
)
def test_real_signed_letters_take_another_signature(tmp_path: Path, pki: Pki, name: str, signatures: int):
    came, prepared, signed = _SAMPLES / name, tmp_path / "p.pdf", tmp_path / "s.pdf"
    before = verify_files([came], TrustAnchors(), NOW)[0]
    assert len(before.signatures) == signatures

    require_room(came, trust=pki.trust(), now=NOW)
    letter = prepare(came, prepared, _PLACES, signer_fields=("ky_1",))
    sign_pdf(prepared, signed, key=pki.key("Người ký sau"), field=letter.signer_fields[0], mark=None, now=NOW)

    after = verify_files([signed], pki.trust(), NOW)[0]
    assert len(after.signatures) == signatures + 1
    assert all(line.intact for line in after.signatures)
    assert after.signatures[-1].verdict is Word.VALID
