"""Many documents under one PIN or one confirmation of the seal: each is sealed by itself or stays as it was."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from eoffice.core.errors import ExpectedError, NotFound
from eoffice.documents.models import FilePurpose, OutgoingDocument, Sealing
from eoffice.documents.queries.outgoing_lists import TO_NUMBER, outgoing_list
from eoffice.documents.queries.outgoing_sealing import sealing_view
from eoffice.documents.services import sealing_many
from eoffice.documents.tests import answers
from eoffice.documents.tests import test_annexes as annexes
from eoffice.documents.tests import test_seal_elsewhere as elsewhere
from eoffice.documents.tests.answers import SOON, browser, deliver
from eoffice.documents.tests.cast import NOW, Cast, actor_of
from eoffice.documents.tests.letters import pdf
from eoffice.documents.tests.outgoing import SEAL_PIN, numbered
from eoffice.signing import services as signing
from eoffice.signing.errors import PinWrong
from eoffice.signing.models import SignatureRecord, SignatureRequest, SigningMethod, Stage
from eoffice.signing.tests.services_outside.smartca import SmartCaService

pytestmark = pytest.mark.django_db


@pytest.fixture
def phone() -> Iterator[SmartCaService]:
    with SmartCaService(now=NOW) as service:
        yield service


@pytest.fixture
def method(cast: Cast, phone: SmartCaService) -> SigningMethod:
    return elsewhere.seal_at_service(cast, phone)


@pytest.fixture
def pin(cast: Cast) -> str:
    signing.ensure_authority(now=NOW)
    signing.set_seal_pin(actor=actor_of(cast.clerk), unit_id=cast.group.pk, pin=SEAL_PIN, now=NOW)
    return SEAL_PIN


def purposes(*documents: OutgoingDocument) -> list[str]:
    rows = OutgoingDocument.objects.filter(pk__in=[each.pk for each in documents]).order_by("pk")
    return [row.file.purpose if row.file else "" for row in rows.select_related("file")]


def test_one_pin_seals_many_and_one_that_cannot_be_sealed_stays_alone(cast: Cast, pin: str) -> None:
    first, lost, last = numbered(cast), numbered(cast), numbered(cast)
    OutgoingDocument.objects.filter(pk=lost.pk).update(file=None)  # as while its number is being put on the page
    client = browser(cast.clerk)
    address = reverse("documents:outgoing_seal_many", args=[cast.group.pk])

    answer = client.post(address, {"way": "0", "pin": pin, "ids": [first.pk, lost.pk, last.pk]})

    page = answer.content.decode()
    assert answer.status_code == 200
    assert ("2 đã đóng dấu" in page, "1 chưa được" in page) == (True, True)
    assert purposes(first, last) == [FilePurpose.SEALED] * 2
    assert not Sealing.objects.filter(outgoing=lost).exists()
    assert SignatureRecord.objects.filter(stage=Stage.SEAL).count() == 2
    assert f'value="{lost.pk}" id="line-{lost.pk}" aria-label="Đóng dấu {lost.shown_code}" checked' in page


def test_wrong_pin_seals_nothing_and_keeps_the_ticks(cast: Cast, pin: str) -> None:
    first = numbered(cast)
    client = browser(cast.clerk)
    address = reverse("documents:outgoing_seal_many", args=[cast.group.pk])
    for typed, ids, status in (("246811", [first.pk], PinWrong.status), ("", [first.pk], 422), (pin, [], 422)):
        answer = client.post(address, {"way": "0", "pin": typed, "ids": ids})
        page = answer.content.decode()
        row = page.split(f'id="line-{first.pk}"')[1][:120]
        assert (answer.status_code, "checked" in row) == (status, bool(ids))
        assert not typed or typed not in page
    assert purposes(first) == [FilePurpose.NUMBERED]
    assert not Sealing.objects.exists()


def test_papers_of_another_registry_are_not_sealed_with_this_seal(cast: Cast, pin: str) -> None:
    mine = numbered(cast)
    with pytest.raises(NotFound):
        sealing_view(actor_of(cast.clerk), unit_id=cast.company.pk, now=NOW)
    for person in (cast.officer, cast.company_clerk):
        with pytest.raises(ExpectedError):
            sealing_many.seal_many(
                actor=actor_of(person), unit_id=cast.group.pk, outgoing_ids=[mine.pk], pin=pin, now=NOW
            )
        address = reverse("documents:outgoing_seal_many", args=[cast.group.pk])
        assert browser(person).get(address).status_code == 404
        assert browser(person).post(address, {"way": "0", "pin": pin, "ids": [mine.pk]}).status_code == 404
    OutgoingDocument.objects.filter(pk=mine.pk).update(registry=cast.company)
    result = sealing_many.seal_many(
        actor=actor_of(cast.clerk), unit_id=cast.group.pk, outgoing_ids=[mine.pk], pin=pin, now=NOW
    )[0]
    assert not result.is_sealed
    assert purposes(mine) == [FilePurpose.NUMBERED]


def test_one_confirmation_seals_many_with_their_annexes(
    cast: Cast, phone: SmartCaService, method: SigningMethod
) -> None:
    with_annex = annexes.numbered(cast, annexes.attached(cast, ke_hoach_pdf=pdf("Kế hoạch")))
    plain = numbered(cast)
    client = browser(cast.clerk)
    address = reverse("documents:outgoing_seal_many", args=[cast.group.pk])

    answer = client.post(address, {"way": method.pk, "ids": [with_annex.pk, plain.pk]})

    request = SignatureRequest.objects.get(method=method)
    assert answer.headers["Location"] == reverse("signing:request", args=[request.pk])
    assert request.description == "Ký số cơ quan 2 văn bản"
    assert request.papers.count() == 3
    assert sealing_view(actor_of(cast.clerk), unit_id=cast.group.pk, now=NOW).open_count == 0
    signing.send_request(request_id=request.pk, now=NOW)
    answers.confirmed(request, phone)
    deliver()
    assert purposes(with_annex, plain) == [FilePurpose.SEALED] * 2
    assert SignatureRecord.objects.filter(stage=Stage.SEAL, method=method).count() == 3
    assert sealing_view(actor_of(cast.clerk), unit_id=cast.group.pk, now=NOW).lines == ()


def test_document_that_cannot_be_asked_for_is_told_by_its_number(cast: Cast, method: SigningMethod) -> None:
    good, lost = numbered(cast), numbered(cast)
    OutgoingDocument.objects.filter(pk=lost.pk).update(registry=cast.company)  # meanwhile numbered by somebody else
    client = browser(cast.clerk)
    address = reverse("documents:outgoing_seal_many", args=[cast.group.pk])

    page = client.post(address, {"way": method.pk, "ids": [good.pk, lost.pk]}, follow=True).content.decode()

    assert SignatureRequest.objects.get(method=method).papers.get().subject_id == good.file_id
    assert "Văn bản: " in page
    OutgoingDocument.objects.filter(pk=lost.pk).update(registry=cast.group)
    again = client.post(address, {"way": method.pk, "ids": [good.pk, lost.pk]}, follow=True).content.decode()
    assert f"{good.shown_code}: " in again


def test_document_whose_answer_is_nonsense_leaves_the_others_sealed(
    cast: Cast, phone: SmartCaService, method: SigningMethod
) -> None:
    good, bad = numbered(cast), numbered(cast)
    asked = sealing_many.ask_for_seals(
        actor=actor_of(cast.clerk), unit_id=cast.group.pk, outgoing_ids=[good.pk, bad.pk], method_id=method.pk, now=NOW
    )
    request = SignatureRequest.objects.get(pk=asked.request_id or 0)
    signing.send_request(request_id=request.pk, now=NOW)
    phone.confirm()
    signing.poll_due(now=SOON)
    request.papers.filter(subject_id=bad.file_id or 0).update(value=b"\x00" * 8)
    signing.finish_request(request_id=request.pk, now=SOON)
    deliver()

    assert purposes(good, bad) == [FilePurpose.SEALED, FilePurpose.NUMBERED]
    again = browser(cast.clerk).get(reverse("signing:request", args=[request.pk])).content.decode()
    assert f"{reverse('documents:outgoing_seal_many', args=[cast.group.pk])}?ids={bad.pk}" in again


def test_what_does_not_fit_into_one_confirmation_is_told_and_stays_free(
    cast: Cast, method: SigningMethod, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_annex = annexes.numbered(cast, annexes.attached(cast, ke_hoach_pdf=pdf("Kế hoạch")))
    plain = numbered(cast)
    monkeypatch.setattr(signing, "MOST_PAPERS", 1)

    asked = sealing_many.ask_for_seals(
        actor=actor_of(cast.clerk), unit_id=cast.group.pk, outgoing_ids=[with_annex.pk, plain.pk],
        method_id=method.pk, now=NOW,
    )  # fmt: skip

    assert [(each.outgoing_id, each.is_sealed) for each in asked.results] == [(with_annex.pk, False)]
    assert SignatureRequest.objects.get(pk=asked.request_id or 0).papers.get().subject_id == plain.file_id
    assert not Sealing.objects.exists()


def test_page_and_tray_ask_the_same_whatever_waits(cast: Cast, pin: str) -> None:
    clerk = actor_of(cast.clerk)

    def asked() -> tuple[int, int]:
        with CaptureQueriesContext(connection) as page:
            sealing_view(clerk, unit_id=cast.group.pk, now=NOW)
        with CaptureQueriesContext(connection) as tray:
            shown = outgoing_list(clerk, box=TO_NUMBER)
        assert shown.to_seal[0][0] == cast.group.pk
        return len(page), len(tray)

    numbered(cast)
    few = asked()
    numbered(cast)
    numbered(cast)
    assert asked() == few
    assert few[0] <= 12
