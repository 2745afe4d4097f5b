"""Reorganisations by the API: the same second person as on the pages."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from eoffice.core import clock
from eoffice.core.clock import local_date
from eoffice.documents.services import reorganising
from eoffice.documents.tests import letters
from eoffice.documents.tests.cast import Cast
from eoffice.documents.tests.reorganisations import keeper, new_unit, prepared, step
from eoffice.organization.models import Reorganisation, ReorganisationState, StepKind
from eoffice.organization.services import deciding_reorganisation

pytestmark = pytest.mark.django_db
URL = "/api/v1/documents/reorganisations"


@pytest.fixture
def waiting(cast: Cast) -> Reorganisation:
    now = clock.now()
    row = prepared(
        cast,
        step(StepKind.RENAME, cast.technology, parts=[new_unit("Ban Chuyển đổi số", "CĐS")]),
        effective_on=local_date(now) + timedelta(days=7),
        now=now,
    )
    return deciding_reorganisation.submit(
        actor=keeper(cast, now=now), reorganisation_id=row.pk, page=reorganising.page_of(row.pk), now=now
    )


def test_it_is_listed_read_and_confirmed_by_a_second_person(
    cast: Cast, client: Client, waiting: Reorganisation
) -> None:
    letters.enter(client, cast.chief)
    assert [row["id"] for row in client.get(URL).json()["rows"]] == [waiting.pk]
    one = client.get(f"{URL}/{waiting.pk}").json()
    assert [each["words"] for each in one["steps"]] == [
        "Đổi tên Ban Công nghệ và An toàn thông tin thành Ban Chuyển đổi số"
    ]
    done = client.post(f"{URL}/{waiting.pk}/confirm")
    assert done.status_code == 200, done.content
    assert (done.json()["state"], done.json()["confirmed_by"]) == ("confirmed", cast.chief.full_name)


def test_it_is_given_back_with_a_reason_alone(cast: Cast, client: Client, waiting: Reorganisation) -> None:
    letters.enter(client, cast.chief)
    refused = client.post(f"{URL}/{waiting.pk}/give-back", {"remark": " "}, content_type="application/json")
    assert refused.status_code == 422
    waiting.refresh_from_db()
    assert waiting.state == ReorganisationState.WAITING
    answer = client.post(f"{URL}/{waiting.pk}/give-back", {"remark": "Sai ngày"}, content_type="application/json")
    assert (answer.json()["state"], answer.json()["remark"]) == ("draft", "Sai ngày")


def test_outsiders_see_and_decide_nothing(cast: Cast, client: Client, waiting: Reorganisation) -> None:
    letters.enter(client, cast.outsider)
    assert client.get(f"{URL}/{waiting.pk}").status_code == 404
    assert client.post(f"{URL}/{waiting.pk}/confirm").status_code == 404
    waiting.refresh_from_db()
    assert waiting.state == ReorganisationState.WAITING
