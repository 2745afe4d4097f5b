"""What the API refuses before any rule of a room is asked: in one shape, in Vietnamese, with the right status."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from eoffice.accounts import services as accounts
from eoffice.core import clock
from eoffice.core.actor_ref import ActorRef
from eoffice.documents.models import Comment
from eoffice.documents.tests import letters
from eoffice.documents.tests.cast import Cast, make_cast
from eoffice.organization.models import Person

pytestmark = pytest.mark.django_db
JSON = "application/json"


@pytest.fixture
def cast() -> Cast:
    return make_cast(now=clock.now())


def token_of(person: Person, *scopes: str) -> str:
    assert person.user_id is not None
    now = clock.now()
    return accounts.create_token(
        actor=ActorRef(person_id=person.pk, source="web"),
        user_id=person.user_id,
        name="Phần mềm kết nối",
        scopes=list(scopes),
        expires_at=now + timedelta(days=30),
        now=now,
    )


def comment(address: str, body: str, token: str = "") -> tuple[int, dict[str, object]]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = Client(headers=headers).post(address, body, content_type=JSON)
    return answer.status_code, answer.json()


def test_each_refusal_has_code_message_and_fields_and_changes_nothing(cast: Cast) -> None:
    letter = letters.registered(cast, now=clock.now())
    address = f"/api/v1/documents/incoming/{letter.pk}/comments"
    may, reads = token_of(cast.clerk, "documents:write"), token_of(cast.clerk, "documents:read")

    refused = {
        "no token": comment(address, '{"text": "x"}'),
        "unknown token": comment(address, '{"text": "x"}', "eo_khong-co"),
        "scope": comment(address, '{"text": "x"}', reads),
        "no JSON": comment(address, '{"text":', may),
        "missing": comment(address, "{}", may),
        "kind": comment(address, '{"text": 5}', may),
    }

    assert {name: (status, said["code"]) for name, (status, said) in refused.items()} == {
        "no token": (401, "not_signed_in"),
        "unknown token": (401, "token_refused"),
        "scope": (403, "token_scope"),
        "no JSON": (400, "bad_request"),
        "missing": (422, "invalid"),
        "kind": (422, "invalid"),
    }
    assert all(set(said) == {"code", "message", "fields"} for _, said in refused.values())
    assert refused["missing"][1]["fields"] == {"text": "Thiếu trường này."}
    assert refused["kind"][1]["fields"] == {"text": "Cần một chuỗi ký tự."}
    assert not Comment.objects.exists()


def test_a_field_deep_in_the_body_is_named_by_its_path(cast: Cast) -> None:
    letter = letters.forwarded(cast, now=clock.now())
    body = '{"text": "Giao.", "recipients": [{"kind": "chó", "id": "một"}]}'

    status, said = comment(
        f"/api/v1/documents/incoming/{letter.pk}/direct", body, token_of(cast.leader, "documents:write")
    )

    assert status == 422
    assert set(said["fields"]) >= {"recipients.0.id"}  # type: ignore[call-overload]  # a JSON object
