"""Files of drafts: one's own text uploaded, its places found and corrected, separate attachments."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from django.db import transaction

from eoffice.audit import services as audit
from eoffice.core import files
from eoffice.core.errors import Invalid
from eoffice.core.geometry import LetterPlaces
from eoffice.documents import fitting_posts
from eoffice.documents.errors import (
    DocumentNotFound,
    VersionChanged,
)
from eoffice.documents.models import Draft, DraftMode, FilePurpose, FileVersion
from eoffice.documents.permissions import drafts as permissions
from eoffice.documents.services.drafting import lock_draft
from eoffice.documents.services.examining_uploads import examine_held
from eoffice.documents.services.freezing import is_searched, places_from_json, uploaded_file, with_places
from eoffice.documents.services.receiving import Assurance, Upload
from eoffice.documents.services.reviewing import seen_draft
from eoffice.documents.states import DraftState
from eoffice.layout.finding import FoundPlaces, find_places
from eoffice.layout.form_findings import PageWords
from eoffice.layout.reading import read_letter
from eoffice.organization.actor import Actor
from eoffice.renditions import hold
from eoffice.renditions import queries as renditions
from eoffice.renditions import services as rendering
from eoffice.renditions.sniffing import FileKind
from eoffice.signing import services as signing

_TEXTS: Final = {FileKind.PDF, FileKind.DOCX, FileKind.DOC, FileKind.ODT}
_EDITORS_ONLY: Final = "Chỉ người soạn thảo thay đổi tệp được, và chỉ khi dự thảo chưa trình."
_LOCKED: Final = (
    "Tệp PDF khóa quyền sửa nên cơ quan không ký số lên được. Chưa đính kèm; lưu lại bản không khóa rồi tải lên."
)


@dataclass(frozen=True, slots=True)
class _Checked:
    """A file that passed and still lies in the hold."""

    token: str
    name: str
    media_type: str
    is_signed: bool


def upload_text(
    *, actor: Actor, draft_id: int, upload: Upload, now: datetime, assurance: Assurance | None = None
) -> Draft:
    """Make an own DOCX, DOC, ODT or PDF the text of a draft; the places on it are found once it is a PDF.

    Checked in the hold before a byte is kept (design part 5). A PDF that carries signatures is kept
    as it is, only to be countersigned (design part 4, step 5); its signatures are checked at once. Raises
    DocumentNotFound, NotPermitted, SecretMaterial, SecrecyUnconfirmed, CountersigningForbidden and the refusals of
    files.
    """
    draft = seen_draft(actor, draft_id)
    permissions.require(permissions.can_edit(actor, draft), _EDITORS_ONLY)
    with _checked(actor, upload, assurance or Assurance(), now, text=True) as checked:
        file = _keep_text(actor, draft_id, checked, now)
    if checked.is_signed:
        signing.check_file(sha256=file.file_id, now=now)
    find_draft_places(draft_id=draft_id, now=now)
    return seen_draft(actor, draft_id)


@transaction.atomic
def _keep_text(actor: Actor, draft_id: int, checked: _Checked, now: datetime) -> FileVersion:
    draft = lock_draft(draft_id, actor=actor)
    actor = fitting_posts.at_draft(actor, draft)
    permissions.require(permissions.can_edit(actor, draft), _EDITORS_ONLY)
    if draft.versions.filter(number=draft.version).exists():
        draft.version += 1
    places = {"countersign": True} if checked.is_signed else {}
    draft.mode, draft.places, draft.updated_at = DraftMode.UPLOADED, places, now
    draft.save(update_fields=["mode", "places", "updated_at", "version"])
    return _keep(actor, draft, checked, FilePurpose.ORIGINAL, now)


def attach_to_draft(
    *, actor: Actor, draft_id: int, upload: Upload, now: datetime, assurance: Assurance | None = None
) -> FileVersion:
    """Add a separate file; the organisation signs it with the paper where it can (`planning_annexes`).

    Raises as `upload_text`, and Invalid for an encrypted PDF, which nobody can sign.
    """
    draft = seen_draft(actor, draft_id)
    permissions.require(permissions.can_edit(actor, draft), _EDITORS_ONLY)
    with (
        _checked(actor, upload, assurance or Assurance(), now, text=False) as checked,
        transaction.atomic(),
    ):
        draft = lock_draft(draft_id, actor=actor)
        actor = fitting_posts.at_draft(actor, draft)
        permissions.require(permissions.can_edit(actor, draft), _EDITORS_ONLY)
        return _keep(actor, draft, checked, FilePurpose.ATTACHMENT, now)


@transaction.atomic
def detach_from_draft(*, actor: Actor, draft_id: int, file_id: int, now: datetime) -> None:
    """Take an attachment off a draft; the bytes stay where other versions name them.

    Raises DocumentNotFound, NotPermitted.
    """
    draft = lock_draft(draft_id, actor=actor)
    actor = fitting_posts.at_draft(actor, draft)
    permissions.require(permissions.can_edit(actor, draft), _EDITORS_ONLY)
    file = draft.files.filter(pk=file_id, purpose=FilePurpose.ATTACHMENT).first()
    if file is None:
        raise DocumentNotFound("Không tìm thấy tệp kèm này.")
    audit.record(
        actor=actor.ref,
        action="documents.draft.detached",
        object_kind=permissions.KIND,
        object_id=draft.pk,
        now=now,
        detail={"sha256": file.file_id},
    )
    file.delete()


@contextmanager
def _checked(actor: Actor, upload: Upload, assurance: Assurance, now: datetime, *, text: bool) -> Iterator[_Checked]:
    """Hold and check one file; whatever happens then, the hold is empty afterwards."""
    held = hold.hold(upload, upload.name or "")
    try:
        found = examine_held(
            actor=actor, held=held, assurance=assurance, refused_as="documents.draft.secret_refused", now=now
        ).checked
        if not text and found.facts is not None and found.facts.encrypted:
            raise Invalid(_LOCKED)
        if text and found.kind not in _TEXTS:
            raise Invalid("Nội dung dự thảo nhận tệp DOCX, DOC, ODT hoặc PDF. Tệp khác thì đính kèm.")
        is_signed = found.facts is not None and bool(found.facts.signed_fields)
        if text and is_signed:
            with hold.opened(held.token) as path:
                signing.require_countersignable(path=path, now=now)
        yield _Checked(held.token, held.name, found.media_type, is_signed)
    finally:
        hold.destroy(held.token)


def _keep(actor: Actor, draft: Draft, checked: _Checked, purpose: FilePurpose, now: datetime) -> FileVersion:
    with hold.opened(checked.token) as path:
        stored = files.store_path(path, media_type=checked.media_type)
    rendering.request(sha256=stored.sha256, now=now)
    audit.record(
        actor=actor.ref,
        action="documents.draft.file_added",
        object_kind=permissions.KIND,
        object_id=draft.pk,
        now=now,
        detail={"sha256": stored.sha256, "purpose": str(purpose)},
    )
    return FileVersion.objects.create(
        draft=draft, purpose=purpose, file=stored, name=checked.name, created_by_id=actor.person_id, created_at=now
    )


def find_draft_places(*, draft_id: int, now: datetime) -> LetterPlaces | None:
    """Find where number, date, signature and seal belong on an uploaded text; None while it is no PDF yet.

    Boxes set by hand meanwhile stay; only what nobody placed is filled in. Reads the PDF outside any transaction and
    once for each upload. Raises PageUnreadable.
    """
    draft = Draft.objects.filter(pk=draft_id, state=DraftState.DRAFT, mode=DraftMode.UPLOADED).first()
    upload = uploaded_file(draft) if draft is not None else None
    sha256 = renditions.pdf_of(upload.file_id) if upload is not None else None
    if draft is None or sha256 is None or is_searched(draft):
        return None
    path = files.path_of(sha256)
    seen = find_places(path)
    found, read = _fitting(draft, seen.to_places()), _words_of(path, seen)
    with transaction.atomic():
        current = Draft.objects.select_for_update(no_key=True).get(pk=draft_id)
        if current.state != DraftState.DRAFT or uploaded_file(current) != upload or is_searched(current):
            return None  # submitted, another upload, or found by another run
        placed = _filled_up(places_from_json(current.places), found)
        current.places = {**with_places(current, placed), "read": asdict(read)}
        current.save(update_fields=["places"])
    return placed


def _filled_up(by_hand: LetterPlaces, found: LetterPlaces) -> LetterPlaces:
    """What a hand has placed, and for the rest what was found."""
    return LetterPlaces(
        number=by_hand.number or found.number,
        date=by_hand.date or found.date,
        signatures=by_hand.signatures or found.signatures,
        seal=by_hand.seal or found.seal,
    )


def _words_of(path: Path, seen: FoundPlaces) -> PageWords:
    """What stands on an uploaded page, kept to be held against what is filled in. Raises PageUnreadable."""
    fields = read_letter(path)
    found = {"number": seen.number, "date": seen.date, "signature": seen.signature}
    return PageWords(
        type_name=fields.type.value if fields.type else "",
        symbol=fields.symbol.value if fields.symbol else "",
        place=fields.place.value if fields.place else "",
        issuer=fields.issuer.value if fields.issuer else "",
        subject=fields.subject.value if fields.subject else "",
        signer=fields.signer.value if fields.signer else "",
        has_text=fields.has_text,
        found=tuple(name for name, place in found.items() if place is not None),
    )


def _fitting(draft: Draft, places: LetterPlaces) -> LetterPlaces:
    """Places that can still be used: number and date are never written on a text that came signed."""
    return replace(places, number=None, date=None) if draft.is_countersigned else places


def drafts_of_upload(sha256: str) -> list[int]:
    """Drafts still being written whose text is this uploaded file."""
    return list(
        Draft.objects.filter(
            state=DraftState.DRAFT, mode=DraftMode.UPLOADED, files__purpose=FilePurpose.ORIGINAL, files__file_id=sha256
        )
        .order_by("pk")
        .values_list("pk", flat=True)
        .distinct()
    )


@transaction.atomic
def correct_places(*, actor: Actor, draft_id: int, places: LetterPlaces, seen_file_id: int, now: datetime) -> Draft:
    """Set the places of an uploaded text by hand, on the uploaded file that was seen (its FileVersion).

    What is typed beside it saves itself meanwhile and moves nothing; a box left out may still be found. Raises
    DocumentNotFound, NotPermitted, VersionChanged, Invalid.
    """
    draft = lock_draft(draft_id, actor=actor)
    actor = fitting_posts.at_draft(actor, draft)
    permissions.require(permissions.can_edit(actor, draft), _EDITORS_ONLY)
    if draft.mode != DraftMode.UPLOADED:
        raise Invalid("Văn bản soạn trên hệ thống có vị trí do thể thức quyết định, không đặt bằng tay.")
    upload = uploaded_file(draft)
    if upload is None or upload.pk != seen_file_id:
        raise VersionChanged
    before = places_from_json(draft.places)
    draft.places, draft.updated_at = with_places(draft, _fitting(draft, places)), now
    draft.save(update_fields=["places", "updated_at"])
    audit.record(
        actor=actor.ref,
        action="documents.draft.places_corrected",
        object_kind=permissions.KIND,
        object_id=draft.pk,
        now=now,
        detail={"changed": places != before},
    )
    return draft
