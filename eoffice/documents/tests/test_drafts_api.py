"""Drafts over REST: the same answers as the pages."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from eoffice.documents.models import Draft
from eoffice.documents.states import DraftState
from eoffice.documents.tests.cast import Cast
from eoffice.documents.tests.drafts import body, in_review, make_draft
from eoffice.organization.models import Person


def login(person: Person) -> Client:
    client = Client()
    assert person.user is not None
    client.force_login(person.user)
    return client


def post(client: Client, path: str, value: object) -> tuple[int, object]:
    response = client.post(f"/api/v1/documents/drafts/{path}", json.dumps(value), content_type="application/json")
    return response.status_code, response.json()


def test_a_program_creates_a_draft_once_and_submits_it(cast: Cast) -> None:
    client = login(cast.officer)
    new = {
        "subject": "Báo cáo", "capacity_id": cast.leader_capacity.pk, "body": body(), "idempotency_key": "abc",
        "recipients": [{"kind": "unit", "id": cast.company.pk}, {"kind": "outside", "name": "Cục Viễn thông"}],
    }  # fmt: skip

    first, made = post(client, "", new)
    post(client, "", new)

    draft = Draft.objects.get()
    assert first == 201
    assert isinstance(made, dict)
    assert made["id"] == draft.pk
    assert post(client, f"{draft.pk}/submit", {"version": 1})[0] == 200
    assert post(login(cast.head), f"{draft.pk}/pass", {"version": 1})[0] == 200
    steps = login(cast.head).get(f"/api/v1/documents/drafts/{draft.pk}").json()["steps"]
    assert [step["state"] for step in steps] == ["passed", "open", "waiting"]


@pytest.mark.parametrize("verb", ["submit", "pass", "return"])
def test_an_outsider_gets_404_and_changes_nothing(cast: Cast, verb: str) -> None:
    draft = in_review(cast)

    status, _ = post(login(cast.outsider), f"{draft.pk}/{verb}", {"version": 1, "reason": "x"})

    assert status == 404
    assert Draft.objects.get(pk=draft.pk).state == DraftState.IN_REVIEW


def test_the_list_holds_what_the_page_holds(cast: Cast) -> None:
    draft = make_draft(cast)

    rows = login(cast.officer).get("/api/v1/documents/drafts/").json()

    assert [line["id"] for line in rows["lines"]] == [draft.pk]
    assert login(cast.outsider).get("/api/v1/documents/drafts/").json()["lines"] == []


def test_without_signing_in_there_is_nothing(cast: Cast) -> None:
    draft = make_draft(cast)

    assert Client().get(f"/api/v1/documents/drafts/{draft.pk}").status_code == 401
