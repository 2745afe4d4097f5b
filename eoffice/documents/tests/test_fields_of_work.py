"""Lĩnh vực of papers: from the register to the signature, and as the bound of delegation and capacity."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eoffice.audit.models import AuditEntry
from eoffice.core.clock import local_date
from eoffice.core.errors import Conflict, Invalid, NotPermitted
from eoffice.documents.errors import CapacityOutsideField, DocumentNotFound
from eoffice.documents.models import AssignmentRole, Draft, FilePurpose, FileVersion, IncomingDocument, OutgoingDocument
from eoffice.documents.permissions import drafts as draft_rules
from eoffice.documents.permissions import incoming as incoming_rules
from eoffice.documents.permissions import outgoing as outgoing_rules
from eoffice.documents.queries.draft_signers import signers_of
from eoffice.documents.queries.drafts import draft_list
from eoffice.documents.queries.incoming_boxes import Box
from eoffice.documents.queries.incoming_counters import counters
from eoffice.documents.queries.incoming_lists import Filters, box_page
from eoffice.documents.queries.outgoing_lists import ISSUED, outgoing_list
from eoffice.documents.services import beginning_drafts, classifying, directing, drafting, registering, submitting
from eoffice.documents.services.beginning_drafts import DraftOrigin
from eoffice.documents.services.distributing import Recipient
from eoffice.documents.services.signing_drafts import PaperToSign, sign_drafts
from eoffice.documents.states import DraftState
from eoffice.documents.tests import letters
from eoffice.documents.tests.cast import NOW, SYSTEM, Cast, actor_of
from eoffice.documents.tests.drafts import LEADER_PIN, awaiting_signature, body, letter_entry
from eoffice.documents.tests.outgoing import issued, signed_as_written
from eoffice.organization import queries as organization
from eoffice.organization.actor import Actor
from eoffice.organization.models import FieldOfWork, SigningCapacity
from eoffice.organization.services import delegating
from eoffice.organization.services.delegating import DelegationTerms
from eoffice.organization.services.fields_of_work import found_field
from eoffice.signing import services as signing

pytestmark = pytest.mark.django_db
TODAY = local_date(NOW)


@pytest.fixture
def technology() -> FieldOfWork:
    return found_field(actor=SYSTEM, name="Công nghệ thông tin", now=NOW)


@pytest.fixture
def finance() -> FieldOfWork:
    return found_field(actor=SYSTEM, name="Tài chính - kế toán", now=NOW)


def under(cast: Cast, *fields: FieldOfWork, prepare: bool = False) -> Actor:
    """The officer of Ban Pháp chế in the leader's name, for these fields alone."""
    made = delegating.give_delegation(
        actor=actor_of(cast.leader),
        receiver_id=cast.legal_officer.pk,
        terms=DelegationTerms(
            may_direct=not prepare, may_prepare=prepare, basis="Quyết định số 12/QĐ-TXG", starts_on=TODAY,
            ends_on=TODAY + timedelta(days=7), fields_of_work=tuple(each.pk for each in fields),
        ),
        now=NOW,
    )  # fmt: skip
    return organization.acting_under(actor_of(cast.legal_officer), delegation_id=made.pk, now=NOW)


def bind(cast: Cast, *fields: FieldOfWork) -> None:
    SigningCapacity.objects.filter(pk=cast.leader_capacity.pk).update(fields_of_work=[each.pk for each in fields])


def test_a_clerk_registers_with_a_field_and_puts_it_right(
    cast: Cast, technology: FieldOfWork, finance: FieldOfWork
) -> None:
    letter = letters.registered(cast, field_of_work_id=technology.pk)
    assert letter.field_of_work_id == technology.pk
    entry = letters.entry(number=letter.number, field_of_work_id=finance.pk)

    made = registering.correct_entry(
        actor=actor_of(cast.clerk), incoming_id=letter.pk, entry=entry, reason="Ghi nhầm lĩnh vực", now=NOW
    )

    assert [(row.field, row.old_value, row.new_value) for row in made] == [
        ("field_of_work_id", "Công nghệ thông tin", "Tài chính - kế toán")
    ]


