"""The places on an uploaded text: searched by a job, filled in beside what a hand has set."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from eoffice.core import clock
from eoffice.core.geometry import Box, LetterPlaces
from eoffice.documents.errors import PageNotReady
from eoffice.documents.models import Draft, DraftMode
from eoffice.documents.services import attaching_files, beginning_drafts, submitting
from eoffice.documents.services.freezing import places_from_json
from eoffice.documents.states import DraftState
from eoffice.documents.tests.cast import NOW, Cast, actor_of
from eoffice.documents.tests.drafts import letter_entry
from eoffice.documents.tests.test_draft_pages import uploaded_letter


def uploaded_and_still_searched(cast: Cast) -> Draft:
    """A PDF that is there to see while the job that finds its places has not come yet."""
    now = clock.now()
    draft = beginning_drafts.create_draft(
        actor=actor_of(cast.officer), entry=letter_entry(cast), mode=DraftMode.UPLOADED, now=now
    )
    upload = SimpleUploadedFile("Công văn.pdf", uploaded_letter(), content_type="application/pdf")
    draft = attaching_files.upload_text(actor=actor_of(cast.officer), draft_id=draft.pk, upload=upload, now=now)
    draft.places = {}
    draft.save(update_fields=["places"])
    return draft


def test_while_places_are_searched_there_is_no_board_to_save(cast: Cast) -> None:
    draft = uploaded_and_still_searched(cast)
    assert cast.officer.user is not None
    officer = Client()
    officer.force_login(cast.officer.user)
    address = reverse("documents:draft_detail", args=[draft.pk])

    searching = officer.get(address, {"part": "places"})
    page = officer.get(address).content.decode()
    attaching_files.find_draft_places(draft_id=draft.pk, now=clock.now())
    found = officer.get(address, {"part": "places"})

    assert "Đang tìm vị trí" in searching.content.decode()
    assert 'hx-trigger="load delay' in searching.content.decode()
    assert "HX-Trigger-After-Settle" not in searching.headers
    assert 'data-island="placement"' not in page
    assert 'data-island="placement"' in found.content.decode()
    assert "Chữ ký (chưa tìm thấy)" not in found.content.decode()
    assert found.headers["HX-Trigger-After-Settle"] == "places:found"


def test_places_found_later_fill_in_beside_those_set_by_hand(cast: Cast) -> None:
    draft = uploaded_and_still_searched(cast)
    hand = Box(0, 300.0, 130.0, 440.0, 200.0)
    places = LetterPlaces(number=None, date=None, signatures=(hand,), seal=None)

    attaching_files.correct_places(
        actor=actor_of(cast.officer), draft_id=draft.pk, places=places, seen_file_id=draft.files.get().pk,
        now=clock.now(),
    )  # fmt: skip
    attaching_files.find_draft_places(draft_id=draft.pk, now=clock.now())

    draft.refresh_from_db()
    kept = places_from_json(draft.places)
    assert kept.signatures == (hand,)
    assert kept.number is not None
    assert kept.seal is not None


def test_a_text_is_not_submitted_while_its_places_are_searched(cast: Cast) -> None:
    draft = uploaded_and_still_searched(cast)

    with pytest.raises(PageNotReady, match="đang được tìm"):
        submitting.submit_draft(actor=actor_of(cast.officer), draft_id=draft.pk, seen_version=draft.version, now=NOW)

    draft.refresh_from_db()
    assert draft.state == DraftState.DRAFT
