"""The trust list: who may keep it, what a line means, and that nothing on it ever vanishes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from eoffice.audit.models import AuditEntry
from eoffice.core.errors import Invalid, NotFound, NotPermitted
from eoffice.signing import queries, services
from eoffice.signing.models import AnchorPurpose, EvidenceItem, RevocationRules, TrustAnchor, VerificationReport
from eoffice.signing.services.checking import RECHECK_AFTER
from eoffice.signing.tests.authorities import House, responding
from eoffice.signing.tests.factories import NOW, Cast, letter_pdf, store_pdf
from eoffice.signing.tests.test_proven_times import signed

pytestmark = pytest.mark.django_db


def entry(house: House, purpose: AnchorPurpose = AnchorPurpose.PUBLIC, **given: object) -> services.AnchorEntry:
    values = {"certificate": house.root.der, "purpose": purpose, "basis": "Đối chiếu tại rootca.gov.vn", **given}
    return services.AnchorEntry(**values)  # type: ignore[arg-type]  # values of the test


def test_only_administrators_keep_the_list(cast: Cast):
    house = House()
    anchor = services.add_trust_anchor(actor=cast.administrator, entry=entry(house), now=NOW)

    with pytest.raises(NotPermitted):
        services.add_trust_anchor(actor=cast.clerk, entry=entry(House()), now=NOW)
    with pytest.raises(NotPermitted):
        services.withdraw_trust_anchor(actor=cast.leader, anchor_id=anchor.pk, reason="x", now=NOW)
    with pytest.raises(NotFound):
        queries.trust_page(cast.clerk)
    assert list(TrustAnchor.objects.values_list("pk", "withdrawn_at")) == [(anchor.pk, None)]


def test_each_line_counts_for_its_purpose_alone(cast: Cast):
    signers, stamps, between = House(name="A"), House(name="B"), House(name="C")
    for given in (
        entry(signers),
        entry(stamps, AnchorPurpose.TIME_STAMP),
        entry(between, certificate=between.issuing.der, is_intermediate=True),
    ):
        services.add_trust_anchor(actor=cast.administrator, entry=given, now=NOW)

    trust = services.trust_anchors(now=NOW)

    assert signers.root.der in trust.roots
    assert signers.root.der not in trust.time_stamp_roots
    assert trust.time_stamp_roots == (stamps.root.der,)
    assert stamps.root.der not in trust.roots
    assert between.issuing.der in trust.intermediates
    assert between.issuing.der not in trust.roots


def test_one_root_may_serve_both_purposes_and_pem_is_read(cast: Cast):
    house = House()
    pem = house.root.certificate.public_bytes(serialization.Encoding.PEM)
    services.add_trust_anchor(actor=cast.administrator, entry=entry(house, certificate=pem), now=NOW)
    services.add_trust_anchor(actor=cast.administrator, entry=entry(house, AnchorPurpose.TIME_STAMP), now=NOW)

    trust = services.trust_anchors(now=NOW)

    assert house.root.der in trust.roots
    assert trust.time_stamp_roots == (house.root.der,)


@pytest.mark.parametrize("given", ["noise", "person", "twice", "backwards"])
def test_what_cannot_be_an_anchor_is_refused(cast: Cast, given: str):
    house = House()
    services.add_trust_anchor(actor=cast.administrator, entry=entry(house), now=NOW)
    other = House(name="khác")
    bad = {
        "noise": entry(other, certificate=b"khong phai chung thu"),
        "person": entry(other, certificate=other.holder("Một người").der),
        "twice": entry(house),
        "backwards": entry(other, trusted_from=NOW, trusted_until=NOW - timedelta(days=1)),
    }[given]

    with pytest.raises(Invalid):
        services.add_trust_anchor(actor=cast.administrator, entry=bad, now=NOW)

    assert TrustAnchor.objects.count() == 1


def test_withdrawn_line_stays_with_its_reason_and_may_come_back_as_a_new_one(cast: Cast):
    house = House()
    anchor = services.add_trust_anchor(actor=cast.administrator, entry=entry(house), now=NOW)
    with pytest.raises(Invalid):
        services.withdraw_trust_anchor(actor=cast.administrator, anchor_id=anchor.pk, reason=" ", now=NOW)

    services.withdraw_trust_anchor(actor=cast.administrator, anchor_id=anchor.pk, reason="Lộ khóa", now=NOW)

    assert house.root.der not in services.trust_anchors(now=NOW).roots
    services.add_trust_anchor(actor=cast.administrator, entry=entry(house), now=NOW)
    page = queries.trust_page(cast.administrator)
    assert [line.anchor.withdrawal_reason for line in page.withdrawn] == ["Lộ khóa"]
    assert len(page.in_force) == 1
    actions = AuditEntry.objects.filter(action__startswith="signing.anchor").order_by("pk")
    assert [line.action for line in actions] == [
        "signing.anchor.added", "signing.anchor.withdrawn", "signing.anchor.added",
    ]  # fmt: skip


def test_verdict_keeps_its_evidence_and_is_taken_again_when_the_list_changes(cast: Cast, tmp_path: Path):
    with responding() as responder:
        house = responder.house
        assert house is not None
        RevocationRules.objects.create(pk=1, inside_hosts=responder.host)
        stored = store_pdf(signed(tmp_path, house.signer("A")).read_bytes())
        before = services.check_file(sha256=stored.pk, now=NOW)
        assert (before.verdict, before.recheck_at) == ("indeterminate", None)

        services.add_trust_anchor(actor=cast.administrator, entry=entry(house), now=NOW)
        assert services.recheck_due(now=NOW) == 1
        assert services.recheck_due(now=NOW) == 0, "ordered once"
        after = services.check_file(sha256=stored.pk, now=NOW)

    assert after.verdict == "valid"
    assert after.trust_state != before.trust_state
    assert "pyHanko" in after.engine
    kinds = EvidenceItem.objects.filter(pk__in=after.evidence).values_list("kind", flat=True)
    assert sorted(kinds) == ["cert", "cert", "cert", "crl", "ocsp"]


def test_silent_source_is_asked_again_later(cast: Cast, tmp_path: Path):
    with responding() as responder:
        house = responder.house
        assert house is not None
        RevocationRules.objects.create(pk=1, inside_hosts=responder.host)
        services.add_trust_anchor(actor=cast.administrator, entry=entry(house), now=NOW)
        stored = store_pdf(signed(tmp_path, house.signer("A")).read_bytes())
        responder.down = {"/ocsp", "/crl/issuing"}

        report = services.check_file(sha256=stored.pk, now=NOW)
        assert (report.verdict, report.recheck_at) == ("indeterminate", NOW + RECHECK_AFTER)
        assert "CN=A" in next(iter(report.unreachable))
        responder.down = set()
        responder.now = NOW + RECHECK_AFTER
        assert services.recheck_due(now=NOW) == 0
        assert services.recheck_due(now=NOW + RECHECK_AFTER) == 1

        report = services.check_file(sha256=stored.pk, now=NOW + RECHECK_AFTER)
        assert (report.verdict, report.recheck_at, report.unreachable) == ("valid", None, {})


def test_unsigned_file_is_not_taken_again(cast: Cast):
    services.check_file(sha256=store_pdf(letter_pdf()).pk, now=NOW)

    services.add_trust_anchor(actor=cast.administrator, entry=entry(House()), now=NOW)

    assert not VerificationReport.objects.filter(recheck_at__isnull=False).exists()


def test_page_shows_the_line_and_is_hidden_from_others(cast: Cast, client: Client):
    house = House()
    services.add_trust_anchor(actor=cast.administrator, entry=entry(house), now=NOW)
    users = get_user_model().objects
    client.force_login(users.get(pk=cast.clerk.user_id))
    assert client.get("/signing/trust/").status_code == 404

    client.force_login(users.get(pk=cast.administrator.user_id))
    page = client.get("/signing/trust/").content.decode()

    assert "Đối chiếu tại rootca.gov.vn" in page
    assert "ECDSA 256 bit" in page
    anchor = TrustAnchor.objects.get()
    assert " ".join(anchor.fingerprint.upper()[start : start + 8] for start in range(0, 64, 8)) in page
    answer = client.get(f"/signing/trust/{anchor.pk}/certificate/")
    assert x509.load_der_x509_certificate(answer.content) == house.root.certificate
    upload = SimpleUploadedFile("goc.cer", House(name="mới").root.der)
    refused = client.post(
        "/signing/trust/add/", {"certificate": upload, "purpose": "public", "kind": "anchor", "basis": "QĐ 1"}
    )
    assert TrustAnchor.objects.count() == 1, "changes need the administrator's powers"
    assert refused.status_code in (302, 303, 403)
