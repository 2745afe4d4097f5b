"""The organisation's seal by a key elsewhere: paper and annexes in one confirmation, all or none, once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.urls import reverse
from pyhanko.sign.fields import MDPPerm

from eoffice.core import files
from eoffice.documents.errors import SealNotWhole
from eoffice.documents.models import Annex, AnnexWay, FilePurpose, OutgoingDocument, PaperCopy, Sealing
from eoffice.documents.services import numbering_outgoing, sealing, sealing_elsewhere
from eoffice.documents.services.issuing import issue_outgoing
from eoffice.documents.services.sealing_annexes import leave_unsignable
from eoffice.documents.tests import answers
from eoffice.documents.tests import test_annexes as annexes
from eoffice.documents.tests import test_paper_copies as copies
from eoffice.documents.tests.answers import SOON, browser, deliver
from eoffice.documents.tests.cast import NOW, Cast, actor_of
from eoffice.documents.tests.letters import pdf
from eoffice.documents.tests.outgoing import SEAL_PIN, numbered
from eoffice.signing import queries as signing_queries
from eoffice.signing import services as signing
from eoffice.signing.engine.verdicts import Word
from eoffice.signing.errors import CertificateUnusable, PaperBeingSigned
from eoffice.signing.models import SignatureRecord, SignatureRequest, SigningMethod, Stage
from eoffice.signing.tests.factories import Pki
from eoffice.signing.tests.remote import connect
from eoffice.signing.tests.services_outside.smartca import SmartCaService
from eoffice.signing.tests.test_annex_marks import signed_elsewhere

pytestmark = pytest.mark.django_db
ACCOUNT = "0100109106"


@pytest.fixture
def phone() -> Iterator[SmartCaService]:
    with SmartCaService(now=NOW) as service:
        yield service


@pytest.fixture
def method(cast: Cast, phone: SmartCaService) -> SigningMethod:
    return seal_at_service(cast, phone)


def seal_at_service(cast: Cast, phone: SmartCaService) -> SigningMethod:
    """The clerk connects the seal's certificate at the service."""
    signing.ensure_authority(now=NOW)
    provider = connect(actor_of(cast.administrator), phone)
    holder = phone.add(ACCOUNT, cast.group.name.upper())
    return signing.add_method(
        actor=actor_of(cast.clerk), provider_id=provider.pk, account=ACCOUNT, serial=holder.serial,
        unit_id=cast.group.pk, now=NOW,
    )  # fmt: skip


def asked(cast: Cast, outgoing: OutgoingDocument, method: SigningMethod) -> SignatureRequest:
    done = sealing_elsewhere.ask_for_seal(
        actor=actor_of(cast.clerk), outgoing_id=outgoing.pk, method_id=method.pk, now=NOW
    )
    request = SignatureRequest.objects.get(pk=done.request_id or 0)
    signing.send_request(request_id=request.pk, now=NOW)
    return request


def test_paper_and_annex_are_sealed_in_one_confirmation_and_issued(
    cast: Cast, phone: SmartCaService, method: SigningMethod
) -> None:
    outgoing = annexes.numbered(cast, annexes.attached(cast, ke_hoach_pdf=pdf("Kế hoạch")))
    request = asked(cast, outgoing, method)
    assert not Sealing.objects.exists()

    answers.confirmed(request, phone)
    deliver()

    outgoing.refresh_from_db()
    assert outgoing.file is not None
    assert outgoing.file.purpose == FilePurpose.SEALED
    verdict = signing_queries.verdict_of(outgoing.file.file_id)
    assert verdict is not None
    assert [signature.verdict is Word.INVALID for signature in verdict.signatures] == [False, False]
    assert verdict.signatures[-1].covers_file
    records = SignatureRecord.objects.filter(stage=Stage.SEAL)
    assert {(record.unit_id, record.method_id, record.person_id) for record in records} == {
        (cast.group.pk, method.pk, cast.clerk.pk)
    }
    assert records.count() == 2
    page = signing_queries.request_page(actor_of(cast.clerk), request.pk)
    assert (page.is_settled, len(page.signed), page.unsigned) == (True, 2, [])
    assert "Phụ lục" in page.papers[1].title
    issue_outgoing(actor=actor_of(cast.clerk), outgoing_id=outgoing.pk, now=SOON)


