"""Levels reached at signing, lowered by outages, made good and renewed by the job; nothing signed is ever touched."""

from __future__ import annotations

import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from eoffice.audit.models import AuditEntry
from eoffice.core import clock, files
from eoffice.signing import queries, services
from eoffice.signing.models import CompletionAttempt, CompletionRecord, LastingFile, RevocationReason, Risk, Stage
from eoffice.signing.tests.factories import Cast
from eoffice.signing.tests.stamped import (
    add_authority,
    believe_time_stamps,
    keep_issued,
    levels,
    sealed_letter,
    signed_letter,
)
from tests.pki import LoopbackPki


@pytest.fixture
def stamping(cast: Cast, loopback_pki: LoopbackPki) -> Cast:
    """The cast, with one time-stamping authority."""
    believe_time_stamps(cast, loopback_pki)
    add_authority(cast, loopback_pki.tsa_url())
    return cast


def pdfsig_calls_valid(sha256: str) -> int:
    """How many signatures pdfsig calls valid; it cannot judge document time stamps and must call none invalid."""
    ran = subprocess.run(["pdfsig", "-nocert", files.path_of(sha256)], capture_output=True, text=True, check=False)
    assert "Signature is Invalid" not in ran.stdout
    return ran.stdout.count("Signature is Valid.")


def row_of(sha256: str) -> LastingFile:
    return LastingFile.objects.get(file_id=sha256)


def completed(row: LastingFile) -> LastingFile:
    return services.complete_file(lasting_id=row.pk, now=clock.now())


def completed_later(row: LastingFile, pki: LoopbackPki) -> LastingFile:
    """The job's next turn, six minutes on: the authorities' clock goes along."""
    later = clock.now() + timedelta(minutes=6)
    with pki.at(later):
        return services.complete_file(lasting_id=row.pk, now=later)


def test_signature_carries_a_time_stamp_where_an_authority_is_set_up(stamping: Cast):
    signed = signed_letter(stamping)

    assert levels(signed.pk) == [("valid", "B-T")]
    row = row_of(signed.pk)
    assert (row.level, row.risk, row.due_at) == ("B-T", Risk.NONE, None)
    assert "Hợp lệ tại thời điểm ghi trong dấu thời gian" in queries.report_of(signed.pk).record["reason"]


def test_outage_costs_the_level_and_never_the_signature(stamping: Cast, loopback_pki: LoopbackPki):
    with loopback_pki.failing("/tsa/"):
        signed = signed_letter(stamping)

    assert levels(signed.pk) == [("valid", "B-B")]
    row = row_of(signed.pk)
    assert (row.level, row.risk) == ("B-B", Risk.NO_TIME_STAMP)
    assert row.due_at is not None
    assert "dịch vụ trả mã 503" in queries.time_stamp_authorities()[0].failure


def test_what_an_outage_cost_is_made_good_by_the_job(stamping: Cast, loopback_pki: LoopbackPki):
    with loopback_pki.failing("/tsa/"):
        signed = signed_letter(stamping)

    completed(row_of(signed.pk))

    row = row_of(signed.pk)
    assert row.newest_id != signed.pk
    assert files.read(row.newest_id).startswith(files.read(signed.pk))
    assert levels(signed.pk) == [("valid", "B-LTA")]
    assert pdfsig_calls_valid(row.newest_id) == 1
    assert AuditEntry.objects.filter(action="signing.file.completed", object_id=row.newest_id).count() == 1
    assert [line.stage for line in queries.signatures_of(row.newest_id)] == [Stage.OFFICIAL]


def test_issued_letter_becomes_lasting_and_keeps_every_signature(stamping: Cast):
    sealed = sealed_letter(stamping, signed_letter(stamping))
    row = keep_issued(stamping, sealed)

    completed(row)

    row.refresh_from_db()
    assert levels(sealed.pk) == [("valid", "B-LTA"), ("valid", "B-LTA")]
    assert files.read(row.newest_id).startswith(files.read(sealed.pk))
    assert (row.risk, row.failure) == (Risk.NONE, "")
    assert row.holds_until is not None
    assert row.holds_until.year == 2043
    assert row.due_at == row.holds_until - timedelta(days=90)
    assert CompletionRecord.objects.get().authority == "Dịch vụ 1"
    assert len(files.read(row.newest_id)) - len(files.read(sealed.pk)) < 70 * 1024
    assert pdfsig_calls_valid(row.newest_id) == 2


def test_letter_signed_during_an_outage_goes_on_and_is_whole_in_the_end(stamping: Cast, loopback_pki: LoopbackPki):
    with loopback_pki.failing("/tsa/"):
        signed = signed_letter(stamping)
    completed(row_of(signed.pk))
    sealed = sealed_letter(stamping, signed)

    completed(keep_issued(stamping, sealed))

    assert levels(sealed.pk) == [("valid", "B-LTA"), ("valid", "B-LTA")]
    assert row_of(signed.pk).superseded_at is not None
    assert [line.stage for line in queries.signatures_of(sealed.pk)] == [Stage.SEAL, Stage.OFFICIAL]


def test_job_run_twice_adds_once(stamping: Cast):
    row = keep_issued(stamping, sealed_letter(stamping, signed_letter(stamping)))

    completed(row)
    newest = row_of(row.file_id).newest_id
    completed(row)

    assert row_of(row.file_id).newest_id == newest
    assert CompletionRecord.objects.count() == 1


