"""Certificates from the first day to the last: entered, compared, asked about, warned of, stopped, asked for anew."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook
from pytest_django import DjangoAssertNumQueries

from eoffice.audit.models import AuditEntry
from eoffice.core import clock
from eoffice.core.errors import Conflict, IllegalTransition, NotFound, NotPermitted
from eoffice.notifications.models import Notification
from eoffice.organization.actor import Actor
from eoffice.organization.models import Unit
from eoffice.signing import certificate_lists, services
from eoffice.signing.certificate_lists import Order, Show
from eoffice.signing.errors import CertificateUnusable
from eoffice.signing.models import (
    AnchorPurpose,
    CertificateRequest,
    HeldCertificate,
    Purpose,
    RevocationReason,
    SignatureRecord,
    SigningKey,
)
from eoffice.signing.services import (
    OpenKey,
    Paper,
    asking_issuers,
    certificate_requests,
    certificates,
    comparing_holders,
    matching,
    warning_of_ends,
)
from eoffice.signing.tests.authorities import House
from eoffice.signing.tests.factories import PIN, SEAL_PIN, Cast, letter_pdf, letter_places, store_pdf
from eoffice.signing.tests.stamped import believe_time_stamps
from eoffice.signing.tests.test_signing_pages import sign_in
from tests.pki import LoopbackPki


def carried(actor: Actor, pki: LoopbackPki, label: str) -> HeldCertificate:
    """A certificate of the loopback's authority that a person signs with, entered by the job."""
    der = pki.certificate(label)
    parsed = x509.load_der_x509_certificate(der)
    key = SigningKey.objects.create(
        person_id=actor.person_id, purpose=Purpose.PERSON, certificate=der, serial=f"{parsed.serial_number:x}",
        closed_key=b"-", context="-", made_at=clock.now(), expires_at=parsed.not_valid_after_utc,
        pin_set_at=clock.now(),
    )  # fmt: skip
    certificates.note_certificates(now=clock.now())
    return HeldCertificate.objects.get(key=key)


@pytest.fixture
def outside(cast: Cast, loopback_pki: LoopbackPki) -> Cast:
    """The authority outside is believed and may be asked."""
    believe_time_stamps(cast, loopback_pki)
    entry = services.AnchorEntry(
        certificate=loopback_pki.certificate("root"), purpose=AnchorPurpose.PUBLIC, basis="Thử trên loopback"
    )
    services.add_trust_anchor(actor=cast.administrator, entry=entry, now=clock.now())
    middle = services.AnchorEntry(
        certificate=loopback_pki.certificate("issuing"), purpose=AnchorPurpose.PUBLIC, is_intermediate=True, basis="Thử"
    )
    services.add_trust_anchor(actor=cast.administrator, entry=middle, now=clock.now())
    return cast


def told(actor: Actor, kind: str) -> list[str]:
    rows = Notification.objects.filter(person_id=actor.person_id, kind=kind).order_by("pk")
    return list(rows.values_list("title", flat=True))


def listed(cast: Cast, show: Show = Show.ALL, **more: object) -> list[str]:
    asked = {"order": Order.END, "unit_id": None, "text": "", "after": "", "now": clock.now(), **more}
    page = certificate_lists.certificates_page(cast.administrator, show=show, **asked)  # type: ignore[arg-type]  # each fits its name
    return [held.holder_name for held in page.rows]


# The register


def test_new_key_and_seal_are_entered_at_once_and_again_changes_nothing(cast: Cast):
    services.set_pin(actor=cast.leader, pin=PIN, now=clock.now())
    services.set_seal_pin(actor=cast.clerk, unit_id=cast.group.pk, pin=SEAL_PIN, now=clock.now())

    assert certificates.note_certificates(now=clock.now()) == 0
    assert HeldCertificate.objects.count() == 2
    assert set(listed(cast)) == {cast.leader.name, cast.group.name}
    assert HeldCertificate.objects.exclude(mismatch="").count() == 0
    seal = HeldCertificate.objects.get(unit=cast.group)
    assert (seal.at_unit_id, seal.kind_words) == (cast.group.pk, "Con dấu")