def test_nobody_else_seals_or_voids_while_the_phone_is_asked(
    cast: Cast, phone: SmartCaService, method: SigningMethod
) -> None:
    outgoing = numbered(cast)
    clerk = actor_of(cast.clerk)
    signing.set_seal_pin(actor=clerk, unit_id=cast.group.pk, pin=SEAL_PIN, now=NOW)
    request = asked(cast, outgoing, method)
    for forbidden in (
        lambda: sealing.seal_outgoing(actor=clerk, outgoing_id=outgoing.pk, pin=SEAL_PIN, now=NOW),
        lambda: numbering_outgoing.void_number(actor=clerk, outgoing_id=outgoing.pk, reason="Nhầm", now=NOW),
        lambda: asked(cast, outgoing, method),
    ):
        with pytest.raises(PaperBeingSigned):
            forbidden()
    assert not Sealing.objects.exists()
    page = browser(cast.clerk).get(reverse("documents:outgoing_detail", args=[outgoing.pk])).content.decode()
    assert reverse("signing:request", args=[request.pk]) in page
    assert 'id="seal"' not in page

    signing.cancel_request(actor=clerk, request_id=request.pk, now=NOW)
    deliver()
    sealing.seal_outgoing(actor=clerk, outgoing_id=outgoing.pk, pin=SEAL_PIN, now=NOW)
    phone.confirm()  # too late: it counts for nothing
    signing.poll_due(now=SOON)
    assert SignatureRecord.objects.filter(stage=Stage.SEAL, method=method).count() == 0


def test_half_an_answer_counts_for_nothing_and_is_not_asked_again(
    cast: Cast, phone: SmartCaService, method: SigningMethod
) -> None:
    outgoing = annexes.numbered(cast, annexes.attached(cast, ke_hoach_pdf=pdf("Kế hoạch")))
    request = asked(cast, outgoing, method)
    paper, annex = request.papers.order_by("position")
    phone.confirm()
    signing.poll_due(now=SOON)
    annex.refresh_from_db()
    annex.value = b"\x00" * 8  # as if the service had answered nonsense for this one
    annex.save(update_fields=["value"])
    signing.finish_request(request_id=request.pk, now=SOON)
    deliver()

    paper.refresh_from_db()
    outgoing.refresh_from_db()
    assert (outgoing.file.purpose if outgoing.file else "") == FilePurpose.NUMBERED
    assert paper.untaken_words == SealNotWhole([annex.title]).message
    assert not Sealing.objects.exists()

    second = asked(cast, outgoing, method)
    assert [each.title for each in second.papers.all()] == [annex.title]
    answers.confirmed(second, phone)
    deliver()

    outgoing.refresh_from_db()
    assert (outgoing.file.purpose if outgoing.file else "") == FilePurpose.SEALED
    paper.refresh_from_db()
    assert paper.taken_at is not None
    assert SignatureRecord.objects.filter(stage=Stage.SEAL).count() == 2


def test_annex_that_bears_no_further_signature_goes_as_it_came_and_the_paper_is_sealed(
    cast: Cast, phone: SmartCaService, method: SigningMethod
) -> None:
    pki = Pki()
    outgoing = annexes.numbered(cast, annexes.attached(cast, thu_pdf=signed_elsewhere(pki)))
    request = asked(cast, outgoing, method)
    row, (_, paper) = Annex.objects.get(), request.papers.order_by("position")
    assert not leave_unsignable(row.pk, now=NOW)  # it bears one: then it is to be signed again
    row.refresh_from_db()
    assert (row.way, row.reason) == (AnnexWay.SEALED, "")

    closed = files.store(signed_elsewhere(pki, MDPPerm.NO_CHANGES), media_type="application/pdf")
    Annex.objects.update(source=closed)  # as planned before that was looked at
    phone.confirm()
    signing.poll_due(now=SOON)
    paper.refresh_from_db()
    paper.value = b"\x00" * 8
    paper.save(update_fields=["value"])
    signing.finish_request(request_id=request.pk, now=SOON)
    deliver()

    row.refresh_from_db()
    outgoing.refresh_from_db()
    assert (row.way, row.sealed, row.source) == (AnnexWay.AS_IT_CAME, None, None)
    assert "không cho ký thêm" in row.reason
    assert (outgoing.file.purpose if outgoing.file else "") == FilePurpose.SEALED
    assert leave_unsignable(row.pk, now=NOW)
    issue_outgoing(actor=actor_of(cast.clerk), outgoing_id=outgoing.pk, now=SOON)


