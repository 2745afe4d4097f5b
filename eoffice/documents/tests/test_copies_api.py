"""Copies and extracts over REST: the same answers as the pages."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from eoffice.documents.models import PaperCopy, RegisterEntry
from eoffice.documents.tests.cast import Cast
from eoffice.documents.tests.drafts import body
from eoffice.documents.tests.letters import enter
from eoffice.documents.tests.outgoing import SEAL_PIN
from eoffice.documents.tests.test_extracts import book
from eoffice.documents.tests.test_paper_copies import scan, seal

pytestmark = pytest.mark.django_db
__all__ = ["book", "seal"]

_API = "/api/v1/documents/copies"
_PAPER = {
    "original_kind": "main", "code": "152/QĐ-BKHCN", "dated": "2026-11-02", "issuing_body": "Bộ Khoa học và Công nghệ",
    "subject": "Về danh mục tiêu chuẩn",
}  # fmt: skip


def send(client: Client, path: str, value: object, *, method: str = "post") -> tuple[int, dict[str, object]]:
    response = getattr(client, method)(f"{_API}{path}", json.dumps(value), content_type="application/json")
    return response.status_code, response.json()


def test_a_program_copies_a_paper_once_and_seals_it(seal: Cast, client: Client) -> None:
    enter(client, seal.clerk)
    decider = client.get(f"{_API}/deciders").json()[0]
    assert decider["person"] == seal.leader.full_name
    typed = {**_PAPER, "form": "sao_y", "decider_id": decider["id"], "seen_no_mark": "true", "idempotency_key": "k"}
    first, second = (client.post(_API, {**typed, "file": SimpleUploadedFile("q.pdf", scan())}) for _ in range(2))

    assert (first.status_code, second.json()["id"]) == (201, first.json()["id"])
    copy = PaperCopy.objects.get()
    assert first.json()["decided_by"] == copy.decided_by
    assert send(client, f"/{copy.pk}/seal", {"pin": "000000"})[0] in {403, 409, 422}
    status, sealed = send(client, f"/{copy.pk}/seal", {"pin": SEAL_PIN})
    assert (status, sealed["state"]) == (200, "sealed")
    assert client.get(f"{_API}").json()["rows"] == [client.get(f"{_API}/{copy.pk}").json()]
    sent = client.get(f"{_API}/{copy.pk}/file")
    assert b"".join(sent.streaming_content).startswith(b"%PDF-1.7")  # type: ignore[attr-defined]  # a file response


def test_a_program_extracts_corrects_and_voids_under_one_number(book: Cast, client: Client) -> None:
    enter(client, book.clerk)
    typed = {
        **_PAPER, "document_type": "decision", "signer_name": "Hồ Quang Thịnh", "body": body("Điều 3. Thi hành."),
        "basis": "Chánh Văn phòng Phạm Đức Thuận", "idempotency_key": "k",
    }  # fmt: skip
    status, made = send(client, "/extracts", typed)
    assert status == 201
    assert send(client, "/extracts", typed)[1]["id"] == made["id"]
    assert made["shown_code"] == f"05/TrS-{book.group.symbol}"

    status, changed = send(client, f"/extracts/{made['id']}", {**typed, "subject": "Khác"}, method="put")
    assert (status, changed["subject"], changed["shown_code"]) == (200, "Khác", made["shown_code"])
    assert send(client, f"/{made['id']}/void", {"reason": ""})[0] == 422
    status, ended = send(client, f"/{made['id']}/void", {"reason": "Lập nhầm"})

    assert (status, ended["state"], ended["void_reason"]) == (200, "voided", "Lập nhầm")
    line = RegisterEntry.objects.get()
    rows = client.get(f"/api/v1/documents/registers/{line.register_id}/entries").json()["rows"]
    assert [(row["copy_id"], row["state"]) for row in rows] == [(made["id"], "void")]


def test_an_outsider_reaches_no_copy_and_makes_none(book: Cast, client: Client) -> None:
    enter(client, book.clerk)
    _, made = send(
        client, "/extracts",
        {**_PAPER, "document_type": "decision", "signer_name": "Hồ", "body": body("Điều 3."), "basis": "Văn phòng"},
    )  # fmt: skip
    enter(client, book.outsider)

    assert client.get(f"{_API}/{made['id']}").status_code == 404
    assert client.get(f"{_API}/{made['id']}/file").status_code == 404
    assert client.get(_API).status_code == 403
    assert client.get(f"{_API}/deciders").status_code == 403
    assert send(client, f"/{made['id']}/void", {"reason": "x"})[0] == 404
    file = SimpleUploadedFile("q.pdf", scan())
    assert client.post(_API, {**_PAPER, "basis": "x", "seen_no_mark": "true", "file": file}).status_code == 403
    assert [each.is_open for each in PaperCopy.objects.all()] == [True]
