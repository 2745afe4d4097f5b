from __future__ import annotations

from datetime import timedelta

import pytest

from eoffice.core import files
from eoffice.core.models import StoredFile
from eoffice.signing import queries, services
from eoffice.signing.engine.verdicts import Word
from eoffice.signing.errors import CertificateUnusable, FieldTaken, FieldUnknown, KeyNotYours, SealRefused
from eoffice.signing.models import RevocationReason, SignatureRecord, Stage
from eoffice.signing.services import Paper
from eoffice.signing.tests.factories import (
    DATE_LINE,
    GROUP,
    NOW,
    PIN,
    SEAL_PIN,
    Cast,
    letter_pdf,
    letter_places,
    store_pdf,
)


def prepared_letter(body: str = "Nội dung công văn.") -> StoredFile:
    source = store_pdf(letter_pdf(body))
    return services.prepare_file(source_sha=source.pk, places=letter_places()).stored


def leaders_mark(cast: Cast) -> bytes:
    box = letter_places().signatures[0]
    return queries.person_mark(person_id=cast.leader.person_id, name=cast.leader.name, box=box)


def signed_letter(cast: Cast) -> StoredFile:
    services.set_pin(actor=cast.leader, pin=PIN, now=NOW)
    key = services.unlock(actor=cast.leader, pin=PIN, now=NOW)
    return services.sign_file(
        actor=cast.leader, open_key=key, source_sha=prepared_letter().pk, field="ky_1", mark=leaders_mark(cast), now=NOW
    )


def test_letter_signed_numbered_and_sealed_is_valid_from_end_to_end(cast: Cast):
    signed = signed_letter(cast)
    services.set_seal_pin(actor=cast.clerk, unit_id=cast.group.pk, pin=SEAL_PIN, now=NOW)
    seal = services.unlock_seal(actor=cast.clerk, unit_id=cast.group.pk, pin=SEAL_PIN, now=NOW)
    numbered = services.fill_file(actor=cast.clerk, source_sha=signed.pk, number="15", date_line=DATE_LINE, now=NOW)

    sealed = services.seal_file(
        actor=cast.clerk, open_key=seal, unit_id=cast.group.pk, source_sha=numbered.pk,
        mark=queries.seal_mark(unit_id=cast.group.pk, organization=GROUP),
        authorised_person_id=cast.leader.person_id, now=NOW,
    )  # fmt: skip

    verdict = queries.verdict_of(sealed.pk)
    assert verdict is not None
    assert [(line.field, line.verdict) for line in verdict.signatures] == [("ky_1", Word.VALID), ("dau", Word.VALID)]
    assert services.check_file(sha256=sealed.pk, now=NOW).verdict == "valid"
    assert files.read(sealed.pk).startswith(files.read(numbered.pk))
    assert [line.stage for line in queries.signatures_of(sealed.pk)] == [Stage.SEAL, Stage.OFFICIAL]


def test_seal_without_the_authorised_signature_is_refused(cast: Cast):
    signed = signed_letter(cast)
    services.set_seal_pin(actor=cast.clerk, unit_id=cast.group.pk, pin=SEAL_PIN, now=NOW)
    seal = services.unlock_seal(actor=cast.clerk, unit_id=cast.group.pk, pin=SEAL_PIN, now=NOW)

    with pytest.raises(SealRefused):
        services.seal_file(
            actor=cast.clerk, open_key=seal, unit_id=cast.group.pk, source_sha=signed.pk,
            mark=None, authorised_person_id=cast.outsider.person_id, now=NOW,
        )  # fmt: skip

    assert SignatureRecord.objects.count() == 1


