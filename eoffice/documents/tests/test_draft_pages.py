"""The pages of drafts over HTTP: what they answer, what they refuse, how many queries they cost."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from datetime import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from eoffice.audit.models import AuditEntry
from eoffice.core import clock
from eoffice.core.geometry import LetterPlaces
from eoffice.documents.models import Draft, DraftMode
from eoffice.documents.services import beginning_drafts, drafting
from eoffice.documents.services.freezing import places_from_json
from eoffice.documents.states import DraftState
from eoffice.documents.tests import outgoing
from eoffice.documents.tests.cast import NOW, Cast, actor_of
from eoffice.documents.tests.drafts import LEADER_PIN, awaiting_signature, body, in_review, letter_entry, make_draft
from eoffice.layout.letters import LetterContent, SignatureBlock, render_letter
from eoffice.organization.models import Person
from eoffice.signing import services as signing

Login = Callable[[Person], Client]


@pytest.fixture(autouse=True)
def at_eight_on_monday(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock stands still at the cast's moment: the one place where time is read."""

    def stopped() -> datetime:
        return NOW

    monkeypatch.setattr(clock, "now", stopped)


@pytest.fixture
def login() -> Login:
    def signed_in(person: Person) -> Client:
        client = Client()
        assert person.user is not None
        client.force_login(person.user)
        return client

    return signed_in


def form_of(cast: Cast, draft: Draft, **changes: str) -> dict[str, str]:
    return {
        "document_type": "letter",
        "subject": draft.subject,
        "urgency": "1",
        "capacity": str(cast.leader_capacity.pk),
        "needs_number": "on",
        "needs_seal": "on",
        "body": json.dumps(body("Nội dung mới.")),
        "recipients": json.dumps([{"kind": "unit", "id": cast.company.pk}]),
        "copies": json.dumps([{"kind": "person", "id": cast.legal_head.pk}]),
        "copies_note": "để báo cáo",
        "outside": "Bộ Khoa học và Công nghệ (để báo cáo)\nCục Viễn thông",
        "seen_at": draft.updated_at.isoformat(),
        **changes,
    }


def test_officer_begins_a_draft_once_however_often_the_form_is_sent(cast: Cast, login: Login) -> None:
    client = login(cast.officer)
    data = {
        "document_type": "letter", "mode": "composed", "unit": str(cast.technology.pk), "subject": "Báo cáo",
        "idempotency_key": "k1",
    }  # fmt: skip

    first = client.post(reverse("documents:draft_create"), data)
    second = client.post(reverse("documents:draft_create"), data)

    draft = Draft.objects.get()
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.headers["Location"] == second.headers["Location"] == reverse("documents:draft_detail", args=[draft.pk])


def test_autosave_keeps_the_fields_and_asks_for_the_preview(cast: Cast, login: Login) -> None:
    draft = make_draft(cast)

    response = login(cast.officer).post(
        reverse("documents:draft_edit", args=[draft.pk]), form_of(cast, draft), headers={"HX-Request": "true"}
    )

    draft.refresh_from_db()
    assert response.status_code == 200
    assert "draft:saved" in json.loads(response.headers["HX-Trigger"])
    assert draft.urgency == 1
    assert [(str(row), row.note) for row in draft.recipients.order_by("position")] == [
        (cast.company.name, ""),
        ("Bộ Khoa học và Công nghệ", "để báo cáo"),
        ("Cục Viễn thông", ""),
        (cast.legal_head.full_name, "để báo cáo"),
    ]


def test_a_draft_saved_before_the_pickers_are_drawn_keeps_its_recipients(cast: Cast, login: Login) -> None:
    draft = make_draft(cast)
    client = login(cast.officer)
    client.post(reverse("documents:draft_edit", args=[draft.pk]), form_of(cast, draft))
    draft.refresh_from_db()
    page = client.get(reverse("documents:draft_detail", args=[draft.pk])).content.decode()
    hidden = {
        name: html.unescape(re.findall(rf'<input type="hidden" name="{name}" value="([^"]*)"', page)[0])
        for name in ("recipients", "copies")
    }

    client.post(reverse("documents:draft_edit", args=[draft.pk]), form_of(cast, draft, **hidden))

    names = [str(row) for row in draft.recipients.order_by("position")]
    assert names == [cast.company.name, "Bộ Khoa học và Công nghệ", "Cục Viễn thông", cast.legal_head.full_name]


def test_a_change_in_another_window_is_refused_and_nothing_is_lost(cast: Cast, login: Login) -> None:
    draft = make_draft(cast)
    stale = form_of(cast, draft, subject="Bản cũ", seen_at="2026-11-01T00:00:00+00:00")

    response = login(cast.officer).post(reverse("documents:draft_edit", args=[draft.pk]), stale)

    assert response.status_code == 409
    assert Draft.objects.get(pk=draft.pk).subject == draft.subject


