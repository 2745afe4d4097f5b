"""Drafts signed by a key elsewhere: locked meanwhile, signed when the signature comes, or told why not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from django.test import Client

from eoffice.core.geometry import Box
from eoffice.documents.models import Draft, FilePurpose
from eoffice.documents.queries.draft_signing import signing_view
from eoffice.documents.services import reviewing, signing_drafts
from eoffice.documents.services.signing_drafts import PaperToSign
from eoffice.documents.states import DraftState
from eoffice.documents.tests.answers import confirmed, deliver
from eoffice.documents.tests.cast import NOW, Cast, actor_of
from eoffice.documents.tests.drafts import LEADER_PIN, awaiting_signature
from eoffice.signing import queries as signing_queries
from eoffice.signing import services as signing
from eoffice.signing.errors import PaperBeingSigned
from eoffice.signing.models import SignatureRequest, SigningMethod
from eoffice.signing.tests.remote import connect, method_of
from eoffice.signing.tests.services_outside.smartca import SmartCaService


@pytest.fixture(autouse=True)
def authority(db: None) -> None:
    signing.ensure_authority(now=NOW)


@pytest.fixture
def phone() -> Iterator[SmartCaService]:
    with SmartCaService(now=NOW) as service:
        yield service


@pytest.fixture
def method(cast: Cast, phone: SmartCaService) -> SigningMethod:
    provider = connect(actor_of(cast.administrator), phone)
    return method_of(actor_of(cast.leader), phone, provider)


def asked(cast: Cast, method: SigningMethod, *drafts: Draft) -> SignatureRequest:
    papers = [PaperToSign(draft.pk, draft.version) for draft in drafts]
    done = signing_drafts.ask_for_signatures(actor=actor_of(cast.leader), papers=papers, method=method, now=NOW)
    assert done.refused == ()
    request = SignatureRequest.objects.get(pk=done.request_id or 0)
    signing.send_request(request_id=request.pk, now=NOW)
    return request


def test_signature_from_the_phone_makes_the_draft_signed(
    cast: Cast, phone: SmartCaService, method: SigningMethod
) -> None:
    drafts = [awaiting_signature(cast, subject=f"Văn bản thứ {number}") for number in (1, 2)]
    request = asked(cast, method, *drafts)
    confirmed(request, phone)
    assert {draft.state for draft in Draft.objects.all()} == {DraftState.AWAITING_SIGNATURE}

    deliver()

    for draft in Draft.objects.select_related("signing_file"):
        assert draft.state == DraftState.SIGNED
        assert draft.signing_file is not None
        assert draft.signing_file.purpose == FilePurpose.SIGNED
        assert draft.files.filter(purpose=FilePurpose.SIGNED).count() == 1
    page = signing_queries.request_page(actor_of(cast.leader), request.pk)
    assert (page.is_settled, len(page.signed), page.unsigned) == (True, 2, [])


def test_draft_is_locked_while_the_phone_is_asked(cast: Cast, phone: SmartCaService, method: SigningMethod) -> None:
    draft = awaiting_signature(cast)
    request = asked(cast, method, draft)
    leader, officer = actor_of(cast.leader), actor_of(cast.officer)
    box = Box(0, 340.0, 120.0, 480.0, 190.0)

    for forbidden in (
        lambda: reviewing.return_draft(actor=leader, draft_id=draft.pk, reason="Sửa", seen_version=1, now=NOW),
        lambda: reviewing.withdraw_draft(actor=officer, draft_id=draft.pk, reason="Sửa", now=NOW),
        lambda: signing_drafts.move_signature(actor=leader, draft_id=draft.pk, box=box, seen_version=1, now=NOW),
    ):
        with pytest.raises(PaperBeingSigned):
            forbidden()
    signing.set_pin(actor=leader, pin=LEADER_PIN, now=NOW)
    second = signing_drafts.sign_drafts(actor=leader, papers=[PaperToSign(draft.pk, 1)], pin=LEADER_PIN, now=NOW)[0]
    assert isinstance(second.error, PaperBeingSigned)
    assert Draft.objects.get(pk=draft.pk).version == 1
    line = signing_view(leader, shown_id=None, now=NOW).papers[0]
    assert line.asked_in == request.pk

    signing.cancel_request(actor=leader, request_id=request.pk, now=NOW)
    reviewing.return_draft(actor=leader, draft_id=draft.pk, reason="Sửa", seen_version=1, now=NOW)


def test_right_that_ended_meanwhile_leaves_the_draft_unsigned_and_says_so(
    cast: Cast, phone: SmartCaService, method: SigningMethod
) -> None:
    draft = awaiting_signature(cast)
    request = asked(cast, method, draft)
    cast.leader_capacity.ends_on = date(2026, 11, 22)
    cast.leader_capacity.save(update_fields=["ends_on"])

    confirmed(request, phone)
    deliver()

    assert Draft.objects.get(pk=draft.pk).state == DraftState.AWAITING_SIGNATURE
    page = signing_queries.request_page(actor_of(cast.leader), request.pk)
    assert page.is_settled
    assert "thẩm quyền" in page.signed[0].untaken_words


def test_software_key_killed_before_the_draft_took_the_signature_is_made_good_by_the_event(cast: Cast) -> None:
    draft = awaiting_signature(cast)
    leader = actor_of(cast.leader)
    signing.set_pin(actor=leader, pin=LEADER_PIN, now=NOW)
    assert draft.signing_file is not None
    key = signing.unlock(actor=leader, pin=LEADER_PIN, now=NOW)
    paper = signing.AskedPaper(
        paper=signing.Paper(source_sha=draft.signing_file.file_id, field="ky_1", mark=None),
        title=draft.subject,
        subject_kind=reviewing.SUBJECT_KIND,
        subject_id=draft.signing_file.pk,
        subject={"draft_id": draft.pk, "version": draft.version},
    )
    signing.sign_papers(actor=leader, open_key=key, papers=[paper], description="x", now=NOW)

    deliver()

    assert Draft.objects.get(pk=draft.pk).state == DraftState.SIGNED


def test_signing_page_offers_the_phone_and_follows_it(
    cast: Cast, phone: SmartCaService, method: SigningMethod, client: Client
) -> None:
    draft = awaiting_signature(cast)
    assert cast.leader.user is not None
    client.force_login(cast.leader.user)
    shown = client.get("/documents/drafts/sign/")
    assert "Ký trên điện thoại" in shown.content.decode()

    sent = client.post("/documents/drafts/sign/", {"way": method.pk, "papers": f"{draft.pk}:1", "show": draft.pk})
    request = SignatureRequest.objects.get()
    assert (sent.status_code, sent.headers["Location"]) == (303, f"/signing/requests/{request.pk}/")
    page = client.get(f"/signing/requests/{request.pk}/")
    assert "hx-trigger" in page.content.decode()
    fragment = client.get(f"/signing/requests/{request.pk}/", headers={"HX-Request": "true"}).content.decode()
    assert fragment.lstrip().startswith('<div id="request"')

    stranger = Client()
    assert cast.outsider.user is not None
    stranger.force_login(cast.outsider.user)
    assert stranger.get(f"/signing/requests/{request.pk}/").status_code == 404
    assert stranger.post(f"/signing/requests/{request.pk}/cancel/").status_code == 404
    assert client.post(f"/signing/requests/{request.pk}/cancel/").status_code == 303
    request.refresh_from_db()
    assert request.state == "cancelled"
