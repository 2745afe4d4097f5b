"""Chữ ký có nguy cơ: who sees which files, why they stand there, and the way to try again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from eoffice.core import clock
from eoffice.core.errors import NotFound
from eoffice.signing import queries, services
from eoffice.signing.models import LastingFile, Risk, WantedLevel
from eoffice.signing.tests.factories import Cast, store_pdf
from eoffice.signing.tests.stamped import add_authority
from eoffice.signing.tests.test_signing_pages import sign_in


def at_risk(cast: Cast, title: str, *, unit_id: int | None = None, risk: str = Risk.NO_TIME_STAMP) -> LastingFile:
    file = store_pdf(title.encode())
    return LastingFile.objects.create(
        file=file,
        newest=file,
        unit_id=unit_id or cast.group.pk,
        title=title,
        url="/documents/outgoing/1/",
        wanted=WantedLevel.ARCHIVED,
        level="B-B",
        risk=risk,
        holds_until=clock.now() + timedelta(days=40),
        due_at=clock.now() + timedelta(minutes=5),
        failure="Không dịch vụ nào cấp dấu thời gian: dịch vụ trả mã 503.",
        tries=3,
        made_at=clock.now(),
    )


def test_clerk_sees_the_files_of_her_registry_alone(cast: Cast, client: Client):
    at_risk(cast, "15/CV-TXG")
    at_risk(cast, "9/CV-DVS", unit_id=cast.company.pk)
    sign_in(client, cast.clerk)

    page = client.get("/signing/risks/").content.decode()

    assert "15/CV-TXG" in page
    assert "9/CV-DVS" not in page
    assert "dịch vụ trả mã 503" in page
    assert "(3 lần)" in page
    assert queries.risk_counts(cast.clerk) == {"no_time_stamp": 1}
    assert queries.risk_counts(cast.administrator) == {"no_time_stamp": 2}


def test_leader_is_refused(cast: Cast, client: Client):
    row = at_risk(cast, "15/CV-TXG")
    sign_in(client, cast.leader)

    assert client.get("/signing/risks/").status_code == 403
    assert client.post(f"/signing/risks/{row.pk}/retry/").status_code == 404
    before = row.due_at
    row.refresh_from_db()
    assert row.due_at == before


def test_reason_narrows_the_board(cast: Cast, client: Client):
    at_risk(cast, "15/CV-TXG")
    at_risk(cast, "16/CV-TXG", risk=Risk.ENDING)
    sign_in(client, cast.clerk)

    page = client.get("/signing/risks/?risk=ending").content.decode()

    assert "16/CV-TXG" in page
    assert "15/CV-TXG" not in page


def test_file_of_another_registry_is_not_retried(cast: Cast):
    row = at_risk(cast, "9/CV-DVS", unit_id=cast.company.pk)
    before = row.due_at

    with pytest.raises(NotFound):
        services.retry_completion(actor=cast.clerk, lasting_id=row.pk, now=clock.now())

    row.refresh_from_db()
    assert row.due_at == before


def test_retry_gives_the_file_its_turn_now(cast: Cast, client: Client):
    add_authority(cast, "http://127.0.0.1:9/tsa")
    row = at_risk(cast, "15/CV-TXG")
    sign_in(client, cast.clerk)

    shown = client.get("/signing/risks/").content.decode()
    answer = client.post(f"/signing/risks/{row.pk}/retry/")

    row.refresh_from_db()
    assert "Thử lại ngay" in shown
    assert answer.status_code == 303
    assert row.due_at is not None
    assert row.due_at <= clock.now()


def test_board_is_paged_by_key_and_its_queries_do_not_grow(cast: Cast, client: Client):
    sign_in(client, cast.clerk)
    at_risk(cast, "0/CV-TXG")
    client.get("/signing/risks/")
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get("/signing/risks/")
    for number in range(1, 52):
        at_risk(cast, f"{number}/CV-TXG")

    with CaptureQueriesContext(connection) as many:
        first = client.get("/signing/risks/").content.decode()
    page = queries.risks_page(cast.clerk, risk="", after=None)
    second = client.get(f"/signing/risks/?after={page.next_after}").content.decode()

    assert len(many) == len(few)
    assert "Trang sau" in first
    assert ">0/CV-TXG<" not in first
    assert ">0/CV-TXG<" in second
