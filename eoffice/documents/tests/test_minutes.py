"""A biên bản is signed by its secretary and its chair, whoever comes first."""

from __future__ import annotations

import pytest
from django.test import Client

from eoffice.core.errors import Invalid
from eoffice.core.geometry import Box
from eoffice.documents.errors import SignatureStarted
from eoffice.documents.models import CheckCode, Draft
from eoffice.documents.queries.draft_signing import signing_view
from eoffice.documents.services import beginning_drafts, reviewing, submitting
from eoffice.documents.services.freezing import places_from_json
from eoffice.documents.services.signing_drafts import PaperToSign, move_signature, sign_drafts
from eoffice.documents.states import DraftState, OutgoingState
from eoffice.documents.tests import outgoing
from eoffice.documents.tests.cast import NOW, Cast, actor_of
from eoffice.documents.tests.drafts import body, letter_entry
from eoffice.organization.models import Person
from eoffice.signing import queries as signatures
from eoffice.signing import services as signing
from eoffice.signing.engine.verdicts import Word
from eoffice.workflow import services as workflow
from eoffice.workflow.definitions import COSIGNER, SIGNER, StepDefinition, StepKind

PIN = "280594"
EXTRA = {
    "started": "08 giờ 00, ngày 23 tháng 11 năm 2026", "venue": "Phòng họp số 1", "attendees": "Ban Tổng Giám đốc",
    "chair": "Ông Tổng Giám đốc", "secretary": "Thư ký cuộc họp", "ended": "11 giờ 30",
}  # fmt: skip


def minutes(cast: Cast, *, cosigner: Person | None = None) -> Draft:
    secretary = cosigner or cast.legal_officer
    entry = letter_entry(
        cast, document_type="minutes", subject="Họp giao ban tháng 11", body=body("Thống nhất kế hoạch."),
        content={"extra": EXTRA, "cosigner_id": secretary.pk},
    )  # fmt: skip
    return beginning_drafts.create_draft(actor=actor_of(cast.officer), entry=entry, unit_id=cast.technology.pk, now=NOW)


def to_sign(cast: Cast) -> Draft:
    draft = minutes(cast)
    draft = submitting.submit_draft(actor=actor_of(cast.officer), draft_id=draft.pk, seen_version=1, now=NOW)
    for person in (cast.head, cast.clerk):
        draft = reviewing.pass_review(actor=actor_of(person), draft_id=draft.pk, seen_version=draft.version, now=NOW)
    signing.ensure_authority(now=NOW)
    for person in (cast.leader, cast.legal_officer):
        signing.set_pin(actor=actor_of(person), pin=PIN, now=NOW)
    return draft


def sign(person: Person, draft: Draft) -> Draft:
    result = sign_drafts(
        actor=actor_of(person), papers=[PaperToSign(draft.pk, draft.version)], pin=PIN, now=NOW
    )[0]  # fmt: skip
    if result.error is not None:
        raise result.error
    draft.refresh_from_db()
    return draft


@pytest.mark.parametrize("first", ["legal_officer", "leader"])
def test_both_sign_in_either_order_then_the_clerk_numbers_and_seals(cast: Cast, first: str) -> None:
    draft = to_sign(cast)
    signers = [cast.legal_officer, cast.leader] if first == "legal_officer" else [cast.leader, cast.legal_officer]

    assert len(places_from_json(draft.places).signatures) == 2
    draft = sign(signers[0], draft)
    assert draft.state == DraftState.AWAITING_SIGNATURE
    draft = sign(signers[1], draft)

    assert draft.state == DraftState.SIGNED
    done = outgoing.sealed(cast, draft=draft)
    assert done.state == OutgoingState.NUMBERED
    assert done.file is not None
    verdict = signatures.verdict_of(done.file.file_id)
    assert verdict is not None
    assert [line.signer for line in verdict.signatures[:2]] == [person.full_name for person in signers]
    assert {line.verdict for line in verdict.signatures} == {Word.VALID}
    assert len(verdict.signatures) == 3


