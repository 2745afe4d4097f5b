"""The public check: open to everybody, but nobody can keep the house busy with it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from eoffice.core import clock, locks
from eoffice.signing.models import PublicCheck
from eoffice.signing.services.checking import ADDRESS_SPAN, CHECKS_OF_AN_ADDRESS, PUBLIC_PLACES
from eoffice.signing.tests.factories import Cast, letter_pdf

pytestmark = pytest.mark.django_db

ADDRESS = "198.51.100.7"


def check(client: Client, address: str = ADDRESS) -> tuple[int, str]:
    file = SimpleUploadedFile("cong-van.pdf", letter_pdf(), content_type="application/pdf")
    answer = client.post("/signing/verify/", {"file": file}, REMOTE_ADDR=address)
    return answer.status_code, answer.content.decode()


def test_address_that_asks_too_often_is_told_to_wait(client: Client) -> None:
    now = clock.now()
    PublicCheck.objects.bulk_create([PublicCheck(address=ADDRESS, at=now)] * CHECKS_OF_AN_ADDRESS)

    status, page = check(client)

    assert status == 429
    assert "Chờ mười phút" in page
    assert check(client, "203.0.113.9")[0] == 200
    PublicCheck.objects.filter(address=ADDRESS).update(at=now - ADDRESS_SPAN - timedelta(seconds=1))
    assert check(client)[0] == 200
    assert PublicCheck.objects.filter(address=ADDRESS).count() == 1


def test_signed_in_people_are_not_counted(client: Client, cast: Cast) -> None:
    PublicCheck.objects.bulk_create([PublicCheck(address=ADDRESS, at=clock.now())] * CHECKS_OF_AN_ADDRESS)
    client.force_login(get_user_model().objects.get(pk=cast.clerk.user_id))

    assert check(client)[0] == 200


def test_places_taken_elsewhere_are_not_given_twice(client: Client) -> None:
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            for place in range(PUBLIC_PLACES):
                cursor.execute("SELECT pg_advisory_lock(%s)", [locks.key_of(f"signing:check:public:{place}")])

        status, page = check(client)

        assert status == 429
        assert "Chờ ít giây" in page
    finally:
        other.close()
    assert check(client)[0] == 200


def test_program_gets_the_verdict_of_the_page_and_nothing_without_signing_in(client: Client, cast: Cast) -> None:
    def ask() -> tuple[int, dict[str, object]]:
        file = SimpleUploadedFile("cong-van.pdf", letter_pdf(), content_type="application/pdf")
        answer = client.post("/api/v1/signing/verify", {"file": file})
        return answer.status_code, answer.json()

    assert ask()[0] == 401
    client.force_login(get_user_model().objects.get(pk=cast.clerk.user_id))
    status, verdict = ask()

    assert (status, verdict["verdict"], verdict["signatures"]) == (200, "indeterminate", [])
    assert str(verdict["reason"]) in check(client)[1]