def test_a_closed_field_is_kept_and_not_given_anew(cast: Cast, technology: FieldOfWork) -> None:
    letter = letters.registered(cast, field_of_work_id=technology.pk)
    FieldOfWork.objects.update(closed_at=NOW)
    entry = letters.entry(number=letter.number, field_of_work_id=technology.pk, subject="Báo cáo lại")
    registering.correct_entry(
        actor=actor_of(cast.clerk), incoming_id=letter.pk, entry=entry, reason="Sửa trích yếu", now=NOW
    )
    other = letters.received(cast, text="khác")
    with pytest.raises(Invalid, match="Chưa đăng ký") as refused:
        registering.register_incoming(
            actor=actor_of(cast.clerk),
            incoming_id=other.pk,
            entry=letters.entry(number="99", field_of_work_id=technology.pk),
            now=NOW,
        )
    assert "field_of_work_id" in refused.value.fields
    other.refresh_from_db()
    assert other.arrival_number is None


def test_the_pages_register_correct_and_filter_by_field(
    cast: Cast, client: Client, technology: FieldOfWork, finance: FieldOfWork
) -> None:
    letter = letters.received(cast)
    letters.enter(client, cast.clerk)
    url = f"/documents/incoming/{letter.pk}/register/"
    assert f'<option value="{technology.pk}"' in client.get(url).content.decode()
    typed = {"issuing_body": "Bộ Nội vụ", "subject": "Hướng dẫn văn thư", "number": "7", "symbol": "BNV"}
    assert client.post(url, typed | {"field_of_work_id": str(technology.pk), "subject": ""}).status_code == 422
    assert client.post(url, typed | {"field_of_work_id": str(technology.pk)}).status_code == 303
    letter.refresh_from_db()
    assert letter.field_of_work_id == technology.pk
    assert "Công nghệ thông tin" in client.get(f"/documents/incoming/{letter.pk}/").content.decode()
    for field, shown in ((technology, True), (finance, False)):
        page = client.get(f"/documents/incoming/?box=to_forward&filter=1&field={field.pk}").content.decode()
        assert ("Hướng dẫn văn thư" in page) is shown
        assert field.name in page
    choice = client.get("/documents/incoming/fields/?box=to_forward&urgent=1").content.decode()
    assert "urgent=1" in choice
    assert f"field={technology.pk}" in choice


def test_programs_register_list_and_read_the_field(cast: Cast, client: Client, technology: FieldOfWork) -> None:
    letter = letters.received(cast)
    letters.enter(client, cast.clerk)
    said = {"issuing_body": "Bộ Nội vụ", "subject": "Hướng dẫn", "number": "7", "field_of_work_id": technology.pk}
    done = client.post(f"/api/v1/documents/incoming/{letter.pk}/register", said, content_type="application/json")
    assert done.status_code == 200, done.content
    assert done.json()["field_of_work_id"] == technology.pk
    rows = client.get(f"/api/v1/documents/incoming/?box=all&field_of_work_id={technology.pk}").json()["rows"]
    assert [row["incoming_id"] for row in rows] == [letter.pk]
    assert client.get("/api/v1/documents/incoming/?box=all&field_of_work_id=1000000").json()["rows"] == []


def test_an_answer_is_in_the_field_of_the_letter_and_the_paper_keeps_it_wherever_it_goes(
    cast: Cast, technology: FieldOfWork
) -> None:
    letter = letters.passed_on(cast)
    IncomingDocument.objects.filter(pk=letter.pk).update(field_of_work_id=technology.pk)
    line = letters.line_of(letter, cast.officer)
    draft = beginning_drafts.create_draft(
        actor=actor_of(cast.officer), entry=letter_entry(cast), unit_id=cast.technology.pk,
        origin=DraftOrigin(assignment_id=line.pk), now=NOW,
    )  # fmt: skip
    assert draft.field_of_work_id == technology.pk
    outgoing = issued(cast, draft=signed_as_written(cast, draft))
    assert outgoing.field_of_work_id == technology.pk
    arrived = IncomingDocument.objects.filter(source_outgoing=outgoing)
    assert {each.field_of_work_id for each in arrived} == {technology.pk}
    leader = actor_of(cast.leader)
    assert len(outgoing_list(leader, box=ISSUED, field_of_work_id=technology.pk).lines) == 1
    assert outgoing_list(leader, box=ISSUED, field_of_work_id=10**6).lines == ()
    mine = actor_of(cast.officer)
    assert draft_list(mine, box="mine", now=NOW, field_of_work_id=technology.pk).field_name == "Công nghệ thông tin"
    assert len(draft_list(mine, box="mine", now=NOW, field_of_work_id=technology.pk).lines) == 1
    assert draft_list(mine, box="mine", now=NOW, field_of_work_id=10**6).lines == ()


