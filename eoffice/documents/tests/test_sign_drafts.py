"""Signing drafts with real keys and real PDFs."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from eoffice.core import files
from eoffice.core.errors import IllegalTransition
from eoffice.core.geometry import Box
from eoffice.documents.errors import DocumentNotFound, NoCapacity, SignatureStarted, VersionChanged
from eoffice.documents.models import Draft, FilePurpose
from eoffice.documents.queries import draft_pages
from eoffice.documents.queries import drafts as queries
from eoffice.documents.services import beginning_drafts, reviewing, signing_drafts, submitting
from eoffice.documents.services.signing_drafts import PaperToSign, sign_drafts
from eoffice.documents.states import DraftState
from eoffice.documents.tests.cast import NOW, Cast, actor_of
from eoffice.documents.tests.drafts import awaiting_signature, body, letter_entry
from eoffice.layout.stamps import watermark_image
from eoffice.notifications.models import Notification
from eoffice.renditions import pages
from eoffice.signing import queries as signing_queries
from eoffice.signing import services as signing
from eoffice.signing.errors import NoKey, PinWrong
from eoffice.workflow.errors import NotYourStep

PIN = "280594"


@pytest.fixture(autouse=True)
def authority(db: None) -> None:
    """The installation's own test authority."""
    signing.ensure_authority(now=NOW)


@pytest.fixture
def leader_key(cast: Cast) -> None:
    signing.set_pin(actor=actor_of(cast.leader), pin=PIN, now=NOW)


def sign_one(cast: Cast, draft: Draft, *, pin: str = PIN, seen_version: int = 1) -> signing_drafts.SigningResult:
    return sign_drafts(actor=actor_of(cast.leader), papers=[PaperToSign(draft.pk, seen_version)], pin=pin, now=NOW)[0]


@pytest.mark.usefixtures("leader_key")
def test_signed_draft_holds_one_valid_signature_and_goes_to_the_clerk(cast: Cast) -> None:
    draft = awaiting_signature(cast)

    result = sign_one(cast, draft)

    draft.refresh_from_db()
    assert result.error is None
    assert draft.state == DraftState.SIGNED
    assert draft.signing_file is not None
    assert draft.signing_file.purpose == FilePurpose.SIGNED
    verdict = signing_queries.verdict_of(draft.signing_file.file_id)
    assert verdict is not None
    assert [(s.field, str(s.verdict)) for s in verdict.signatures] == [("ky_1", "valid")]
    assert queries.get_draft(actor_of(cast.clerk), draft.pk) == draft
    assert Notification.objects.filter(person=cast.clerk, kind="draft_to_number").count() == 1


@pytest.mark.usefixtures("leader_key")
def test_page_of_a_signed_file_is_shown_with_the_watermark_only(cast: Cast) -> None:
    draft = awaiting_signature(cast)
    sign_one(cast, draft)
    draft.refresh_from_db()
    assert draft.signing_file is not None

    shown = draft_pages.page_picture(actor_of(cast.clerk), draft.pk, draft.signing_file.pk, 0)

    plain = pages.page_image(draft.signing_file.file_id, 0, 1200).read_bytes()
    assert shown == watermark_image(plain, "BẢN XEM, CHƯA PHÁT HÀNH")
    assert shown != plain


@pytest.mark.usefixtures("leader_key")
def test_a_wrong_pin_signs_nothing(cast: Cast) -> None:
    draft = awaiting_signature(cast)

    with pytest.raises(PinWrong):
        sign_one(cast, draft, pin="280595")

    assert Draft.objects.get(pk=draft.pk).state == DraftState.AWAITING_SIGNATURE


def test_without_a_key_the_signer_is_sent_to_set_his_pin(cast: Cast) -> None:
    draft = awaiting_signature(cast)

    with pytest.raises(NoKey):
        sign_one(cast, draft)


@pytest.mark.usefixtures("leader_key")
def test_a_capacity_that_ended_yesterday_refuses_the_signature(cast: Cast) -> None:
    draft = awaiting_signature(cast)
    cast.leader_capacity.ends_on = date(2026, 11, 22)
    cast.leader_capacity.save(update_fields=["ends_on"])

    result = sign_one(cast, draft)

    assert isinstance(result.error, NoCapacity)
    assert Draft.objects.get(pk=draft.pk).state == DraftState.AWAITING_SIGNATURE
    assert draft.files.filter(purpose=FilePurpose.SIGNED).count() == 0


@pytest.mark.usefixtures("leader_key")
def test_the_version_read_must_be_the_version_signed(cast: Cast) -> None:
    draft = awaiting_signature(cast)
    reviewing.return_draft(actor=actor_of(cast.leader), draft_id=draft.pk, reason="Sửa mục 1", seen_version=1, now=NOW)

    result = sign_one(cast, draft)

    assert isinstance(result.error, VersionChanged)