def test_a_subject_of_600_characters_is_named_in_the_form(cast: Cast, login: Login) -> None:
    draft = make_draft(cast)

    response = login(cast.officer).post(
        reverse("documents:draft_edit", args=[draft.pk]), form_of(cast, draft, subject="Ễ" * 600)
    )

    assert response.status_code == 422
    assert "500" in response.content.decode()
    assert "Ễ" * 600 in response.content.decode()


def test_a_body_outside_the_schema_is_refused(cast: Cast, login: Login) -> None:
    draft = make_draft(cast)
    script = json.dumps({"type": "doc", "content": [{"type": "script"}]})

    response = login(cast.officer).post(
        reverse("documents:draft_edit", args=[draft.pk]), form_of(cast, draft, body=script)
    )

    assert response.status_code == 422
    assert Draft.objects.get(pk=draft.pk).body == draft.body


def test_submitting_from_the_page_saves_what_was_typed(cast: Cast, login: Login) -> None:
    draft = make_draft(cast)

    response = login(cast.officer).post(
        reverse("documents:draft_submit", args=[draft.pk]), form_of(cast, draft, subject="Trích yếu mới")
    )

    draft.refresh_from_db()
    assert (response.status_code, draft.state, draft.subject) == (303, DraftState.IN_REVIEW, "Trích yếu mới")


def test_submitting_without_a_signer_says_so_and_keeps_the_text(cast: Cast, login: Login) -> None:
    draft = make_draft(cast)

    response = login(cast.officer).post(
        reverse("documents:draft_submit", args=[draft.pk]), form_of(cast, draft, capacity="")
    )

    draft.refresh_from_db()
    assert response.status_code == 422
    assert "Chọn người ký." in response.content.decode()
    assert draft.state == DraftState.DRAFT
    assert "Nội dung mới." in json.dumps(draft.body, ensure_ascii=False)


@pytest.mark.parametrize(
    "name", ["draft_detail", "draft_preview", "draft_docx", "draft_slip", "draft_compare", "draft_access"]
)
def test_an_outsider_finds_no_page_of_a_draft(cast: Cast, login: Login, name: str) -> None:
    draft = in_review(cast)

    assert login(cast.outsider).get(reverse(f"documents:{name}", args=[draft.pk])).status_code == 404


@pytest.mark.parametrize(
    "name", ["draft_pass", "draft_return", "draft_withdraw", "draft_abandon", "draft_submit", "draft_consult"]
)
def test_an_outsider_can_do_nothing_to_a_draft(cast: Cast, login: Login, name: str) -> None:
    draft = in_review(cast)

    response = login(cast.outsider).post(
        reverse(f"documents:{name}", args=[draft.pk]),
        {"version": "1", "reason": "x", "question": "x", "document_type": "letter"},
    )

    assert response.status_code == 404
    assert Draft.objects.get(pk=draft.pk).state == DraftState.IN_REVIEW


def test_the_editor_reading_preview_docx_and_slip_open(cast: Cast, login: Login) -> None:
    draft = make_draft(cast)
    officer = login(cast.officer)

    editor = officer.get(reverse("documents:draft_detail", args=[draft.pk]))
    preview = officer.get(reverse("documents:draft_preview", args=[draft.pk]))
    docx = officer.get(reverse("documents:draft_docx", args=[draft.pk]))
    slip = officer.get(reverse("documents:draft_slip", args=[draft.pk]))

    assert 'data-island="editor"' in editor.content.decode()
    assert "Đỗ Hữu Nghĩa" in editor.content.decode()
    assert preview.content.startswith(b"%PDF-")
    assert docx.content.startswith(b"PK")
    assert slip.content.startswith(b"%PDF-")
    for answer in (preview, docx, slip):
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert (answer.headers["Cache-Control"], answer.headers["X-Content-Type-Options"]) == (
            "private, no-store",
            "nosniff",
        )
    assert [answer.headers["Content-Disposition"].partition(";")[0] for answer in (preview, docx, slip)] == [
        "inline",
        "attachment",
        "inline",
    ]


def test_head_passes_from_the_page_and_the_clerk_finds_it_in_her_box(cast: Cast, login: Login) -> None:
    draft = in_review(cast)

    response = login(cast.head).post(reverse("documents:draft_pass", args=[draft.pk]), {"version": "1", "comment": ""})

    page = login(cast.clerk).get(reverse("documents:draft_list"), {"box": "format_check"}).content.decode()
    assert response.status_code == 303
    assert draft.subject in page


def test_passing_an_older_version_answers_409(cast: Cast, login: Login) -> None:
    draft = in_review(cast)

    response = login(cast.head).post(reverse("documents:draft_pass", args=[draft.pk]), {"version": "7"})

    assert response.status_code == 409


