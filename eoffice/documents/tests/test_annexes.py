"""Separate annexes: signed with their paper under one PIN, or sent as they came with the reason; each once."""

from __future__ import annotations

import io

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image
from pyhanko.sign.fields import MDPPerm

from eoffice.core import files
from eoffice.core.errors import Invalid
from eoffice.documents.errors import AnnexNotReady, AnnexUnsealable, NotIssued, NotSealed
from eoffice.documents.models import (
    Annex,
    Draft,
    FilePurpose,
    FileVersion,
    IncomingDocument,
    OutgoingDocument,
    RegisterEntry,
)
from eoffice.documents.queries.annexes import annex_lines
from eoffice.documents.services import attaching_files, comparing_public, handing_out, sealing
from eoffice.documents.services.comparing_public import Likeness
from eoffice.documents.services.issuing import issue_outgoing
from eoffice.documents.services.numbering_outgoing import number_draft
from eoffice.documents.services.receiving import Assurance
from eoffice.documents.tests.cast import NOW, Cast, actor_of
from eoffice.documents.tests.drafts import make_draft
from eoffice.documents.tests.letters import pdf
from eoffice.documents.tests.outgoing import SEAL_PIN, signed_as_written
from eoffice.layout.tests.factories import page_text
from eoffice.organization.models import Person
from eoffice.renditions import services as rendering
from eoffice.renditions.tests.making import locked, sheet
from eoffice.signing import services as signing
from eoffice.signing.models import LastingFile, SignatureRecord, Stage
from eoffice.signing.tests.factories import Pki
from eoffice.signing.tests.test_annex_marks import signed_elsewhere
from tests.dying import is_killed

pytestmark = pytest.mark.django_db


def photograph() -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (620, 877), "white").save(made, format="PNG")
    return made.getvalue()


def attached(cast: Cast, **contents: bytes) -> Draft:
    """The officer's letter with files; a name's last part is its extension: `bieu_xlsx`."""
    draft = make_draft(cast)
    for name, content in contents.items():
        version = attaching_files.attach_to_draft(
            actor=actor_of(cast.officer), draft_id=draft.pk, now=NOW, assurance=Assurance(seen_no_mark=True),
            upload=SimpleUploadedFile(".".join(name.rsplit("_", 1)), content),
        )  # fmt: skip
        if not name.endswith("_pdf"):
            rendering.render(sha256=version.file_id, now=NOW)
    return draft


def numbered(cast: Cast, draft: Draft) -> OutgoingDocument:
    signed = signed_as_written(cast, draft)
    signing.set_seal_pin(actor=actor_of(cast.clerk), unit_id=cast.group.pk, pin=SEAL_PIN, now=NOW)
    return number_draft(actor=actor_of(cast.clerk), draft_id=signed.pk, now=NOW)


def seal(cast: Cast, outgoing: OutgoingDocument) -> OutgoingDocument:
    return sealing.seal_outgoing(actor=actor_of(cast.clerk), outgoing_id=outgoing.pk, pin=SEAL_PIN, now=NOW)


def issue(cast: Cast, outgoing: OutgoingDocument) -> OutgoingDocument:
    return issue_outgoing(actor=actor_of(cast.clerk), outgoing_id=outgoing.pk, now=NOW)


def browser(person: Person) -> Client:
    client = Client()
    assert person.user is not None
    client.force_login(person.user)
    return client


def drawn_words(content: bytes) -> str:
    """What the mark says, taken from its appearance: viewers draw it, texts of pages do not hold it."""
    with pikepdf.open(io.BytesIO(content)) as opened:
        opened.flatten_annotations("print")
        made = io.BytesIO()
        opened.save(made)
    return " ".join(page_text(made.getvalue()).split())


def test_each_kind_goes_out_its_own_way_and_everybody_is_told(cast: Cast) -> None:
    certified = signed_elsewhere(Pki(), MDPPerm.NO_CHANGES)
    draft = attached(
        cast, ke_hoach_mat_pdf=pdf("Kế hoạch"), so_do_png=photograph(), bieu_xlsx=sheet(("1", "2")), thu_pdf=certified
    )
    outgoing = numbered(cast, draft)
    lines = annex_lines(draft.pk)
    assert [line.words for line in lines] == ["sẽ ký số khi đóng dấu"] * 2 + ["chưa ký"] * 2
    _before_sealing(cast, outgoing)

    issue(cast, seal(cast, outgoing))

    plan, picture, table, locked_one = annex_lines(draft.pk)
    assert "Bảng tính gửi nguyên" in table.reason
    assert "không cho ký thêm" in locked_one.reason
    assert files.read(locked_one.sent.files[0].file_id) == certified
    for line in (plan, picture):
        assert line.sent.sealed is not None
        assert line.verdict is not None
        assert line.verdict.verdict.value == "valid"
        assert f"Số: {outgoing.shown_code}; 23/11/2026; " in drawn_words(files.read(line.sent.sealed.file_id))
        assert LastingFile.objects.get(file_id=line.sent.sealed.file_id).wanted == "archived"
    for letter in IncomingDocument.objects.all():
        given = letter.files.filter(purpose=FilePurpose.ATTACHMENT).order_by("pk").values_list("name", "file_id")
        assert [name for name, _ in given] == ["ke_hoach_mat.pdf", "so_do.pdf", "so_do.png", "bieu.xlsx", "thu.pdf"]
        assert given[0][1] == plan.sent.files[0].file_id
    _on_pages_and_paper(cast, outgoing)
    _in_public(outgoing)
    _issued_before_annexes_were_signed(cast, outgoing)