@pytest.mark.parametrize("which", ["none", "other"])
def test_a_paper_outside_the_capacity_is_stopped_when_it_is_sent(
    cast: Cast, technology: FieldOfWork, finance: FieldOfWork, which: str
) -> None:
    bind(cast, technology)
    field = finance.pk if which == "other" else None
    draft = beginning_drafts.create_draft(
        actor=actor_of(cast.officer), entry=letter_entry(cast, field_of_work_id=field), unit_id=cast.technology.pk,
        now=NOW,
    )  # fmt: skip
    with pytest.raises(CapacityOutsideField) as refused:
        submitting.submit_draft(actor=actor_of(cast.officer), draft_id=draft.pk, seen_version=1, now=NOW)
    words = refused.value.message
    assert "Trần Quốc Khánh chỉ có thẩm quyền ký lĩnh vực Công nghệ thông tin" in words
    assert ("thuộc lĩnh vực Tài chính - kế toán" if which == "other" else "chưa ghi lĩnh vực") in words
    assert "chọn người ký khác" in words
    draft.refresh_from_db()
    assert draft.state == DraftState.DRAFT
    drafting.edit_draft(
        actor=actor_of(cast.officer), draft_id=draft.pk, entry=letter_entry(cast, field_of_work_id=technology.pk),
        now=NOW,
    )  # fmt: skip
    submitting.submit_draft(actor=actor_of(cast.officer), draft_id=draft.pk, seen_version=1, now=NOW)


def test_it_is_asked_once_more_before_the_signature(cast: Cast, technology: FieldOfWork, finance: FieldOfWork) -> None:
    """The capacity was bound to another field while the paper was under way."""
    signing.ensure_authority(now=NOW)
    signing.set_pin(actor=actor_of(cast.leader), pin=LEADER_PIN, now=NOW)
    draft = awaiting_signature(cast)
    bind(cast, finance)
    for field, is_signed in ((None, False), (technology.pk, False), (finance.pk, True)):
        Draft.objects.filter(pk=draft.pk).update(field_of_work_id=field)
        result = sign_drafts(
            actor=actor_of(cast.leader), papers=[PaperToSign(draft.pk, draft.version)], pin=LEADER_PIN, now=NOW
        )[0]
        assert result.is_signed is is_signed
        if not is_signed:
            assert isinstance(result.error, CapacityOutsideField)
            assert not FileVersion.objects.filter(purpose=FilePurpose.SIGNED).exists()


def test_the_choice_of_signers_says_who_is_left_out_and_why(
    cast: Cast, technology: FieldOfWork, finance: FieldOfWork
) -> None:
    bind(cast, technology)
    draft = beginning_drafts.create_draft(
        actor=actor_of(cast.officer), entry=letter_entry(cast), unit_id=cast.technology.pk, now=NOW
    )

    def found(field: int | None, chosen: int | None = None):
        return signers_of(draft, document_type="letter", field_of_work_id=field, chosen=chosen, now=NOW)

    assert found(technology.pk).outside_words == ""
    assert [key for key, _ in found(technology.pk).choices] == [str(cast.leader_capacity.pk)]
    assert "Trần Quốc Khánh (Công nghệ thông tin): văn bản chưa ghi lĩnh vực" in found(None).outside_words
    assert "chỉ ký lĩnh vực khác" in found(finance.pk).outside_words
    assert found(finance.pk).choices == []
    kept = found(finance.pk, chosen=cast.leader_capacity.pk).choices
    assert [(key, words.endswith("không ký lĩnh vực này")) for key, words in kept] == [
        (str(cast.leader_capacity.pk), True)
    ]


