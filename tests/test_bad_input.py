"""Text that no column or number can hold: refused with a 4xx at every list and form, never an error 500."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client

from eoffice.core.errors import Invalid
from eoffice.core.paging import whole_number
from eoffice.documents.models import Comment
from eoffice.documents.services.deadlines import checked_deadline
from eoffice.documents.tests import letters
from eoffice.documents.tests.cast import NOW, Cast, make_cast

LISTS = (
    "/documents/search/",
    "/documents/incoming/",
    "/documents/outgoing/",
    "/documents/drafts/",
    "/documents/drafts/sign/",
    "/documents/registers/",
    "/notifications/",
    "/quan-tri/nhat-ky/",
    "/organization/don-vi/",
    "/reports/books/outgoing/",
    "/reports/books/incoming/",
    "/reports/books/follow-up/",
    "/reports/books/postal/",
    "/api/v1/documents/incoming/",
    "/api/v1/documents/drafts/",
    "/api/v1/documents/outgoing",
    "/api/v1/organization/recipients",
    "/api/v1/notifications",
)
PARAMETERS = (
    "q", "text", "filter", "box", "after", "state", "show", "ids", "person", "action", "page",
    "from", "to", "first_on", "last_on", "register", "registry", "kind",
)  # fmt: skip


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


def signed_in(person) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(person.user)
    return client


@pytest.mark.parametrize(
    "words", ["9" * 20, "9" * 5000, "-1", "²", "٣", "31/12/9999", "1e999", "Đ\u0309" * 300, "\x07"]
)
def test_odd_values_in_an_address_are_no_error_of_ours(cast: Cast, words: str) -> None:
    client = signed_in(cast.clerk)
    asked = dict.fromkeys(PARAMETERS, words) | {"filter": "1"}

    answers = {path: client.get(path, asked).status_code for path in LISTS}

    assert {path: status for path, status in answers.items() if status >= 500} == {}


def test_nul_character_is_refused_at_the_edge(cast: Cast) -> None:
    letter = letters.registered(cast)
    client = signed_in(cast.clerk)

    for path in LISTS:
        assert client.get(path, {"q": "a\0b"}).status_code == 400, path
    comment = f"/documents/incoming/{letter.pk}/comment/"
    assert client.post(comment, {"text": "a\0b"}).status_code == 400
    cancel = f"/api/v1/documents/incoming/{letter.pk}/cancel"
    assert client.post(cancel, {"reason": "a\0b"}, content_type="application/json").status_code == 400
    assert not Comment.objects.exists()
    letter.refresh_from_db()
    assert letter.state == "registered"


@pytest.mark.parametrize("key", ["99999999999999999999", "9" * 5000])
def test_key_beyond_the_database_is_simply_not_found(cast: Cast, key: str) -> None:
    client = signed_in(cast.clerk)

    paths = [f"/documents/{room}/{key}/" for room in ("incoming", "outgoing", "drafts", "registers")]
    paths += [f"/documents/assignments/{key}/report/", f"/organization/don-vi/{key}/", f"/workflow/{key}/"]
    for path in paths:
        assert client.get(path).status_code in {403, 404}, path
    for path in (f"/notifications/{key}/read/", f"/documents/assignments/{key}/accept/"):
        assert client.post(path).status_code == 404, path


def test_ticked_rows_with_odd_numbers_are_refused_with_words(cast: Cast) -> None:
    answer = signed_in(cast.clerk).post("/documents/incoming/forward/", {"ids": ["²"], "leader": "٣"})

    assert answer.status_code == 422
    assert "Chọn ít nhất một văn bản" in answer.content.decode()


def test_deadline_at_the_end_of_all_days_is_refused_with_words(cast: Cast) -> None:
    with pytest.raises(Invalid) as refused:
        checked_deadline(date(9999, 12, 31), now=NOW)

    assert "mười năm tới" in refused.value.fields["due_on"]


def test_whole_number_reads_ascii_digits_alone() -> None:
    assert [whole_number(text) for text in ("0", "42", "", "-1", "²", "٣", " 7", "9" * 19)] == [
        0, 42, None, None, None, None, None, None,
    ]  # fmt: skip