def test_a_leader_without_a_key_is_sent_to_set_his_pin(cast: Cast, login: Login) -> None:
    awaiting_signature(cast)

    response = login(cast.leader).get(reverse("documents:draft_sign"))

    assert response.status_code == 303
    assert response.headers["Location"].startswith(reverse("signing:key"))


def test_leader_signs_two_papers_from_the_page_with_a_result_for_each(cast: Cast, login: Login) -> None:
    drafts = [awaiting_signature(cast, subject=f"Văn bản {number}") for number in (1, 2)]
    signing.ensure_authority(now=NOW)
    signing.set_pin(actor=actor_of(cast.leader), pin=LEADER_PIN, now=NOW)

    response = login(cast.leader).post(
        reverse("documents:draft_sign"), {"pin": LEADER_PIN, "papers": [f"{draft.pk}:1" for draft in drafts]}
    )

    assert response.status_code == 200
    assert response.content.decode().count("Đã ký, chuyển văn thư") == 2
    assert Draft.objects.filter(state=DraftState.SIGNED).count() == 2


def test_a_wrong_pin_keeps_the_ticks_and_says_how_many_tries_are_left(cast: Cast, login: Login) -> None:
    draft = awaiting_signature(cast)
    signing.ensure_authority(now=NOW)
    signing.set_pin(actor=actor_of(cast.leader), pin=LEADER_PIN, now=NOW)

    response = login(cast.leader).post(reverse("documents:draft_sign"), {"pin": "998877", "papers": [f"{draft.pk}:1"]})

    page = response.content.decode()
    assert response.status_code == 422
    assert "còn 4 lần thử" in page
    assert f'value="{draft.pk}:1" aria-label="Ký {draft.subject}" checked' in page


def uploaded_letter() -> bytes:
    """A letter somebody set elsewhere, with its number line, date and signer."""
    content = LetterContent(
        type="letter", issuing_body="Tập đoàn Hạ tầng số Trường Xuân", symbol="TXG-CN", place="Hà Nội",
        subject="Rà soát hạ tầng", addressees=("Công ty A",), body=body(), recipients=("Như trên", "Lưu: VT, CN"),
        signatures=(SignatureBlock(lines=("TỔNG GIÁM ĐỐC",), name="Trần Quốc Khánh"),),
    )  # fmt: skip
    return render_letter(content).pdf


def test_an_uploaded_pdf_gets_its_places_which_are_corrected_by_hand(cast: Cast, login: Login) -> None:
    draft = beginning_drafts.create_draft(
        actor=actor_of(cast.officer), entry=letter_entry(cast), mode=DraftMode.UPLOADED, now=NOW
    )
    officer = login(cast.officer)

    upload = SimpleUploadedFile("Công văn.pdf", uploaded_letter(), content_type="application/pdf")
    response = officer.post(reverse("documents:draft_upload", args=[draft.pk]), {"file": upload})

    draft.refresh_from_db()
    found = places_from_json(draft.places)
    assert response.status_code == 303
    assert found.signatures
    page = officer.get(reverse("documents:draft_detail", args=[draft.pk])).content.decode()
    assert 'data-island="placement"' in page

    box = {"page": 0, "x0": 100.0, "y0": 700.0, "x1": 160.0, "y1": 720.0}
    moved = officer.post(
        reverse("documents:draft_places", args=[draft.pk]),
        {
            "file": draft.files.get().pk,
            **{f"place-{name}": json.dumps(box) for name in ("number", "date", "signature_1", "seal")},
        },
    )
    draft.refresh_from_db()
    places: LetterPlaces = places_from_json(draft.places)
    assert moved.status_code == 303
    assert places.number is not None
    assert places.number.to_json() == box


def test_a_program_renamed_to_pdf_is_refused_with_4xx(cast: Cast, login: Login) -> None:
    draft = make_draft(cast)

    upload = SimpleUploadedFile("congvan.pdf", b"MZ\x90\x00" + b"\x00" * 200, content_type="application/pdf")
    response = login(cast.officer).post(reverse("documents:draft_upload", args=[draft.pk]), {"file": upload})

    assert response.status_code == 415
    assert draft.files.count() == 0


def test_two_versions_are_compared_word_by_word(cast: Cast, login: Login) -> None:
    draft = make_draft(cast)
    officer = actor_of(cast.officer)
    drafting.save_version(actor=officer, draft_id=draft.pk, note="", now=NOW)
    drafting.edit_draft(
        actor=officer,
        draft_id=draft.pk,
        now=NOW,
        entry=letter_entry(cast, body=body("Thực hiện Kế hoạch số 16/KH-TXG, đề nghị các đơn vị báo cáo.")),
    )
    drafting.save_version(actor=officer, draft_id=draft.pk, note="", now=NOW)

    page = login(cast.officer).get(reverse("documents:draft_compare", args=[draft.pk])).content.decode()

    assert "<del>15/KH-TXG,</del><ins>16/KH-TXG,</ins>" in page