@pytest.mark.usefixtures("leader_key")
def test_signing_twice_signs_once(cast: Cast) -> None:
    draft = awaiting_signature(cast)
    sign_one(cast, draft)

    again = sign_one(cast, draft)

    assert isinstance(again.error, IllegalTransition)
    assert draft.files.filter(purpose=FilePurpose.SIGNED).count() == 1


@pytest.mark.usefixtures("leader_key")
def test_a_batch_of_ten_goes_on_when_one_paper_fails(cast: Cast) -> None:
    drafts = [awaiting_signature(cast, subject=f"Văn bản thứ {number}") for number in range(10)]
    papers = [PaperToSign(draft.pk, 2 if number == 4 else 1) for number, draft in enumerate(drafts)]

    results = sign_drafts(actor=actor_of(cast.leader), papers=papers, pin=PIN, now=NOW)

    assert [result.is_signed for result in results] == [number != 4 for number in range(10)]
    assert Draft.objects.filter(state=DraftState.SIGNED).count() == 9
    assert Draft.objects.get(pk=drafts[4].pk).state == DraftState.AWAITING_SIGNATURE


def test_an_outsider_with_a_key_signs_nothing(cast: Cast) -> None:
    draft = awaiting_signature(cast)
    signing.set_pin(actor=actor_of(cast.outsider), pin=PIN, now=NOW)

    result = sign_drafts(actor=actor_of(cast.outsider), papers=[PaperToSign(draft.pk, 1)], pin=PIN, now=NOW)[0]

    assert isinstance(result.error, DocumentNotFound)
    assert result.subject == ""
    assert Draft.objects.get(pk=draft.pk).state == DraftState.AWAITING_SIGNATURE


def test_another_leader_cannot_sign_in_place_of_the_chosen_one(cast: Cast) -> None:
    draft = awaiting_signature(cast)
    signing.set_pin(actor=actor_of(cast.head), pin=PIN, now=NOW)

    result = sign_drafts(actor=actor_of(cast.head), papers=[PaperToSign(draft.pk, 1)], pin=PIN, now=NOW)[0]

    assert isinstance(result.error, NotYourStep)


@pytest.mark.usefixtures("leader_key")
def test_the_signature_is_moved_before_and_never_after_the_first_signature(cast: Cast) -> None:
    draft = awaiting_signature(cast)
    before = draft.signing_file_id
    box = Box(0, 320.0, 200.0, 480.0, 260.0)

    moved = signing_drafts.move_signature(
        actor=actor_of(cast.leader), draft_id=draft.pk, box=box, seen_version=1, now=NOW
    )

    assert moved.signing_file_id not in {None, before}
    assert moved.places["signatures"] == [box.to_json()]
    sign_one(cast, draft)
    with pytest.raises(SignatureStarted):
        signing_drafts.move_signature(actor=actor_of(cast.officer), draft_id=draft.pk, box=box, seen_version=1, now=NOW)


@pytest.mark.usefixtures("leader_key")
def test_an_internal_paper_without_number_is_finished_by_its_signature(cast: Cast) -> None:
    entry = letter_entry(cast, document_type="notice", needs_number=False, body=body("Thông báo nội bộ."))
    draft = beginning_drafts.create_draft(actor=actor_of(cast.officer), entry=entry, now=NOW)
    submitting.submit_draft(actor=actor_of(cast.officer), draft_id=draft.pk, seen_version=1, now=NOW)
    for person in (cast.head, cast.clerk):
        reviewing.pass_review(actor=actor_of(person), draft_id=draft.pk, seen_version=1, now=NOW)

    assert sign_one(cast, draft).error is None

    draft.refresh_from_db()
    assert (draft.state, draft.symbol) == (DraftState.FINISHED, "")
    assert queries.get_draft(actor_of(cast.legal_officer), draft.pk) == draft
    file = draft.signing_file
    assert file is not None
    served = draft_pages.served_file(actor_of(cast.legal_officer), draft.pk, file.pk)
    assert served.content == files.read(file.file_id)  # done: the paper itself, not a picture of it


@pytest.mark.usefixtures("leader_key")
def test_the_signed_file_is_an_update_of_the_signing_file(cast: Cast) -> None:
    draft = awaiting_signature(cast)
    assert draft.signing_file is not None
    unsigned = files.read(draft.signing_file.file_id)

    sign_one(cast, draft)

    draft.refresh_from_db()
    assert draft.signing_file is not None
    assert files.read(draft.signing_file.file_id).startswith(unsigned)
    assert draft.updated_at <= NOW + timedelta(0)
