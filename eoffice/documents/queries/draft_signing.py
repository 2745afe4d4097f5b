"""What the signing page shows: the papers, the one in view, and the checks before the signature."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from django.urls import reverse

from eoffice.core import files
from eoffice.core.clock import local_date
from eoffice.core.errors import ExpectedError
from eoffice.core.geometry import Box
from eoffice.documents.models import Draft, FileVersion, Submission
from eoffice.documents.permissions import drafts as permissions
from eoffice.documents.queries import drafts as queries
from eoffice.documents.services.freezing import is_searched, places_from_json, uploaded_file
from eoffice.documents.services.reviewing import SUBJECT_KIND
from eoffice.documents.services.signing_drafts import SigningResult, require_signable, signer_position
from eoffice.layout.types import type_of
from eoffice.organization import queries as organization
from eoffice.organization.actor import Actor
from eoffice.renditions import queries as renditions
from eoffice.renditions.inspecting import inspect_pdf
from eoffice.renditions.models import RenditionState
from eoffice.signing import queries as signing
from eoffice.signing.engine.verdicts import Verdict
from eoffice.signing.models import SignatureRequestPaper
from eoffice.signing.queries import MethodChoice
from eoffice.workflow import queries as flows
from eoffice.workflow.definitions import StepKind
from eoffice.workflow.queries import RunView
from eoffice.workflow.states import StepState


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperLine:
    """One paper of the list with what became of it; `result` None while nothing was tried."""

    id: int
    version: int
    subject: str
    type_name: str
    unit_name: str
    urgency_words: str
    is_ready: bool
    result: SigningResult | None
    asked_in: int | None
    """The request whose answer it waits for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPaper:
    """The paper in view. `refusal` says why it cannot be signed now; `initials` counts steps passed on this version."""

    draft: Draft
    file: FileVersion | None
    refusal: ExpectedError | None
    capacity_words: str
    capacity_basis: str
    initials: int
    next_words: str
    """Who has the paper once the reader has signed it."""
    run: RunView | None
    submission: Submission | None
    pages_json: str
    boxes_json: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningView:
    """Everything of the signing page."""

    papers: tuple[PaperLine, ...]
    shown: ShownPaper | None
    ways: tuple[MethodChoice, ...]

    @property
    def has_way(self) -> bool:
        return bool(self.ways)

    @property
    def has_own_key(self) -> bool:
        """One of the ways is the key kept here, opened by a PIN."""
        return any(way.method is None for way in self.ways)

    @property
    def signed_count(self) -> int:
        return sum(1 for paper in self.papers if paper.result is not None and paper.result.is_signed)

    @property
    def failed_count(self) -> int:
        return sum(1 for paper in self.papers if paper.result is not None and not paper.result.is_signed)


def signing_view(
    actor: Actor, *, shown_id: int | None, now: datetime, results: Mapping[int, SigningResult] | None = None
) -> SigningView:
    """The papers waiting for the actor's signature, those just tried included. `shown_id` None shows the first."""
    results = results or {}
    waiting = queries.papers_to_sign(actor)
    tried = [draft for draft in queries.drafts_by_id(actor, results) if draft not in waiting]
    papers = [*tried, *waiting]
    files = [draft.signing_file_id for draft in papers if draft.signing_file_id is not None]
    asked = signing.open_papers(subject_kind=SUBJECT_KIND, subject_ids=files)
    shown = next((draft for draft in papers if draft.pk == shown_id), papers[0] if papers else None)
    return SigningView(
        papers=tuple(_line(draft, results.get(draft.pk), asked.get(draft.signing_file_id or 0)) for draft in papers),
        shown=_shown(actor, shown, now) if shown is not None else None,
        ways=tuple(signing.choices_of(actor.person_id, now=now)),
    )


def _line(draft: Draft, result: SigningResult | None, asked: SignatureRequestPaper | None) -> PaperLine:
    return PaperLine(
        id=draft.pk,
        version=draft.version,
        subject=draft.subject,
        type_name=type_of(draft.document_type).name,
        unit_name=draft.unit.short_name,
        urgency_words=draft.get_urgency_display() if draft.urgency else "",
        is_ready=draft.signing_file_id is not None,
        result=result,
        asked_in=asked.request_id if asked is not None else None,
    )


