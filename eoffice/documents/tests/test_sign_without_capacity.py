"""Every way to a signature stops a signer whose capacity has ended: one paper, several, and a program."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from eoffice.core import clock
from eoffice.core.clock import local_date
from eoffice.documents.models import Draft, FilePurpose, FileVersion
from eoffice.documents.states import DraftState
from eoffice.documents.tests.cast import NOW, Cast, actor_of
from eoffice.documents.tests.drafts import LEADER_PIN, awaiting_signature
from eoffice.organization.models import SigningCapacity
from eoffice.signing import services as signing


@pytest.fixture
def papers(cast: Cast) -> list[Draft]:
    signing.ensure_authority(now=NOW)
    signing.set_pin(actor=actor_of(cast.leader), pin=LEADER_PIN, now=NOW)
    found = [awaiting_signature(cast), awaiting_signature(cast)]
    SigningCapacity.objects.filter(pk=cast.leader_capacity.pk).update(
        ends_on=local_date(clock.now()) - timedelta(days=1)
    )
    return found


def leader(cast: Cast) -> Client:
    client = Client()
    assert cast.leader.user is not None
    client.force_login(cast.leader.user)
    return client


def require_unsigned(papers: list[Draft]) -> None:
    states = set(Draft.objects.filter(pk__in=[each.pk for each in papers]).values_list("state", flat=True))
    assert states == {DraftState.AWAITING_SIGNATURE}
    assert not FileVersion.objects.filter(purpose=FilePurpose.SIGNED).exists()


@pytest.mark.parametrize("count", [1, 2])
def test_page_signs_neither_one_nor_several(cast: Cast, papers: list[Draft], count: int) -> None:
    ticked = [f"{each.pk}:{each.version}" for each in papers[:count]]

    answer = leader(cast).post(reverse("documents:draft_sign"), {"papers": ticked, "pin": LEADER_PIN})

    assert "thẩm quyền" in answer.content.decode().lower()
    require_unsigned(papers)


def test_program_signs_nothing_and_learns_why(cast: Cast, papers: list[Draft]) -> None:
    asked = {"papers": [{"draft_id": each.pk, "version": each.version} for each in papers], "pin": LEADER_PIN}

    answer = leader(cast).post("/api/v1/documents/drafts/sign", asked, content_type="application/json")

    assert answer.status_code == 200, answer.content
    assert [line["signed"] for line in answer.json()] == [False, False]
    require_unsigned(papers)
