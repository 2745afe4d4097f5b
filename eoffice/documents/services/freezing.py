"""The page of a draft, and the one file that is signed: drawn outside transactions, confirmed inside."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from procrastinate.contrib.django import app

from eoffice.audit import services as audit
from eoffice.core import files
from eoffice.core.actor_ref import ActorRef
from eoffice.core.geometry import Box, LetterPlaces
from eoffice.core.models import StoredFile
from eoffice.documents.errors import PageNotReady, PlacesMissing
from eoffice.documents.models import Draft, DraftMode, DraftRecipient, DraftVersion, FilePurpose, FileVersion
from eoffice.documents.permissions import drafts as permissions
from eoffice.documents.services.check_codes import put_code_on_page
from eoffice.documents.services.composing import letter_of, letterhead_of
from eoffice.documents.states import DraftState
from eoffice.layout.finding import clear_lines
from eoffice.layout.letters import POINTS_PER_MM, LetterContent, render_letter
from eoffice.renditions import queries as renditions
from eoffice.signing import queries as signatures
from eoffice.signing import services as signing

PDF = "application/pdf"
SIGNER_FIELD = "ky_1"
SEAL_FIELD = "dau"
FREEZE_TASK = "documents.freeze_draft"


@dataclass(frozen=True, slots=True)
class SetPage:
    """The page of one state of a draft. `updated_at` tells whether it is still that state."""

    draft_id: int
    updated_at: datetime
    file: StoredFile
    places: LetterPlaces


def draft_letter(draft: Draft, recipients: list[DraftRecipient] | None = None) -> LetterContent:
    """The letter a composed draft would be now; `recipients` None reads those stored. Raises Invalid."""
    if recipients is None:
        recipients = list(draft.recipients.select_related("unit", "person", "outside").order_by("position"))
    return letter_of(draft, recipients=recipients, head=letterhead_of(draft))


def set_page(draft: Draft, recipients: list[DraftRecipient] | None = None) -> SetPage:
    """The finished page of a draft as it is in memory, stored; never called inside a transaction.

    Raises PageNotReady while an uploaded file is being converted, PlacesMissing, ContentInvalid, BodyInvalid.
    """
    if draft.mode == DraftMode.UPLOADED:
        places = _uploaded_places(draft)
        return SetPage(draft.pk, draft.updated_at, _cleared(_uploaded_pdf(draft), places), places)
    letter = render_letter(draft_letter(draft, recipients))
    return SetPage(draft.pk, draft.updated_at, files.store(letter.pdf, media_type=PDF), letter.places)


def _uploaded_pdf(draft: Draft) -> StoredFile:
    upload = uploaded_file(draft)
    sha256 = renditions.pdf_of(upload.file_id) if upload else None
    if sha256 is None:
        raise PageNotReady
    return files.get(sha256)


def _cleared(source: StoredFile, places: LetterPlaces) -> StoredFile:
    """The page without what was typed where number and date will be written ("ngày … tháng … năm …")."""
    boxes = [box for box in (places.number, places.date) if box is not None]
    if not boxes:
        return source
    return files.store(clear_lines(files.read(source.sha256), boxes), media_type=PDF)


def uploaded_file(draft: Draft) -> FileVersion | None:
    """The newest file uploaded as the text of a draft."""
    return draft.files.filter(purpose=FilePurpose.ORIGINAL).order_by("-pk").first()


def _uploaded_places(draft: Draft) -> LetterPlaces:
    places = places_from_json(draft.places)
    missing = [
        words
        for words, is_missing in (
            ("chữ ký", not places.signatures),
            ("số", draft.needs_number and places.number is None and not draft.is_countersigned),
            ("ngày, tháng, năm", draft.needs_number and places.date is None and not draft.is_countersigned),
            ("dấu", draft.needs_seal and places.seal is None),
        )
        if is_missing
    ]
    if missing and not is_searched(draft):
        raise PageNotReady(
            "Chưa trình được: vị trí số, ngày, chữ ký đang được tìm trên tệp vừa tải lên. Chờ ít giây rồi trình lại."
        )
    if missing:
        raise PlacesMissing(f"Chưa đặt vị trí: {', '.join(missing)}. Đặt vị trí trên trang rồi trình lại.")
    return replace(places, seal=_true_size(places.seal, draft)) if places.seal else places


def _true_size(seal: Box, draft: Draft) -> Box:
    """The place of the seal around the same middle, as wide as the seal of the draft's registry really is."""
    half = signatures.seal_diameter_mm(draft.registry_id) * POINTS_PER_MM / 2
    x, y = (seal.x0 + seal.x1) / 2, (seal.y0 + seal.y1) / 2
    return Box(seal.page, x - half, y - half, x + half, y + half)


def keep_page(page: SetPage, draft: Draft, *, person_id: int, now: datetime) -> FileVersion:
    """Bind a set page to its draft, in the caller's transaction and under his lock."""
    draft.places = with_places(draft, page.places)
    draft.save(update_fields=["places"])
    known = draft.files.filter(purpose=FilePurpose.DRAFT, file=page.file).first()
    return known or FileVersion.objects.create(
        draft=draft,
        purpose=FilePurpose.DRAFT,
        file=page.file,
        name=f"Dự thảo lần {draft.version}.pdf",
        created_by_id=person_id,
        created_at=now,
    )


