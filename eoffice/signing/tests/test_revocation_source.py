"""Revocation from the web: asked once, kept while it holds, never believed from whom has no right to say it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection

from eoffice.core.errors import NotPermitted
from eoffice.signing import services
from eoffice.signing.engine.preparing import prepare
from eoffice.signing.engine.revocation import Link
from eoffice.signing.engine.signing import SoftwareKey, sign_pdf
from eoffice.signing.engine.verdicts import TrustAnchors, Verdict, Word
from eoffice.signing.engine.verifying import links_of_files, verify_file
from eoffice.signing.models import RevocationAnswer, RevocationRules
from eoffice.signing.services.revocation import ASKED_AGAIN_AFTER
from eoffice.signing.tests.authorities import House, Responder, responding
from eoffice.signing.tests.factories import NOW, Cast, letter_pdf, letter_places

pytestmark = pytest.mark.django_db


@pytest.fixture
def responder(db: None) -> Iterator[Responder]:
    with responding() as started:
        RevocationRules.objects.create(pk=1, inside_hosts=started.host)
        yield started


@pytest.fixture
def house(responder: Responder) -> House:
    assert responder.house is not None
    return responder.house


@pytest.fixture
def signer(house: House) -> SoftwareKey:
    return house.signer("Trần Quốc Khánh")


@pytest.fixture
def letter(tmp_path: Path, signer: SoftwareKey) -> Path:
    source, prepared, signed = (tmp_path / name for name in ("source.pdf", "prepared.pdf", "signed.pdf"))
    source.write_bytes(letter_pdf())
    prepare(source, prepared, letter_places(), signer_fields=("ky_1",))
    sign_pdf(prepared, signed, key=signer, field="ky_1", mark=None, now=NOW)
    return signed


def judged(letter: Path, house: House, *, fresh: bool = False) -> Verdict:
    trust = TrustAnchors(roots=(house.root.der,))
    return verify_file(letter, trust, NOW, revocation=services.WebRevocation(), fresh=fresh)


def test_ocsp_for_the_signer_and_the_list_for_the_authority_make_it_valid(
    responder: Responder, house: House, letter: Path
):
    assert judged(letter, house).verdict is Word.VALID
    assert responder.asked == ["/ocsp", "/crl/root"]


def test_kept_answers_are_not_asked_again_until_they_end(responder: Responder, house: House, letter: Path):
    judged(letter, house)
    judged(letter, house)
    assert len(responder.asked) == 2

    responder.now = NOW + timedelta(days=2)
    trust = TrustAnchors(roots=(house.root.der,))
    verdict = verify_file(letter, trust, responder.now, revocation=services.WebRevocation())

    assert verdict.verdict is Word.VALID
    assert len(responder.asked) == 4
    assert RevocationAnswer.objects.count() == 2


def test_fresh_question_notices_a_revocation_that_the_kept_answer_misses(
    responder: Responder, house: House, letter: Path, signer: SoftwareKey
):
    judged(letter, house)
    house.revoke(signer.certificate, at=NOW - timedelta(hours=1))
    RevocationAnswer.objects.update(fetched_at=NOW - timedelta(hours=1))

    assert judged(letter, house).verdict is Word.VALID
    verdict = judged(letter, house, fresh=True)

    assert verdict.verdict is Word.INVALID
    assert "bị thu hồi" in verdict.reason


def test_list_answers_when_ocsp_is_down(responder: Responder, house: House, letter: Path):
    responder.down = {"/ocsp"}

    assert judged(letter, house).verdict is Word.VALID
    assert responder.asked == ["/ocsp", "/crl/issuing", "/crl/root"]


def test_silent_sources_leave_it_in_doubt_and_are_left_alone_for_a_minute(
    responder: Responder, house: House, letter: Path
):
    responder.down = {"/ocsp", "/crl/issuing"}

    assert judged(letter, house).verdict is Word.INDETERMINATE
    asked = len(responder.asked)
    judged(letter, house)
    assert len(responder.asked) == asked
    responder.down = set()
    RevocationAnswer.objects.filter(content__isnull=True).update(failed_at=NOW - ASKED_AGAIN_AFTER)

    assert judged(letter, house).verdict is Word.VALID


def test_answers_of_others_are_neither_kept_nor_believed(
    responder: Responder, house: House, letter: Path, signer: SoftwareKey
):
    other = House()
    responder.forged = {"/crl/issuing": other.crl(other.issuing, now=NOW), "/ocsp": b"nonsense"}

    assert judged(letter, house).verdict is Word.INDETERMINATE
    assert set(RevocationAnswer.objects.filter(content__isnull=True).values_list("kind", flat=True)) == {"ocsp", "crl"}


def test_answer_out_of_date_is_refused(responder: Responder, house: House, letter: Path):
    responder.now = NOW - timedelta(days=3)

    assert judged(letter, house).verdict is Word.INDETERMINATE
    assert not RevocationAnswer.objects.filter(content__isnull=False).exists()


def test_installation_without_a_way_out_asks_nobody(responder: Responder, house: House, letter: Path):
    RevocationRules.objects.update(asks_online=False)

    assert judged(letter, house).verdict is Word.INDETERMINATE
    assert responder.asked == []


def test_host_inside_that_is_not_named_is_not_asked(responder: Responder, house: House, letter: Path):
    RevocationRules.objects.update(inside_hosts="")

    assert judged(letter, house).verdict is Word.INDETERMINATE
    assert responder.asked == []


def test_certificate_of_an_unknown_house_makes_us_ask_nobody(responder: Responder, house: House, letter: Path):
    stranger = House()

    assert links_of_files([letter], TrustAnchors(roots=(stranger.root.der,)), NOW) == []
    assert len(links_of_files([letter], TrustAnchors(roots=(house.root.der,)), NOW)) == 2


@pytest.mark.django_db(transaction=True)
def test_two_at_once_ask_once(responder: Responder, house: House, signer: SoftwareKey):
    responder.pause_s = 0.3
    link = Link(signer.certificate, house.issuing.der)
    got: list[int] = []

    def ask() -> None:
        try:
            got.append(len(services.WebRevocation().material([link], now=NOW).ocsps))
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert got == [1, 1, 1]
    assert responder.asked == ["/ocsp"]


def test_rules_are_for_administrators_and_are_audited(cast: Cast):
    with pytest.raises(NotPermitted):
        services.set_revocation_rules(actor=cast.clerk, asks_online=False, inside_hosts="", now=NOW)
    assert not RevocationRules.objects.exists()

    services.set_revocation_rules(
        actor=cast.administrator, asks_online=True, inside_hosts=" OCSP.Noi-Bo:8080 ", now=NOW
    )

    assert services.revocation_rules().inside == {"ocsp.noi-bo:8080"}


def test_old_answers_are_forgotten(responder: Responder, house: House, letter: Path):
    judged(letter, house)

    assert services.forget_old_answers(now=NOW + timedelta(days=5)) == 0
    assert services.forget_old_answers(now=NOW + timedelta(days=30)) == 2