def test_copy_is_sealed_by_the_phone_from_its_page(cast: Cast, phone: SmartCaService, method: SigningMethod) -> None:
    copy, client = copies.begun(cast), browser(cast.clerk)
    address = reverse("documents:copy_seal", args=[copy.pk])
    assert f'value="{method.pk}"' in client.get(reverse("documents:copy_detail", args=[copy.pk])).content.decode()

    answer = client.post(address, {"way": method.pk})

    request = SignatureRequest.objects.get()
    assert answer.headers["Location"] == reverse("signing:request", args=[request.pk])
    assert client.post(address, {"way": method.pk}).status_code == 409
    shown = client.get(reverse("documents:copy_detail", args=[copy.pk])).content.decode()
    assert "Xem yêu cầu ký số" in shown
    signing.send_request(request_id=request.pk, now=NOW)
    answers.confirmed(request, phone)
    deliver()
    sealed = PaperCopy.objects.get(pk=copy.pk)
    assert sealed.sealed_by_id == cast.clerk.pk
    assert sealed.sealed_at == request.created_at  # as the words on its page say, not when the answer came
    assert sealed.result_id == request.papers.get().result_id


def test_copy_that_was_not_signed_is_led_back_to_its_page(
    cast: Cast, phone: SmartCaService, method: SigningMethod
) -> None:
    copy, client = copies.begun(cast), browser(cast.clerk)
    client.post(reverse("documents:copy_seal", args=[copy.pk]), {"way": method.pk})
    request = SignatureRequest.objects.get()
    signing.cancel_request(actor=actor_of(cast.clerk), request_id=request.pk, now=NOW)

    page = client.get(reverse("signing:request", args=[request.pk])).content.decode()

    assert f'<a class="btn btn-line" href="{reverse("documents:copy_detail", args=[copy.pk])}">' in page


def test_seal_s_way_is_its_clerks_alone_and_of_a_certificate_in_its_name(
    cast: Cast, phone: SmartCaService, method: SigningMethod
) -> None:
    provider_id = method.provider_id or 0
    own = phone.add("001085012345", cast.clerk.full_name)
    for account, serial, person, unit in (
        ("001085012345", own.serial, cast.clerk, cast.group),  # the clerk's own, whose organisation is the group
        (ACCOUNT, method.serial, cast.company_clerk, cast.company),  # the group's for the seal of a company
    ):
        with pytest.raises(CertificateUnusable):
            signing.add_method(
                actor=actor_of(person), provider_id=provider_id, account=account, serial=serial, unit_id=unit.pk,
                now=NOW,
            )  # fmt: skip
    assert signing_queries.methods_of_seal(cast.company.pk) == []
    assert signing_queries.methods_of_seal(cast.group.pk) == [method]
    client = browser(cast.officer)
    seal_page = reverse("signing:seal", args=[cast.group.pk])
    assert client.get(seal_page).status_code == 404
    for name in ("method_test", "method_remove"):
        assert client.post(reverse(f"signing:{name}", args=[method.pk])).status_code == 404
    assert client.post(reverse("signing:method_choose"), {"unit": cast.group.pk, "method": "0"}).status_code == 403
    method.refresh_from_db()
    assert (method.removed_at, method.is_default) == (None, True)

    clerk = browser(cast.clerk)
    page = clerk.get(seal_page).content.decode()
    assert "Cách ký khác của con dấu" in page
    assert cast.group.name.upper() in page
    offered = clerk.post(
        reverse("signing:method_certificates"),
        {"unit": cast.group.pk, "provider": provider_id, "account": ACCOUNT},
    ).content.decode()
    assert "Dùng chứng thư này" in offered
    clerk.post(reverse("signing:method_remove", args=[method.pk]))
    method.refresh_from_db()
    assert method.removed_at is not None
