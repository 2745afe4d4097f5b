"""Drafts as tests need them, made through the services."""

from __future__ import annotations

from datetime import datetime

from eoffice.documents.models import Draft
from eoffice.documents.services import beginning_drafts, reviewing, submitting
from eoffice.documents.services.drafting import DraftEntry, RecipientEntry
from eoffice.documents.services.signing_drafts import PaperToSign, sign_drafts
from eoffice.documents.tests.cast import NOW, Cast, actor_of
from eoffice.signing import queries as signing_queries
from eoffice.signing import services as signing


def body(text: str = "Thực hiện Kế hoạch số 15/KH-TXG, đề nghị các đơn vị báo cáo trước ngày 30.") -> dict[str, object]:
    """A body of one paragraph."""
    return {"type": "doc", "content": [{"type": "paragraph", "content": [{"type": "text", "text": text}]}]}


def letter_entry(
    cast: Cast, *, subject: str = "Báo cáo kết quả triển khai chữ ký số năm 2026", **changes: object
) -> DraftEntry:
    """A công văn to company A with a copy to Ban Pháp chế, signed by the leader."""
    values: dict[str, object] = {
        "document_type": "letter",
        "subject": subject,
        "capacity_id": cast.leader_capacity.pk,
        "body": body(),
        "recipients": (
            RecipientEntry(kind="unit", id=cast.company.pk),
            RecipientEntry(kind="unit", id=cast.legal.pk, note="để phối hợp"),
        ),
        "proposal": "Kính trình Tổng Giám đốc xem xét, ký ban hành.",
    }
    return DraftEntry(**{**values, **changes})  # type: ignore[arg-type]  # values of tests


def make_draft(
    cast: Cast, *, now: datetime = NOW, subject: str = "Báo cáo kết quả triển khai chữ ký số năm 2026"
) -> Draft:
    """A công văn written by the officer of Ban Công nghệ."""
    return beginning_drafts.create_draft(
        actor=actor_of(cast.officer), entry=letter_entry(cast, subject=subject), unit_id=cast.technology.pk, now=now
    )


def in_review(
    cast: Cast, *, now: datetime = NOW, subject: str = "Báo cáo kết quả triển khai chữ ký số năm 2026"
) -> Draft:
    """The same, submitted: it waits for the head's initial."""
    draft = make_draft(cast, now=now, subject=subject)
    return submitting.submit_draft(actor=actor_of(cast.officer), draft_id=draft.pk, seen_version=1, now=now)


def awaiting_signature(
    cast: Cast, *, now: datetime = NOW, subject: str = "Báo cáo kết quả triển khai chữ ký số năm 2026"
) -> Draft:
    """The same, initialled by the head and checked by the clerk: its signing file is ready for the leader."""
    draft = in_review(cast, now=now, subject=subject)
    for person in (cast.head, cast.clerk):
        draft = reviewing.pass_review(actor=actor_of(person), draft_id=draft.pk, seen_version=draft.version, now=now)
    return draft


LEADER_PIN = "280594"


def signed(cast: Cast, *, now: datetime = NOW, subject: str = "Báo cáo kết quả triển khai chữ ký số năm 2026") -> Draft:
    """The same, signed by the leader with a key of the installation's test authority: it waits for its number."""
    draft = awaiting_signature(cast, now=now, subject=subject)
    leader = actor_of(cast.leader)
    if signing_queries.key_of_person(cast.leader.pk) is None:
        signing.ensure_authority(now=now)
        signing.set_pin(actor=leader, pin=LEADER_PIN, now=now)
    result = sign_drafts(actor=leader, papers=[PaperToSign(draft.pk, draft.version)], pin=LEADER_PIN, now=now)[0]
    if result.error is not None:
        raise result.error
    draft.refresh_from_db()
    return draft
