"""A text that came signed: uploaded as it is, countersigned, its number kept beside it, sealed and issued."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from eoffice.audit.models import AuditEntry
from eoffice.core import files
from eoffice.core.geometry import Box, LetterPlaces
from eoffice.documents.models import Draft, DraftMode
from eoffice.documents.queries.draft_signing import places_board
from eoffice.documents.services import attaching_files, beginning_drafts
from eoffice.documents.services.freezing import places_from_json, uploaded_file
from eoffice.documents.services.issuing import issue_outgoing
from eoffice.documents.services.numbering_outgoing import number_draft
from eoffice.documents.services.receiving import Assurance
from eoffice.documents.services.sealing import seal_outgoing
from eoffice.documents.states import DraftState, OutgoingState
from eoffice.documents.tests.cast import NOW, Cast, actor_of
from eoffice.documents.tests.drafts import letter_entry
from eoffice.documents.tests.outgoing import SEAL_PIN, signed_as_written
from eoffice.documents.tests.test_draft_pages import uploaded_letter
from eoffice.signing import queries as signatures
from eoffice.signing import services as signing
from eoffice.signing.engine.preparing import prepare
from eoffice.signing.engine.signing import sign_pdf
from eoffice.signing.engine.verdicts import Word
from eoffice.signing.errors import CountersigningForbidden
from eoffice.signing.tests.factories import Pki

_PARTNER_BOX = Box(0, 60.0, 120.0, 180.0, 180.0)
SAMPLES = Path(__file__).resolve().parents[4] / "shared" / "samples" / "letters"


def signed_by_a_partner(directory: Path, *, locked: bool = False, box: Box = _PARTNER_BOX) -> bytes:
    """The officer's letter with the signature of a partner whose authority nobody here knows."""
    source, prepared, signed = (directory / name for name in ("plain.pdf", "prepared.pdf", "partner.pdf"))
    source.write_bytes(uploaded_letter())
    places = LetterPlaces(number=None, date=None, signatures=(box,), seal=None)
    prepare(source, prepared, places, signer_fields=("doi_tac",))
    if not locked:
        with pikepdf.open(prepared) as pdf:
            del pdf.Root.AcroForm.Fields[0].Lock
            pdf.save(source, object_stream_mode=pikepdf.ObjectStreamMode.disable)
        prepared = source
    sign_pdf(prepared, signed, key=Pki().key("Đối tác Bình Minh"), field="doi_tac", mark=None, now=NOW)
    return signed.read_bytes()


def uploaded(cast: Cast, content: bytes) -> Draft:
    draft = beginning_drafts.create_draft(
        actor=actor_of(cast.officer), entry=letter_entry(cast), mode=DraftMode.UPLOADED, unit_id=cast.technology.pk,
        now=NOW,
    )  # fmt: skip
    return attaching_files.upload_text(
        actor=actor_of(cast.officer),
        draft_id=draft.pk,
        upload=SimpleUploadedFile("Thỏa thuận.pdf", content, content_type="application/pdf"),
        assurance=Assurance(seen_no_mark=True),
        now=NOW,
    )


def test_a_signed_text_is_countersigned_numbered_beside_sealed_and_issued(cast: Cast, tmp_path: Path) -> None:
    came = signed_by_a_partner(tmp_path)

    draft = uploaded(cast, came)
    places = places_from_json(draft.places)
    assert draft.is_countersigned
    assert (places.number, places.date, len(places.signatures)) == (None, None, 1)
    draft = signed_as_written(cast, draft)
    clerk = actor_of(cast.clerk)
    outgoing = number_draft(actor=clerk, draft_id=draft.pk, now=NOW)
    signing.set_seal_pin(actor=clerk, unit_id=cast.group.pk, pin=SEAL_PIN, now=NOW)
    outgoing = seal_outgoing(actor=clerk, outgoing_id=outgoing.pk, pin=SEAL_PIN, now=NOW)
    outgoing = issue_outgoing(actor=clerk, outgoing_id=outgoing.pk, now=NOW)

    assert outgoing.state == OutgoingState.ISSUED
    assert outgoing.file is not None
    assert files.read(outgoing.file.file_id).startswith(came)
    verdict = signatures.verdict_of(outgoing.file.file_id)
    assert verdict is not None
    assert [line.verdict for line in verdict.signatures] == [Word.INDETERMINATE, Word.VALID, Word.VALID]
    assert verdict.signatures[0].signer == "Đối tác Bình Minh"
    assert AuditEntry.objects.filter(action="documents.outgoing.number_beside_page", object_id=outgoing.pk).count() == 1