def test_the_editor_keeps_the_field_and_shows_who_may_sign(cast: Cast, client: Client, technology: FieldOfWork) -> None:
    bind(cast, technology)
    draft = beginning_drafts.create_draft(
        actor=actor_of(cast.officer), entry=letter_entry(cast, capacity_id=None), unit_id=cast.technology.pk, now=NOW
    )
    letters.enter(client, cast.officer)
    url = reverse("documents:draft_detail", args=[draft.pk])
    assert "văn bản chưa ghi lĩnh vực, chọn ở trên để hiện" in client.get(url).content.decode()
    typed = {"document_type": "letter", "subject": draft.subject, "field_of_work": str(technology.pk)}
    assert client.post(reverse("documents:draft_edit", args=[draft.pk]), typed).status_code == 303
    draft.refresh_from_db()
    assert draft.field_of_work_id == technology.pk
    shown = client.get(url).content.decode()
    assert f'<option value="{cast.leader_capacity.pk}"' in shown
    assert "văn bản chưa ghi lĩnh vực" not in shown


def test_sending_from_the_editor_says_beside_the_field_what_is_missing(
    cast: Cast, client: Client, technology: FieldOfWork
) -> None:
    bind(cast, technology)
    draft = beginning_drafts.create_draft(
        actor=actor_of(cast.officer), entry=letter_entry(cast), unit_id=cast.technology.pk, now=NOW
    )
    letters.enter(client, cast.officer)
    typed = {
        "document_type": "letter", "subject": draft.subject, "capacity": str(cast.leader_capacity.pk),
        "addressees": "Các đơn vị trực thuộc", "body": json.dumps(body()), "needs_number": "on", "needs_seal": "on",
    }  # fmt: skip

    answer = client.post(reverse("documents:draft_submit", args=[draft.pk]), typed)

    assert answer.status_code == 422
    shown = answer.content.decode()
    assert 'id="id_field_of_work-error"' in shown
    assert "chỉ có thẩm quyền ký lĩnh vực Công nghệ thông tin; văn bản chưa ghi lĩnh vực" in shown
    draft.refresh_from_db()
    assert draft.state == DraftState.DRAFT


def test_a_delegation_bound_to_fields_shows_and_directs_these_alone(
    cast: Cast, technology: FieldOfWork, finance: FieldOfWork
) -> None:
    inside = letters.forwarded(cast, field_of_work_id=technology.pk)
    outside = [letters.forwarded(cast, field_of_work_id=finance.pk), letters.forwarded(cast)]
    deputy = under(cast, technology)
    assert incoming_rules.can_view(deputy, inside)
    listed = {row.incoming_id for row in box_page(deputy, box=Box.TO_DIRECT, now=NOW).rows}
    assert listed == {inside.pk}
    assert counters(deputy, NOW)["to_direct"] == 1
    for letter in outside:
        assert not incoming_rules.can_view(deputy, letter)
        with pytest.raises(DocumentNotFound):
            _direct(deputy, letter, cast)
        assert not letter.directives.exists()
    _direct(deputy, inside, cast)


def _direct(deputy: Actor, letter: IncomingDocument, cast: Cast) -> None:
    directing.direct_incoming(
        actor=deputy, incoming_id=letter.pk, text="Ban Công nghệ chủ trì.",
        recipients=[Recipient("unit", cast.technology.pk, AssignmentRole.LEAD)], now=NOW,
    )  # fmt: skip


def test_who_prepares_under_it_stays_within_it(cast: Cast, technology: FieldOfWork, finance: FieldOfWork) -> None:
    preparing = under(cast, technology, prepare=True)
    for field in (None, finance.pk):
        with pytest.raises(Invalid, match="Công nghệ thông tin"):
            beginning_drafts.create_draft(
                actor=preparing, entry=letter_entry(cast, field_of_work_id=field), now=NOW, unit_id=cast.group.pk
            )
    assert not Draft.objects.exists()
    draft = beginning_drafts.create_draft(
        actor=preparing, entry=letter_entry(cast, field_of_work_id=technology.pk), now=NOW, unit_id=cast.group.pk
    )
    assert draft_rules.can_see(preparing, draft)
    with pytest.raises(Invalid):
        drafting.edit_draft(actor=preparing, draft_id=draft.pk, entry=letter_entry(cast), now=NOW)
    draft.refresh_from_db()
    assert draft.field_of_work_id == technology.pk


