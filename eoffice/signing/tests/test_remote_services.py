"""The other services: MySign, CSC v2 with OAuth, handle, PIN and expiry, SmartCA v2; and a person's ways of signing."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from eoffice.core.errors import Conflict, Invalid, NotFound, NotPermitted
from eoffice.signing import queries, services
from eoffice.signing.errors import CertificateUnusable
from eoffice.signing.models import ProviderKind, SignatureRecord, SignatureRequest, SigningMethod
from eoffice.signing.providers.mysign import plain_base64
from eoffice.signing.tests.factories import NOW, Cast
from eoffice.signing.tests.remote import ask, connect, method_of, provider_entry
from eoffice.signing.tests.services_outside import csc, smartca
from eoffice.signing.tests.services_outside.csc import CscService
from eoffice.signing.tests.services_outside.mysign import MySignService
from eoffice.signing.tests.services_outside.smartca import SmartCaService

SOON = NOW + timedelta(seconds=4)


@pytest.fixture
def mysign() -> Iterator[MySignService]:
    with MySignService(now=NOW) as service:
        yield service


@pytest.fixture
def csc_service() -> Iterator[CscService]:
    with CscService(now=NOW) as service:
        yield service


@pytest.fixture
def gateway() -> Iterator[SmartCaService]:
    with SmartCaService(now=NOW) as service:
        yield service


def sent(cast: Cast, method: SigningMethod, count: int = 2) -> SignatureRequest:
    request = ask(cast, method, count).request
    assert request is not None
    services.send_request(request_id=request.pk, now=NOW)
    request.refresh_from_db()
    return request


def outcome(request: SignatureRequest) -> tuple[str, list[str]]:
    services.poll_due(now=SOON)
    services.finish_request(request_id=request.pk, now=SOON)
    request.refresh_from_db()
    return str(request.state), list(request.papers.order_by("position").values_list("state", flat=True))


def test_mysign_signs_a_batch_by_one_confirmation(cast: Cast, mysign: MySignService) -> None:
    provider = connect(cast.administrator, mysign, ProviderKind.MYSIGN)
    request = sent(cast, method_of(cast.leader, mysign, provider, account="CMT_001085012345"))
    services.poll_due(now=SOON)
    assert outcome(request)[0] == "sent"

    mysign.tokens.clear()  # the token is over before the order is
    SignatureRequest.objects.update(next_poll_at=NOW)
    mysign.confirm()

    assert outcome(request) == ("signed", ["signed", "signed"])


@pytest.mark.parametrize(
    ("code", "state"), [("4002", "refused"), ("4001", "expired"), ("4005", "failed"), ("13004", "failed")]
)
def test_mysign_endings_are_told_apart(cast: Cast, mysign: MySignService, code: str, state: str) -> None:
    provider = connect(cast.administrator, mysign, ProviderKind.MYSIGN)
    request = sent(cast, method_of(cast.leader, mysign, provider, account="CMT_001085012345"))
    mysign.ends_with = code

    assert outcome(request) == (state, [state] * 2)
    assert not SignatureRecord.objects.exists()


def test_titles_for_mysign_are_plain_and_short() -> None:
    encoded = plain_base64("Về việc “Điều chỉnh kế hoạch” số 15/KH-TXG, " * 5)

    assert len(encoded) < 100
    assert plain_base64("…") == plain_base64("van ban")


def test_csc_with_handle_waits_for_the_phone(cast: Cast, csc_service: CscService) -> None:
    csc_service.mode = "phone"
    provider = connect(cast.administrator, csc_service, ProviderKind.CSC)
    request = sent(cast, method_of(cast.leader, csc_service, provider))
    assert outcome(request)[0] == "sent"

    csc_service.confirm()
    csc_service.signs_later = True
    SignatureRequest.objects.update(next_poll_at=NOW)
    services.poll_due(now=SOON)
    SignatureRequest.objects.update(next_poll_at=NOW)

    assert outcome(request) == ("signed", ["signed"] * 2)


@pytest.mark.parametrize(("ending", "state"), [("refuse", "refused"), ("late", "expired"), ("sad", "expired")])
def test_csc_refusal_and_expiry_are_told_apart(cast: Cast, csc_service: CscService, ending: str, state: str) -> None:
    csc_service.mode = "phone"
    provider = connect(cast.administrator, csc_service, ProviderKind.CSC)
    request = sent(cast, method_of(cast.leader, csc_service, provider))
    if ending == "refuse":
        csc_service.refuse()
    elif ending == "late":
        next(iter(csc_service.jobs.values())).expires_at = 0.001
    else:
        csc_service.sad_lasts_s = -1
        csc_service.confirm()

    assert outcome(request) == (state, [state] * 2)


def test_csc_wrong_pin_is_tried_once_and_a_locked_credential_says_so(cast: Cast, csc_service: CscService) -> None:
    csc_service.mode = "pin"
    provider = connect(cast.administrator, csc_service, ProviderKind.CSC, settings={"asks": "pin"})
    method = method_of(cast.leader, csc_service, provider)

    with pytest.raises(Invalid):
        ask(cast, method, 1)
    wrong = ask(cast, method, 1, typed={"pin": "000000"}).request
    assert wrong is not None
    wrong.refresh_from_db()
    assert (wrong.state, "không tự thử lại" in wrong.words) == ("failed", True)
    holder = csc_service.holders[method.account]
    assert holder.wrong_tries == 1

    right = ask(cast, method, 1, typed={"pin": csc.PIN}).request
    assert right is not None
    assert outcome(right) == ("signed", ["signed"])
    holder.is_locked = True
    locked = ask(cast, method, 2, typed={"pin": csc.PIN}).request
    assert locked is not None
    locked.refresh_from_db()
    assert (locked.state, "bị khóa" in locked.words) == ("failed", True)


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, req, fp, code, msg, headers, newurl):
        return None


def agree(address: str, *, agreed: bool = True) -> dict[str, str]:
    """What a person does at the service's page; the query the browser is sent back with."""
    chosen = address.replace("/oauth2/authorize", "/oauth2/yes" if agreed else "/oauth2/no")
    try:
        urllib.request.build_opener(_Stay).open(chosen)
    except urllib.error.HTTPError as redirect:
        query = parse_qs(urlsplit(redirect.headers["Location"]).query)
        return {name: values[0] for name, values in query.items()}
    raise AssertionError("no redirect")


