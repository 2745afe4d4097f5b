"""The thin whole way: a letter arrives, is directed and worked on; its reply is signed, sealed, sent and read."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pikepdf
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from eoffice.core import clock, files
from eoffice.core.clock import VIETNAM, local_date
from eoffice.documents.models import Assignment, Delivery, Draft, IncomingDocument, OutgoingDocument
from eoffice.documents.services import (
    assigning,
    beginning_drafts,
    issuing,
    numbering_outgoing,
    reviewing,
    sealing,
    submitting,
)
from eoffice.documents.services.beginning_drafts import DraftOrigin
from eoffice.documents.services.drafting import DraftEntry, RecipientEntry
from eoffice.documents.services.signing_drafts import PaperToSign, sign_drafts
from eoffice.documents.states import AssignmentState, DeliveryState, DraftState, IncomingState, OutgoingState
from eoffice.documents.tests import drafts, letters
from eoffice.documents.tests.cast import Cast, actor_of
from eoffice.organization import calendar
from eoffice.signing import services as signing
from eoffice.signing.tests.test_verify_command import verify
from tests.working import work

LEADER_PIN = "280594"
SEAL_PIN = "314159"
pytestmark = pytest.mark.django_db  # the story is committed; what a single test does to it is rolled back


@dataclass(frozen=True)
class Way:
    """What stands at the end of the way."""

    letter: IncomingDocument
    reply: OutgoingDocument
    path: Path
    """The issued file."""


def directed_to_technology(cast: Cast, now: datetime) -> Assignment:
    """The clerk registers and forwards a letter; the leader gives it to Ban Công nghệ and wants a reply."""
    due_on = calendar.load(local_date(now), span_days=60).add(local_date(now), 5)
    letter = letters.directed(cast, now=now, due_on=due_on, requires_reply=True)
    return letters.line_of(letter, cast.technology)


def given_to_officer(cast: Cast, line: Assignment, now: datetime) -> Assignment:
    """The head accepts and passes the letter on; the officer accepts."""
    head = actor_of(cast.head, now=now)
    assigning.accept_assignment(actor=head, assignment_id=line.pk, now=now)
    recipients = [letters.to_person(cast.officer)]
    instruction = "Dự thảo văn bản trả lời trong tuần này."
    own = assigning.pass_on(actor=head, assignment_id=line.pk, recipients=recipients, instruction=instruction, now=now)[
        0
    ]
    return assigning.accept_assignment(actor=actor_of(cast.officer, now=now), assignment_id=own.pk, now=now)


def reply_of_officer(cast: Cast, own: Assignment, now: datetime) -> Draft:
    """The officer writes to company A; head and office pass it. Jobs prepare the page to be signed."""
    officer = actor_of(cast.officer, now=now)
    entry = DraftEntry(
        document_type="letter",
        subject="Kết quả triển khai hệ thống quản lý văn bản và điều hành",
        capacity_id=cast.leader_capacity.pk,
        body=drafts.body("Thực hiện văn bản của Bộ, Tập đoàn gửi kết quả triển khai đến các đơn vị."),
        recipients=(
            RecipientEntry(kind="unit", id=cast.company.pk),
            RecipientEntry(kind="outside", name="Bộ Khoa học và Công nghệ"),
        ),
        proposal="Trình Tổng Giám đốc ký văn bản trả lời.",
    )
    draft = beginning_drafts.create_draft(actor=officer, entry=entry, now=now, origin=DraftOrigin(assignment_id=own.pk))
    draft = submitting.submit_draft(actor=officer, draft_id=draft.pk, seen_version=draft.version, now=now)
    for person in (cast.head, cast.clerk):
        reviewer = actor_of(person, now=now)
        draft = reviewing.pass_review(actor=reviewer, draft_id=draft.pk, seen_version=draft.version, now=now)
    work()
    return draft


def issued_by_clerk(cast: Cast, draft: Draft, now: datetime) -> OutgoingDocument:
    """The leader signs; the clerk takes the number, seals and issues. Jobs carry out what was ordered."""
    leader, clerk = actor_of(cast.leader, now=now), actor_of(cast.clerk, now=now)
    signing.set_pin(actor=leader, pin=LEADER_PIN, now=now)
    signing.set_seal_pin(actor=clerk, unit_id=cast.group.pk, pin=SEAL_PIN, now=now)
    result = sign_drafts(actor=leader, papers=[PaperToSign(draft.pk, draft.version)], pin=LEADER_PIN, now=now)[0]
    assert result.is_signed, result.error
    outgoing = numbering_outgoing.number_draft(actor=clerk, draft_id=draft.pk, now=now)
    outgoing = sealing.seal_outgoing(actor=clerk, outgoing_id=outgoing.pk, pin=SEAL_PIN, now=now)
    outgoing = issuing.issue_outgoing(actor=clerk, outgoing_id=outgoing.pk, now=now)
    work()
    return outgoing


@pytest.fixture(scope="module")
def way(shared_cast: Cast) -> Way:
    now = clock.now()
    line = directed_to_technology(shared_cast, now)
    own = given_to_officer(shared_cast, line, now)
    reply = issued_by_clerk(shared_cast, reply_of_officer(shared_cast, own, now), now)
    assert reply.file is not None
    return Way(line.incoming, reply, files.path_of(reply.file.file_id))


def test_issued_reply_completes_the_letter_and_arrives_at_the_other_registry(shared_cast: Cast, way: Way) -> None:
    way.letter.refresh_from_db()
    lines = [letters.line_of(way.letter, holder) for holder in (shared_cast.technology, shared_cast.officer)]
    arrived = IncomingDocument.objects.get(registry=shared_cast.company)
    delivered = Delivery.objects.get(outgoing=way.reply, unit=shared_cast.company)

    assert (way.reply.state, way.reply.draft.state) == (OutgoingState.ISSUED, DraftState.ISSUED)
    assert way.reply.shown_code == "01/TXG-CN"
    assert way.letter.state == IncomingState.COMPLETED
    assert [line.state for line in lines] == [AssignmentState.COMPLETED] * 2
    assert (arrived.state, arrived.shown_code) == (IncomingState.RECEIVED, "01/TXG-CN")
    assert (delivered.state, delivered.incoming_id) == (DeliveryState.ARRIVED, arrived.pk)


def test_eoffice_verify_says_both_signatures_are_valid_as_things_stand(
    way: Way, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = verify(way.path, capsys)

    assert (code, said["verdict"]) == (0, "valid")
    assert [line["verdict"] for line in said["signatures"]] == ["valid", "valid"]
    assert [line["field"] for line in said["signatures"]] == ["ky_1", "dau"]
    assert all("theo trạng thái hiện nay" in line["reason"].lower() for line in said["signatures"])
    assert all(change["allowed"] for line in said["signatures"] for change in line["changes"])


def test_pdfsig_says_valid_twice_and_the_seal_covers_the_whole_file(way: Way) -> None:
    said = subprocess.run(["pdfsig", "-nocert", str(way.path)], capture_output=True, text=True, check=False).stdout
    signatures = said.split("Signature #")[1:]

    assert [re.findall(r"Signature Validation: (.*)", signature) for signature in signatures] == [
        ["Signature is Valid."]
    ] * 2
    assert ["Total document signed" in signature for signature in signatures] == [False, True]
    assert ["Not total document signed" in signature for signature in signatures] == [True, False]


def test_openssl_verifies_both_chains_to_the_authority_of_the_demo(way: Way, tmp_path: Path) -> None:
    root = signing.trust_anchors(now=clock.now()).roots[0]
    anchor = tmp_path / "root.pem"
    anchor.write_bytes(x509.load_der_x509_certificate(root).public_bytes(Encoding.PEM))
    content = way.path.read_bytes()

    results = []
    for number, (cms, signed) in enumerate(signatures_cut_out(content)):
        (tmp_path / f"{number}.cms").write_bytes(cms)
        (tmp_path / f"{number}.bin").write_bytes(signed)
        ran = subprocess.run(
            ["openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", tmp_path / f"{number}.cms",
             "-content", tmp_path / f"{number}.bin", "-CAfile", anchor, "-purpose", "any", "-out", "/dev/null"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        results.append((ran.returncode, ran.stderr.splitlines()[-1]))
    assert results == [(0, "CAdES Verification successful")] * 2


def signatures_cut_out(content: bytes) -> list[tuple[bytes, bytes]]:
    """Each signature's CMS and the bytes it signs, as the ByteRange of the file says, in file order."""
    ranges = re.findall(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]", content)
    found = []
    for start, first, second, last in sorted([int(part) for part in each] for each in ranges):
        signed = content[start : start + first] + content[second : second + last]
        found.append((bytes.fromhex(content[first + 1 : second - 1].decode("ascii")), signed))
    return found


