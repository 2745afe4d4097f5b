"""The life of a request for signatures, against a SmartCA gateway on loopback: confirmed, refused, late, killed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from unittest.mock import ANY

import pytest
from django.db import IntegrityError, connection, transaction

from eoffice.core.models import OutboxEvent
from eoffice.signing import queries, services
from eoffice.signing.errors import KeyNotYours, NoKey, PaperBeingSigned
from eoffice.signing.models import (
    SignatureRecord,
    SignatureRequest,
    SignatureRequestPaper,
    SigningMethod,
    Stage,
)
from eoffice.signing.services.answering import wait_s
from eoffice.signing.services.asking import reserve
from eoffice.signing.states import OPEN_STATES, REQUEST_TRANSITIONS, RequestAction, RequestState
from eoffice.signing.tests.factories import NOW, Cast
from eoffice.signing.tests.remote import ask, asked_papers, connect, method_of
from eoffice.signing.tests.services_outside.smartca import SmartCaService

SOON = NOW + timedelta(seconds=4)


@pytest.fixture
def phone() -> Iterator[SmartCaService]:
    with SmartCaService(now=NOW) as service:
        yield service


@pytest.fixture
def method(cast: Cast, phone: SmartCaService) -> SigningMethod:
    return method_of(cast.leader, phone, connect(cast.administrator, phone))


def sent(cast: Cast, method: SigningMethod, count: int = 1) -> SignatureRequest:
    request = ask(cast, method, count).request
    assert request is not None
    services.send_request(request_id=request.pk, now=NOW)
    request.refresh_from_db()
    return request


def states(request: SignatureRequest) -> list[str]:
    return list(request.papers.order_by("position").values_list("state", flat=True))


def test_one_confirmation_signs_the_whole_batch(cast: Cast, phone: SmartCaService, method: SigningMethod) -> None:
    request = sent(cast, method, 3)
    assert (request.state, states(request)) == ("sent", ["sent"] * 3)
    assert phone.count("/sca/sp769/v1/signatures/sign") == 1

    phone.confirm()
    services.poll_due(now=SOON)
    services.finish_request(request_id=request.pk, now=SOON)

    request.refresh_from_db()
    assert (request.state, states(request)) == ("signed", ["signed"] * 3)
    for paper in request.papers.select_related("result"):
        verdict = queries.verdict_of(paper.result_id or "")
        assert verdict is not None
        # Its authority publishes no revocation here: whole and trusted, so it is kept; the word is the checker's.
        assert [(each.field, each.intact, each.covers_file) for each in verdict.signatures] == [("ky_1", True, True)]
        assert (paper.tail, paper.mark) == (None, None)
    made = SignatureRecord.objects.filter(
        stage=Stage.OFFICIAL, method=method, key__isnull=True, person_id=cast.leader.person_id
    )
    assert made.count() == SignatureRecord.objects.count() == 3
    assert OutboxEvent.objects.filter(name="signing.paper.finished", payload__state="signed").count() == 3


@pytest.mark.parametrize(("decision", "state"), [("refuse", "refused"), ("late", "expired")])
def test_refused_and_expired_on_the_phone_are_told_apart(
    cast: Cast, phone: SmartCaService, method: SigningMethod, decision: str, state: str
) -> None:
    request = sent(cast, method, 2)
    if decision == "refuse":
        phone.refuse()
    else:
        next(iter(phone.jobs.values())).expires_at = 0.001

    services.poll_due(now=SOON)

    request.refresh_from_db()
    assert (request.state, states(request)) == (state, [state] * 2)
    assert "Chưa có gì được ký" in request.words
    assert not SignatureRecord.objects.exists()


def test_nobody_confirms_and_the_request_is_over_by_rule(cast: Cast, method: SigningMethod) -> None:
    request = sent(cast, method)

    assert services.expire_requests(now=NOW + timedelta(seconds=299)) == 0
    assert services.expire_requests(now=NOW + timedelta(seconds=300)) == 1

    request.refresh_from_db()
    assert (request.state, states(request)) == ("expired", ["expired"])


def test_confirmation_after_the_end_signs_nothing(cast: Cast, phone: SmartCaService, method: SigningMethod) -> None:
    request = sent(cast, method)
    services.cancel_request(actor=cast.leader, request_id=request.pk, now=NOW)

    phone.confirm()
    assert services.poll_due(now=SOON) == 0
    services.finish_request(request_id=request.pk, now=SOON)

    request.refresh_from_db()
    assert (request.state, states(request)) == ("cancelled", ["cancelled"])
    assert not SignatureRecord.objects.exists()


def test_version_is_locked_while_a_request_for_it_is_open(
    cast: Cast, phone: SmartCaService, method: SigningMethod
) -> None:
    request = sent(cast, method)
    second = ask(cast, method, 2)

    assert [type(error) for error in second.refused.values()] == [PaperBeingSigned]
    assert [row.subject_id for row in second.rows.values()] == [2]
    with pytest.raises(PaperBeingSigned):
        services.require_free(subject_kind="tests.paper", subject_id=1, now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        SignatureRequestPaper.objects.filter(subject_id=2).update(subject_id=1)

    services.cancel_request(actor=cast.leader, request_id=request.pk, now=NOW)
    services.require_free(subject_kind="tests.paper", subject_id=1, now=NOW)


def test_service_that_is_down_keeps_the_request_alive(cast: Cast, phone: SmartCaService, method: SigningMethod) -> None:
    request = sent(cast, method)
    phone.is_down = True
    services.poll_due(now=SOON)
    request.refresh_from_db()
    assert (request.state, request.next_poll_at) == ("sent", SOON + timedelta(seconds=10))
    assert "hỏi lại" in request.words

    phone.is_down = False
    phone.confirm()
    services.poll_due(now=SOON + timedelta(seconds=10))
    services.finish_request(request_id=request.pk, now=SOON)

    assert states(request) == ["signed"]


def test_process_killed_after_the_order_left_asks_for_it_by_our_own_reference(
    cast: Cast, phone: SmartCaService, method: SigningMethod
) -> None:
    request = sent(cast, method)
    # As after a kill between the order and its note: dispatched, the answer never kept.
    SignatureRequest.objects.filter(pk=request.pk).update(state="waiting", next_poll_at=None, memory="")
    request.papers.update(state="waiting")

    services.send_request(request_id=request.pk, now=NOW)
    phone.confirm()
    services.poll_due(now=SOON)
    services.finish_request(request_id=request.pk, now=SOON)

    assert states(request) == ["signed"]
    assert phone.count("/sca/sp769/v1/signatures/sign") == 1
    assert SignatureRecord.objects.count() == 1


def test_order_that_cannot_be_asked_for_ends_as_failed_and_is_not_sent_twice(cast: Cast, phone: SmartCaService) -> None:
    provider = connect(cast.administrator, phone, settings={"status_id": "tran_code"})
    method = method_of(cast.leader, phone, provider)
    request = sent(cast, method)
    SignatureRequest.objects.filter(pk=request.pk).update(state="waiting", next_poll_at=None)
    request.papers.update(state="waiting")

    services.send_request(request_id=request.pk, now=NOW)

    request.refresh_from_db()
    assert (request.state, states(request)) == ("failed", ["failed"])
    assert "không rõ" in request.words
    assert phone.count("/sca/sp769/v1/signatures/sign") == 1


def test_run_twice_after_a_kill_each_paper_is_signed_once(
    cast: Cast, phone: SmartCaService, method: SigningMethod
) -> None:
    request = sent(cast, method, 3)
    phone.confirm()
    services.poll_due(now=SOON)
    # Killed after the first paper of three was kept.
    first = request.papers.order_by("position")[0]
    values = dict(request.papers.values_list("pk", "value"))
    request.papers.exclude(pk=first.pk).update(value=None)
    services.finish_request(request_id=request.pk, now=SOON)
    assert states(request) == ["signed", "sent", "sent"]
    for paper in request.papers.exclude(pk=first.pk):
        paper.value = values[paper.pk]
        paper.save(update_fields=["value"])

    for _ in range(2):
        services.finish_request(request_id=request.pk, now=SOON)

    request.refresh_from_db()
    assert (request.state, states(request)) == ("signed", ["signed"] * 3)
    assert SignatureRecord.objects.count() == 3


def test_status_asked_by_their_code_and_values_wrapped_in_cms(cast: Cast, phone: SmartCaService) -> None:
    phone.wants_tran_code = phone.as_cms = True
    provider = connect(cast.administrator, phone, settings={"status_id": "tran_code"})
    request = sent(cast, method_of(cast.leader, phone, provider), 2)
    phone.confirm()

    services.poll_due(now=SOON)
    services.finish_request(request_id=request.pk, now=SOON)

    assert states(request) == ["signed"] * 2


def test_value_of_another_key_fails_its_paper_alone(cast: Cast, phone: SmartCaService, method: SigningMethod) -> None:
    request = sent(cast, method, 2)
    job = next(iter(phone.jobs.values()))
    job.documents[1] = (job.documents[1][0], bytes(32))  # the service signs something else
    phone.confirm()

    services.poll_due(now=SOON)
    services.finish_request(request_id=request.pk, now=SOON)

    request.refresh_from_db()
    assert (request.state, states(request)) == ("signed", ["signed", "failed"])
    page = queries.request_page(cast.leader, request.pk)
    assert [paper.subject_id for paper in page.unsigned] == [2]


def test_webhook_is_a_hint_to_ask_and_nothing_more(cast: Cast, phone: SmartCaService, method: SigningMethod) -> None:
    request = sent(cast, method)
    assert method.provider is not None
    at = NOW + timedelta(seconds=1)

    assert services.hint(hook="not-the-address", reference=request.reference, now=at) is False
    assert services.hint(hook=method.provider.hook, reference=request.reference, now=at) is True

    request.refresh_from_db()
    assert (request.state, request.next_poll_at) == ("sent", at)
    services.poll_due(now=at)  # it lied: nothing was confirmed
    assert states(request) == ["sent"]


def test_key_of_somebody_else_or_of_a_service_switched_off_signs_nothing(
    cast: Cast, phone: SmartCaService, method: SigningMethod
) -> None:
    with pytest.raises(KeyNotYours):
        services.ask_for_signatures(
            actor=cast.outsider, method=method, papers=asked_papers(1), description="x", back="", now=NOW
        )
    assert method.provider is not None
    method.provider.is_on = False
    with pytest.raises(NoKey):
        ask(cast, method)
    assert not SignatureRequest.objects.exists()
    assert phone.jobs == {}


def test_batch_whose_process_died_is_ended_and_can_be_signed_again(cast: Cast) -> None:
    key = services.set_pin(actor=cast.leader, pin="908172", now=NOW)
    papers = asked_papers(2)
    dead = reserve(
        actor=cast.leader, method=None, key_id=key.pk, unit_id=None, papers=papers, description="x", back="",
        lasts=timedelta(minutes=10), now=NOW,
    ).request  # fmt: skip
    assert dead is not None

    opened = services.unlock(actor=cast.leader, pin="908172", now=NOW)
    results = services.sign_papers(actor=cast.leader, open_key=opened, papers=papers, description="x", now=NOW)

    assert [result.error for result in results] == [None, None]
    assert states(dead) == ["failed"] * 2
    assert SignatureRecord.objects.count() == 2


def test_questions_come_three_seconds_apart_at_first_and_thirty_at_last() -> None:
    waits = [wait_s(polls) for polls in range(9)]

    assert waits[:4] == [3.0, 4.5, 6.75, 10.125]
    assert waits[-1] == 30.0
    assert wait_s(100_000) == 30.0


def test_nothing_leaves_an_ending_and_every_open_state_can_end() -> None:
    assert {state for state, _ in REQUEST_TRANSITIONS} == set(OPEN_STATES)
    for state in OPEN_STATES:
        for action in (RequestAction.CANCEL, RequestAction.EXPIRE, RequestAction.FAIL, RequestAction.REFUSE):
            assert REQUEST_TRANSITIONS[state, action] not in OPEN_STATES
    assert (RequestState.WAITING, RequestAction.SIGN) not in REQUEST_TRANSITIONS


def test_secrets_and_memory_lie_encrypted(cast: Cast, phone: SmartCaService, method: SigningMethod) -> None:
    sent(cast, method)
    with connection.cursor() as cursor:
        cursor.execute("SELECT secrets FROM signing_provider")
        assert cursor.fetchone() == (ANY,)
        cursor.execute("SELECT count(*) FROM signing_provider WHERE secrets LIKE %s", ["%bi-mat-thu%"])
        assert cursor.fetchone() == (0,)
        cursor.execute("SELECT count(*) FROM signing_request WHERE memory LIKE %s", ["%tran_code%"])
        assert cursor.fetchone() == (0,)