def csc_method(cast: Cast, service: CscService) -> SigningMethod:
    provider = connect(cast.administrator, service, ProviderKind.CSC)
    holder = service.add("001085012345", cast.leader.name)
    service.mode = "phone"  # the administrator's own token shows the certificates
    method = services.add_method(
        actor=cast.leader, provider_id=provider.pk, account=holder.account, serial=holder.serial, now=NOW
    )
    service.mode = "oauth2code"
    return method


def test_csc_consent_in_the_browser_signs_with_pkce(cast: Cast, csc_service: CscService) -> None:
    request = sent(cast, csc_method(cast, csc_service))
    query = parse_qs(urlsplit(request.visit).query)
    assert query["code_challenge_method"] == ["S256"]
    assert len(query["hashes"][0].split(",")) == 2

    back = agree(request.visit)
    assert (
        services.bring_back(actor=cast.outsider, state=back["state"], code=back["code"], is_refused=False, now=NOW)
        is None
    )
    found = services.bring_back(actor=cast.leader, state=back["state"], code=back["code"], is_refused=False, now=NOW)

    assert found == request
    assert outcome(request) == ("signed", ["signed"] * 2)
    assert (
        services.bring_back(actor=cast.leader, state=back["state"], code=back["code"], is_refused=False, now=NOW)
        is None
    )


def test_csc_consent_refused_in_the_browser_is_a_refusal(cast: Cast, csc_service: CscService) -> None:
    request = sent(cast, csc_method(cast, csc_service))
    back = agree(request.visit, agreed=False)

    services.bring_back(actor=cast.leader, state=back["state"], code="", is_refused=True, now=NOW)

    assert outcome(request) == ("refused", ["refused"] * 2)


def test_smartca_v2_signs_while_the_person_waits_and_keeps_nothing_typed(cast: Cast, gateway: SmartCaService) -> None:
    provider = connect(cast.administrator, gateway, ProviderKind.SMARTCA_V2)
    method = method_of(cast.leader, gateway, provider)

    wrong = ask(cast, method, 1, typed={"password": "sai", "otp": "000000"}).request
    right = ask(cast, method, 2, typed={"password": smartca.PASSWORD, "otp": smartca.OTP}).request

    assert wrong is not None
    assert right is not None
    wrong.refresh_from_db()
    assert wrong.state == "failed"
    assert gateway.count("/sca/sp769/v2/signatures/sign") == 2
    assert outcome(right) == ("signed", ["signed"] * 2)
    assert smartca.PASSWORD not in right.memory + right.words


