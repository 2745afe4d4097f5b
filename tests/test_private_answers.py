"""What an answer lets others keep: caches, cookies, the name of a file, a session after its end."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.test import Client

from eoffice.accounts.session_store import SessionStore
from eoffice.documents.models import FileVersion
from eoffice.documents.tests import letters
from eoffice.documents.tests.cast import Cast, make_cast


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


def signed_in(person) -> Client:
    client = Client()
    client.force_login(person.user)
    return client


def test_pages_are_kept_by_no_cache_and_files_by_nobody(cast: Cast) -> None:
    letter = letters.registered(cast)
    file = FileVersion.objects.get(incoming=letter)
    client = signed_in(cast.clerk)

    page = client.get(f"/documents/incoming/{letter.pk}/")
    stored = client.get(f"/documents/incoming/{letter.pk}/files/{file.pk}/")

    assert page.headers["Cache-Control"] == "private, no-cache"
    assert stored.headers["Cache-Control"] == "private, no-store"
    assert stored.headers["X-Content-Type-Options"] == "nosniff"
    assert stored.headers["Content-Disposition"].startswith("attachment")


def test_session_ends_for_every_process_when_signed_out(cast: Cast) -> None:
    client = signed_in(cast.clerk)
    stolen = Client()
    stolen.cookies[settings.SESSION_COOKIE_NAME] = client.cookies[settings.SESSION_COOKIE_NAME].value
    assert stolen.get("/documents/incoming/").status_code == 200

    client.post("/tai-khoan/dang-xuat/")

    assert stolen.get("/documents/incoming/").status_code == 302
    # A cache in the memory of one process would not hear of it: the store is the database and nothing before it.
    assert settings.SESSION_ENGINE == "eoffice.accounts.session_store"
    assert SessionStore.__mro__[1:] == DatabaseStore.__mro__


def test_cookie_of_the_session_is_out_of_reach_of_scripts_and_other_sites(cast: Cast) -> None:
    answer = signed_in(cast.clerk).get("/documents/incoming/", {"box": "to_forward"})
    cookie = answer.cookies[settings.SESSION_COOKIE_NAME]

    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert Client(enforce_csrf_checks=True).post("/tai-khoan/dang-nhap/", {"email": "x"}).status_code == 403
