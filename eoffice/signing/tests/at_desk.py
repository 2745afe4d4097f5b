"""A signing program on somebody's computer, and the page that sends it from paper to paper."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.test import Client

from eoffice.core import clock
from eoffice.organization import queries as organization
from eoffice.organization.actor import Actor
from eoffice.signing import services
from eoffice.signing.engine.signing import SoftwareKey
from eoffice.signing.models import SignatureRequest
from eoffice.signing.tests.services_outside.vgca import SignService


def program_with(key: SoftwareKey) -> SignService:
    """The program on a desk, this token in it; it reaches us as anybody does, without a session."""
    stranger = Client()

    def fetch(url: str) -> bytes:
        answer = stranger.get(urlsplit(url).path)
        assert answer.status_code == 200
        return b"".join(answer.streaming_content)  # type: ignore[attr-defined]  # a file

    def send(url: str, body: bytes, content_type: str) -> tuple[int, bytes]:
        answer = stranger.post(urlsplit(url).path, data=body, content_type=content_type)
        return answer.status_code, answer.content

    return SignService(key, fetch=fetch, send=send)


def sign_in(actor: Actor) -> Client:
    user = organization.get_person(actor.person_id).user
    assert user is not None
    client = Client()
    client.force_login(user)
    return client


def errand(page: Client, request: SignatureRequest) -> dict[str, str]:
    """What her page asks for before it calls the program."""
    answer = page.post(f"/signing/requests/{request.pk}/program/")
    assert answer.status_code == 200
    found: dict[str, str] = answer.json()["paper"]
    return found


def go(page: Client, request: SignatureRequest, program: SignService) -> dict[str, Any]:
    """One paper, as the page does it; what the program said."""
    paper = errand(page, request)
    outcome = program.act(urlsplit(paper["address"]).path[1:], paper["message"])
    assert outcome is not None
    page.post(
        f"/signing/requests/{request.pk}/program/outcome/",
        {"doc_id": paper["doc_id"], "status": str(outcome["Status"]), "words": outcome["Message"]},
    )
    services.finish_request(request_id=request.pk, now=clock.now())
    request.refresh_from_db()
    return outcome
