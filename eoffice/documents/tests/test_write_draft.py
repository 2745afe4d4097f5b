"""Writing drafts: units, origins, symbols, recipients, versions, opinions, internal papers."""

from __future__ import annotations

import pytest

from eoffice.core.errors import Conflict, Invalid, NotPermitted
from eoffice.documents.comparing import Comparable, compare, compare_words
from eoffice.documents.errors import DocumentNotFound
from eoffice.documents.models import Draft, DraftVersion
from eoffice.documents.queries import draft_pages
from eoffice.documents.queries import drafts as queries
from eoffice.documents.services import beginning_drafts, consulting_on_drafts, drafting, submitting
from eoffice.documents.services.composing import EXTRA_FIELDS, letterhead_of, recipient_lines
from eoffice.documents.services.drafting import RecipientEntry
from eoffice.documents.services.freezing import draft_letter
from eoffice.documents.states import DraftState
from eoffice.documents.tests.cast import NOW, Cast, actor_of
from eoffice.documents.tests.drafts import body, letter_entry, make_draft
from eoffice.layout.letters import render_letter
from eoffice.layout.types import TYPES


def test_the_symbol_names_the_drafting_unit_for_a_letter_and_the_type_for_others(cast: Cast) -> None:
    officer = actor_of(cast.officer)

    letter = make_draft(cast)
    decision = beginning_drafts.create_draft(actor=officer, entry=letter_entry(cast, document_type="decision"), now=NOW)
    company = beginning_drafts.create_draft(
        actor=actor_of(cast.company_head), entry=letter_entry(cast, capacity_id=None), now=NOW
    )

    assert (letter.symbol, decision.symbol, company.symbol) == ("TXG-CN", "QĐ-TXG", "NTB-KT")
    assert letterhead_of(company).superior_name == cast.group.name


def test_nobody_drafts_for_a_unit_he_has_no_post_in(cast: Cast) -> None:
    with pytest.raises(NotPermitted):
        beginning_drafts.create_draft(
            actor=actor_of(cast.outsider), entry=letter_entry(cast), unit_id=cast.technology.pk, now=NOW
        )

    assert Draft.objects.count() == 0


def test_a_signer_of_another_registry_is_refused(cast: Cast) -> None:
    with pytest.raises(Invalid) as refused:
        beginning_drafts.create_draft(
            actor=actor_of(cast.officer), entry=letter_entry(cast, capacity_id=cast.company_leader_capacity.pk), now=NOW
        )

    assert "capacity" in refused.value.fields


def test_recipients_are_named_once_and_listed_as_the_decree_asks(cast: Cast) -> None:
    twice = (
        RecipientEntry(kind="unit", id=cast.company.pk),
        RecipientEntry(kind="unit", id=cast.company.pk),
        RecipientEntry(kind="outside", name="Bộ  Khoa học và Công nghệ", note="để báo cáo"),
        RecipientEntry(kind="outside", name="bộ khoa học và công nghệ"),
    )
    draft = beginning_drafts.create_draft(
        actor=actor_of(cast.officer), entry=letter_entry(cast, recipients=twice), now=NOW
    )

    rows = list(draft.recipients.order_by("position"))

    assert recipient_lines(draft, rows, letterhead_of(draft)) == [
        "Như trên",
        "Bộ Khoa học và Công nghệ (để báo cáo)",
        "Lưu: VT, CN",
    ]


def test_editing_after_a_kept_version_begins_the_next_and_leaves_the_old(cast: Cast) -> None:
    draft = make_draft(cast)
    officer = actor_of(cast.officer)
    drafting.save_version(actor=officer, draft_id=draft.pk, note="", now=NOW)

    edited = drafting.edit_draft(
        actor=officer, draft_id=draft.pk, entry=letter_entry(cast, subject="Khác hẳn"), now=NOW
    )

    assert edited.version == 2
    assert DraftVersion.objects.get(draft=draft, number=1).subject == draft.subject


def test_an_abandoned_draft_stays_readable_and_cannot_be_submitted(cast: Cast) -> None:
    draft = make_draft(cast)
    officer = actor_of(cast.officer)

    drafting.abandon_draft(actor=officer, draft_id=draft.pk, reason="Không cần nữa", now=NOW)

    assert queries.get_draft(officer, draft.pk).state == DraftState.ABANDONED
    with pytest.raises(Conflict):
        submitting.submit_draft(actor=officer, draft_id=draft.pk, seen_version=1, now=NOW)


