from __future__ import annotations

import base64
import json

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa, utils
from django.test import Client

from eoffice.core import clock
from eoffice.core.errors import Conflict, NotFound
from eoffice.organization import queries as organization
from eoffice.organization.actor import Actor
from eoffice.signing import queries, services
from eoffice.signing.engine.authority import KeyAlgorithm
from eoffice.signing.engine.signing import SoftwareKey
from eoffice.signing.errors import CertificateUnusable
from eoffice.signing.models import MethodKind, SignatureRecord, SignatureRequest, SigningMethod
from eoffice.signing.services import AskedPaper, Paper
from eoffice.signing.states import RequestState
from eoffice.signing.tests.factories import Cast, Pki, letter_pdf, letter_places, store_pdf

LEADER = "Trần Quốc Khánh"


@pytest.fixture(scope="module")
def key(pki: Pki) -> SoftwareKey:
    return pki.key(LEADER, algorithm=KeyAlgorithm.RSA_2048)


def asked(cast: Cast, key: SoftwareKey, count: int = 1) -> SignatureRequest:
    """A request for papers, prepared and waiting for the token."""
    now = clock.now()
    method = SigningMethod.objects.filter(person_id=cast.leader.person_id).first() or services.add_token_method(
        actor=cast.leader, certificate=key.certificate, now=now
    )
    papers = []
    for number in range(count):
        prepared = services.prepare_file(
            source_sha=store_pdf(letter_pdf(f"Bản {number}")).pk, places=letter_places()
        ).stored.pk
        paper = Paper(source_sha=prepared, field="ky_1", mark=None)
        papers.append(AskedPaper(paper=paper, title=f"Bản {number}", subject_kind="test", subject_id=number + 1))
    opened = services.ask_for_signatures(
        actor=cast.leader, method=method, papers=papers, description="Ký thử", back="", now=now
    )
    assert opened.request is not None
    services.send_request(request_id=opened.request.pk, now=now)
    return opened.request


def signed(key: SoftwareKey, digest: str) -> str:
    """What the token makes of a hash."""
    assert isinstance(key.private_key, rsa.RSAPrivateKey)
    value = key.private_key.sign(base64.b64decode(digest), padding.PKCS1v15(), utils.Prehashed(hashes.SHA256()))
    return base64.b64encode(value).decode()


def sign_in(client: Client, actor: Actor) -> Client:
    user = organization.get_person(actor.person_id).user
    assert user is not None
    client.force_login(user)
    return client


def test_certificate_of_a_token_becomes_a_way_of_signing(cast: Cast, client: Client, pki: Pki, key: SoftwareKey):
    leader = sign_in(client, cast.leader)
    stranger = base64.b64encode(pki.key("Người Khác").certificate).decode()
    assert leader.post("/signing/methods/token/", {"certificate": stranger}).status_code == 303
    assert leader.post("/signing/methods/token/", {"certificate": "khong phai"}).status_code == 303
    assert not SigningMethod.objects.exists()

    leader.post("/signing/methods/token/", {"certificate": base64.b64encode(key.certificate).decode()})

    method = SigningMethod.objects.get()
    assert (method.kind, method.provider, method.is_default) == (MethodKind.TOKEN, None, True)
    page = leader.get("/signing/methods/").content.decode()
    assert "USB token trên máy tính" in page
    with pytest.raises(Conflict):
        services.add_token_method(actor=cast.leader, certificate=key.certificate, now=clock.now())
    with pytest.raises(CertificateUnusable):
        services.add_token_method(actor=cast.clerk, certificate=key.certificate, now=clock.now())


