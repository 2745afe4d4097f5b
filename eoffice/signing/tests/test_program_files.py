"""A signing program on the signer's computer: what it is handed, and what of that which it brings back is taken."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import unquote, urlsplit

import pytest
from django.test import Client

from eoffice.audit.models import AuditEntry
from eoffice.core import clock, files
from eoffice.core.errors import NotFound
from eoffice.signing import queries, services
from eoffice.signing.engine.authority import KeyAlgorithm
from eoffice.signing.engine.signing import SoftwareKey
from eoffice.signing.errors import CertificateUnusable
from eoffice.signing.models import (
    AnchorPurpose,
    FilePass,
    MethodKind,
    ProviderKind,
    SignatureRecord,
    SignatureRequest,
    SigningMethod,
    SigningProvider,
)
from eoffice.signing.providers import vgca as provider_of_files
from eoffice.signing.services.program_files import PASS_LASTS, forget_passes
from eoffice.signing.states import RequestState
from eoffice.signing.tests.at_desk import errand, go, program_with, sign_in
from eoffice.signing.tests.factories import DATE_LINE, Cast, Pki
from eoffice.signing.tests.powers import with_powers
from eoffice.signing.tests.remote import SETTINGS, asked_papers, provider_entry
from eoffice.signing.tests.services_outside import vgca
from eoffice.signing.tests.services_outside.vgca import SignService
from eoffice.signing.views import programs

LEADER = "Trần Quốc Khánh"


@pytest.fixture(scope="module")
def key(pki: Pki) -> SoftwareKey:
    return pki.key(LEADER, algorithm=KeyAlgorithm.RSA_2048)


@pytest.fixture
def provider(cast: Cast, pki: Pki) -> SigningProvider:
    """The administrator has switched the program on and believes its issuer."""
    now = clock.now()
    entry = services.AnchorEntry(certificate=pki.root.der, purpose=AnchorPurpose.TEST, basis="Thử")
    services.add_trust_anchor(actor=cast.administrator, entry=entry, now=now)
    return services.add_provider(actor=cast.administrator, kind=ProviderKind.VGCA, entry=typed(), now=now)


@pytest.fixture
def program(key: SoftwareKey) -> SignService:
    return program_with(key)


@pytest.fixture(autouse=True)
def fresh_rate() -> Iterator[None]:
    programs._WRONG._windows.clear()
    yield
    programs._WRONG._windows.clear()


def typed(*, base_url: str = provider_of_files.ADDRESS, is_on: bool = True, **settings: str) -> services.ProviderEntry:
    return provider_entry(
        ProviderKind.VGCA, base_url, settings=settings, name="VGCA Sign Service", is_on=is_on, confirm_s=1800
    )


def method_of(cast: Cast, provider: SigningProvider, key: SoftwareKey) -> SigningMethod:
    told = json.dumps(SignService(key).act("GetCertInfo", ""))
    return services.add_program_method(actor=cast.leader, provider_id=provider.pk, told=told, now=clock.now())


def asked(cast: Cast, method: SigningMethod, count: int = 1) -> SignatureRequest:
    now = clock.now()
    opened = services.ask_for_signatures(
        actor=cast.leader, method=method, papers=asked_papers(count), description="Ký thử", back="", now=now
    )
    assert opened.request is not None
    services.send_request(request_id=opened.request.pk, now=now)
    return SignatureRequest.objects.get(pk=opened.request.pk)


def state_of(request: SignatureRequest) -> tuple[str, str]:
    paper = request.papers.get()
    return paper.state, paper.words


def test_certificate_the_program_tells_of_becomes_a_way_of_signing(
    cast: Cast, provider: SigningProvider, pki: Pki, key: SoftwareKey, program: SignService
):
    page = sign_in(cast.leader)
    told = json.dumps(program.act("GetCertInfo", ""))

    stranger = json.dumps(SignService(pki.key("Người Khác")).act("GetCertInfo", ""))
    for wrong in (stranger, '{"Status": 11}', "khong phai"):
        assert page.post(f"/signing/methods/program/{provider.pk}/", {"told": wrong}).status_code == 303
    assert not SigningMethod.objects.exists()
    page.post(f"/signing/methods/program/{provider.pk}/", {"told": told})

    method = SigningMethod.objects.get()
    assert (method.kind, method.provider, bytes(method.certificate)) == (MethodKind.PROGRAM, provider, key.certificate)
    with pytest.raises(CertificateUnusable):
        services.add_program_method(actor=cast.clerk, provider_id=provider.pk, told=told, now=clock.now())


def test_papers_are_signed_one_after_another(
    cast: Cast, provider: SigningProvider, key: SoftwareKey, program: SignService
):
    request = asked(cast, method_of(cast, provider, key), 3)
    page = sign_in(cast.leader)

    assert go(page, request, program)["Status"] == vgca.GOOD
    program.mood = "cancel"
    go(page, request, program)
    program.mood = "sign"
    assert go(page, request, program)["Status"] == vgca.GOOD

    states = list(request.papers.order_by("position").values_list("state", flat=True))
    assert (request.state, states) == (
        RequestState.SIGNED, [RequestState.SIGNED, RequestState.REFUSED, RequestState.SIGNED],
    )  # fmt: skip
    assert [name for name, _ in program.said] == ["SignApproved"] * 3
    first = request.papers.order_by("position")[0]
    assert files.read(str(first.result_id)).startswith(files.read(first.source_id))
    verdict = queries.verdict_of(str(first.result_id))
    assert verdict is not None
    assert [(each.field, each.signer, each.intact) for each in verdict.signatures] == [("ky_1", LEADER, True)]
    assert page.post(f"/signing/requests/{request.pk}/program/").json() == {
        "state": "signed", "left": 0, "paper": None
    }  # fmt: skip


def test_signed_file_bears_number_and_seal(
    cast: Cast, provider: SigningProvider, key: SoftwareKey, program: SignService
):
    """The lock of the prepared field stands in the program's signature: number and date may follow, nothing else."""
    request = asked(cast, method_of(cast, provider, key))
    go(sign_in(cast.leader), request, program)

    signed = str(request.papers.get().result_id)
    numbered = services.fill_file(
        actor=cast.clerk, source_sha=signed, number="5648", date_line=DATE_LINE, now=clock.now()
    )

    verdict = queries.verdict_of(numbered.pk)
    assert verdict is not None
    assert [change.allowed for change in verdict.signatures[0].changes] == [True, True]