def test_unsigned_file_is_not_sealed(cast: Cast):
    services.set_seal_pin(actor=cast.clerk, unit_id=cast.group.pk, pin=SEAL_PIN, now=NOW)
    seal = services.unlock_seal(actor=cast.clerk, unit_id=cast.group.pk, pin=SEAL_PIN, now=NOW)

    with pytest.raises(SealRefused):
        services.seal_file(
            actor=cast.clerk, open_key=seal, unit_id=cast.group.pk, source_sha=prepared_letter().pk,
            mark=None, authorised_person_id=cast.leader.person_id, now=NOW,
        )  # fmt: skip

    assert not SignatureRecord.objects.exists()


def test_seal_of_another_unit_is_refused(cast: Cast):
    services.set_seal_pin(actor=cast.outsider, unit_id=cast.company.pk, pin=SEAL_PIN, now=NOW)
    seal = services.unlock_seal(actor=cast.outsider, unit_id=cast.company.pk, pin=SEAL_PIN, now=NOW)

    with pytest.raises(KeyNotYours):
        services.seal_file(
            actor=cast.outsider, open_key=seal, unit_id=cast.group.pk, source_sha=signed_letter(cast).pk,
            mark=None, authorised_person_id=cast.leader.person_id, now=NOW,
        )  # fmt: skip

    assert SignatureRecord.objects.count() == 1


def test_key_of_someone_else_signs_nothing(cast: Cast):
    services.set_pin(actor=cast.leader, pin=PIN, now=NOW)
    key = services.unlock(actor=cast.leader, pin=PIN, now=NOW)

    with pytest.raises(KeyNotYours):
        services.sign_file(
            actor=cast.outsider, open_key=key, source_sha=prepared_letter().pk, field="ky_1", mark=None, now=NOW
        )

    assert not SignatureRecord.objects.exists()


def test_ten_papers_are_signed_with_a_result_for_each(cast: Cast):
    services.set_pin(actor=cast.leader, pin=PIN, now=NOW)
    key = services.unlock(actor=cast.leader, pin=PIN, now=NOW)
    mark = leaders_mark(cast)
    papers = [Paper(source_sha=prepared_letter(f"Văn bản {n}").pk, field="ky_1", mark=mark) for n in range(9)]
    papers.insert(4, Paper(source_sha=papers[0].source_sha, field="ky_9", mark=mark))

    results = services.sign_batch(actor=cast.leader, open_key=key, papers=papers, now=NOW)

    assert [result.stored is not None for result in results] == [True] * 4 + [False] + [True] * 5
    assert isinstance(results[4].error, FieldUnknown)
    assert SignatureRecord.objects.count() == 9


def test_signed_field_is_not_signed_again(cast: Cast):
    signed = signed_letter(cast)
    key = services.unlock(actor=cast.leader, pin=PIN, now=NOW)

    with pytest.raises(FieldTaken):
        services.sign_file(actor=cast.leader, open_key=key, source_sha=signed.pk, field="ky_1", mark=None, now=NOW)


def test_number_is_filled_once(cast: Cast):
    signed = signed_letter(cast)
    numbered = services.fill_file(actor=cast.clerk, source_sha=signed.pk, number="15", date_line=DATE_LINE, now=NOW)

    with pytest.raises(FieldTaken):
        services.fill_file(actor=cast.clerk, source_sha=numbered.pk, number="16", date_line="", now=NOW)


def test_revoked_key_signs_nothing_and_its_signatures_are_no_longer_valid(cast: Cast):
    signed = signed_letter(cast)
    key = services.unlock(actor=cast.leader, pin=PIN, now=NOW)
    later = NOW + timedelta(minutes=30)

    services.revoke_key(actor=cast.leader, key_id=key.key_id, reason=RevocationReason.COMPROMISED, now=later)

    with pytest.raises(CertificateUnusable):
        services.sign_file(
            actor=cast.leader, open_key=key, source_sha=prepared_letter("Văn bản khác").pk, field="ky_1",
            mark=None, now=later + timedelta(minutes=1),
        )  # fmt: skip
    report = services.check_file(sha256=signed.pk, now=later + timedelta(minutes=1))
    assert report.verdict == "invalid"
    assert "thu hồi ngày 23/11/2026" in report.record["reason"]