def test_values_brought_by_the_page_sign_the_papers(cast: Cast, client: Client, key: SoftwareKey):
    request = asked(cast, key, 2)
    leader = sign_in(client, cast.leader)
    order = leader.get(f"/signing/requests/{request.pk}/token/").json()
    assert base64.b64decode(order["certificate"]) == key.certificate
    values = {paper["doc_id"]: signed(key, paper["digest"]) for paper in order["papers"]}

    answer = leader.post(
        f"/signing/requests/{request.pk}/token/values/",
        json.dumps({"values": values, "fault": ""}),
        content_type="application/json",
    )
    services.finish_request(request_id=request.pk, now=clock.now())

    assert answer.status_code == 200
    request.refresh_from_db()
    assert (request.state, request.next_poll_at) == (RequestState.SIGNED, None)
    results = [paper.result_id for paper in request.papers.order_by("position")]
    assert len(set(results)) == 2
    verdict = queries.verdict_of(str(results[0]))
    assert verdict is not None
    assert (verdict.signatures[0].signer, verdict.signatures[0].intact) == (LEADER, True)


def test_value_of_another_key_signs_nothing(cast: Cast, client: Client, pki: Pki, key: SoftwareKey):
    request = asked(cast, key)
    order = services.order_for_token(actor=cast.leader, request_id=request.pk)
    other = pki.key(LEADER, algorithm=KeyAlgorithm.RSA_2048)
    papers = order["papers"]
    assert isinstance(papers, list)

    services.take_token_values(
        actor=cast.leader,
        request_id=request.pk,
        values={paper["doc_id"]: signed(other, paper["digest"]) for paper in papers},
        now=clock.now(),
    )

    request.refresh_from_db()
    assert request.state == RequestState.FAILED
    assert not SignatureRecord.objects.exists()


def test_paper_the_token_did_not_come_to_fails_alone(cast: Cast, key: SoftwareKey):
    request = asked(cast, key, 2)
    papers = services.order_for_token(actor=cast.leader, request_id=request.pk)["papers"]
    assert isinstance(papers, list)

    services.take_token_values(
        actor=cast.leader,
        request_id=request.pk,
        values={papers[0]["doc_id"]: signed(key, papers[0]["digest"])},
        now=clock.now(),
    )
    services.finish_request(request_id=request.pk, now=clock.now())

    states = list(request.papers.order_by("position").values_list("state", flat=True))
    assert states == [RequestState.SIGNED, RequestState.FAILED]


def test_refusal_in_the_window_ends_the_request(cast: Cast, client: Client, key: SoftwareKey):
    request = asked(cast, key)

    sign_in(client, cast.leader).post(
        f"/signing/requests/{request.pk}/token/values/",
        json.dumps({"values": {}, "fault": "refused"}),
        content_type="application/json",
    )

    request.refresh_from_db()
    assert request.state == RequestState.REFUSED


@pytest.mark.parametrize("told", ["khong phai json", "[]", '{"values": {"x": "%%%"}}', '{"values": {}}'])
def test_what_cannot_be_read_changes_nothing(cast: Cast, client: Client, key: SoftwareKey, told: str):
    request = asked(cast, key)

    answer = sign_in(client, cast.leader).post(
        f"/signing/requests/{request.pk}/token/values/", told, content_type="application/json"
    )

    assert answer.status_code == 422
    request.refresh_from_db()
    assert request.state == RequestState.SENT


def test_request_of_another_is_not_there(cast: Cast, client: Client, key: SoftwareKey):
    request = asked(cast, key)

    assert sign_in(client, cast.clerk).get(f"/signing/requests/{request.pk}/token/").status_code == 404
    with pytest.raises(NotFound):
        services.take_token_values(actor=cast.clerk, request_id=request.pk, values={"x": "AA=="}, now=clock.now())
    request.refresh_from_db()
    assert request.state == RequestState.SENT


def test_pages_may_speak_with_the_agent_alone_beside_themselves(cast: Cast, client: Client):
    policy = sign_in(client, cast.leader).get("/signing/methods/").headers["Content-Security-Policy"]

    assert "connect-src 'self' http://127.0.0.1:14987" in policy