def test_cancelled_and_failed_are_told_apart(
    cast: Cast, provider: SigningProvider, key: SoftwareKey, program: SignService
):
    request = asked(cast, method_of(cast, provider, key), 2)
    page = sign_in(cast.leader)
    for mood in ("cancel", "fail"):
        program.mood = mood
        go(page, request, program)

    told = [(paper.state, paper.words) for paper in request.papers.order_by("position")]
    assert [state for state, _ in told] == [RequestState.REFUSED, RequestState.FAILED]
    assert ["bấm hủy" in words for _, words in told] == [True, False]
    assert "Không tìm thấy token" in told[1][1]
    assert not SignatureRecord.objects.exists()
    assert not FilePass.objects.exists()


def test_program_ended_on_the_way_leaves_the_paper_to_be_signed_again(
    cast: Cast, provider: SigningProvider, key: SoftwareKey, program: SignService
):
    request = asked(cast, method_of(cast, provider, key))
    page = sign_in(cast.leader)
    first = errand(page, request)
    program.mood = "die"
    assert program.act("SignApproved", first["message"]) is None

    program.mood = "sign"
    go(page, request, program)

    assert request.state == RequestState.SIGNED
    assert Client().get(urlsplit(json.loads(first["message"])["FileName"]).path).status_code == 404