def _before_sealing(cast: Cast, outgoing: OutgoingDocument) -> None:
    client, line = browser(cast.clerk), annex_lines(outgoing.draft_id)[0]
    before = client.get(reverse("documents:outgoing_annex", args=[outgoing.pk, line.id])).content.decode()
    assert f"Số: {outgoing.shown_code}; " in before
    assert "<svg" in before
    rendering.render(sha256=line.sent.attachment.file_id, now=NOW)
    picture = reverse("documents:outgoing_annex_picture", args=[outgoing.pk, line.id, 0])
    assert client.get(picture).status_code == 200
    assert "2 phụ lục được ký" in client.get(reverse("documents:outgoing_detail", args=[outgoing.pk])).content.decode()
    with pytest.raises(NotIssued):
        handing_out.hand_out_annex(actor=actor_of(cast.clerk), outgoing_id=outgoing.pk, attachment_id=line.id, now=NOW)
    for name, more in (("outgoing_annex", []), ("outgoing_annex_file", []), ("outgoing_annex_picture", [0])):
        address = reverse(f"documents:{name}", args=[outgoing.pk, line.id, *more])
        assert browser(cast.company_clerk).get(address).status_code == 404


def _on_pages_and_paper(cast: Cast, outgoing: OutgoingDocument) -> None:
    client, clerk, line = browser(cast.clerk), actor_of(cast.clerk), annex_lines(outgoing.draft_id)[0]
    assert line.sent.sealed is not None
    address = reverse("documents:outgoing_annex", args=[outgoing.pk, line.id])
    assert "Kết quả kiểm tra chữ ký" in client.get(address).content.decode()
    answer = client.get(reverse("documents:outgoing_annex_file", args=[outgoing.pk, line.id]))
    assert b"".join(answer.streaming_content) == files.read(line.sent.sealed.file_id)  # type: ignore[attr-defined]
    on_paper = handing_out.hand_out_annex_on_paper(actor=clerk, outgoing_id=outgoing.pk, attachment_id=line.id, now=NOW)
    assert f"Phụ lục 1 của văn bản {outgoing.shown_code}, chữ ký số: hợp lệ" in page_text(on_paper.content)
    paper = handing_out.hand_out_paper_copy(actor=clerk, outgoing_id=outgoing.pk, now=NOW)
    assert "Kèm 4 tệp rời: phụ lục 1, 2 đã ký số (hợp lệ); phụ lục 3, 4 chưa ký" in page_text(paper.content)
    told = client.get(f"/api/v1/documents/outgoing/{outgoing.pk}/annexes").json()
    assert [(each["way"], each["verdict"]) for each in told] == [
        ("sealed", "valid"), ("rendition", "valid"), ("as_it_came", ""), ("as_it_came", ""),
    ]  # fmt: skip


def _in_public(outgoing: OutgoingDocument) -> None:
    code = outgoing.draft.check_code.code
    public = Client().get(f"/kt/{code}/").content.decode()
    assert "Phụ lục 1" in public
    assert "ke_hoach_mat" not in public  # the name may tell what it is about
    plan, picture, table, _ = annex_lines(outgoing.draft_id)

    def compared(content: bytes) -> tuple[Likeness, int | None, bool]:
        found = comparing_public.compare_with_issued(code=code, content=content, is_signed_in=True, address="", now=NOW)
        return found.likeness, found.annex, found.is_signed

    assert plan.sent.sealed is not None
    sealed = files.read(plan.sent.sealed.file_id)
    assert compared(sealed) == (Likeness.SAME, 1, True)
    assert compared(files.read(picture.sent.attachment.file_id)) == (Likeness.SAME, 2, False)
    assert compared(files.read(table.sent.attachment.file_id)) == (Likeness.SAME, 3, False)
    assert compared(files.read(plan.sent.attachment.file_id))[0] is Likeness.OTHER  # it was signed before it went out
    assert compared(sealed + b"\n%% more")[:2] == (Likeness.EXTENDED, 1)


