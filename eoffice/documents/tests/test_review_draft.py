"""Submitting, passing and returning drafts along the default flow."""

from __future__ import annotations

import pikepdf
import pytest

from eoffice.core import files
from eoffice.core.errors import IllegalTransition, Invalid
from eoffice.documents.errors import DocumentNotFound, DraftIncomplete, NoCapacity, VersionChanged
from eoffice.documents.models import Draft, DraftVersion, FilePurpose
from eoffice.documents.queries import drafts as queries
from eoffice.documents.services import beginning_drafts, drafting, reviewing, submitting
from eoffice.documents.services.freezing import freeze_draft
from eoffice.documents.states import DraftState
from eoffice.documents.tests.cast import NOW, Cast, actor_of
from eoffice.documents.tests.drafts import awaiting_signature, body, in_review, letter_entry, make_draft
from eoffice.workflow.errors import FlowChanged, NotYourStep
from eoffice.workflow.models import FlowStep
from eoffice.workflow.states import StepState


def test_default_flow_asks_the_head_then_the_office_then_the_signer(cast: Cast) -> None:
    draft = in_review(cast)

    assert [s.title for s in FlowStep.objects.order_by("position")] == [
        "Trưởng đơn vị ký nháy",
        "Kiểm tra thể thức",
        "Ký ban hành",
    ]
    assert draft.state == DraftState.IN_REVIEW
    head_step = FlowStep.objects.get(state=StepState.OPEN)
    assert (head_step.unit_id, head_step.roles, head_step.reason) == (
        cast.technology.pk,
        ["unit_head"],
        "Trưởng đơn vị soạn thảo",
    )


def test_last_review_freezes_one_signing_file_with_its_fields(cast: Cast) -> None:
    draft = awaiting_signature(cast)

    assert draft.state == DraftState.AWAITING_SIGNATURE
    assert draft.signing_file is not None
    assert draft.signing_file.purpose == FilePurpose.SIGNING
    with pikepdf.open(files.path_of(draft.signing_file.file_id)) as pdf:
        assert [str(field.T) for field in pdf.Root.AcroForm.Fields] == ["so", "ngay", "ky_1", "dau"]


def test_freezing_twice_makes_one_file(cast: Cast) -> None:
    draft = awaiting_signature(cast)

    freeze_draft(draft_id=draft.pk, now=NOW)

    assert draft.files.filter(purpose=FilePurpose.SIGNING).count() == 1


def test_an_initial_is_bound_to_the_version_and_its_file(cast: Cast) -> None:
    draft = in_review(cast)

    reviewing.pass_review(actor=actor_of(cast.head), draft_id=draft.pk, seen_version=1, comment="Đồng ý", now=NOW)

    step = FlowStep.objects.get(state=StepState.PASSED)
    version = DraftVersion.objects.select_related("file").get(draft=draft, number=1)
    assert version.file is not None
    assert (step.subject_version, step.subject_sha256, step.decided_by_id, step.comment) == (
        1,
        version.file.file_id,
        cast.head.pk,
        "Đồng ý",
    )


def test_outsider_neither_sees_nor_passes(cast: Cast) -> None:
    draft = in_review(cast)

    with pytest.raises(DocumentNotFound):
        reviewing.pass_review(actor=actor_of(cast.outsider), draft_id=draft.pk, seen_version=1, now=NOW)

    assert FlowStep.objects.filter(state=StepState.PASSED).count() == 0


def test_the_author_cannot_pass_the_heads_step(cast: Cast) -> None:
    draft = in_review(cast)

    with pytest.raises(NotYourStep):
        reviewing.pass_review(actor=actor_of(cast.officer), draft_id=draft.pk, seen_version=1, now=NOW)


def test_the_office_sees_the_draft_only_once_its_step_opens(cast: Cast) -> None:
    draft = in_review(cast)
    assert not queries.in_box(actor_of(cast.clerk), queries.FORMAT_CHECK).exists()

    reviewing.pass_review(actor=actor_of(cast.head), draft_id=draft.pk, seen_version=1, now=NOW)

    assert list(queries.waiting_for_format_check(actor_of(cast.clerk))) == [draft]


def test_passing_twice_is_refused_and_passes_once(cast: Cast) -> None:
    draft = in_review(cast)
    reviewing.pass_review(actor=actor_of(cast.head), draft_id=draft.pk, seen_version=1, now=NOW)

    with pytest.raises(NotYourStep):
        reviewing.pass_review(actor=actor_of(cast.head), draft_id=draft.pk, seen_version=1, now=NOW)


def test_return_with_a_reason_opens_a_new_version(cast: Cast) -> None:
    draft = in_review(cast)

    returned = reviewing.return_draft(
        actor=actor_of(cast.head), draft_id=draft.pk, reason="Bổ sung số liệu", seen_version=1, now=NOW
    )

    assert (returned.state, returned.version, returned.returned_reason) == (DraftState.DRAFT, 2, "Bổ sung số liệu")
    assert FlowStep.objects.filter(state=StepState.OPEN).count() == 0