def test_only_the_author_abandons(cast: Cast) -> None:
    draft = make_draft(cast)

    with pytest.raises(NotPermitted):
        drafting.abandon_draft(actor=actor_of(cast.head), draft_id=draft.pk, reason="x", now=NOW)
    with pytest.raises(DocumentNotFound):
        drafting.abandon_draft(actor=actor_of(cast.outsider), draft_id=draft.pk, reason="x", now=NOW)

    assert Draft.objects.get(pk=draft.pk).state == DraftState.DRAFT


def test_whoever_is_asked_sees_the_draft_and_answers_once(cast: Cast) -> None:
    draft = make_draft(cast)
    head = actor_of(cast.legal_head)
    asked = consulting_on_drafts.consult_on_draft(
        actor=actor_of(cast.officer),
        draft_id=draft.pk,
        unit_ids=[cast.legal.pk],
        person_ids=[],
        question="Có vướng luật không",
        due_at=None,
        now=NOW,
    )[0]
    assert list(queries.in_box(head, queries.TO_REVIEW)) == [draft]

    consulting_on_drafts.answer_draft_consultation(actor=head, consultation_id=asked.pk, answer="Không vướng", now=NOW)

    assert not queries.in_box(head, queries.TO_REVIEW).exists()
    with pytest.raises(Conflict):
        consulting_on_drafts.answer_draft_consultation(actor=head, consultation_id=asked.pk, answer="Nữa", now=NOW)
    assert b"%PDF" in draft_pages.submission_slip(head, draft.pk, now=NOW)[:8]


@pytest.mark.parametrize("document_type", [each.code for each in TYPES])
def test_each_of_the_29_types_can_be_drawn(cast: Cast, document_type: str) -> None:
    template = next(each.template for each in TYPES if each.code == document_type)
    extra = {
        name: "2026-11-30" if name in {"valid_until", "requested_on", "starts_on", "ends_on"} else f"Mục {name}"
        for name in EXTRA_FIELDS.get(template, {})
    }
    entry = letter_entry(cast, document_type=document_type, content={"extra": extra})
    draft = beginning_drafts.create_draft(actor=actor_of(cast.officer), entry=entry, now=NOW)

    letter = render_letter(draft_letter(draft))

    assert letter.page_count >= 1
    assert len(letter.places.signatures) == 1


def test_counters_count_what_waits_in_one_query(cast: Cast, django_assert_num_queries: object) -> None:
    make_draft(cast)
    draft = make_draft(cast, subject="Trình")
    submitting.submit_draft(actor=actor_of(cast.officer), draft_id=draft.pk, seen_version=1, now=NOW)
    officer, head = actor_of(cast.officer), actor_of(cast.head)

    with django_assert_num_queries(2):  # type: ignore[operator]  # pytest-django's fixture
        mine, his = queries.counters(officer, NOW), queries.counters(head, NOW)

    assert mine == {"mine": 1, "to_review": 0, "to_sign": 0, "format_check": 0}
    assert his == {"mine": 0, "to_review": 1, "to_sign": 0, "format_check": 0}


def test_words_taken_out_and_put_in_give_back_both_texts() -> None:
    old, new = "Báo cáo trước ngày 30 tháng 11.", "Báo cáo gấp trước ngày 25 tháng 11."

    pieces = compare_words(old, new)

    assert "".join(piece.text for piece in pieces if piece.change != "added") == old
    assert "".join(piece.text for piece in pieces if piece.change != "removed") == new


def test_a_changed_paragraph_is_compared_inside_and_a_new_one_stands_alone() -> None:
    def version(*lines: str) -> Comparable:
        paragraphs = [paragraph for line in lines for paragraph in list(body(line)["content"])]  # type: ignore[call-overload]  # a list by construction
        return Comparable(subject="A", type_name="Công văn", content={}, body={"type": "doc", "content": paragraphs})

    compared = compare(version("Một hai ba", "Giữ nguyên"), version("Một hai bốn", "Giữ nguyên", "Thêm"))

    assert [line.change for line in compared.lines] == ["changed", "same", "added"]
    assert compared.fields == ()
