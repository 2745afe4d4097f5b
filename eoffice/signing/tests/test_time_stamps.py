"""Time stamps from real authorities on loopback, and what is refused of the others."""

from __future__ import annotations

import hashlib
import ssl
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from eoffice.audit.models import AuditEntry
from eoffice.core import clock
from eoffice.core.errors import Invalid, NotPermitted
from eoffice.organization.models import PowersSession
from eoffice.signing import queries, services
from eoffice.signing.engine.time_stamping import AuthoritiesInOrder, TimeStampSource
from eoffice.signing.models import ArchiveAt, LevelRules, TimeStampAuthority
from eoffice.signing.services import AuthorityEntry
from eoffice.signing.tests.factories import Cast
from eoffice.signing.tests.powers import with_powers
from eoffice.signing.tests.stamped import believe_time_stamps
from eoffice.signing.tests.test_signing_pages import sign_in
from tests.pki import Fault, LoopbackPki

DIGEST = hashlib.sha256(b"noi dung").digest()
NO_CERTIFICATE_USE = "chứng thư không dành cho việc cấp dấu thời gian"


def source(pki: LoopbackPki, label: str = "tsa", **values: object) -> TimeStampSource:
    known = {"key": len(label), "name": label, "url": pki.tsa_url(label), "timeout_s": 3.0}
    return TimeStampSource(**{**known, **values})  # type: ignore[arg-type]  # each value fits its name


def asking(pki: LoopbackPki, *sources: TimeStampSource) -> AuthoritiesInOrder:
    trust = pki.trust()
    return AuthoritiesInOrder(sources, trust_for=lambda _: trust, now=clock.now())


def refusal(pki: LoopbackPki, *sources: TimeStampSource) -> list[str]:
    asked = asking(pki, *sources)
    with pytest.raises(OSError, match=r"\w"):
        asked.stamp(DIGEST)
    assert asked.given == []
    return list(asked.failures.values())


def test_first_authority_gives_a_checked_time_stamp(loopback_pki: LoopbackPki):
    before = clock.now().replace(microsecond=0)

    token = asking(loopback_pki, source(loopback_pki), source(loopback_pki, "tsa-second")).stamp(DIGEST)

    assert token.source.name == "tsa"
    assert before <= token.at <= clock.now()
    assert token.certificate_ends_at.year == 2043


@pytest.mark.parametrize("fault", list(Fault))
def test_next_authority_is_asked_when_one_fails_and_the_failed_one_is_left_alone(
    loopback_pki: LoopbackPki, fault: Fault
):
    asked = asking(loopback_pki, source(loopback_pki, timeout_s=0.8), source(loopback_pki, "tsa-second"))
    before = len(loopback_pki.calls_of("/tsa/tsa"))

    with loopback_pki.failing("/tsa/tsa$", fault):
        tokens = [asked.stamp(DIGEST), asked.stamp(DIGEST)]

    assert [token.source.name for token in tokens] == ["tsa-second", "tsa-second"]
    assert list(asked.failures) == [len("tsa")]
    assert len(loopback_pki.calls_of("/tsa/tsa")) - before == 3


def test_dead_address_is_told_at_once(loopback_pki: LoopbackPki):
    assert refusal(loopback_pki, source(loopback_pki, url=loopback_pki.dead_url)) == ["không kết nối được dịch vụ"]


@pytest.mark.parametrize("label", ["tsa-wrong-eku", "tsa-stranger"])
def test_authority_that_may_not_or_is_not_known_is_refused(loopback_pki: LoopbackPki, label: str):
    [words] = refusal(loopback_pki, source(loopback_pki, label))

    assert words.startswith("chưa tin cậy dịch vụ")


def test_revoked_authority_is_refused(loopback_pki: LoopbackPki):
    with loopback_pki.revoked("tsa-second", since=clock.now() - timedelta(days=200)):
        [words] = refusal(loopback_pki, source(loopback_pki, "tsa-second"))

    assert words.startswith("chưa tin cậy dịch vụ")


def test_authority_with_another_time_is_refused(loopback_pki: LoopbackPki):
    with loopback_pki.at(clock.now() - timedelta(hours=7)):
        [words] = refusal(loopback_pki, source(loopback_pki))

    assert words == "giờ của dịch vụ lệch quá năm phút so với giờ hệ thống"


def test_password_is_sent_where_one_is_set(loopback_pki: LoopbackPki):
    with loopback_pki.asking_for("eoffice", "mật khẩu"):
        assert refusal(loopback_pki, source(loopback_pki)) == [
            "dịch vụ không nhận tên đăng nhập hoặc chứng thư của hệ thống"
        ]
        asked = asking(loopback_pki, source(loopback_pki, user="eoffice", password="mật khẩu"))
        assert asked.stamp(DIGEST).source.name == "tsa"


def test_tls_is_checked_and_a_client_certificate_shown(loopback_pki: LoopbackPki, tmp_path: Path):
    url = loopback_pki.tsa_url(secure=True)
    root = ssl.DER_cert_to_PEM_cert(loopback_pki.certificate("root"))
    client_pem = loopback_pki.pem_with_key("client", tmp_path).read_text()

    assert refusal(loopback_pki, source(loopback_pki, url=url)) == ["chứng thư TLS của dịch vụ không kiểm tra được"]
    asked = asking(loopback_pki, source(loopback_pki, url=url, issuer_pem=root, client_pem=client_pem))
    assert asked.stamp(DIGEST).source.name == "tsa"


@pytest.fixture
def trusting(cast: Cast, loopback_pki: LoopbackPki) -> Cast:
    """The cast, with the time stamps of the loopback believed."""
    believe_time_stamps(cast, loopback_pki)
    return cast


