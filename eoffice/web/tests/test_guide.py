"""The guide: open to everyone, its chapters and pictures reachable, nothing else of the disk."""

from __future__ import annotations

import re

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def test_guide_leads_to_its_chapters_and_they_back(client: Client) -> None:
    guide = client.get("/huong-dan/").content.decode()
    assert 'href="/huong-dan/signing/"' in guide

    chapter = client.get("/huong-dan/signing/")
    assert chapter.status_code == 200
    assert 'href="/huong-dan/"' in chapter.content.decode()


def test_every_picture_of_a_chapter_is_there(client: Client) -> None:
    chapter = client.get("/huong-dan/signing/").content.decode()
    pictures = re.findall(r'src="(/huong-dan/hinh/[^"]+)"', chapter)

    assert len(pictures) >= 4
    for address in pictures:
        answer = client.get(address)
        assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
        assert b"".join(answer.streaming_content).startswith(b"\x89PNG")  # type: ignore[attr-defined]  # a file


@pytest.mark.parametrize(
    "address",
    [
        "/huong-dan/khong-co/",
        "/huong-dan/hinh/khong-co.png",
        "/huong-dan/hinh/../user-guide.md",
        "/huong-dan/..%2fmap/",
    ],
)
def test_nothing_else_is_shown(client: Client, address: str) -> None:
    assert client.get(address).status_code == 404
