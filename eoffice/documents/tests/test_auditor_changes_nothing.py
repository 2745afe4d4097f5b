"""Kiểm tra: an auditor sees what the registry sees, and nothing he presses leaves a mark on a letter."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from eoffice.core.errors import NotPermitted
from eoffice.documents.models import Comment, Delivery, IncomingDocument
from eoffice.documents.services import consulting, reading
from eoffice.documents.tests import letters
from eoffice.documents.tests.cast import NOW, SYSTEM, Cast, actor_of
from eoffice.documents.tests.outgoing import issued
from eoffice.organization import services as organization
from eoffice.organization.models import Role


def test_auditor_writes_no_note_beside_a_letter(cast: Cast) -> None:
    letter = letters.registered(cast)

    with pytest.raises(NotPermitted):
        consulting.comment_incoming(actor=actor_of(cast.auditor), incoming_id=letter.pk, text="Đã xem", now=NOW)

    assert not Comment.objects.exists()
    assert consulting.comment_incoming(actor=actor_of(cast.clerk), incoming_id=letter.pk, text="Đã xem", now=NOW).pk


def test_reading_auditor_is_no_reading_recipient(cast: Cast) -> None:
    organization.grant_role(
        actor=SYSTEM, person=cast.auditor, unit=cast.company, role=Role.AUDITOR, starts_on=NOW.date(), now=NOW
    )
    outgoing = issued(cast)
    arrived = IncomingDocument.objects.get(source_outgoing=outgoing, registry=cast.company)
    delivery = Delivery.objects.get(incoming=arrived)

    reading.mark_read(actor=actor_of(cast.auditor), incoming_id=arrived.pk, now=NOW)
    delivery.refresh_from_db()
    assert delivery.read_at is None

    reading.mark_read(actor=actor_of(cast.company_clerk), incoming_id=arrived.pk, now=NOW)
    delivery.refresh_from_db()
    assert delivery.read_by_name == cast.company_clerk.full_name


@pytest.mark.parametrize(
    "page", ["register", "refuse", "cancel", "forward", "direct", "distribute", "return", "reopen", "correct"]
)
def test_forms_of_others_are_refused_to_an_auditor(cast: Cast, page: str) -> None:
    letter = letters.forwarded(cast)
    client = Client(raise_request_exception=False)
    assert cast.auditor.user is not None
    client.force_login(cast.auditor.user)
    sent = {
        "reason": "Sai", "text": "Giao", "leader": cast.leader.pk, "subject": "Sửa", "issuing_body": "Sửa",
        "recipients": f'[{{"kind": "unit", "id": {cast.legal.pk}, "role": "lead"}}]',
    }  # fmt: skip

    answer = client.post(reverse(f"documents:incoming_{page}", args=[letter.pk]), sent)

    assert answer.status_code in {403, 404, 409, 422}
    before = (letter.state, letter.subject, letter.forwarded_to_id)
    letter.refresh_from_db()
    assert (letter.state, letter.subject, letter.forwarded_to_id) == before
    assert not letter.assignments.exists()