def test_the_result_says_who_signs_next_and_then_the_clerk(cast: Cast) -> None:
    draft = to_sign(cast)
    before = signing_view(actor_of(cast.leader), shown_id=draft.pk, now=NOW).shown
    paper = [PaperToSign(draft.pk, draft.version)]

    first = sign_drafts(actor=actor_of(cast.leader), papers=paper, pin=PIN, now=NOW)[0]
    between = signing_view(actor_of(cast.legal_officer), shown_id=draft.pk, now=NOW).shown
    last = sign_drafts(actor=actor_of(cast.legal_officer), papers=paper, pin=PIN, now=NOW)[0]

    assert before is not None
    assert between is not None
    assert before.next_words == f"{cast.legal_officer.full_name} ký tiếp."
    assert first.next_words == f"còn chờ {cast.legal_officer.full_name} ký"
    assert between.next_words == "văn thư cấp số, đóng dấu, phát hành."
    assert last.next_words == "chuyển văn thư"


def test_after_the_first_signature_no_place_is_moved(cast: Cast) -> None:
    draft = sign(cast.legal_officer, to_sign(cast))

    with pytest.raises(SignatureStarted):
        move_signature(
            actor=actor_of(cast.leader), draft_id=draft.pk, box=Box(0, 100.0, 100.0, 200.0, 160.0),
            seen_version=draft.version, now=NOW,
        )  # fmt: skip


def test_the_second_signer_moves_his_own_box_alone(cast: Cast) -> None:
    draft = to_sign(cast)
    before = places_from_json(draft.places).signatures
    box = Box(before[1].page, before[1].x0 - 20, before[1].y0 - 10, before[1].x1 - 20, before[1].y1 - 10)

    draft = move_signature(actor=actor_of(cast.leader), draft_id=draft.pk, box=box, seen_version=draft.version, now=NOW)

    assert places_from_json(draft.places).signatures == (before[0], box)


def test_the_secretary_is_not_the_chair_once_more(cast: Cast) -> None:
    with pytest.raises(Invalid) as refused:
        minutes(cast, cosigner=cast.leader)

    assert "hai người" in refused.value.fields["cosigner"]
    assert not Draft.objects.exists()


def test_other_types_forget_a_second_signer(cast: Cast) -> None:
    entry = letter_entry(cast, content={"cosigner_id": cast.legal_officer.pk})

    draft = beginning_drafts.create_draft(
        actor=actor_of(cast.officer), entry=entry, unit_id=cast.technology.pk, now=NOW
    )

    assert draft.cosigner_id is None


def test_a_flow_may_say_that_the_secretary_signs_first(cast: Cast) -> None:
    steps = [
        StepDefinition(key="a", title="Thư ký ký", kind=StepKind.SIGN, group=1, who=COSIGNER),
        StepDefinition(key="b", title="Chủ tọa ký", kind=StepKind.SIGN, group=2, who=SIGNER),
    ]
    workflow.save_definition(
        actor=actor_of(cast.administrator), unit=cast.group, document_type="minutes", name="Biên bản", steps=steps,
        now=NOW,
    )  # fmt: skip
    draft = minutes(cast)
    draft = submitting.submit_draft(actor=actor_of(cast.officer), draft_id=draft.pk, seen_version=1, now=NOW)
    signing.ensure_authority(now=NOW)
    for person in (cast.leader, cast.legal_officer):
        signing.set_pin(actor=actor_of(person), pin=PIN, now=NOW)

    result = sign_drafts(
        actor=actor_of(cast.leader), papers=[PaperToSign(draft.pk, draft.version)], pin=PIN, now=NOW
    )[0]  # fmt: skip
    assert result.error is not None
    assert sign(cast.legal_officer, draft).state == DraftState.AWAITING_SIGNATURE
    assert sign(cast.leader, draft).state == DraftState.SIGNED


def test_the_public_check_names_chair_and_secretary(cast: Cast, client: Client) -> None:
    draft = sign(cast.leader, sign(cast.legal_officer, to_sign(cast)))
    done = outgoing.issued(cast, draft=draft)

    page = client.get(f"/kt/{CheckCode.objects.get(draft_id=done.draft_id).code}/").content.decode()

    assert (cast.leader.full_name in page, cast.legal_officer.full_name in page) == (True, True)
    assert "Chủ tọa" in page
    assert "Thư ký" in page