def test_failed_tries_are_kept_and_wait_longer_each_time(stamping: Cast, loopback_pki: LoopbackPki):
    row = keep_issued(stamping, sealed_letter(stamping, signed_letter(stamping)))
    now = clock.now()

    with loopback_pki.failing("/tsa/"):
        services.complete_file(lasting_id=row.pk, now=now)
        services.complete_file(lasting_id=row.pk, now=now + timedelta(minutes=4))
        services.complete_file(lasting_id=row.pk, now=now + timedelta(minutes=5))
        services.complete_file(lasting_id=row.pk, now=now + timedelta(minutes=10))

    tries = list(CompletionAttempt.objects.order_by("pk").values_list("is_done", "at", "next_at"))
    assert [(done, after - at if after else None) for done, at, after in tries] == [
        (True, timedelta(minutes=5)),
        (False, timedelta(minutes=5)),
        (False, timedelta(minutes=10)),
    ]
    assert levels(row.file_id) == [("valid", "B-LT"), ("valid", "B-LT")]
    assert "Không dịch vụ nào cấp dấu thời gian: dịch vụ trả mã 503" in row_of(row.file_id).failure


def test_missing_revocation_data_is_named_and_comes_later(stamping: Cast, loopback_pki: LoopbackPki):
    with loopback_pki.failing("/tsa/"):
        row = keep_issued(stamping, sealed_letter(stamping, signed_letter(stamping)))

    with loopback_pki.failing("/crls/"):
        completed(row)
    missing = row_of(row.file_id)
    completed_later(row, loopback_pki)

    assert (missing.risk, missing.newest_id) == (Risk.NO_TIME_STAMP, row.file_id)
    assert "chưa có thông tin thu hồi" in missing.failure
    assert levels(row.file_id) == [("valid", "B-LTA"), ("valid", "B-LTA")]


def test_archive_time_stamp_is_renewed_before_its_certificate_ends(cast: Cast, loopback_pki: LoopbackPki):
    believe_time_stamps(cast, loopback_pki)
    first = add_authority(cast, loopback_pki.tsa_url("tsa-soon"))
    row = keep_issued(cast, sealed_letter(cast, signed_letter(cast)))
    completed(row)
    soon = row_of(row.file_id)
    first.is_on = False
    first.save(update_fields=["is_on"])
    add_authority(cast, loopback_pki.tsa_url(), name="Dịch vụ 2")

    completed_later(row, loopback_pki)

    renewed = row_of(row.file_id)
    assert (soon.level, soon.risk) == ("B-LTA", Risk.ENDING)
    assert soon.holds_until is not None
    assert soon.holds_until - clock.now() < timedelta(days=21)
    assert (renewed.level, renewed.risk) == ("B-LTA", Risk.NONE)
    assert renewed.holds_until is not None
    assert renewed.holds_until.year == 2043
    assert levels(row.file_id) == [("valid", "B-LTA"), ("valid", "B-LTA")]
    assert CompletionRecord.objects.count() == 2


def test_renewed_letter_holds_when_the_first_authoritys_certificate_is_over(
    cast: Cast, loopback_pki: LoopbackPki, tmp_path: Path
):
    believe_time_stamps(cast, loopback_pki)
    first = add_authority(cast, loopback_pki.tsa_url("tsa-soon"))
    row = keep_issued(cast, sealed_letter(cast, signed_letter(cast)))
    completed(row)
    once = row_of(row.file_id).newest_id
    first.is_on = False
    first.save(update_fields=["is_on"])
    add_authority(cast, loopback_pki.tsa_url(), name="Dịch vụ 2")
    completed_later(row, loopback_pki)
    twice = row_of(row.file_id).newest_id
    later = clock.now() + timedelta(days=800)

    with loopback_pki.at(later):
        fading = services.check_file(sha256=once, now=later)
        holding = services.check_file(sha256=twice, now=later)

    assert holding.verdict == "valid"
    assert fading.verdict == "indeterminate"


def test_revoked_before_any_time_stamp_is_told_and_left_alone(stamping: Cast, loopback_pki: LoopbackPki):
    with loopback_pki.failing("/tsa/"):
        signed = signed_letter(stamping)
    key = queries.key_of_person(stamping.leader.person_id)
    assert key is not None
    services.revoke_key(actor=stamping.leader, key_id=key.pk, reason=RevocationReason.COMPROMISED, now=clock.now())

    completed(row_of(signed.pk))

    row = row_of(signed.pk)
    assert (row.risk, row.due_at, row.newest_id) == (Risk.INVALID, None, signed.pk)


def test_without_an_authority_files_wait_until_one_is_set_up(cast: Cast, loopback_pki: LoopbackPki):
    signed = signed_letter(cast)
    before = row_of(signed.pk)

    believe_time_stamps(cast, loopback_pki)
    add_authority(cast, loopback_pki.tsa_url())
    ordered = services.order_due_completions(now=clock.now())

    assert (before.risk, before.due_at) == (Risk.NO_TIME_STAMP, None)
    assert ordered == 1
    completed(before)
    assert levels(signed.pk) == [("valid", "B-LTA")]