def test_key_replaced_here_ends_in_the_register(cast: Cast):
    services.set_pin(actor=cast.leader, pin=PIN, now=clock.now())
    services.reset_forgotten_pin(actor=cast.leader, pin="705316", now=clock.now())
    certificates.note_certificates(now=clock.now())

    assert listed(cast) == [cast.leader.name]
    assert listed(cast, Show.REVOKED) == [cast.leader.name]
    assert HeldCertificate.objects.filter(ended_at__isnull=False).count() == 1


def test_certificate_of_another_name_or_body_is_flagged(outside: Cast, loopback_pki: LoopbackPki):
    own = carried(outside.leader, loopback_pki, "khanh")
    foreign = carried(outside.clerk, loopback_pki, "soon")

    assert own.mismatch == ""
    assert foreign.mismatch == "Chứng thư đứng tên “Đỗ Sắp Hết”, không phải Nguyễn Thị Thu Hương."
    assert listed(outside, Show.MISMATCH) == [outside.clerk.name]

    stranger = x509.load_der_x509_certificate(loopback_pki.certificate("stranger"))
    holder = matching.HolderFacts("Người lạ", outside.group, (outside.group.name,), is_seal=False)
    words = mismatch(stranger, holder)
    assert words == "Tổ chức ghi trên chứng thư là “Công ty lạ”, không phải nơi đang công tác."


def test_long_name_that_the_authority_cut_still_fits(cast: Cast):
    whole = "Công ty Hạ tầng số khu vực Duyên hải Nam Trung Bộ và Tây Nguyên"
    cut = whole.upper().encode()[:61].decode(errors="ignore")
    for common, fits in ((f"{cut}…", True), (f"{cut[:-3]}x…", False), ("CÔNG TY…", False)):
        certificate = certificate_of_seal(common)
        holder = matching.HolderFacts(whole, cast.group, (whole,), is_seal=True)
        assert (mismatch(certificate, holder) == "") is fits, common


def mismatch(certificate: x509.Certificate, holder: matching.HolderFacts) -> str:
    named = [
        str(found[0].value) if (found := certificate.subject.get_attributes_for_oid(oid)) else ""
        for oid in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME)
    ]
    return matching.mismatch_words(common=named[0], body=named[1], holder=holder)


def certificate_of_seal(common: str) -> x509.Certificate:
    """A seal's certificate of a body outside."""
    return x509.load_der_x509_certificate(House().signer(common).certificate)


