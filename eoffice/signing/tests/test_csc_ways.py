"""CSC services that ask more: codes that are sent, questions to answer, a right for each paper; and version 1."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client

from eoffice.core.errors import NotFound
from eoffice.organization import queries as organization
from eoffice.signing import services
from eoffice.signing.errors import TooManyCodes
from eoffice.signing.models import ProviderKind, SignatureRecord, SignatureRequest, SigningMethod
from eoffice.signing.services.methods import _CODES
from eoffice.signing.tests.factories import NOW, Cast
from eoffice.signing.tests.remote import ask, connect, method_of
from eoffice.signing.tests.services_outside import csc
from eoffice.signing.tests.services_outside.csc import CscService


@pytest.fixture
def service() -> Iterator[CscService]:
    _CODES._windows.clear()
    with CscService(now=NOW) as started:
        started.mode = "pin"
        yield started


def taken(cast: Cast, service: CscService, **settings: str) -> SigningMethod:
    """The leader's way of signing at a service set up like this."""
    set_up = {"version": str(service.version), **settings}
    return method_of(cast.leader, service, connect(cast.administrator, service, ProviderKind.CSC, settings=set_up))


def signed(cast: Cast, method: SigningMethod, count: int, **typed: str) -> tuple[SignatureRequest, list[str]]:
    """What became of papers that were asked for with what was typed."""
    request = ask(cast, method, count, typed=typed).request
    assert request is not None
    services.finish_request(request_id=request.pk, now=NOW)
    request.refresh_from_db()
    return request, list(request.papers.order_by("position").values_list("state", flat=True))


def test_way_to_the_login_of_a_service_is_a_link(cast: Cast, client: Client, service: CscService):
    """Our own policy would stop a form that is answered with another site's address."""
    provider = connect(cast.administrator, service, ProviderKind.CSC)
    user = organization.get_person(cast.leader.person_id).user
    assert user is not None
    client.force_login(user)

    answer = client.post(f"/signing/methods/login/{provider.pk}/")

    assert answer.status_code == 200
    assert f'href="{service.url}/oauth2/authorize?' in answer.content.decode()
    assert "form-action 'self'" in answer.headers["Content-Security-Policy"]


def test_version_1_signs_with_pin_and_the_code_it_sends(cast: Cast, service: CscService):
    service.version, service.code = 1, "sent"
    method = taken(cast, service, asks="pin_sent")

    words = services.send_code(actor=cast.leader, method_id=method.pk, now=NOW)
    request, states = signed(cast, method, 2, pin=csc.PIN, otp=service.sent_codes[method.account])

    assert "đã gửi mã" in words
    assert (request.state, states) == ("signed", ["signed", "signed"])
    authorized = next(body for path, body in service.calls if path.endswith("/credentials/authorize"))
    assert sorted(authorized) == ["OTP", "PIN", "credentialID", "description", "hash", "numSignatures"]
    hashed = next(body for path, body in service.calls if path.endswith("/signatures/signHash"))
    assert hashed["hashAlgo"] == csc.SHA256


def test_version_1_wrong_code_is_tried_once_and_locks_in_the_end(cast: Cast, service: CscService):
    service.version, service.code = 1, "sent"
    method = taken(cast, service, asks="pin_sent")

    words = [signed(cast, method, 1, pin=csc.PIN, otp="000000")[0].words for _ in range(3)]
    locked = signed(cast, method, 1, pin=csc.PIN, otp="000000")[0]

    assert all("không tự thử lại" in each for each in words)
    assert (locked.state, "bị khóa" in locked.words) == ("failed", True)
    assert service.holders[method.account].wrong_tries == 3
    assert not SignatureRecord.objects.exists()


def test_question_of_version_2_is_shown_and_answered_under_its_own_name(cast: Cast, service: CscService):
    service.code = "challenge"
    method = taken(cast, service, asks="pin_sent")

    words = services.send_code(actor=cast.leader, method_id=method.pk, now=NOW)
    request, _ = signed(cast, method, 1, pin=csc.PIN, otp=csc.CHALLENGE[::-1])

    assert (words, request.state) == (f"Trả lời: {csc.CHALLENGE}", "signed")
    authorized = next(body for path, body in service.calls if path.endswith("/credentials/authorize"))
    assert [each["id"] for each in authorized["authData"]] == ["PIN", "cauhoi"]


def test_right_is_extended_from_paper_to_paper(cast: Cast, service: CscService):
    service.one_at_a_time = True
    method = taken(cast, service, asks="pin", batch="extend")

    request, states = signed(cast, method, 3, pin=csc.PIN)

    assert (request.state, states) == ("signed", ["signed"] * 3)
    called = [path.rsplit("/", 1)[1] for path, _ in service.calls if "authorize" in path or "extend" in path]
    assert called == ["authorize", "extendTransaction", "extendTransaction"]


def test_right_that_ends_in_the_middle_costs_the_papers_after_it(cast: Cast, service: CscService):
    service.one_at_a_time = True
    method = taken(cast, service, asks="pin", batch="extend")
    service.extensions_left = 1

    request, states = signed(cast, method, 3, pin=csc.PIN)

    assert (request.state, states) == ("signed", ["signed", "signed", "failed"])
    assert SignatureRecord.objects.count() == 2


def test_codes_are_sent_to_their_owner_and_not_without_end(cast: Cast, service: CscService):
    service.code = "sent"
    method = taken(cast, service, asks="pin_sent")

    for _ in range(5):
        services.send_code(actor=cast.leader, method_id=method.pk, now=NOW)
    with pytest.raises(TooManyCodes):
        services.send_code(actor=cast.leader, method_id=method.pk, now=NOW)
    with pytest.raises(NotFound):
        services.send_code(actor=cast.clerk, method_id=method.pk, now=NOW)

    assert service.count("/csc/v2/credentials/getChallenge") == 5