def test_the_list_costs_the_same_for_three_and_for_thirty_drafts(
    cast: Cast, login: Login, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(30):
        make_draft(cast, subject=f"Dự thảo {number}")
    in_review(cast)
    client = login(cast.officer)
    client.get(reverse("documents:draft_list"))

    with django_assert_max_num_queries(22):
        response = client.get(reverse("documents:draft_list"))

    assert response.status_code == 200


def test_the_reading_pane_has_a_fixed_number_of_queries(
    cast: Cast, login: Login, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    draft = in_review(cast)
    client = login(cast.head)
    address = reverse("documents:draft_detail", args=[draft.pk])
    headers = {"HX-Request": "true", "HX-Target": "reading"}
    client.get(address, headers=headers)

    with django_assert_max_num_queries(33):
        response = client.get(address, headers=headers)

    assert response.status_code == 200
    assert "pass-dialog" in response.content.decode()


def test_reading_a_draft_leaves_one_audit_line(cast: Cast, login: Login) -> None:
    draft = in_review(cast)

    login(cast.head).get(reverse("documents:draft_detail", args=[draft.pk]))

    assert AuditEntry.objects.filter(action="draft.read", person_id=cast.head.pk, object_id=str(draft.pk)).count() == 1


@pytest.mark.parametrize("name", ["draft_edit", "draft_submit", "draft_upload", "draft_pass", "draft_return"])
def test_an_address_that_takes_forms_leads_back_to_the_draft(cast: Cast, login: Login, name: str) -> None:
    draft = make_draft(cast)

    answer = login(cast.officer).get(reverse(f"documents:{name}", args=[draft.pk]))

    assert (answer.status_code, answer["Location"]) == (303, reverse("documents:draft_detail", args=[draft.pk]))
    assert login(cast.officer).put(reverse(f"documents:{name}", args=[draft.pk])).status_code == 405


def test_findings_of_form_stand_beside_the_draft_and_name_clause_and_remedy(cast: Cast, login: Login) -> None:
    draft = beginning_drafts.create_draft(
        actor=actor_of(cast.officer), entry=letter_entry(cast, subject="BÁO CÁO KẾT QUẢ TRIỂN KHAI"), now=NOW,
        unit_id=cast.technology.pk,
    )  # fmt: skip
    address = reverse("documents:draft_detail", args=[draft.pk])

    page = login(cast.officer).get(address).content.decode()
    findings = login(cast.officer).get(address, {"part": "findings"}).content.decode()

    assert f'hx-get="{address}?part=findings"' in page
    assert "Trích yếu viết toàn chữ hoa." in findings
    assert "PL I, mục II.5" in findings
    assert login(cast.outsider).get(address, {"part": "findings"}).status_code == 404


def test_an_uploaded_page_is_held_against_what_is_filled_in(cast: Cast, login: Login) -> None:
    draft = beginning_drafts.create_draft(
        actor=actor_of(cast.officer), entry=letter_entry(cast, subject="Mua sắm thiết bị"), mode=DraftMode.UPLOADED,
        unit_id=cast.technology.pk, now=NOW,
    )  # fmt: skip
    officer = login(cast.officer)
    upload = SimpleUploadedFile("Công văn.pdf", uploaded_letter(), content_type="application/pdf")
    officer.post(reverse("documents:draft_upload", args=[draft.pk]), {"file": upload, "seen_no_mark": "on"})

    findings = officer.get(reverse("documents:draft_detail", args=[draft.pk]), {"part": "findings"}).content.decode()

    assert "Trên trang là" in findings
    assert "Mua sắm thiết bị" in findings


@pytest.mark.parametrize("way", ["corrects", "replaces"])
def test_what_corrects_or_replaces_begins_with_the_subject_and_recipients_of_the_document(
    cast: Cast, login: Login, way: str
) -> None:
    issued = outgoing.issued(cast)
    clerk, address = login(cast.clerk), reverse("documents:draft_create")

    page = clerk.get(address, {way: issued.pk}).content.decode()
    begun = clerk.post(
        f"{address}?{way}={issued.pk}",
        {
            "document_type": "letter",
            "subject": "Đính chính",
            "mode": "composed",
            "unit": str(actor_of(cast.clerk).unit_id),
        },
    )

    assert begun.status_code == 303
    draft = Draft.objects.get(**{way: issued})
    names = [str(row) for row in draft.recipients.order_by("position")]
    assert names == [str(row) for row in issued.draft.recipients.order_by("position")]
    assert (f"Đính chính Công văn số {issued.shown_code}" in page) is (way == "corrects")
    assert (issued.subject in page) is (way == "replaces")
    assert issued.shown_code in clerk.get(begun["Location"]).content.decode()