def test_file_of_another_person_is_refused_and_not_kept(
    cast: Cast, provider: SigningProvider, pki: Pki, key: SoftwareKey, program: SignService
):
    request = asked(cast, method_of(cast, provider, key))
    program.changed = lambda fetched, signed: vgca.signed(fetched, pki.key(LEADER))

    assert go(sign_in(cast.leader), request, program)["Status"] == vgca.FAILED

    state, said = state_of(request)
    assert (state, "không phải của chứng thư đã đăng ký" in said) == (RequestState.FAILED, True), said
    assert not SignatureRecord.objects.exists()
    assert request.papers.get().tail is None
    refused = AuditEntry.objects.get(action="signing.program_file.refused")
    assert (refused.detail["fault"], len(refused.detail["sha256"])) == ("other_person", 64)


def test_file_comes_back_once(cast: Cast, provider: SigningProvider, key: SoftwareKey, program: SignService):
    request = asked(cast, method_of(cast, provider, key))
    page = sign_in(cast.leader)
    paper = errand(page, request)
    message = json.loads(paper["message"])
    fetched, upload = urlsplit(message["FileName"]).path, urlsplit(message["FileUploadHandler"]).path
    assert program.act("SignApproved", paper["message"]) is not None
    stranger = Client()
    again = vgca.multipart(vgca.signed(files.read(request.papers.get().source_id), key))

    refused = stranger.post(upload, data=again, content_type=vgca.MULTIPART)

    assert (refused.status_code, refused.content) == (410, b"")
    assert stranger.get(fetched).status_code == 410
    services.finish_request(request_id=request.pk, now=clock.now())
    assert SignatureRecord.objects.count() == 1
    assert FilePass.objects.get().token_sha256 != message["FileUploadHandler"].split("/")[-2]


def test_late_wrong_and_withdrawn_passes_tell_nothing(
    cast: Cast, provider: SigningProvider, key: SoftwareKey, program: SignService
):
    method = method_of(cast, provider, key)
    late = asked(cast, method)
    path = urlsplit(json.loads(errand(sign_in(cast.leader), late)["message"])["FileUploadHandler"]).path
    stranger = Client()
    without = stranger.post(path, {"khac": "x"})
    assert (without.status_code, without.json()["Status"]) == (400, False)
    assert FilePass.objects.get().spent_at is None
    FilePass.objects.update(expires_at=clock.now())

    answers = [stranger.post(path), stranger.get(f"{path}x.pdf"), stranger.post("/signing/desk/sai/")]

    assert [(each.status_code, each.content) for each in answers] == [(410, b""), (410, b""), (404, b"")]
    services.cancel_request(actor=cast.leader, request_id=late.pk, now=clock.now())
    FilePass.objects.update(expires_at=clock.now() + PASS_LASTS)
    assert stranger.get(f"{path}x.pdf").status_code == 410
    body = vgca.multipart(b"%PDF-")
    assert stranger.post(path, data=body, content_type=vgca.MULTIPART).status_code == 410
    assert forget_passes(now=clock.now() + PASS_LASTS + timedelta(days=2)) == 1


def test_who_guesses_is_slowed_down(db: None):
    stranger = Client()

    answers = [stranger.get(f"/signing/desk/{number}/x.pdf").status_code for number in range(31)]

    assert answers == [404] * 30 + [429]


def test_cancelled_while_the_file_is_on_its_way_is_not_signed(
    cast: Cast, provider: SigningProvider, key: SoftwareKey, program: SignService
):
    request = asked(cast, method_of(cast, provider, key))

    def cancel(fetched: bytes, signed: bytes) -> bytes:
        services.cancel_request(actor=cast.leader, request_id=request.pk, now=clock.now())
        return signed

    program.changed = cancel
    assert go(sign_in(cast.leader), request, program)["Status"] == vgca.FAILED

    assert request.state == RequestState.CANCELLED
    assert not SignatureRecord.objects.exists()


def test_upload_is_answered_as_the_administrator_set_it(
    cast: Cast, provider: SigningProvider, key: SoftwareKey, program: SignService
):
    services.change_provider(
        actor=cast.administrator, provider_id=provider.pk, now=clock.now(),
        entry=typed(upload_answer="0", call_official="SignFiles"),
    )  # fmt: skip
    program.good = 0
    request = asked(cast, method_of(cast, SigningProvider.objects.get(), key))

    assert go(sign_in(cast.leader), request, program)["Status"] == vgca.GOOD

    assert [name for name, _ in program.said] == ["SignFiles"]