def test_list_is_narrowed_sorted_and_paged(outside: Cast, loopback_pki: LoopbackPki, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(certificate_lists, "PAGE_SIZE", 2)
    carried(outside.leader, loopback_pki, "khanh")
    carried(outside.clerk, loopback_pki, "soon")
    carried(outside.outsider, loopback_pki, "huong")

    def page(after: str, order: Order) -> certificate_lists.CertificatesPage:
        return certificate_lists.certificates_page(
            outside.administrator, show=Show.ALL, order=order, unit_id=None, text="", after=after, now=clock.now()
        )

    for order in Order:
        first = page("", order)
        assert first.next_after is not None
        rest = page(first.next_after, order)
        assert (len(first.rows), len(rest.rows), rest.next_after) == (2, 1, None)
        assert {each.pk for each in (*first.rows, *rest.rows)} == set(
            HeldCertificate.objects.values_list("pk", flat=True)
        )
    assert page("", Order.END).rows[0].holder_name == outside.clerk.name
    assert [each.holder_name for each in page("", Order.NAME).rows] == [outside.clerk.name, outside.leader.name]
    monkeypatch.setattr(certificate_lists, "PAGE_SIZE", 50)
    assert listed(outside, Show.EXPIRING) == [outside.clerk.name]
    assert listed(outside, unit_id=outside.company.pk) == [outside.outsider.name]
    assert listed(outside, text="quoc khanh") == [outside.leader.name]


def test_register_is_the_administrators_and_costs_the_same_for_many(
    outside: Cast, loopback_pki: LoopbackPki, client: Client
):
    carried(outside.leader, loopback_pki, "khanh")
    sign_in(client, outside.administrator)
    with CaptureQueriesContext(connection) as one:
        page = client.get("/signing/certificates/").content.decode()
    carried(outside.clerk, loopback_pki, "huong")
    carried(outside.outsider, loopback_pki, "soon")
    with CaptureQueriesContext(connection) as three:
        client.get("/signing/certificates/")

    assert "Cấp phát thử trên loopback" in page
    assert len(three) == len(one)
    for other in (outside.clerk, outside.leader):
        sign_in(client, other)
        assert client.get("/signing/certificates/").status_code == 403
    assert outside.leader.name in client.get("/signing/certificates/own/").content.decode()


def test_certificates_are_compared_again_as_bodies_are_renamed_in_the_same_few_queries(
    cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
):
    services.set_seal_pin(actor=cast.clerk, unit_id=cast.group.pk, pin=SEAL_PIN, now=clock.now())
    for actor in (cast.leader, cast.clerk, cast.outsider):
        services.set_pin(actor=actor, pin=PIN, now=clock.now())
    assert comparing_holders.compare_holders(now=clock.now()) == 0  # compared as they were entered
    Unit.objects.filter(pk=cast.group.pk).update(name="Tập đoàn Dữ liệu Trường Xuân")
    later = clock.now() + timedelta(hours=7)

    with django_assert_max_num_queries(8):
        assert comparing_holders.compare_holders(now=later) == 4
    assert comparing_holders.compare_holders(now=later) == 0

    assert HeldCertificate.objects.get(unit=cast.group).mismatch.endswith("không phải Tập đoàn Dữ liệu Trường Xuân.")
    assert set(HeldCertificate.objects.values_list("compared_at", flat=True)) == {later}


def test_our_own_authority_is_asked_by_its_own_table(cast: Cast):
    services.set_pin(actor=cast.leader, pin=PIN, now=clock.now())
    now = clock.now()

    asking_issuers.ask_issuers(now=now)

    held = HeldCertificate.objects.get()
    assert (held.checked_at, held.standing_at, held.check_words, held.list_addresses) == (now, now, "", "")


# Warnings


def test_holder_is_warned_thirty_seven_and_one_days_before_once_each(outside: Cast, loopback_pki: LoopbackPki):
    held = carried(outside.leader, loopback_pki, "khanh")
    held.expires_at = end = clock.now() + timedelta(days=40)
    held.save(update_fields=["expires_at"])
    counts = []
    for days in (31, 30, 29, 8, 7, 6, 2, 1, 0.5):
        now = end - timedelta(days=days)
        warning_of_ends.warn_of_ends(now=now)
        warning_of_ends.warn_of_ends(now=now)
        counts.append(len(told(outside.leader, "signing.certificate_ending")))

    assert counts == [0, 1, 1, 1, 2, 2, 2, 3, 3]
    assert "hết hạn" in told(outside.leader, "signing.certificate_ending")[0]
    assert warning_of_ends.warn_of_ends(now=end + timedelta(days=1)) == 0


def test_seal_that_ends_is_told_to_who_keeps_it(cast: Cast):
    services.set_seal_pin(actor=cast.clerk, unit_id=cast.group.pk, pin=SEAL_PIN, now=clock.now())
    held = HeldCertificate.objects.get()

    warning_of_ends.warn_of_ends(now=held.expires_at - timedelta(days=3))

    assert len(told(cast.clerk, "signing.certificate_ending")) == 1
    assert told(cast.leader, "signing.certificate_ending") == []


# Revoked by the issuer


def test_certificate_revoked_outside_is_noticed_told_and_stops_signing(outside: Cast, loopback_pki: LoopbackPki):
    held = carried(outside.leader, loopback_pki, "khanh")
    prepared = services.prepare_file(source_sha=store_pdf(letter_pdf()).pk, places=letter_places()).stored
    key = OpenKey(
        key_id=held.key_id or 0,
        person_id=outside.leader.person_id,
        unit_id=None,
        signer=loopback_pki.signer("khanh"),
        is_certified_here=False,
    )
    asking_issuers.ask_issuers(now=clock.now())
    asked = len(loopback_pki.calls)
    asking_issuers.ask_issuers(now=clock.now())  # asked a moment ago
    assert len(loopback_pki.calls) == asked
    later = clock.now() + timedelta(minutes=50)

    with loopback_pki.at(later), loopback_pki.revoked("khanh", since=loopback_pki.now() - timedelta(hours=2)):
        asking_issuers.ask_issuers(now=later)
        asking_issuers.ask_issuers(now=later + timedelta(minutes=50))
        with pytest.raises(CertificateUnusable, match="bị nơi cấp thu hồi"):
            services.sign_batch(
                actor=outside.leader, open_key=key, papers=[Paper(source_sha=prepared.pk, field="ky_1", mark=None)],
                now=clock.now(),
            )  # fmt: skip

    held.refresh_from_db()
    assert held.revoked_at is not None
    assert not SignatureRecord.objects.exists()
    assert len(told(outside.leader, "signing.certificate_revoked")) == 1
    assert len(told(outside.administrator, "signing.certificate_revoked")) == 1
    assert told(outside.clerk, "signing.certificate_revoked") == []
    assert AuditEntry.objects.filter(action="signing.certificate.revoked_outside").count() == 1
    assert listed(outside, Show.REVOKED) == [outside.leader.name]


def test_suspended_certificate_comes_back(outside: Cast, loopback_pki: LoopbackPki):
    held = carried(outside.leader, loopback_pki, "khanh")
    since = loopback_pki.now() - timedelta(hours=2)
    with loopback_pki.revoked("khanh", since=since, reason="certificate_hold"):
        asking_issuers.ask_issuers(now=clock.now())
    held.refresh_from_db()
    suspended = (held.is_suspended, held.revoked_at == since)
    with pytest.raises(CertificateUnusable, match="tạm dừng"):
        certificates.require_usable(loopback_pki.certificate("khanh"), now=clock.now())

    later = clock.now() + timedelta(minutes=50)
    with loopback_pki.at(later):
        asking_issuers.ask_issuers(now=later)

    held.refresh_from_db()
    assert suspended == (True, True)
    assert (held.is_suspended, held.revoked_at) == (False, None)
    certificates.require_usable(loopback_pki.certificate("khanh"), now=clock.now())
    assert "dùng lại được" in told(outside.leader, "signing.certificate_revoked")[-1]


def test_silent_issuer_is_named_and_stops_nobody(outside: Cast, loopback_pki: LoopbackPki):
    held = carried(outside.leader, loopback_pki, "khanh")

    with loopback_pki.stopped():
        asking_issuers.ask_issuers(now=clock.now())

    held.refresh_from_db()
    assert held.checked_at is None
    assert held.check_words != ""
    assert held.revoked_at is None
    assert listed(outside, Show.SILENT) == [outside.leader.name]
    certificates.require_usable(loopback_pki.certificate("khanh"), now=clock.now())
    later = clock.now() + timedelta(minutes=10)
    with loopback_pki.at(later):
        asking_issuers.ask_issuers(now=later)
    assert listed(outside, Show.SILENT) == []


# Requests


def ask(actor: Actor, **more: object) -> CertificateRequest:
    asked = {"kind": "new", "reason": "Chưa có chứng thư", "now": clock.now(), **more}
    return certificate_requests.ask_for_certificate(actor=actor, **asked)  # type: ignore[arg-type]  # each fits its name


def test_request_goes_from_the_person_to_the_list_and_ends_with_the_certificate(cast: Cast, client: Client):
    row = ask(cast.clerk)
    with pytest.raises(Conflict):
        ask(cast.clerk)
    certificate_requests.confirm_certificate_request(actor=cast.leader, request_id=row.pk, now=clock.now())
    made = certificate_requests.list_certificate_requests(actor=cast.administrator, now=clock.now())
    with pytest.raises(Conflict):
        certificate_requests.list_certificate_requests(actor=cast.administrator, now=clock.now())

    sign_in(client, cast.administrator)
    sheet = load_workbook(io.BytesIO(client.get(f"/signing/certificates/lists/{made.pk}/").content)).active
    assert sheet is not None
    cells = {cell.value for line in sheet.iter_rows() for cell in line}
    assert {cast.clerk.name, "huong@txg.test", "Cấp mới"} <= cells

    services.set_pin(actor=cast.clerk, pin=PIN, now=clock.now())
    row.refresh_from_db()
    assert (row.state, row.listed_in_id) == ("fulfilled", made.pk)
    assert row.fulfilled_by == HeldCertificate.objects.get()
    assert len(told(cast.clerk, "signing.certificate_fulfilled")) == 1
    assert ask(cast.clerk, kind="renew", replaces_id=row.fulfilled_by_id).state == "waiting"


def test_nobody_confirms_his_own_and_outsiders_see_nothing(cast: Cast, client: Client):
    row = ask(cast.leader)

    with pytest.raises(NotPermitted):
        certificate_requests.confirm_certificate_request(actor=cast.leader, request_id=row.pk, now=clock.now())
    for stranger in (cast.outsider, cast.clerk):
        with pytest.raises(NotFound):
            certificate_requests.confirm_certificate_request(actor=stranger, request_id=row.pk, now=clock.now())
        with pytest.raises(NotPermitted):
            certificate_requests.list_certificate_requests(actor=stranger, now=clock.now())
    sign_in(client, cast.outsider)
    assert client.get("/signing/certificates/requests/").status_code == 403
    row.refresh_from_db()
    assert (row.state, row.decided_by_id) == ("waiting", None)


def test_refused_and_withdrawn_requests_stay_so(cast: Cast, client: Client):
    refused = ask(cast.clerk)
    sign_in(client, cast.administrator)
    client.post(f"/signing/certificates/requests/{refused.pk}/refuse/", {"reason": "Chưa cần ký số"})
    refused.refresh_from_db()
    withdrawn = ask(cast.clerk)
    certificate_requests.withdraw_certificate_request(actor=cast.clerk, request_id=withdrawn.pk, now=clock.now())

    assert (refused.state, refused.refusal) == ("refused", "Chưa cần ký số")
    for row in (refused, withdrawn):
        with pytest.raises(IllegalTransition):
            certificate_requests.confirm_certificate_request(
                actor=cast.administrator, request_id=row.pk, now=clock.now()
            )
    sign_in(client, cast.clerk)
    shown = client.get("/signing/certificates/own/").content.decode()
    assert "Chưa cần ký số" in shown


def test_form_keeps_what_was_typed(cast: Cast, client: Client):
    sign_in(client, cast.clerk)

    answer = client.post("/signing/certificates/own/ask/", {"kind": "renew", "reason": "Mất USB", "whose": ""})

    assert answer.status_code == 422
    assert "Mất USB" in answer.content.decode()
    assert not CertificateRequest.objects.exists()


def test_clerk_asks_for_the_seal_she_keeps_and_no_other(cast: Cast):
    row = ask(cast.clerk, unit_id=cast.group.pk)
    with pytest.raises(NotPermitted):
        ask(cast.clerk, unit_id=cast.company.pk)
    services.set_pin(actor=cast.clerk, pin=PIN, now=clock.now())
    row.refresh_from_db()
    assert row.state == "waiting"

    services.set_seal_pin(actor=cast.clerk, unit_id=cast.group.pk, pin=SEAL_PIN, now=clock.now())

    row.refresh_from_db()
    assert row.state == "fulfilled"
    key = SigningKey.objects.get(unit=cast.group)
    services.revoke_key(actor=cast.clerk, key_id=key.pk, reason=RevocationReason.COMPROMISED, now=clock.now())
