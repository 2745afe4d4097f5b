"""The public check: a code on every paper, what it tells to whom, and that nothing can be guessed or listed."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import timedelta

import pypdfium2 as pdfium
import pytest
import zxingcpp
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from eoffice.core import clock, files
from eoffice.core.errors import Invalid, NotPermitted
from eoffice.documents.errors import CodeUnknown
from eoffice.documents.models import CheckCode, CheckMarkRule, OutgoingDocument
from eoffice.documents.queries import check_codes as queries
from eoffice.documents.services import check_codes, handing_out, recalling
from eoffice.documents.tests.cast import NOW, Cast, actor_of, make_cast
from eoffice.documents.tests.outgoing import issued, sealed
from eoffice.documents.views import public_check
from eoffice.layout.check_marks import MarkPlace
from eoffice.layout.tests.factories import page_text
from eoffice.organization.actor import Actor
from eoffice.organization.models import Person
from eoffice.signing import services as signing
from eoffice.signing.models import LastingFile
from eoffice.signing.tests.factories import letter_pdf
from eoffice.signing.tests.stamped import add_authority, believe_time_stamps
from tests.pki import LoopbackPki


@dataclass(frozen=True)
class Office:
    """Who sets up the time stamps."""

    administrator: Actor


@pytest.fixture(autouse=True)
def no_misses_before(monkeypatch) -> None:
    monkeypatch.setattr(public_check, "MISSES", type(public_check.MISSES)(limit=3, span=timedelta(minutes=10)))


@pytest.fixture
def paper(db: None) -> OutgoingDocument:
    outgoing = issued(make_cast(now=clock.now()), now=clock.now())
    signing.check_file(sha256=sha256_of(outgoing), now=clock.now())
    return outgoing


def page_of(client: Client, code: str) -> tuple[int, str]:
    answer = client.get(f"/kt/{code}/")
    return answer.status_code, answer.content.decode()


def sha256_of(outgoing: OutgoingDocument) -> str:
    assert outgoing.file is not None
    return str(outgoing.file.file_id)


def sign_in(client: Client, person: Person) -> None:
    assert person.user is not None
    client.force_login(person.user)


def code_of(outgoing: OutgoingDocument) -> str:
    return CheckCode.objects.get(draft_id=outgoing.draft_id).code


def compare(client: Client, code: str, content: bytes) -> tuple[int, str]:
    file = SimpleUploadedFile("cong-van.pdf", content, content_type="application/pdf")
    answer = client.post(f"/kt/{code}/doi-chieu/", {"file": file})
    return answer.status_code, answer.content.decode()


def test_issued_page_carries_a_picture_that_leads_to_its_paper(client: Client, paper: OutgoingDocument) -> None:
    picture = pdfium.PdfDocument(files.read(sha256_of(paper)))[0].render(scale=150 / 72).to_pil()
    [seen] = zxingcpp.read_barcodes(picture)

    assert seen.text == check_codes.link_of(paper.draft.check_code)
    status, shown = page_of(client, seen.text.rstrip("/").rsplit("/", 1)[1])
    assert status == 200
    for words in (paper.shown_code, paper.issuing_body, paper.signer_name, "Có văn bản này. Chữ ký số: hợp lệ"):
        assert words in shown


def test_public_page_never_tells_subject_or_recipients(client: Client, paper: OutgoingDocument) -> None:
    _, shown = page_of(client, code_of(paper))

    assert paper.subject not in shown
    assert all(delivery.name not in shown for delivery in paper.deliveries.all())


def test_code_is_forgiven_how_it_is_typed() -> None:
    assert queries.as_written(" 7kq2 m0zt–9xwa ") == "7KQ2M0ZT9XWA"
    assert queries.as_written("7KQ2-MOZT-9XWA") == "7KQ2M0ZT9XWA"
    assert queries.as_written("7KQ2") == ""
    assert queries.as_written("7KQ2-M0ZT-9XWU") == ""
    assert queries.as_written("7KQ2-M0ZT-9XW<") == ""


@pytest.mark.django_db
def test_entering_leads_to_the_paper_and_says_what_is_wrong(client: Client) -> None:
    assert client.get("/kt/", {"ma": "7kq2-m0zt-9xwa"}).headers["Location"] == "/kt/7KQ2M0ZT9XWA/"
    refused = client.get("/kt/", {"ma": "12<b>"})

    assert refused.status_code == 422
    assert "Mã gồm 12 chữ và số" in refused.content.decode()
    assert "12&lt;b&gt;" in refused.content.decode()


def test_paper_not_issued_yet_is_no_paper(client: Client, cast: Cast) -> None:
    outgoing = sealed(cast)

    assert page_of(client, code_of(outgoing))[0] == 404
    with pytest.raises(CodeUnknown):
        queries.issued_by_code(code_of(outgoing))


def test_recalled_paper_says_so_first(client: Client, paper: OutgoingDocument) -> None:
    recalling.recall_outgoing(
        actor=actor_of(_clerk_of(paper), now=clock.now()), outgoing_id=paper.pk, reason="Sai số liệu", now=clock.now()
    )

    status, shown = page_of(client, code_of(paper))
    assert status == 200
    assert "Đã bị thu hồi" in shown
    assert "Sai số liệu" not in shown


def test_address_that_only_tries_is_slowed_and_right_codes_are_not_counted(
    client: Client, paper: OutgoingDocument
) -> None:
    right = code_of(paper)
    for _ in range(5):
        assert page_of(client, right)[0] == 200
    assert [page_of(client, f"{number:012d}")[0] for number in range(4)] == [404, 404, 404, 429]

    assert page_of(client, right)[0] == 429
    assert client.get(f"/kt/{right}/", REMOTE_ADDR="198.51.100.9").status_code == 200


def test_same_file_is_told_from_another(client: Client, paper: OutgoingDocument) -> None:
    content = files.read(sha256_of(paper))

    assert "Đúng bản đã phát hành" in compare(client, code_of(paper), content)[1]
    assert "Không phải tệp đã phát hành" in compare(client, code_of(paper), letter_pdf())[1]


def test_issued_file_with_something_behind_it_is_neither(client: Client, paper: OutgoingDocument) -> None:
    content = files.read(sha256_of(paper))

    status, spaces = compare(client, code_of(paper), content + b"\n")
    _, page = compare(client, code_of(paper), content + b"\n9999 0 obj\n<< /Type /Page >>\nendobj\n")

    assert status == 200
    assert "Đúng bản đã phát hành" not in spaces
    assert "Đúng bản đã phát hành" not in page
    assert "Không phải tệp đã phát hành" in page


def test_issued_file_that_was_made_to_last_is_the_issued_file(
    client: Client, paper: OutgoingDocument, loopback_pki: LoopbackPki
) -> None:
    office = Office(actor_of(Person.objects.get(full_name="Quản Trị Viên"), now=clock.now()))
    believe_time_stamps(office, loopback_pki)
    add_authority(office, loopback_pki.tsa_url())
    lasting = LastingFile.objects.get(file_id=sha256_of(paper))
    signing.complete_file(lasting_id=lasting.pk, now=clock.now())
    lasting.refresh_from_db()
    completed = files.read(lasting.newest_id)
    assert completed != files.read(sha256_of(paper))

    shown = compare(client, code_of(paper), completed)[1]
    behind = compare(client, code_of(paper), completed + b"\n9999 0 obj\n<< /Type /Page >>\nendobj\n")[1]

    assert "Đúng bản đã phát hành" in shown
    assert "dấu thời gian lưu trữ" in shown
    assert "Đúng bản đã phát hành" not in behind


def test_comparison_without_a_file_says_so(client: Client, paper: OutgoingDocument) -> None:
    answer = client.post(f"/kt/{code_of(paper)}/doi-chieu/", {})

    assert answer.status_code == 422
    assert "Chọn tệp PDF cần đối chiếu." in answer.content.decode()


def test_code_of_a_draft_stays_through_every_signing_file(cast: Cast) -> None:
    outgoing = sealed(cast)

    first = check_codes.ensure_code(draft_id=outgoing.draft_id, now=NOW)
    assert check_codes.ensure_code(draft_id=outgoing.draft_id, now=NOW + timedelta(days=1)) == first
    assert CheckCode.objects.count() == 1


def test_office_that_prints_no_code_still_has_one_for_its_paper_copies(cast: Cast) -> None:
    check_codes.set_mark_place(actor=actor_of(cast.clerk), registry_id=cast.group.pk, place="nowhere", now=NOW)

    outgoing = issued(cast)

    code = CheckCode.objects.get(draft_id=outgoing.draft_id)
    content = files.read(sha256_of(outgoing))
    assert zxingcpp.read_barcodes(pdfium.PdfDocument(content)[0].render(scale=150 / 72).to_pil()) == []
    copy = handing_out.hand_out_paper_copy(actor=actor_of(cast.clerk), outgoing_id=outgoing.pk, now=NOW)
    assert f"mã: {code.shown}" in page_text(copy.content)


def test_office_places_the_mark_of_its_own_registry_alone(cast: Cast) -> None:
    with pytest.raises(NotPermitted):
        check_codes.set_mark_place(actor=actor_of(cast.officer), registry_id=cast.group.pk, place="last_left", now=NOW)
    with pytest.raises(NotPermitted):
        check_codes.set_mark_place(actor=actor_of(cast.clerk), registry_id=cast.company.pk, place="last_left", now=NOW)
    with pytest.raises(Invalid):
        check_codes.set_mark_place(actor=actor_of(cast.clerk), registry_id=cast.group.pk, place="middle", now=NOW)
    assert not CheckMarkRule.objects.exists()

    check_codes.set_mark_place(actor=actor_of(cast.clerk), registry_id=cast.group.pk, place="last_right", now=NOW)
    assert queries.place_of(cast.group.pk) is MarkPlace.LAST_RIGHT


def test_page_of_places_shows_ones_own_registries(cast: Cast, client: Client) -> None:
    sign_in(client, cast.clerk)
    answer = client.get(reverse("documents:mark_places"))
    saved = client.post(
        reverse("documents:mark_places"), {"registry": cast.group.pk, "place": "last_left"}, follow=True
    )
    sign_in(client, cast.officer)

    assert cast.group.name in answer.content.decode()
    assert cast.company.name not in answer.content.decode().split("<tbody>")[1]
    assert "Trang cuối, góc dưới bên trái" in saved.content.decode()
    assert client.get(reverse("documents:mark_places")).status_code == 403


@pytest.mark.django_db
def test_link_of_a_former_name_leads_to_the_same_paper_today(client: Client, settings) -> None:
    settings.ENVIRONMENT = dataclasses.replace(
        settings.ENVIRONMENT, public_url="https://moi.truongxuan.example", former_hosts=("cu.truongxuan.example",)
    )
    settings.ALLOWED_HOSTS = ["*"]

    old = client.get("/kt/7KQ2M0ZT9XWA/?x=1", headers={"host": "cu.truongxuan.example:8443"})
    stranger = client.get("/kt/7KQ2M0ZT9XWA/", headers={"host": "khac.example"})

    assert (old.status_code, old.headers["Location"]) == (301, "https://moi.truongxuan.example/kt/7KQ2M0ZT9XWA/?x=1")
    assert stranger.status_code == 404


def _clerk_of(outgoing: OutgoingDocument) -> Person:
    return outgoing.sealing.started_by