def test_the_signatures_it_brought_are_checked_and_shown(cast: Cast, tmp_path: Path, client: Client) -> None:
    draft = uploaded(cast, signed_by_a_partner(tmp_path))

    assert cast.officer.user is not None
    client.force_login(cast.officer.user)
    page = client.get(reverse("documents:draft_detail", args=[draft.pk])).content.decode()

    file = uploaded_file(draft)
    assert file is not None
    verdict = signatures.verdict_of(file.file_id)
    assert verdict is not None
    assert verdict.verdict is Word.INDETERMINATE
    assert "Chữ ký có sẵn trên tệp" in page
    assert "Đối tác Bình Minh" in page
    assert "Vị trí chữ ký, dấu" in page


def test_our_box_starts_beside_the_signature_it_brought(cast: Cast, tmp_path: Path) -> None:
    draft = uploaded(cast, signed_by_a_partner(tmp_path, box=Box(0, 345.0, 125.0, 470.0, 185.0)))
    draft.places = {"countersign": draft.places["countersign"]}  # nothing was found on the page
    draft.save(update_fields=["places"])

    board = places_board(draft, uploaded_file(draft), now=NOW + timedelta(hours=1))

    boxes = {one["name"]: Box.from_json(one["box"]) for one in json.loads(board.boxes_json)}
    assert boxes["signature_1"] == Box(0, 80.0, 120.0, 220.0, 190.0)
    assert boxes["seal"].x1 <= boxes["signature_1"].x1


def test_a_text_whose_signature_locks_it_is_refused_and_nothing_is_kept(cast: Cast, tmp_path: Path) -> None:
    with pytest.raises(CountersigningForbidden, match="không cho ký thêm"):
        uploaded(cast, signed_by_a_partner(tmp_path, locked=True))

    assert not Draft.objects.get().files.exists()


def test_places_of_number_and_date_set_by_hand_are_left_out(cast: Cast, tmp_path: Path) -> None:
    draft = uploaded(cast, signed_by_a_partner(tmp_path))
    file = uploaded_file(draft)
    assert file is not None
    box = Box(0, 100.0, 700.0, 200.0, 740.0)

    draft = attaching_files.correct_places(
        actor=actor_of(cast.officer), draft_id=draft.pk, seen_file_id=file.pk, now=NOW,
        places=LetterPlaces(number=box, date=box, signatures=(box,), seal=box),
    )  # fmt: skip

    assert draft.is_countersigned
    assert places_from_json(draft.places) == LetterPlaces(number=None, date=None, signatures=(box,), seal=box)


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the folder of real letters (samples/letters) is not on this machine")
def test_a_ministrys_letter_with_six_signatures_is_countersigned(cast: Cast) -> None:
    came = (SAMPLES / "bo-xay-dung-11410-cong-van-2026-ky-so.pdf").read_bytes()

    draft = signed_as_written(cast, uploaded(cast, came))

    draft.refresh_from_db()
    assert draft.state == DraftState.SIGNED
    assert draft.signing_file is not None
    assert files.read(draft.signing_file.file_id).startswith(came)
    verdict = signatures.verdict_of(draft.signing_file.file_id)
    assert verdict is not None
    assert len(verdict.signatures) == 7
    assert all(line.intact for line in verdict.signatures)
    assert verdict.signatures[-1].verdict is Word.VALID
