"""Every certificate in use asked about within the hour: one list for all of an issuer, OCSP for the rest."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from eoffice.audit.models import AuditEntry
from eoffice.core import clock
from eoffice.notifications.models import Notification
from eoffice.signing import services
from eoffice.signing.benching_certificates import enter_certificates
from eoffice.signing.engine.revocation import Link, Validity
from eoffice.signing.models import (
    AnchorPurpose,
    AnswerKind,
    HeldCertificate,
    RevocationAnswer,
    RevocationRules,
    TrustAnchor,
)
from eoffice.signing.services.asking_issuers import NOWHERE, ask_issuers
from eoffice.signing.services.asking_responders import GIVEN_UP_AFTER, TO_ONE
from eoffice.signing.services.finding_issuers import NO_ISSUER
from eoffice.signing.services.revocation import Question, keep_answer
from eoffice.signing.tests.authorities import DAY, House, Responder, Shape, responding
from eoffice.signing.tests.dying_asking import PLACES
from eoffice.signing.tests.factories import NOW, Cast, make_cast
from eoffice.signing.tests.test_signing_pages import sign_in
from tests.dying import is_killed

BY_LIST = Shape(has_responder=False)
BY_OCSP = Shape(has_list=False)
LATER = timedelta(minutes=50)
Believed = Callable[..., Responder]


@pytest.fixture
def believed(cast: Cast) -> Iterator[Believed]:
    """Starts issuers outside, believed and allowed to be asked."""
    yield from _starting(cast)


def _starting(cast: Cast) -> Iterator[Believed]:
    running = []

    def start(*, is_trusted: bool = True, now: datetime = NOW) -> Responder:
        context = responding()
        responder = context.__enter__()
        running.append(context)
        responder.now = now
        rules, _ = RevocationRules.objects.get_or_create(pk=1)
        rules.inside_hosts = f"{rules.inside_hosts} {responder.host}".strip()
        rules.save()
        if is_trusted:
            believe(cast, responder)
        return responder

    yield start
    for context in running:
        context.__exit__(None, None, None)


def believe(cast: Cast, responder: Responder) -> None:
    for holder, is_intermediate in ((house_of(responder).root, False), (house_of(responder).issuing, True)):
        entry = services.AnchorEntry(
            certificate=holder.der, purpose=AnchorPurpose.PUBLIC, is_intermediate=is_intermediate, basis="Thử"
        )
        services.add_trust_anchor(actor=cast.administrator, entry=entry, now=NOW)


def house_of(responder: Responder) -> House:
    assert responder.house is not None
    return responder.house


def enter(cast: Cast, responder: Responder, count: int, shape: Shape, *, now: datetime = NOW) -> list[HeldCertificate]:
    """So many certificates of one issuer in the register, as they are taken into use."""
    key = ec.generate_private_key(ec.SECP256R1())
    made = (house_of(responder).holder(f"Người ký {each}", key=key, shape=shape).certificate for each in range(count))
    serials = enter_certificates(cast.leader.person_id or 0, made, now=now)
    return list(HeldCertificate.objects.filter(serial__in=[f"{each:x}" for each in serials]).order_by("pk"))


def revoke(responder: Responder, held: HeldCertificate, *, at: datetime, for_a_while: bool = False) -> None:
    house, serial = house_of(responder), int(held.serial, 16)
    house.revoked[serial] = at
    if for_a_while:
        house.suspended.add(serial)


def ask(now: datetime, *responders: Responder) -> int:
    """One turn at a moment; how many statements it took."""
    for responder in responders:
        responder.now = now
        responder.asked.clear()
    with CaptureQueriesContext(connection) as queries:
        ask_issuers(now=now)
    return len(queries)


def fresh(held: HeldCertificate) -> HeldCertificate:
    return HeldCertificate.objects.get(pk=held.pk)


def changes() -> list[tuple[str, str]]:
    rows = AuditEntry.objects.filter(action__startswith="signing.certificate.").order_by("pk")
    return [(row.action.rpartition(".")[2], row.object_id) for row in rows]


# Lists


def test_one_list_tells_all_of_an_issuer_and_the_revoked_one_is_found_told_once(cast: Cast, believed: Believed):
    issuer = believed()
    rows = enter(cast, issuer, 30, BY_LIST)
    revoke(issuer, rows[7], at=NOW - timedelta(hours=3))

    ask(NOW, issuer)

    assert issuer.asked == ["/crl/issuing"]
    found = fresh(rows[7])
    assert (found.revoked_at, found.is_suspended, found.checked_at) == (NOW - timedelta(hours=3), False, NOW)
    others = HeldCertificate.objects.exclude(pk=found.pk)
    assert set(others.values_list("checked_at", "standing_at", "check_words", "ask_at")) == {
        (NOW, NOW - timedelta(minutes=5), "", NOW + timedelta(minutes=45))
    }
    told = Notification.objects.filter(kind="signing.certificate_revoked")
    assert set(told.values_list("person_id", flat=True)) == {cast.leader.person_id, cast.administrator.person_id}

    ask(NOW + timedelta(minutes=10), issuer)
    assert issuer.asked == []  # not due
    ask(NOW + LATER, issuer)
    assert issuer.asked == ["/crl/issuing"]
    assert changes() == [("revoked_outside", str(found.pk))]
    assert told.count() == 2


def test_statements_of_a_turn_do_not_grow_with_the_certificates(cast: Cast, believed: Believed):
    listed, alone = believed(), believed()
    counts = []
    for turn, more in enumerate((20, 180)):
        enter(cast, listed, more, BY_LIST)
        enter(cast, alone, more, BY_OCSP)
        ask(NOW + 2 * turn * LATER, listed, alone)  # finds their issuers
        counts.append(ask(NOW + (2 * turn + 1) * LATER, listed, alone))
        assert (len(listed.asked), len(alone.asked)) == (1, 20 if turn == 0 else 200)

    assert counts[0] == counts[1] <= 30
    assert HeldCertificate.objects.filter(checked_at=NOW + 3 * LATER).count() == 400


def test_certificate_entered_between_two_turns_is_told_by_the_list_at_hand(cast: Cast, believed: Believed):
    issuer = believed()
    enter(cast, issuer, 1, BY_LIST)
    ask(NOW, issuer)
    soon = NOW + timedelta(minutes=20)
    (new,) = enter(cast, issuer, 1, BY_LIST, now=soon)

    ask(soon, issuer)

    assert issuer.asked == []
    assert (fresh(new).checked_at, fresh(new).ask_at) == (NOW, NOW + timedelta(minutes=45))


def test_list_that_speaks_of_a_part_alone_tells_nothing(cast: Cast, believed: Believed):
    issuer = believed()
    (held,) = enter(cast, issuer, 1, BY_LIST)
    house_of(issuer).list_is_delta = True

    ask(NOW, issuer)

    assert (fresh(held).checked_at, fresh(held).tried_at) == (None, NOW)
    assert "chỉ ghi phần thay đổi" in fresh(held).check_words


def test_old_list_is_named_and_where_there_is_ocsp_that_is_asked(cast: Cast, believed: Believed):
    issuer = believed()
    issuer.list_age = timedelta(hours=5)
    (listed,) = enter(cast, issuer, 1, BY_LIST)
    both = enter(cast, issuer, 2, Shape())
    # The list of this morning knows nothing of it, OCSP does.
    revoke(issuer, both[0], at=NOW - timedelta(minutes=30))
    morning = House.crl(House(), house_of(issuer).issuing, now=NOW, age=issuer.list_age)
    issuer.forged["/crl/issuing"] = morning

    ask(NOW, issuer)

    assert sorted(issuer.asked) == ["/crl/issuing", "/ocsp", "/ocsp"]
    assert fresh(listed).standing_at == NOW - timedelta(hours=5)
    assert fresh(both[0]).revoked_at == NOW - timedelta(minutes=30)
    assert fresh(both[1]).standing_at == NOW - timedelta(minutes=5)

    RevocationRules.objects.update(list_age_minutes=0)
    ask(NOW + LATER, issuer)
    assert issuer.asked == ["/crl/issuing"]  # the office says that the list is enough


def test_suspended_comes_back_but_not_by_a_list_made_before(cast: Cast, believed: Believed):
    issuer = believed()
    (held,) = enter(cast, issuer, 1, BY_LIST)
    revoke(issuer, held, at=NOW - timedelta(hours=1), for_a_while=True)
    ask(NOW, issuer)
    assert fresh(held).is_suspended
    assert held.method is not None
    link = Link(bytes(held.method.certificate), house_of(issuer).issuing.der)
    question = Question(AnswerKind.OCSP, link, "http://ocsp.example/")
    keep_answer(question, b"-", Validity(NOW, NOW + DAY), NOW)

    house_of(issuer).revoked.clear()
    issuer.list_age = LATER + timedelta(minutes=30)
    RevocationRules.objects.update(list_age_minutes=0)
    ask(NOW + LATER, issuer)
    assert fresh(held).is_suspended

    issuer.list_age = timedelta(minutes=5)
    ask(NOW + 2 * LATER, issuer)
    assert (fresh(held).revoked_at, fresh(held).is_suspended) == (None, False)
    assert changes() == [("revoked_outside", str(held.pk)), ("good_again", str(held.pk))]
    assert not RevocationAnswer.objects.filter(kind=AnswerKind.OCSP).exists()  # checks of signatures ask anew


# Silence


def test_silent_issuer_keeps_nobody_else_waiting_and_is_asked_ever_more_seldom(cast: Cast, believed: Believed):
    mute, good = believed(), believed()
    mute.down = {"/ocsp", "/crl/issuing"}
    silent = [*enter(cast, mute, 30, BY_OCSP), *enter(cast, mute, 5, BY_LIST)]
    answered = enter(cast, good, 10, BY_OCSP)
    tries, now, asked = [], NOW, 0
    for _ in range(24):
        ask(now, mute, good)
        if mute.asked:
            tries.append((now - NOW) // timedelta(minutes=10))
        asked = max(asked, mute.asked.count("/ocsp"))
        now += timedelta(minutes=10)

    assert tries == [0, 1, 3, 7, 13, 19]
    assert asked <= GIVEN_UP_AFTER + TO_ONE - 1
    for held in silent:
        row = fresh(held)
        assert (row.checked_at, row.silences) == (None, 6)
        assert row.check_words == "máy chủ trả mã 503"
        assert row.tried_at is not None
    for held in answered:
        last = fresh(held).checked_at
        assert last is not None
        assert now - last <= timedelta(hours=1)

    mute.down = set()
    ask(now + LATER, mute, good)
    assert not HeldCertificate.objects.filter(checked_at__isnull=True).exists()
    assert not HeldCertificate.objects.exclude(silences=0, check_words="").exists()


def test_unknown_issuer_is_said_and_asked_as_soon_as_it_is_trusted(cast: Cast, believed: Believed):
    stranger, good = believed(is_trusted=False), believed()
    (lost,) = enter(cast, stranger, 1, BY_LIST)
    (nowhere,) = enter(cast, good, 1, Shape(has_addresses=False))
    (held,) = enter(cast, good, 1, BY_LIST)

    ask(NOW, stranger, good)

    assert stranger.asked == []
    assert (fresh(lost).check_words, fresh(lost).checked_at) == (NO_ISSUER, None)
    assert (fresh(nowhere).check_words, fresh(nowhere).checked_at) == (NOWHERE, None)
    assert fresh(held).checked_at == NOW
    ask(NOW + timedelta(minutes=30), stranger, good)
    assert fresh(lost).tried_at == NOW

    believe(cast, stranger)
    ask(NOW + timedelta(minutes=40), stranger, good)
    assert fresh(lost).checked_at == NOW + timedelta(minutes=40)


def test_issuer_trusted_no_longer_is_not_asked(cast: Cast, believed: Believed):
    issuer = believed()
    (held,) = enter(cast, issuer, 1, BY_LIST)
    ask(NOW, issuer)
    for anchor in TrustAnchor.objects.all():
        services.withdraw_trust_anchor(actor=cast.administrator, anchor_id=anchor.pk, reason="Thử", now=NOW)

    ask(NOW + LATER, issuer)

    assert issuer.asked == []
    assert (fresh(held).authority, fresh(held).check_words, fresh(held).checked_at) == ("", NO_ISSUER, NOW)


def test_nobody_is_asked_where_asking_is_switched_off(cast: Cast, believed: Believed):
    issuer = believed()
    rows = [*enter(cast, issuer, 1, BY_LIST), *enter(cast, issuer, 1, BY_OCSP)]
    RevocationRules.objects.update(asks_online=False)

    ask(NOW, issuer)

    assert issuer.asked == []
    assert {(fresh(held).checked_at, fresh(held).check_words) for held in rows} == {
        (None, "hệ thống đang tắt việc hỏi thông tin thu hồi")
    }


# Killed


@pytest.mark.django_db(transaction=True)
def test_killed_in_the_middle_and_run_again_all_is_known_and_told_once(empty_queue: None):
    cast, now = make_cast(), clock.now()
    for start in _starting(cast):
        issuer = start(now=now)
        listed = enter(cast, issuer, 5, replace(BY_LIST, made=now - DAY), now=now)
        alone = enter(cast, issuer, 3, replace(BY_OCSP, made=now - DAY), now=now)
        for held in (listed[0], listed[3], alone[1]):
            revoke(issuer, held, at=now - timedelta(hours=2))
        for place in PLACES:
            assert is_killed("eoffice.signing.tests.dying_asking", place), place

        ask_issuers(now=clock.now())

        assert not HeldCertificate.objects.filter(checked_at__isnull=True).exists()
        assert sorted(changes()) == sorted(
            ("revoked_outside", str(held.pk)) for held in (listed[0], listed[3], alone[1])
        )
        assert Notification.objects.filter(kind="signing.certificate_revoked").count() == 6


# The page of certificates


def test_administrator_sees_who_did_not_answer_since_when_and_how_many_wait(
    cast: Cast, believed: Believed, client: Client
):
    started = clock.now()
    mute, old = believed(now=started), believed(now=started)
    mute.down = {"/ocsp"}
    old.list_age = timedelta(hours=5)
    made = started - 2 * DAY
    (silent,) = enter(cast, mute, 1, replace(BY_OCSP, made=made), now=started - timedelta(hours=2))
    told, *_ = enter(cast, old, 3, replace(BY_LIST, made=made), now=started - timedelta(hours=2))
    ask(started, mute, old)
    sign_in(client, cast.administrator)

    page = client.get("/signing/certificates/").content.decode()
    words = " ".join(re.sub("<[^>]+>", "", page).split())

    assert "1 chứng thư chưa được hỏi trong giờ qua" in words
    assert "(1 chứng thư)" in words
    assert re.search(rf"Chưa hỏi được nơi cấp từ [^:]*{hour(silent.noted_at)}[^:]*: máy chủ trả mã 503", words)
    assert re.search(rf"trả lời lập [^:]*{hour(started - timedelta(hours=5))}", words)
    only = " ".join(client.get("/signing/certificates/?show=unasked").content.decode().split())
    assert silent.serial in only
    assert told.serial in page
    assert told.serial not in only

    mute.down = set()
    ask(started + LATER, mute, old)
    page = client.get("/signing/certificates/").content.decode()
    assert "Mọi chứng thư đã được hỏi trong giờ qua." in page


def hour(when: datetime) -> str:
    return when.astimezone(clock.VIETNAM).strftime("%H:%M")