def test_signed_file_outlives_a_killed_worker(
    cast: Cast, provider: SigningProvider, key: SoftwareKey, program: SignService
):
    """The file is kept with the paper before the job that makes it a version; the job runs twice, it is kept once."""
    request = asked(cast, method_of(cast, provider, key))
    paper = errand(sign_in(cast.leader), request)
    program.act("SignApproved", paper["message"])
    services.expire_requests(now=request.expires_at + timedelta(minutes=1))

    services.finish_request(request_id=request.pk, now=clock.now())
    services.finish_request(request_id=request.pk, now=clock.now())

    assert state_of(request)[0] == RequestState.SIGNED
    assert SignatureRecord.objects.get().file_before_id == request.papers.get().source_id


def test_request_of_another_is_not_there(cast: Cast, provider: SigningProvider, key: SoftwareKey):
    request = asked(cast, method_of(cast, provider, key))

    assert sign_in(cast.clerk).post(f"/signing/requests/{request.pk}/program/").status_code == 404
    with pytest.raises(NotFound):
        services.note_program_outcome(
            actor=cast.clerk, request_id=request.pk, doc_id=request.papers.get().doc_id, is_cancelled=True, words="",
            now=clock.now(),
        )  # fmt: skip
    assert state_of(request)[0] == RequestState.SENT


def test_only_loopback_over_tls_is_an_address_of_the_program(cast: Cast, provider: SigningProvider):
    plain = sign_in(cast.administrator).get(f"/signing/providers/{provider.pk}/")
    assert (plain.status_code, "next=/signing/providers/" in unquote(plain.headers["Location"])) == (302, True)
    administrator = with_powers(cast.administrator)
    for address in ("https://127.0.0.1:8987", "wss://ky.example.vn", "wss://127.0.0.1:99999", "ws://127.0.0.1:1"):
        form = {
            "name": "VGCA",
            "base_url": address,
            "is_on": "on",
            "confirm_s": "600",
            **SETTINGS[ProviderKind.VGCA][0],
        }
        answer = administrator.post(f"/signing/providers/{provider.pk}/", form)
        assert (answer.status_code, "wss://127.0.0.1 kèm cổng" in answer.content.decode()) == (422, True), address
    assert SigningProvider.objects.get().base_url == provider_of_files.ADDRESS


def test_pages_may_reach_the_program_only_while_it_is_switched_on(
    cast: Cast, provider: SigningProvider, key: SoftwareKey
):
    page = sign_in(cast.leader)
    request = asked(cast, method_of(cast, provider, key))
    places = ["/signing/methods/", f"/signing/requests/{request.pk}/", "/"]
    allowed = [provider_of_files.ADDRESS in page.get(each).headers["Content-Security-Policy"] for each in places]

    services.change_provider(
        actor=cast.administrator, provider_id=provider.pk, entry=typed(is_on=False), now=clock.now()
    )

    assert allowed == [True, True, False]
    assert provider_of_files.ADDRESS not in page.get("/signing/methods/").headers["Content-Security-Policy"]
    assert "Thêm VGCA Sign Service" not in page.get("/signing/methods/").content.decode()


def test_passes_are_in_no_log(
    cast: Cast, provider: SigningProvider, key: SoftwareKey, caplog: pytest.LogCaptureFixture
):
    request = asked(cast, method_of(cast, provider, key))
    path = urlsplit(json.loads(errand(sign_in(cast.leader), request)["message"])["FileUploadHandler"]).path
    FilePass.objects.update(expires_at=clock.now())

    Client().post(path)

    assert path.split("/")[-2] not in caplog.text
    assert hashlib.sha256(path.split("/")[-2].encode()).hexdigest() == FilePass.objects.get().token_sha256
