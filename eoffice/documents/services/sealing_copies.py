"""Sign a copy for the organisation, at once with the key kept here or when a key elsewhere has answered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from django.db import transaction
from django.urls import reverse

from eoffice.core import locks
from eoffice.core.errors import Conflict, ExpectedError, NotFound
from eoffice.documents.models import PaperCopy
from eoffice.documents.permissions import copies as permissions
from eoffice.documents.permissions.registers import require
from eoffice.documents.services.copying import record_copy
from eoffice.organization import queries as organization
from eoffice.organization.actor import Actor
from eoffice.renditions import services as renditions
from eoffice.signing import queries as signing_queries
from eoffice.signing import services as signing
from eoffice.signing.engine.text_marks import copy_lines
from eoffice.signing.errors import PaperBeingSigned
from eoffice.signing.services.sealing_copies import corner_paper, seal_corner

SEALED_COPY: Final = "documents.copy"
"""Names a copy in a request for its seal, by the key of its row."""


def seal_copy(*, actor: Actor, copy_id: int, pin: str, now: datetime) -> PaperCopy:
    """Sign for the organisation at the upper right of page 1: form of copy, organisation, time; no picture.

    The key is used outside any transaction; a process killed on the way leaves the scan, sealed again later. Two at
    once: the second finds it sealed. Raises NotFound, NotPermitted, Conflict, PinWrong, KeyLocked, NoKey,
    PaperBeingSigned.
    """
    copy = _sealable(actor, copy_id)
    with locks.one_at_a_time([_lock(copy)]):
        scan_id = _open_scan(copy, now)
        key = signing.unlock_seal(actor=actor, unit_id=copy.registry_id, pin=pin, now=now)
        stored = seal_corner(
            actor=actor, open_key=key, unit_id=copy.registry_id, source_sha=scan_id, lines=_lines(copy, now), now=now
        )
        _bind(actor, copy, scan_id, str(stored.pk), drawn_at=now, now=now)
    return copy


def ask_for_copy_seal(
    *, actor: Actor, copy_id: int, method_id: int, now: datetime, typed: Mapping[str, str] | None = None
) -> int:
    """Ask a key elsewhere to sign a copy for the organisation; the request to follow.

    Until the answer comes the copy is neither changed nor signed in another way. Raises what `seal_copy` raises but
    for the PIN, and Invalid, CertificateUnusable.
    """
    copy = _sealable(actor, copy_id)
    with locks.one_at_a_time([_lock(copy)]):
        scan_id = _open_scan(copy, now)
        method = signing_queries.get_seal_method(unit_id=copy.registry_id, method_id=method_id)
        asked = signing.AskedPaper(
            paper=corner_paper(source_sha=scan_id, lines=_lines(copy, now)),
            title=f"{copy.get_form_display()} {copy.shown_code} {copy.subject}", subject_kind=SEALED_COPY,
            subject_id=copy.pk, subject={"scan": scan_id},
        )  # fmt: skip
        opened = signing.ask_for_signatures(
            actor=actor, method=method, papers=[asked], typed=typed, now=now,
            description=f"Ký số {copy.get_form_display().lower()} {copy.shown_code}",
            back=reverse("documents:copy_detail", args=[copy.pk]),
        )  # fmt: skip
    if opened.request is None:
        raise PaperBeingSigned
    return opened.request.pk


def take_copy_seal(*, paper_id: int, now: datetime) -> None:
    """Make what a key elsewhere has signed the copy; taken already, nothing happens."""
    paper = signing_queries.signed_paper(paper_id)
    if paper is None or paper.subject_kind != SEALED_COPY:
        return
    asked, refusal = paper.request, None
    try:
        actor = organization.actor_of(
            user_id=asked.person.user_id or 0, now=now, posting_id=asked.posting_id, source="job"
        )
        _bind(
            actor, _sealable(actor, paper.subject_id), str(paper.subject["scan"]), str(paper.result_id),
            drawn_at=asked.created_at, now=now,
        )  # fmt: skip
    except ExpectedError as error:
        refusal = error
    signing.note_taken(paper_id=paper_id, error=refusal, now=now)


def require_copy_free(copy: PaperCopy, now: datetime) -> None:
    """The copy is not waiting for a signature asked of a phone or a token. Raises PaperBeingSigned."""
    signing.require_free(subject_kind=SEALED_COPY, subject_id=copy.pk, now=now)


def _sealable(actor: Actor, copy_id: int) -> PaperCopy:
    rows = PaperCopy.objects.select_related("registry", "entry").filter(permissions.copies_visible_to(actor))
    copy = rows.filter(pk=copy_id).first()
    if copy is None:
        raise NotFound
    require(permissions.can_copy(actor, copy.registry_id), "Chỉ văn thư giữ con dấu của đơn vị ký số bản sao.")
    return copy


def _lock(copy: PaperCopy) -> str:
    return f"documents:copy:{copy.pk}"


def _open_scan(copy: PaperCopy, now: datetime) -> str:
    """The page that is signed, of a copy that nobody has signed or is signing."""
    copy.refresh_from_db(fields=["sealed_at", "voided_at", "scan"])
    if copy.sealed_at is not None:
        raise Conflict("Bản sao này đã được ký số. Không ký lần hai.")
    if copy.voided_at is not None:
        raise Conflict("Bản sao này đã hủy nên không ký số được.")
    if copy.scan_id is None:
        raise Conflict("Trang của bản trích sao chưa được tạo. Mở Sửa rồi lưu lại.")
    require_copy_free(copy, now)
    return copy.scan_id


def _lines(copy: PaperCopy, now: datetime) -> tuple[str, ...]:
    return copy_lines(copy.get_form_display(), copy.registry.name, now)


@transaction.atomic
def _bind(actor: Actor, copy: PaperCopy, scan_id: str, result_sha: str, *, drawn_at: datetime, now: datetime) -> None:
    """Make a signed file the copy's; it counts as signed at the moment its page bears, `drawn_at`."""
    current = PaperCopy.objects.select_for_update(no_key=True).get(pk=copy.pk)
    if current.sealed_at is not None and current.result_id == result_sha:
        return  # bound already, by a delivery of the same answer
    if not current.is_open or current.scan_id != scan_id:
        raise Conflict("Bản sao vừa được sửa hoặc hủy ở nơi khác. Chưa ký; tải lại trang để xem rồi ký.")
    copy.result_id, copy.sealed_by_id, copy.sealed_at = result_sha, actor.person_id, drawn_at
    copy.save(update_fields=["result", "sealed_by", "sealed_at"])
    renditions.request(sha256=result_sha, now=now)
    record_copy(actor, "sealed", copy, now, sha256=result_sha)