def test_number_and_date_are_printed_and_every_field_has_an_appearance(way: Way) -> None:
    text = subprocess.run(["pdftotext", "-layout", way.path, "-"], capture_output=True, text=True, check=True).stdout
    day = way.reply.issued_on

    assert re.search(r"Số:\s*01\s*/TXG-CN", text)
    assert f"ngày {day:%d} tháng {month_of(day.month)} năm {day.year}" in re.sub(r"\s+", " ", text)
    with pikepdf.open(way.path) as pdf:
        fields = {str(field.T): field for field in pdf.Root.AcroForm.Fields}
        assert set(fields) == {"so", "ngay", "ky_1", "dau"}
        assert all(len(field.AP.N.read_bytes()) > 0 for field in fields.values())


def month_of(month: int) -> str:
    """Months 1 and 2 take a nought (NĐ 30/2020/NĐ-CP, Phụ lục I)."""
    return f"{month:02d}" if month < 3 else str(month)


def test_every_font_of_the_issued_file_is_embedded(way: Way) -> None:
    said = subprocess.run(["pdffonts", way.path], capture_output=True, text=True, check=True).stdout
    rows = said.splitlines()[2:]

    assert len(rows) > 0
    assert {row.split()[-5] for row in rows} == {"yes"}


def test_nothing_signed_is_rewritten_by_number_seal_or_issue(way: Way) -> None:
    reply = way.reply
    signed = reply.draft.files.get(purpose="signed")

    assert way.path.read_bytes().startswith(files.read(signed.file_id))
    assert reply.issued_on == clock.local_date(datetime.now(VIETNAM))
