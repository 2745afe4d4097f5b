"""Outages in the middle of signing, and workers killed between any two steps: no signature is ever lost or doubled."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography import x509

from eoffice.audit.models import AuditEntry
from eoffice.core import clock, files
from eoffice.core.models import OutboxEvent, StoredFile
from eoffice.signing import queries, services
from eoffice.signing.engine.verdicts import Word
from eoffice.signing.errors import SealRefused
from eoffice.signing.models import (
    AnchorPurpose,
    CompletionRecord,
    LastingFile,
    Purpose,
    Risk,
    SignatureRecord,
    SigningKey,
    VerificationReport,
)
from eoffice.signing.services import OpenKey, Paper
from eoffice.signing.tests.dying_job import PLACES
from eoffice.signing.tests.factories import (
    DATE_LINE,
    SEAL_PIN,
    Cast,
    letter_pdf,
    letter_places,
    make_cast,
    store_pdf,
)
from eoffice.signing.tests.stamped import add_authority, believe_time_stamps, keep_issued, levels, signed_letter
from tests.dying import is_killed
from tests.pki import LoopbackPki


@pytest.fixture
def outside_key(cast: Cast, loopback_pki: LoopbackPki) -> OpenKey:
    """The leader signs with a certificate of an authority outside, whose revocation must be asked for on the web."""
    believe_time_stamps(cast, loopback_pki)
    add_authority(cast, loopback_pki.tsa_url())
    entry = services.AnchorEntry(
        certificate=loopback_pki.certificate("root"), purpose=AnchorPurpose.PUBLIC, basis="Thử trên loopback"
    )
    services.add_trust_anchor(actor=cast.administrator, entry=entry, now=clock.now())
    signer = loopback_pki.signer("khanh")
    parsed = x509.load_der_x509_certificate(signer.certificate)
    key = SigningKey.objects.create(
        person_id=cast.leader.person_id, purpose=Purpose.PERSON, certificate=signer.certificate,
        serial=f"{parsed.serial_number:x}", closed_key=b"-", context="-", made_at=clock.now(),
        expires_at=parsed.not_valid_after_utc, pin_set_at=clock.now(),
    )  # fmt: skip
    return OpenKey(key_id=key.pk, person_id=cast.leader.person_id, unit_id=None, signer=signer, is_certified_here=False)


def papers(count: int) -> list[Paper]:
    made = []
    for number in range(count):
        source = store_pdf(letter_pdf(f"Công văn thứ {number}."))
        prepared = services.prepare_file(source_sha=source.pk, places=letter_places()).stored
        made.append(Paper(source_sha=prepared.pk, field="ky_1", mark=None))
    return made


def signed_with(cast: Cast, key: OpenKey) -> StoredFile:
    result = services.sign_batch(actor=cast.leader, open_key=key, papers=papers(1), now=clock.now())[0]
    assert result.error is None
    assert result.stored is not None
    return result.stored


def completed_later(signed: StoredFile, pki: LoopbackPki) -> None:
    later = clock.now() + timedelta(minutes=6)
    with pki.at(later):
        services.complete_file(lasting_id=LastingFile.objects.get(file=signed).pk, now=later)


@pytest.mark.parametrize("part", ["/ocsp/", "/crls/"])
def test_one_silent_source_costs_nothing_where_another_answers(
    cast: Cast, outside_key: OpenKey, loopback_pki: LoopbackPki, part: str
):
    with loopback_pki.failing(f"{part}issuing"):
        signed = signed_with(cast, outside_key)

    assert levels(signed.pk) == [("valid", "B-T")]
    assert queries.lacking_words(signed.pk) == ""


def test_silent_authority_leaves_the_signature_undecided_and_kept(
    cast: Cast, outside_key: OpenKey, loopback_pki: LoopbackPki
):
    with loopback_pki.failing("/ocsp/"), loopback_pki.failing("/crls/issuing"):
        signed = signed_with(cast, outside_key)

    report = queries.report_of(signed.pk)
    assert (report.verdict, SignatureRecord.objects.get().file_after_id) == ("indeterminate", signed.pk)
    assert "Chưa hỏi được trạng thái chứng thư" in queries.lacking_words(signed.pk)
    assert report.recheck_at is not None

    later = report.recheck_at + timedelta(seconds=1)
    with loopback_pki.at(later):
        assert services.recheck_due(now=later) == 1
        services.check_file(sha256=signed.pk, now=later)
    assert queries.report_of(signed.pk).verdict == "valid"
    assert queries.lacking_words(signed.pk) == ""


def test_house_dark_from_end_to_end_still_signs_and_is_made_good_later(
    cast: Cast, outside_key: OpenKey, loopback_pki: LoopbackPki
):
    with loopback_pki.stopped():
        signed = signed_with(cast, outside_key)

    row = LastingFile.objects.get(file=signed)
    assert (row.level, row.risk) == ("B-B", Risk.NO_TIME_STAMP)
    assert "Chưa lấy được dấu thời gian; hệ thống tự bổ sung trong hôm nay." in queries.lacking_words(signed.pk)

    completed_later(signed, loopback_pki)
    row.refresh_from_db()
    assert levels(signed.pk) == [("valid", "B-LTA")]
    assert files.read(row.newest_id).startswith(files.read(signed.pk))


def test_time_stamps_that_end_in_the_middle_of_a_batch_lower_the_rest(
    cast: Cast, outside_key: OpenKey, loopback_pki: LoopbackPki
):
    with loopback_pki.breaking_after("/tsa/", 2):
        results = services.sign_batch(actor=cast.leader, open_key=outside_key, papers=papers(4), now=clock.now())

    stored = [result.stored for result in results]
    assert [result.error for result in results] == [None] * 4
    assert [levels(each.pk)[0] for each in stored if each] == [("valid", "B-T")] * 2 + [("valid", "B-B")] * 2
    assert [bool(queries.lacking_words(each.pk)) for each in stored if each] == [False, False, True, True]
    for each in stored[2:]:
        assert each is not None
        completed_later(each, loopback_pki)
        assert levels(each.pk) == [("valid", "B-LTA")]
    assert SignatureRecord.objects.count() == 4


def test_seal_waits_for_what_is_undecided_and_changes_nothing(
    cast: Cast, outside_key: OpenKey, loopback_pki: LoopbackPki
):
    services.set_seal_pin(actor=cast.clerk, unit_id=cast.group.pk, pin=SEAL_PIN, now=clock.now())
    with loopback_pki.failing("/ocsp/"), loopback_pki.failing("/crls/issuing"):
        signed = signed_with(cast, outside_key)
        numbered = services.fill_file(
            actor=cast.leader, source_sha=signed.pk, number="15", date_line=DATE_LINE, now=clock.now()
        )
        with pytest.raises(SealRefused, match="Tệp chưa thay đổi"):
            _seal(cast, numbered)
    assert SignatureRecord.objects.count() == 1

    VerificationReport.objects.update(recheck_at=None)
    later = clock.now() + timedelta(minutes=6)
    with loopback_pki.at(later):
        sealed = _seal(cast, numbered, later=timedelta(minutes=6))
    assert [line.stage for line in queries.signatures_of(sealed.pk)] == ["seal", "official"]


def _seal(cast: Cast, numbered: StoredFile, *, later: timedelta = timedelta()) -> StoredFile:
    now = clock.now() + later
    key = services.unlock_seal(actor=cast.clerk, unit_id=cast.group.pk, pin=SEAL_PIN, now=now)
    return services.seal_file(
        actor=cast.clerk, open_key=key, unit_id=cast.group.pk, source_sha=numbered.pk, mark=None,
        authorised_person_id=cast.leader.person_id, now=now,
    )  # fmt: skip


def test_certificate_revoked_while_signing_is_never_kept(cast: Cast, outside_key: OpenKey, loopback_pki: LoopbackPki):
    with loopback_pki.revoked("khanh", since=loopback_pki.now() - timedelta(days=2)):
        result = services.sign_batch(actor=cast.leader, open_key=outside_key, papers=papers(1), now=clock.now())[0]

    assert result.error is not None
    assert result.stored is None
    assert not SignatureRecord.objects.exists()
    assert not LastingFile.objects.exists()


# A worker killed at any place of the completion


@pytest.fixture
def committed_letter(empty_queue: None, loopback_pki: LoopbackPki) -> StoredFile:
    """A letter signed while the time stamps were silent, committed, so that another process sees it."""
    cast = make_cast()
    believe_time_stamps(cast, loopback_pki)
    add_authority(cast, loopback_pki.tsa_url())
    with loopback_pki.failing("/tsa/"):
        signed = signed_letter(cast)
    keep_issued(cast, signed)
    return signed


@pytest.mark.django_db(transaction=True)
def test_worker_killed_between_any_two_steps_completes_once_or_not_at_all(committed_letter: StoredFile):
    row = LastingFile.objects.get(file=committed_letter)
    before = (row.newest_id, row.level, row.due_at)
    done = 0
    for place in PLACES:
        assert is_killed("eoffice.signing.tests.dying_job", row.pk, place), place
        row.refresh_from_db()
        done = CompletionRecord.objects.count()
        assert done in (0, 1), place
        assert (row.newest_id != before[0]) == bool(done), place
        assert AuditEntry.objects.filter(action="signing.file.completed").count() == done, place
        assert OutboxEvent.objects.filter(name="signing.file.completed").count() == done, place
        if done:
            break
        assert (row.newest_id, row.level, row.due_at) == before, place
    assert done == 1
    assert place == PLACES[-1]  # only after the confirmation is it completed

    services.complete_file(lasting_id=row.pk, now=clock.now())

    row.refresh_from_db()
    assert CompletionRecord.objects.count() == 1
    assert levels(committed_letter.pk) == [("valid", "B-LTA")]
    verdict = queries.newest_verdict_of(committed_letter.pk)
    assert verdict is not None
    assert verdict.verdict is Word.VALID