def enqueue_freezing(draft_id: int) -> None:
    """Have the signing file made by a job too, should this process die first; in the running transaction."""
    app.configure_task(FREEZE_TASK, queue="documents", allow_unknown=False).defer(draft_id=draft_id)


def freeze_draft(*, draft_id: int, now: datetime) -> FileVersion | None:
    """Make the one file that is signed of a draft that awaits its signature; done twice it is made once.

    The code of check, fields for number and date, every signature field with its lock, before the first signature
    (design part 4, step 5); a text that came signed only gets signature fields appended. Reads, prepares and confirms
    in separate steps; None when there is nothing to do.
    Raises PdfUnreadable, PlacesInvalid.
    """
    draft = Draft.objects.filter(pk=draft_id, state=DraftState.AWAITING_SIGNATURE, signing_file__isnull=True).first()
    if draft is None:
        return Draft.objects.select_related("signing_file").get(pk=draft_id).signing_file
    version = DraftVersion.objects.select_related("file").get(draft=draft, number=draft.version)
    if version.file is None:
        raise PageNotReady
    places = places_from_json(draft.places)
    marked = put_code_on_page(draft=draft, sha256=version.file.file_id, places=places, now=now)
    prepared = _prepared(marked, places)
    return _confirm(draft, prepared, now)


def _prepared(sha256: str, places: LetterPlaces) -> signing.PreparedFile:
    fields = [f"ky_{number}" for number in range(1, len(places.signatures) + 1)]
    return signing.prepare_file(source_sha=sha256, places=places, signer_fields=fields, any_order=True)


@transaction.atomic
def _confirm(read: Draft, prepared: signing.PreparedFile, now: datetime) -> FileVersion | None:
    draft = Draft.objects.select_for_update(no_key=True).get(pk=read.pk)
    unchanged = (draft.version, draft.places) == (read.version, read.places)
    if draft.state != DraftState.AWAITING_SIGNATURE or draft.signing_file_id is not None or not unchanged:
        return draft.signing_file  # returned, frozen by another, or the places moved: that one's file counts
    draft.signing_file = FileVersion.objects.create(
        draft=draft,
        purpose=FilePurpose.SIGNING,
        file=prepared.stored,
        name=f"Bản trình ký lần {draft.version}.pdf",
        created_at=now,
    )
    fields = {"signers": list(prepared.letter.signer_fields), "seal": prepared.letter.seal_field}
    draft.places = {**draft.places, "fields": fields}
    draft.save(update_fields=["signing_file", "places"])
    audit.record(
        actor=ActorRef(None, source="job"),
        action="documents.draft.frozen",
        object_kind=permissions.KIND,
        object_id=draft.pk,
        now=now,
        detail={"version": draft.version, "sha256": prepared.stored.pk},
    )
    return draft.signing_file


def signer_field(draft: Draft, position: int = 0) -> str:
    """The name of a signer's field in the signing file; signers count from 0."""
    names = draft.places.get("fields", {}).get("signers") or []
    return str(names[position]) if position < len(names) else f"ky_{position + 1}"


def seal_field(draft: Draft) -> str:
    """The name of the seal's field in the signing file."""
    return str(draft.places.get("fields", {}).get("seal") or SEAL_FIELD)


def with_places(draft: Draft, places: LetterPlaces) -> dict[str, object]:
    """What the row of a draft keeps for new places; what is known of an uploaded text is not forgotten."""
    kept = {
        name: draft.places[name] for name in _OF_UPLOAD if name in draft.places and draft.mode == DraftMode.UPLOADED
    }
    return {**kept, **places_to_json(places)}


_OF_UPLOAD = ("countersign", "read")
"""Beside the boxes: that the text came signed, and what was read on its page (`layout.form_findings.PageWords`)."""


def is_searched(draft: Draft) -> bool:
    """Whether an uploaded page has been read for its places, whatever was found on it."""
    return "read" in draft.places


def places_to_json(places: LetterPlaces) -> dict[str, object]:
    """Places as the draft's row keeps them."""
    return {
        "number": places.number.to_json() if places.number else None,
        "date": places.date.to_json() if places.date else None,
        "signatures": [box.to_json() for box in places.signatures],
        "seal": places.seal.to_json() if places.seal else None,
    }


def places_from_json(raw: dict[str, object]) -> LetterPlaces:
    """The reverse of `places_to_json`; an empty row has no places."""

    def box(value: object) -> Box | None:
        return Box.from_json(value) if isinstance(value, dict) else None

    signatures = raw.get("signatures")
    return LetterPlaces(
        number=box(raw.get("number")),
        date=box(raw.get("date")),
        signatures=tuple(Box.from_json(each) for each in signatures) if isinstance(signatures, list) else (),
        seal=box(raw.get("seal")),
    )