def test_return_needs_a_reason(cast: Cast) -> None:
    draft = in_review(cast)

    with pytest.raises(Invalid, match="lý do"):
        reviewing.return_draft(actor=actor_of(cast.head), draft_id=draft.pk, reason=" ", seen_version=1, now=NOW)

    assert Draft.objects.get(pk=draft.pk).state == DraftState.IN_REVIEW


def test_the_signer_declines_and_the_signing_file_stays_with_the_old_version(cast: Cast) -> None:
    draft = awaiting_signature(cast)

    returned = reviewing.return_draft(
        actor=actor_of(cast.leader), draft_id=draft.pk, reason="Chưa ký: cần làm rõ mục 2", seen_version=1, now=NOW
    )

    assert (returned.state, returned.signing_file, returned.version) == (DraftState.DRAFT, None, 2)
    assert draft.files.filter(purpose=FilePurpose.SIGNING).count() == 1


def test_initials_are_void_on_a_new_version(cast: Cast) -> None:
    draft = in_review(cast)
    reviewing.pass_review(actor=actor_of(cast.head), draft_id=draft.pk, seen_version=1, now=NOW)

    reviewing.revise_in_review(
        actor=actor_of(cast.clerk),
        draft_id=draft.pk,
        entry=letter_entry(cast, body=body("Câu khác.")),
        seen_version=1,
        note="Sửa thể thức",
        now=NOW,
    )

    draft.refresh_from_db()
    assert (draft.version, draft.state) == (2, DraftState.IN_REVIEW)
    assert list(FlowStep.objects.filter(round=1).order_by("position").values_list("state", flat=True)) == [
        StepState.VOID,
        StepState.VOID,
        StepState.VOID,
    ]
    assert FlowStep.objects.get(state=StepState.OPEN).key == "1-initial"


def test_a_reviewer_who_saw_the_older_version_cannot_pass_it(cast: Cast) -> None:
    draft = in_review(cast)
    reviewing.revise_in_review(
        actor=actor_of(cast.head),
        draft_id=draft.pk,
        entry=letter_entry(cast, body=body("Mới.")),
        seen_version=1,
        note="Sửa",
        now=NOW,
    )

    with pytest.raises(FlowChanged):
        reviewing.pass_review(actor=actor_of(cast.head), draft_id=draft.pk, seen_version=1, now=NOW)


def test_a_head_who_drafts_is_not_asked_to_initial_his_own_paper(cast: Cast) -> None:
    draft = beginning_drafts.create_draft(actor=actor_of(cast.head), entry=letter_entry(cast), now=NOW)

    submitting.submit_draft(actor=actor_of(cast.head), draft_id=draft.pk, seen_version=1, now=NOW)

    assert list(FlowStep.objects.order_by("position").values_list("state", flat=True)) == [
        StepState.SKIPPED,
        StepState.OPEN,
        StepState.WAITING,
    ]


def test_submitting_twice_is_refused(cast: Cast) -> None:
    draft = in_review(cast)

    with pytest.raises(IllegalTransition):
        submitting.submit_draft(actor=actor_of(cast.officer), draft_id=draft.pk, seen_version=1, now=NOW)

    assert FlowStep.objects.filter(round=2).count() == 0


def test_a_draft_without_subject_text_and_signer_is_not_submitted(cast: Cast) -> None:
    draft = beginning_drafts.create_draft(
        actor=actor_of(cast.officer), entry=drafting.DraftEntry(), unit_id=cast.technology.pk, now=NOW
    )

    with pytest.raises(DraftIncomplete) as refused:
        submitting.submit_draft(actor=actor_of(cast.officer), draft_id=draft.pk, seen_version=1, now=NOW)

    assert set(refused.value.fields) == {"subject", "body", "capacity"}
    assert Draft.objects.get(pk=draft.pk).state == DraftState.DRAFT


def test_a_signer_without_capacity_for_the_type_today_is_refused(cast: Cast) -> None:
    capacity = cast.leader_capacity
    capacity.document_types = ["decision"]
    capacity.save(update_fields=["document_types"])
    draft = make_draft(cast)

    with pytest.raises(NoCapacity):
        submitting.submit_draft(actor=actor_of(cast.officer), draft_id=draft.pk, seen_version=1, now=NOW)


def test_a_draft_changed_in_another_window_is_not_submitted_unseen(cast: Cast) -> None:
    draft = make_draft(cast)
    drafting.save_version(actor=actor_of(cast.officer), draft_id=draft.pk, note="", now=NOW)
    drafting.edit_draft(
        actor=actor_of(cast.officer), draft_id=draft.pk, entry=letter_entry(cast, subject="Khác"), now=NOW
    )

    with pytest.raises(VersionChanged):
        submitting.submit_draft(actor=actor_of(cast.officer), draft_id=draft.pk, seen_version=1, now=NOW)


def test_the_author_withdraws_from_review(cast: Cast) -> None:
    draft = in_review(cast)

    withdrawn = reviewing.withdraw_draft(actor=actor_of(cast.officer), draft_id=draft.pk, reason="", now=NOW)

    assert (withdrawn.state, withdrawn.version) == (DraftState.DRAFT, 2)
    assert not queries.in_box(actor_of(cast.head), queries.TO_REVIEW).exists()
