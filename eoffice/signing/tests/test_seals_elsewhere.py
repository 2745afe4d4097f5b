"""A unit's seal from a token and from a program on its clerk's computer: over the leader's signature, locking all."""

from __future__ import annotations

import json

import pytest

from eoffice.core import clock
from eoffice.core.errors import Invalid, NotPermitted
from eoffice.core.models import StoredFile
from eoffice.signing import queries, services
from eoffice.signing.engine.authority import KeyAlgorithm
from eoffice.signing.engine.preparing import SEAL_FIELD
from eoffice.signing.engine.signing import SoftwareKey
from eoffice.signing.errors import KeyNotYours, PinWrong
from eoffice.signing.models import AnchorPurpose, ProviderKind, SignatureRecord, SignatureRequest, SigningMethod, Stage
from eoffice.signing.services import AskedPaper, Paper
from eoffice.signing.tests.at_desk import go, program_with, sign_in
from eoffice.signing.tests.factories import DATE_LINE, GROUP, PIN, SEAL_PIN, Cast, Pki
from eoffice.signing.tests.remote import prepared, provider_entry
from eoffice.signing.tests.services_outside.vgca import SignService
from eoffice.signing.tests.test_token_method import signed as value_of


@pytest.fixture(scope="module")
def key(pki: Pki) -> SoftwareKey:
    return pki.key(GROUP.upper(), algorithm=KeyAlgorithm.RSA_2048)


@pytest.fixture
def numbered(cast: Cast, pki: Pki) -> StoredFile:
    """A letter signed by the leader, with number and date; the authority of the seal's certificate is trusted."""
    now = clock.now()
    root = services.AnchorEntry(certificate=pki.root.der, purpose=AnchorPurpose.TEST, basis="Thử")
    services.add_trust_anchor(actor=cast.administrator, entry=root, now=now)
    services.set_pin(actor=cast.leader, pin=PIN, now=now)
    signed = services.sign_file(
        actor=cast.leader, open_key=services.unlock(actor=cast.leader, pin=PIN, now=now), source_sha=prepared().pk,
        field="ky_1", mark=None, now=now,
    )  # fmt: skip
    return services.fill_file(actor=cast.clerk, source_sha=signed.pk, number="15", date_line=DATE_LINE, now=now)


def asked(cast: Cast, method: SigningMethod, file: StoredFile) -> SignatureRequest:
    """The clerk asks for the seal on a numbered file."""
    now = clock.now()
    mark = queries.seal_mark(unit_id=cast.group.pk, organization=GROUP)
    paper = Paper(source_sha=file.pk, field=SEAL_FIELD, mark=mark, stage=Stage.SEAL)
    asked_paper = AskedPaper(paper=paper, title="15/TXG", subject_kind="tests.paper", subject_id=1)
    opened = services.ask_for_signatures(
        actor=cast.clerk, method=method, papers=[asked_paper], description="Ký số cơ quan", back="", now=now
    )
    assert opened.request is not None
    services.send_request(request_id=opened.request.pk, now=now)
    return opened.request


def require_sealed(cast: Cast, request: SignatureRequest, numbered: StoredFile) -> None:
    """The seal stands on the numbered file, whole, over an unbroken signature, in the unit's name."""
    record = SignatureRecord.objects.get(stage=Stage.SEAL)
    assert (record.file_before_id, record.unit_id, record.person_id) == (
        numbered.pk, cast.group.pk, cast.clerk.person_id,
    )  # fmt: skip
    assert request.papers.get().result_id == record.file_after_id
    verdict = queries.verdict_of(record.file_after_id)
    assert verdict is not None
    assert [(line.field, line.intact) for line in verdict.signatures] == [("ky_1", True), (SEAL_FIELD, True)]
    assert verdict.signatures[1].covers_file
    assert verdict.signatures[1].signer == GROUP.upper()


def test_seal_is_made_by_the_token_on_the_clerks_desk(cast: Cast, key: SoftwareKey, numbered: StoredFile):
    method = services.add_token_method(
        actor=cast.clerk, certificate=key.certificate, unit_id=cast.group.pk, now=clock.now()
    )
    request = asked(cast, method, numbered)

    papers = services.order_for_token(actor=cast.clerk, request_id=request.pk)["papers"]
    assert isinstance(papers, list)
    values = {paper["doc_id"]: value_of(key, paper["digest"]) for paper in papers}
    services.take_token_values(actor=cast.clerk, request_id=request.pk, values=values, now=clock.now())
    services.finish_request(request_id=request.pk, now=clock.now())

    require_sealed(cast, request, numbered)


def test_seal_is_made_by_the_program_with_the_action_for_seals(cast: Cast, key: SoftwareKey, numbered: StoredFile):
    entry = provider_entry(ProviderKind.VGCA, "wss://127.0.0.1:8987", name="VGCA Sign Service", confirm_s=1800)
    provider = services.add_provider(actor=cast.administrator, kind=ProviderKind.VGCA, entry=entry, now=clock.now())
    program: SignService = program_with(key)
    page = sign_in(cast.clerk)
    told = json.dumps(program.act("GetCertInfo", ""))
    page.post(f"/signing/methods/program/{provider.pk}/", {"told": told, "unit": cast.group.pk})
    method = SigningMethod.objects.get(unit=cast.group)
    request = asked(cast, method, numbered)

    go(page, request, program)

    assert program.said[-1][0] == "SignIssued"
    require_sealed(cast, request, numbered)


def test_only_who_keeps_the_seal_asks_for_it_and_a_forgotten_pin_is_no_try(
    cast: Cast, key: SoftwareKey, numbered: StoredFile
):
    now = clock.now()
    method = services.add_token_method(actor=cast.clerk, certificate=key.certificate, unit_id=cast.group.pk, now=now)
    for stranger in (cast.leader, cast.outsider):
        with pytest.raises(NotPermitted):
            services.require_own_method(stranger, method)
    own = services.add_token_method(actor=cast.leader, certificate=Pki().key(cast.leader.name).certificate, now=now)
    with pytest.raises(KeyNotYours):
        services.require_own_method(cast.clerk, own)
    assert not SignatureRequest.objects.exists()

    made = services.set_seal_pin(actor=cast.clerk, unit_id=cast.group.pk, pin=SEAL_PIN, now=now)
    for _ in range(6):
        with pytest.raises(Invalid) as refused:
            services.unlock_seal(actor=cast.clerk, unit_id=cast.group.pk, pin="", now=now)
        assert not isinstance(refused.value, PinWrong)
    made.refresh_from_db()
    assert (made.tries, made.locked_until) == (0, None)