def kept(cast: Cast, **values: object) -> TimeStampAuthority:
    entry = AuthorityEntry(**{"name": "Dịch vụ 1", "url": "http://127.0.0.1:9/tsa", **values})  # type: ignore[arg-type]
    return services.save_time_stamp_authority(actor=cast.administrator, authority_id=None, entry=entry, now=clock.now())


def test_secret_is_kept_encrypted_and_stays_when_none_is_typed(cast: Cast):
    row = kept(cast, user="eoffice", password="mat-khau-tsa")
    entry = AuthorityEntry(name="Dịch vụ 1", url="http://127.0.0.1:9/tsa", user="eoffice2")

    services.save_time_stamp_authority(actor=cast.administrator, authority_id=row.pk, entry=entry, now=clock.now())

    row.refresh_from_db()
    assert "mat-khau" not in row.secrets
    assert (row.user, row.secrets != "") == ("eoffice2", True)
    actions = list(AuditEntry.objects.filter(object_kind="time_stamp_authority").values_list("action", "detail"))
    assert [action for action, _ in actions] == ["signing.time_stamp_authority.saved"] * 2
    assert "mat-khau" not in str(actions)


def test_only_an_administrator_keeps_authorities(cast: Cast):
    row = kept(cast)
    entry = AuthorityEntry(name="Khác", url="http://127.0.0.1:9/")

    for refused in (cast.clerk, cast.leader, cast.outsider):
        with pytest.raises(NotPermitted):
            services.save_time_stamp_authority(actor=refused, authority_id=row.pk, entry=entry, now=clock.now())
        with pytest.raises(NotPermitted):
            services.try_time_stamp_authority(actor=refused, authority_id=row.pk, now=clock.now())
        with pytest.raises(NotPermitted):
            services.set_level_rules(
                actor=refused, archive_at=ArchiveAt.LATER, archive_after_days=1, renew_before_days=30, now=clock.now()
            )

    assert TimeStampAuthority.objects.get().name == "Dịch vụ 1"
    assert not LevelRules.objects.exists()


def test_faults_are_told_by_field(cast: Cast):
    with pytest.raises(Invalid) as refused:
        kept(cast, name=" ", url="tsa.vn", timeout_s=99, issuer_pem="x", client_pem="y")

    assert set(refused.value.fields) == {"name", "url", "timeout_s", "issuer_pem", "client_pem"}
    assert not TimeStampAuthority.objects.exists()


def test_trial_says_whether_the_authority_can_be_used(trusting: Cast, loopback_pki: LoopbackPki):
    good = kept(trusting, url=loopback_pki.tsa_url())
    bad = kept(trusting, name="Dịch vụ 2", url=loopback_pki.tsa_url("tsa-stranger"))

    services.try_time_stamp_authority(actor=trusting.administrator, authority_id=good.pk, now=clock.now())
    services.try_time_stamp_authority(actor=trusting.administrator, authority_id=bad.pk, now=clock.now())

    good.refresh_from_db()
    bad.refresh_from_db()
    assert (good.test_passed, good.test_words) == (True, "Cấp dấu thời gian tốt.")
    assert good.certificate_ends_at is not None
    assert bad.test_passed is False
    assert "chưa tin cậy dịch vụ" in bad.test_words


def test_order_is_the_order_of_asking(cast: Cast):
    first, second = kept(cast), kept(cast, name="Dịch vụ 2")

    services.move_time_stamp_authority_up(actor=cast.administrator, authority_id=second.pk, now=clock.now())

    assert queries.time_stamp_authorities() == [second, first]


def test_administrator_keeps_authorities_and_rules_on_pages(cast: Cast, client: Client):
    sign_in(client, cast.administrator)
    for address in ("/signing/time-stamps/", "/signing/time-stamps/add/"):
        assert client.get(address)["Location"].startswith(f"{reverse('organization:powers')}?next=%2Fsigning%2F")
    entry = {"name": "TSA lạ", "url": "https://tsa.example/tsp", "timeout_s": "10", "is_on": "on"}
    assert client.post("/signing/time-stamps/add/", entry).status_code == 302
    assert not TimeStampAuthority.objects.exists()
    client = with_powers(cast.administrator)

    empty = client.get("/signing/time-stamps/").content.decode()
    refused = client.post("/signing/time-stamps/add/", {"name": "TSA", "url": "sai", "timeout_s": "10", "is_on": "on"})
    added = client.post(
        "/signing/time-stamps/add/",
        {"name": "TSA chính", "url": "https://tsa.example/tsp", "timeout_s": "10", "password": "bi-mat", "is_on": "on"},
    )
    page = client.get(added["Location"]).content.decode()
    listed = client.get("/signing/time-stamps/").content.decode()
    rules = client.post(
        "/signing/time-stamps/rules/", {"archive_at": "later", "archive_after_days": "365", "renew_before_days": "3"}
    )

    assert "Chưa có dịch vụ nào" in empty
    assert refused.status_code == 422
    assert 'value="sai"' in refused.content.decode()
    assert added.status_code == 303
    assert "bi-mat" not in page
    assert "Đã lưu, không hiện lại" in page
    assert "TSA chính" in listed
    assert PowersSession.objects.get().uses == 3
    assert rules.status_code == 422
    assert "Nhập từ 7 đến 730 ngày." in rules.content.decode()


def test_pages_are_the_administrators_alone(cast: Cast, client: Client):
    row = kept(cast)
    sign_in(client, cast.clerk)

    for address in ("/signing/time-stamps/", "/signing/time-stamps/add/", f"/signing/time-stamps/{row.pk}/"):
        assert client.get(address).status_code == 403
    assert client.post(f"/signing/time-stamps/{row.pk}/try/").status_code == 403