def _shown(actor: Actor, draft: Draft, now: datetime) -> ShownPaper:
    run = flows.run_of(subject_kind=permissions.KIND, subject_id=draft.pk, on=local_date(now))
    capacity = draft.capacity
    file = draft.signing_file
    return ShownPaper(
        draft=draft,
        file=file,
        refusal=_refusal(actor, draft, now),
        capacity_words=" / ".join(capacity.block_lines) if capacity else "",
        capacity_basis=capacity.basis if capacity else "",
        initials=sum(step.state == StepState.PASSED and step.version == draft.version for step in run.steps)
        if run
        else 0,
        next_words=_next_words(actor, draft, run),
        run=run,
        submission=Submission.objects.filter(draft=draft).first(),
        pages_json=_pages(draft, file),
        boxes_json=_boxes(actor, draft),
    )


def _next_words(actor: Actor, draft: Draft, run: RunView | None) -> str:
    """Other signers still to come, else the office."""
    own = flows.open_step_for(actor, subject_kind=permissions.KIND, subject_id=draft.pk)
    others = [
        name
        for step in (run.steps if run else ())
        if step.kind == StepKind.SIGN
        and step.state in {StepState.OPEN, StepState.WAITING}
        and (own is None or step.id != own.pk)
        for name in step.names
    ]
    if others:
        return f"{', '.join(dict.fromkeys(others))} ký tiếp."
    if not draft.needs_number:
        return "văn bản nội bộ hoàn tất."
    return f"văn thư cấp số, {'đóng dấu, ' if draft.needs_seal else ''}phát hành."


def _refusal(actor: Actor, draft: Draft, now: datetime) -> ExpectedError | None:
    try:
        require_signable(actor, draft, draft.version, now)
    except ExpectedError as error:
        return error
    return None


def _pages(draft: Draft, file: FileVersion | None) -> str:
    return pages_json(draft, file) if file is not None else "[]"


def pages_json(draft: Draft, file: FileVersion, *, sha256: str | None = None) -> str:
    """Pages of a PDF for the placement island; `sha256` names the PDF where it is not the file itself."""
    sizes = inspect_pdf(files.path_of(sha256 or file.file_id)).page_sizes
    return json.dumps(
        [
            {
                "page": number,
                "src": reverse("documents:draft_page_picture", args=[draft.pk, file.pk, number]),
                "width": width,
                "height": height,
            }
            for number, (width, height) in enumerate(sizes)
        ]
    )


def _boxes(actor: Actor, draft: Draft) -> str:
    places = places_from_json(draft.places)
    own = places.signatures[signer_position(actor.person_id, draft) :][:1]
    boxes = [
        {"name": "signature_1", "label": f"Chữ ký: {actor.name}", "kind": "signature", "box": box.to_json()}
        for box in own
    ]
    return json.dumps(boxes, ensure_ascii=False)


def picked_cosigner(draft: Draft) -> str:
    """Who signs beside the signer, as the picker takes it."""
    if draft.cosigner_id is None:
        return "[]"
    person = organization.get_person(draft.cosigner_id)
    chosen = {"kind": "person", "id": person.pk, "name": person.full_name, "detail": "", "path": ""}
    return json.dumps([chosen], ensure_ascii=False)


def came_signed(page: queries.DraftPage) -> Verdict | None:
    """What the check said of the signatures that an uploaded text brought along; None where it brought none."""
    if page.upload is None or not page.draft.is_countersigned:
        return None
    return signing.verdict_of(page.upload.file_id)


class PlacesStage(StrEnum):
    """How far an uploaded text is on its way to a board of places."""

    NO_FILE = "no_file"
    CONVERTING = "converting"
    FAILED = "failed"
    FINDING = "finding"
    READY = "ready"


@dataclass(frozen=True, slots=True)
class PlacesBoard:
    """An uploaded text with its places, for the placement island; pages and boxes only when `stage` is ready."""

    stage: PlacesStage
    file_id: int | None = None
    pages_json: str = "[]"
    boxes_json: str = "[]"
    fault: str = ""

    @property
    def is_under_way(self) -> bool:
        return self.stage in {PlacesStage.CONVERTING, PlacesStage.FINDING}


