"""A draft with faults of form goes into review only for a reason, which stays with it."""

from __future__ import annotations

import html

import pytest
from django.test import Client
from django.urls import reverse

from eoffice.documents.errors import FormFaults
from eoffice.documents.models import Draft, StateChange, Submission
from eoffice.documents.queries import draft_pages
from eoffice.documents.services import beginning_drafts, submitting
from eoffice.documents.states import DraftState
from eoffice.documents.tests.cast import NOW, Cast, actor_of
from eoffice.documents.tests.drafts import letter_entry
from eoffice.organization.models import Person, Unit

REASON = "Mẫu do đối tác yêu cầu, đã thống nhất với Văn phòng."


def without_addressee(cast: Cast) -> Draft:
    """A công văn to nobody: thể thức asks for Kính gửi."""
    return beginning_drafts.create_draft(
        actor=actor_of(cast.officer), entry=letter_entry(cast, recipients=()), unit_id=cast.technology.pk, now=NOW
    )


def browser(person: Person) -> Client:
    client = Client()
    assert person.user is not None
    client.force_login(person.user)
    return client


def test_faults_of_form_stop_the_submission_and_change_nothing(cast: Cast) -> None:
    draft = without_addressee(cast)

    with pytest.raises(FormFaults) as refused:
        submitting.submit_draft(actor=actor_of(cast.officer), draft_id=draft.pk, seen_version=1, now=NOW)

    assert {fault.part for fault in refused.value.faults} >= {"Kính gửi"}
    assert "PL I, mục II.9" in refused.value.message
    draft.refresh_from_db()
    assert (draft.state, draft.version, draft.versions.count()) == (DraftState.DRAFT, 1, 0)
    assert not StateChange.objects.filter(object_kind="draft", object_id=draft.pk, action="submit").exists()


def test_a_reason_lets_it_pass_and_stays_for_who_reviews_and_on_the_slip(cast: Cast) -> None:
    draft = without_addressee(cast)

    draft = submitting.submit_draft(
        actor=actor_of(cast.officer), draft_id=draft.pk, seen_version=1, form_reason=REASON, now=NOW
    )

    slip = Submission.objects.get(draft=draft)
    assert draft.state == DraftState.IN_REVIEW
    assert slip.form_reason == REASON
    assert "Kính gửi" in {fault["part"] for fault in slip.form_faults}
    assert REASON in StateChange.objects.get(object_kind="draft", object_id=draft.pk, action="submit").reason
    page = html.unescape(browser(cast.head).get(reverse("documents:draft_detail", args=[draft.pk])).content.decode())
    assert "điểm thể thức phải sửa" in page
    assert REASON in page
    assert draft_pages.submission_slip(actor_of(cast.head), draft.pk, now=NOW).startswith(b"%PDF")


def test_a_reason_without_faults_is_not_kept(cast: Cast) -> None:
    draft = beginning_drafts.create_draft(
        actor=actor_of(cast.officer), entry=letter_entry(cast), unit_id=cast.technology.pk, now=NOW
    )

    submitting.submit_draft(
        actor=actor_of(cast.officer), draft_id=draft.pk, seen_version=1, form_reason=REASON, now=NOW
    )

    slip = Submission.objects.get(draft=draft)
    assert (slip.form_reason, slip.form_faults) == ("", [])


def test_the_form_of_other_families_is_their_own(cast: Cast) -> None:
    Unit.objects.filter(pk=cast.group.pk).update(family="party")
    draft = without_addressee(cast)

    draft = submitting.submit_draft(actor=actor_of(cast.officer), draft_id=draft.pk, seen_version=1, now=NOW)

    assert draft.state == DraftState.IN_REVIEW


def test_the_page_lists_the_faults_and_takes_the_reason(cast: Cast) -> None:
    draft = without_addressee(cast)
    officer = browser(cast.officer)
    address = reverse("documents:draft_submit", args=[draft.pk])
    typed = {
        "document_type": "letter", "subject": draft.subject, "capacity": str(draft.capacity_id), "urgency": "0",
        "body": '{"type":"doc","content":[{"type":"paragraph","content":[{"type":"text","text":"Đề nghị."}]}]}',
        "needs_number": "on", "needs_seal": "on",
    }  # fmt: skip

    refused = officer.post(address, typed)
    taken = officer.post(address, {**typed, "form_reason": REASON})

    page = html.unescape(refused.content.decode())
    assert refused.status_code == 422
    assert "Công văn chưa có nơi “Kính gửi”." in page
    assert "PL I, mục II.9" in page
    assert 'name="form_reason"' in page
    assert taken.status_code == 303
    draft.refresh_from_db()
    assert draft.state == DraftState.IN_REVIEW


def test_a_program_is_told_the_same(cast: Cast) -> None:
    draft = without_addressee(cast)
    officer = browser(cast.officer)
    address = f"/api/v1/documents/drafts/{draft.pk}/submit"

    refused = officer.post(address, {"version": 1}, content_type="application/json")
    taken = officer.post(address, {"version": 1, "reason": REASON}, content_type="application/json")

    assert (refused.status_code, refused.json()["code"]) == (422, "form_faults")
    assert "form_reason" in refused.json()["fields"]
    assert taken.status_code == 200