@pytest.mark.slow
def test_one_document_and_the_list_agree_whatever_fields_bind(
    cast: Cast, technology: FieldOfWork, finance: FieldOfWork
) -> None:
    letters.forwarded(cast, field_of_work_id=technology.pk)
    letters.forwarded(cast, field_of_work_id=finance.pk)
    letters.forwarded(cast)
    issued(cast)
    keys = (None, technology.pk, finance.pk)
    bound: dict[tuple[FieldOfWork, ...], Actor] = {
        picked: under(cast, *picked) for picked in ((technology,), (finance,), (technology, finance))
    }
    faces: tuple[tuple[Any, Any, Any], ...] = (
        (IncomingDocument, incoming_rules.can_view, incoming_rules.visible_to),
        (OutgoingDocument, outgoing_rules.can_view, outgoing_rules.visible_to),
        (Draft, draft_rules.can_see, draft_rules.visible_to),
    )

    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.integers(0, 2), min_size=10, max_size=10), st.sampled_from(list(bound)))
    def agree(chosen: list[int], picked: tuple[FieldOfWork, ...]) -> None:
        actor = bound[picked]
        for model, can_view, visible_to in faces:
            for number, row in enumerate(model.objects.order_by("pk")):
                model.objects.filter(pk=row.pk).update(field_of_work_id=keys[chosen[number % 10]])
            rows = list(model.objects.order_by("pk"))
            listed = set(model.objects.filter(visible_to(actor)).values_list("pk", flat=True))
            assert listed == {row.pk for row in rows if can_view(actor, row)}
            assert all(row.field_of_work_id in {each.pk for each in picked} for row in rows if row.pk in listed)

    agree()


def test_an_issued_paper_is_put_in_a_field_afterwards(cast: Cast, client: Client, technology: FieldOfWork) -> None:
    outgoing = issued(cast)
    letters.enter(client, cast.clerk)
    url = reverse("documents:outgoing_field", args=[outgoing.pk])
    assert "Công nghệ thông tin" in client.get(url).content.decode()
    assert client.post(url, {"field_of_work_id": str(technology.pk)}).status_code == 303
    outgoing.refresh_from_db()
    assert outgoing.field_of_work_id == technology.pk
    assert Draft.objects.get(pk=outgoing.draft_id).field_of_work_id is None
    said = AuditEntry.objects.get(action="documents.outgoing.field_set")
    assert said.detail == {"field_of_work": technology.pk, "before": None}
    with pytest.raises(NotPermitted):
        classifying.set_field_of_outgoing(
            actor=actor_of(cast.officer), outgoing_id=outgoing.pk, field_of_work_id=None, now=NOW
        )
    outgoing.refresh_from_db()
    assert outgoing.field_of_work_id == technology.pk


def test_an_internal_copy_is_put_in_a_field_a_registered_letter_is_corrected(
    cast: Cast, client: Client, technology: FieldOfWork
) -> None:
    outgoing = issued(cast)
    copy = IncomingDocument.objects.get(source_outgoing=outgoing, is_internal=True)
    letters.enter(client, cast.clerk)
    shown = client.get(f"/documents/incoming/{copy.pk}/").content.decode()
    assert "Ghi lĩnh vực" in shown
    done = client.post(reverse("documents:incoming_field", args=[copy.pk]), {"field_of_work_id": str(technology.pk)})
    assert done.status_code == 303
    copy.refresh_from_db()
    assert copy.field_of_work_id == technology.pk
    letter = letters.registered(cast)
    with pytest.raises(Conflict, match="sửa dòng sổ"):
        classifying.set_field_of_letter(
            actor=actor_of(cast.clerk), incoming_id=letter.pk, field_of_work_id=technology.pk, now=NOW
        )
    letter.refresh_from_db()
    assert letter.field_of_work_id is None


def test_a_saved_filter_remembers_the_field(cast: Cast, client: Client, technology: FieldOfWork) -> None:
    letters.enter(client, cast.clerk)
    asked = reverse("documents:filter_save") + f"?box=to_forward&field={technology.pk}"
    assert "Công nghệ thông tin" in client.get(asked).content.decode()
    client.post(asked, {"name": "Việc công nghệ"})
    listed = client.get("/documents/incoming/?box=to_forward&filter=1").content.decode()
    assert "Việc công nghệ" in listed


def test_filters_say_the_field(cast: Cast, technology: FieldOfWork) -> None:
    inside = letters.registered(cast, field_of_work_id=technology.pk)
    letters.registered(cast)
    page = box_page(actor_of(cast.clerk), box=Box.TO_FORWARD, now=NOW, filters=Filters(field_of_work_id=technology.pk))
    assert [row.incoming_id for row in page.rows] == [inside.pk]