def _issued_before_annexes_were_signed(cast: Cast, outgoing: OutgoingDocument) -> None:
    Annex.objects.all().delete()
    line = annex_lines(outgoing.draft_id)[0]
    assert (line.words, line.reason) == ("chưa ký", "")
    shown = browser(cast.clerk).get(reverse("documents:outgoing_annex", args=[outgoing.pk, line.id])).content.decode()
    assert "phụ lục tách rời chưa được ký số" in shown


@pytest.mark.django_db(transaction=True)
def test_a_process_killed_between_two_annexes_leaves_the_paper_unissued_and_signs_none_twice(cast: Cast) -> None:
    partner = signed_elsewhere(Pki())
    outgoing = numbered(cast, attached(cast, mot_pdf=pdf("Một"), hai_pdf=partner, ba_pdf=pdf("Một")))
    now, kept = NOW, []

    # Paper and one annex signed; all signed and the first kept; three kept; none bound; bound but not committed.
    places = ("sign_pdf:return:2", "_keep:return:1", "_keep:return:3", "bind_annexes:call", "bind_annexes:return")
    for place in places:
        assert is_killed(
            "eoffice.documents.tests.dying_sealing", outgoing.pk, cast.clerk.user_id, now.isoformat(), place
        ), place
        kept.append(SignatureRecord.objects.filter(stage=Stage.SEAL).count())
        assert Annex.objects.filter(sealed__isnull=True, prepared__isnull=False).count() == 3, place
        with pytest.raises(NotSealed):
            issue(cast, outgoing)
        now += 2 * sealing.LEASE
    sealing.seal_outgoing(actor=actor_of(cast.clerk), outgoing_id=outgoing.pk, pin=SEAL_PIN, now=now)

    assert kept == [0, 1, 4, 4, 4]
    assert SignatureRecord.objects.filter(stage=Stage.SEAL).count() == 4
    shas = list(Annex.objects.order_by("position").values_list("sealed__file_id", flat=True))
    assert len(set(shas)) == 3  # the same bytes attached twice are signed each
    assert files.read(shas[1] or "").startswith(partner)
    assert {each.file_before_id for each in SignatureRecord.objects.filter(file_after_id__in=shas)} == set(
        Annex.objects.values_list("prepared_id", flat=True)
    )
    issue(cast, outgoing)


def test_a_file_that_goes_with_two_papers_is_signed_for_each(cast: Cast) -> None:
    shared = pdf("Danh mục dùng chung")
    first = numbered(cast, attached(cast, danh_muc_pdf=shared))
    Annex.objects.all().delete()  # numbered before annexes were looked at: planned when it is sealed
    sealing.reserve_sealing(actor=actor_of(cast.clerk), outgoing_id=first.pk, now=NOW)
    sealing.make_sealed_files(actor=actor_of(cast.clerk), outgoing_id=first.pk, pin=SEAL_PIN, now=NOW)  # then it died
    second = number_draft(
        actor=actor_of(cast.clerk), draft_id=signed_as_written(cast, attached(cast, danh_muc_pdf=shared)).pk, now=NOW
    )

    for outgoing in (seal(cast, second), seal(cast, first)):
        sealed = Annex.objects.get(outgoing=outgoing).sealed
        assert sealed is not None
        assert f"Số: {outgoing.shown_code};" in drawn_words(files.read(sealed.file_id))


def test_what_cannot_be_signed_is_refused_before_a_number_is_taken(cast: Cast) -> None:
    draft = make_draft(cast)

    def attach(name: str, content: bytes) -> None:
        attaching_files.attach_to_draft(
            actor=actor_of(cast.officer), draft_id=draft.pk, now=NOW, assurance=Assurance(seen_no_mark=True),
            upload=SimpleUploadedFile(name, content),
        )  # fmt: skip

    with pytest.raises(Invalid, match="khóa quyền sửa"):
        attach("khoa.pdf", locked(pdf(), user=""))
    assert not FileVersion.objects.filter(purpose=FilePurpose.ATTACHMENT).exists()
    attach("anh.png", photograph())
    signed_as_written(cast, draft)
    with pytest.raises(AnnexNotReady):  # its PDF is on its way
        number_draft(actor=actor_of(cast.clerk), draft_id=draft.pk, now=NOW)

    stored = files.store(locked(pdf(), user=""), media_type="application/pdf")  # as attached before that was asked
    FileVersion.objects.filter(draft=draft, purpose=FilePurpose.ATTACHMENT).update(file=stored)
    with pytest.raises(AnnexUnsealable, match=r"anh\.png: Tệp đặt mật khẩu"):
        number_draft(actor=actor_of(cast.clerk), draft_id=draft.pk, now=NOW)
    typed = {"register": cast.outgoing_register.pk, "way": "next", "dated_on": "23/11/2026"}
    answer = browser(cast.clerk).post(reverse("documents:draft_number", args=[draft.pk]), typed)
    assert answer.status_code == 422
    assert not OutgoingDocument.objects.exists()
    assert not RegisterEntry.objects.filter(register=cast.outgoing_register).exists()