_FINDING_TAKES: Final = timedelta(minutes=2)
"""Longer than this the search has met something it cannot read: the board then opens for placing by hand."""
_SUGGESTED = {
    "number": Box(0, 130.0, 725.0, 180.0, 745.0),
    "date": Box(0, 320.0, 725.0, 540.0, 745.0),
    "signature_1": Box(0, 340.0, 120.0, 480.0, 190.0),
    "seal": Box(0, 270.0, 105.0, 372.0, 207.0),
}
"""Where a box starts that was not found on the page, to be put right by hand."""
_BESIDE_OTHERS: Final = tuple((x0, y0) for y0 in (120.0, 200.0, 280.0, 360.0) for x0 in (340.0, 80.0))
"""Lower left corners tried for our signature on a page that others have signed: right before left, from below."""


def board_of(actor: Actor, draft_id: int, *, now: datetime) -> tuple[Draft, PlacesBoard]:
    """A draft and its board of places, asked for again and again while they are searched. Raises DocumentNotFound."""
    draft = queries.get_draft(actor, draft_id)
    return draft, places_board(draft, uploaded_file(draft), now=now)


def places_board(draft: Draft, upload: FileVersion | None, *, now: datetime) -> PlacesBoard:
    """The pages of an uploaded text with its four places.

    While they are searched there is no board: a box that waits at its default place, saved in that moment, would
    stand for one that was chosen.
    """
    if upload is None:
        return PlacesBoard(PlacesStage.NO_FILE)
    rendition = renditions.rendition_of(upload.file_id)
    if rendition is not None and rendition.state == RenditionState.FAILED:
        return PlacesBoard(PlacesStage.FAILED, upload.pk, fault=rendition.error_message)
    if rendition is None or rendition.result_id is None:
        return PlacesBoard(PlacesStage.CONVERTING, upload.pk)
    if not is_searched(draft) and now - (rendition.finished_at or upload.created_at) < _FINDING_TAKES:
        return PlacesBoard(PlacesStage.FINDING, upload.pk)
    return PlacesBoard(
        PlacesStage.READY,
        upload.pk,
        pages_json(draft, upload, sha256=rendition.result_id),
        json.dumps(_placed_boxes(draft, rendition.result_id), ensure_ascii=False),
    )


def _suggested(draft: Draft, sha256: str) -> dict[str, Box]:
    """Where boxes start; on a page that came signed ours stands beside the signatures it brought, on their page."""
    if not draft.is_countersigned:
        return _SUGGESTED
    taken = inspect_pdf(files.path_of(sha256)).signature_boxes
    if not taken:
        return _SUGGESTED
    page, usual = taken[-1].page, _SUGGESTED["signature_1"]
    tried = [Box(page, x0, y0, x0 + usual.width, y0 + usual.height) for x0, y0 in _BESIDE_OTHERS]
    free = next((box for box in tried if not any(box.overlaps(other) for other in taken)), tried[0])
    seal = _SUGGESTED["seal"]
    x0, y0 = free.x0 - usual.x0 + seal.x0, free.y0 - usual.y0 + seal.y0
    beside = Box(page, max(x0, 0.0), y0, max(x0, 0.0) + seal.width, y0 + seal.height)
    return {**_SUGGESTED, "signature_1": free, "seal": beside}


def _placed_boxes(draft: Draft, sha256: str) -> list[dict[str, object]]:
    """The wanted boxes; one still searched for is only `suggested`: untouched it is not sent."""
    places = places_from_json(draft.places)
    suggested = _suggested(draft, sha256)
    found = {
        "number": places.number,
        "date": places.date,
        "signature_1": places.signatures[0] if places.signatures else None,
        "seal": places.seal,
    }
    wanted = {
        "number": ("Số", draft.needs_number and not draft.is_countersigned),
        "date": ("Ngày, tháng, năm", draft.needs_number and not draft.is_countersigned),
        "signature_1": ("Chữ ký", True),
        "seal": ("Dấu", draft.needs_seal),
    }
    return [
        {
            "name": name,
            "label": words if found[name] else f"{words} (chưa tìm thấy)",
            "kind": name.partition("_")[0],
            "box": (found[name] or suggested[name]).to_json(),
            "suggested": found[name] is None and not is_searched(draft),
        }
        for name, (words, is_wanted) in wanted.items()
        if is_wanted
    ]