def test_certificate_must_be_the_persons_own(cast: Cast, gateway: SmartCaService) -> None:
    provider = connect(cast.administrator, gateway)
    other = gateway.add("001099000001", "Phạm Văn Khác")

    offers = services.offered_certificates(actor=cast.leader, provider_id=provider.pk, account="001099000001", now=NOW)
    assert [offer.can_be_taken for offer in offers] == [False]
    with pytest.raises(CertificateUnusable):
        services.add_method(
            actor=cast.leader, provider_id=provider.pk, account="001099000001", serial=other.serial, now=NOW
        )
    assert not SigningMethod.objects.exists()

    services.set_method_rules(
        actor=cast.administrator, matches_name=False, matches_email=False, matches_account=False, now=NOW
    )
    services.add_method(
        actor=cast.leader, provider_id=provider.pk, account="001099000001", serial=other.serial, now=NOW
    )
    assert SigningMethod.objects.count() == 1


def test_certificate_that_is_over_or_not_active_is_not_taken(cast: Cast, gateway: SmartCaService) -> None:
    provider = connect(cast.administrator, gateway)
    gateway.add("1", cast.leader.name, days=10)
    gateway.add("2", cast.leader.name).status = "Bị khóa"

    for account in ("1", "2"):
        offers = services.offered_certificates(actor=cast.leader, provider_id=provider.pk, account=account, now=NOW)
        assert [offer.can_be_taken for offer in offers] == [False]


def test_first_method_is_the_default_and_one_only(cast: Cast, gateway: SmartCaService) -> None:
    provider = connect(cast.administrator, gateway)
    first = method_of(cast.leader, gateway, provider, account="1")
    second = method_of(cast.leader, gateway, provider, account="2")
    services.set_pin(actor=cast.leader, pin="908172", now=NOW)
    with pytest.raises(Conflict):
        method_of(cast.leader, gateway, provider, account="2")

    def default() -> list[int]:
        return [each.id for each in queries.choices_of(cast.leader.person_id, now=NOW) if each.is_default]

    assert default() == [first.pk]
    services.choose_method(actor=cast.leader, method_id=second.pk, now=NOW)
    assert default() == [second.pk]
    services.choose_method(actor=cast.leader, method_id=None, now=NOW)
    assert default() == [0]
    services.remove_method(actor=cast.leader, method_id=first.pk, now=NOW)
    assert [each.id for each in queries.choices_of(cast.leader.person_id, now=NOW)] == [0, second.pk]
    with pytest.raises(NotFound):
        services.remove_method(actor=cast.outsider, method_id=second.pk, now=NOW)


def test_trying_a_method_says_what_became_of_its_certificate(cast: Cast, gateway: SmartCaService) -> None:
    method = method_of(cast.leader, gateway, connect(cast.administrator, gateway))
    assert services.test_method(actor=cast.leader, method_id=method.pk, now=NOW).test_passed is True

    gateway.holders.clear()

    assert services.test_method(actor=cast.leader, method_id=method.pk, now=NOW).test_passed is False


def test_only_administrators_connect_services_and_only_over_tls(cast: Cast, gateway: SmartCaService) -> None:
    entry = provider_entry(ProviderKind.SMARTCA, gateway.base_url)
    with pytest.raises(NotPermitted):
        services.add_provider(actor=cast.leader, kind=ProviderKind.SMARTCA, entry=entry, now=NOW)
    with pytest.raises(Invalid) as refusal:
        services.add_provider(
            actor=cast.administrator,
            kind=ProviderKind.SMARTCA,
            entry=provider_entry(ProviderKind.SMARTCA, "http://gwsca.vnpt.example/sca/sp769"),
            now=NOW,
        )
    assert set(refusal.value.fields) == {"base_url"}
    assert queries.providers() == []

    provider = services.add_provider(actor=cast.administrator, kind=ProviderKind.SMARTCA, entry=entry, now=NOW)
    gateway.add("001085012345", "Trần Quốc Khánh")
    tried = services.test_provider(actor=cast.administrator, provider_id=provider.pk, account="001085012345", now=NOW)
    assert (tried.test_passed, tried.test_words) == (True, "Trả lời được: 1 chứng thư của 001085012345.")
    changed = services.change_provider(
        actor=cast.administrator,
        provider_id=provider.pk,
        entry=provider_entry(ProviderKind.SMARTCA, gateway.base_url, secrets={"sp_password": ""}),
        now=NOW,
    )
    assert services.test_provider(
        actor=cast.administrator, provider_id=changed.pk, account="001085012345", now=NOW
    ).test_passed
