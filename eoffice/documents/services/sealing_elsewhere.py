"""Đóng dấu with a key elsewhere: a token, a phone or a program is asked, the seal is taken when it has answered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.urls import reverse

from eoffice.core.errors import ExpectedError
from eoffice.documents.errors import LeaderSignatureInvalid, SealNotWhole
from eoffice.documents.models import FileVersion, OutgoingDocument, Sealing
from eoffice.documents.services import sealing
from eoffice.documents.services.sealing import SEALED_FILE, SealedFiles
from eoffice.documents.services.sealing_annexes import leave_unsignable, papers_of, ready_annexes, sealed_with
from eoffice.organization import queries as organization
from eoffice.organization.actor import Actor
from eoffice.organization.models import SigningCapacity
from eoffice.signing import queries as signing_queries
from eoffice.signing import services as signing
from eoffice.signing.errors import PaperBeingSigned, SealRefused
from eoffice.signing.models import SignatureRequest, SignatureRequestPaper, SigningMethod
from eoffice.signing.states import RequestState

SEALED_ANNEX: Final = "documents.sealed_annex"
"""Names an annex in a request for its signature, by the key of its row."""
SUBJECT_KINDS: Final = (SEALED_FILE, SEALED_ANNEX)


@dataclass(frozen=True, slots=True)
class AskedSeal:
    """The request to follow; None when all had been signed before, so that the paper is sealed already."""

    request_id: int | None


def ask_for_seal(
    *, actor: Actor, outgoing_id: int, method_id: int, now: datetime, typed: Mapping[str, str] | None = None
) -> AskedSeal:
    """Ask a key elsewhere for the seal on a numbered document and its separate annexes, in one confirmation.

    Asked as `sealing.seal_outgoing` asks; until the answer comes nobody else seals it and its number is not voided.
    What this key has signed of it before, in a request of which another part failed, is not asked again.
    Raises what `seal_outgoing` raises but for the PIN, and NotFound, PaperBeingSigned, Invalid, CertificateUnusable.
    """
    begun = begin_asking(actor=actor, outgoing_id=outgoing_id, method_id=method_id, again="box=to_number", now=now)
    if not begun.missing:
        return AskedSeal(None)
    outgoing = begun.outgoing
    back = reverse("documents:outgoing_detail", args=[outgoing.pk])
    words = f"Ký số cơ quan {outgoing.shown_code}"
    return AskedSeal(ask_together(actor=actor, begun=[begun], description=words, back=back, typed=typed, now=now))


@dataclass(frozen=True, slots=True)
class BegunSeal:
    """A document reserved for its seal, and what of it the key is still to sign: nothing when it is sealed already."""

    outgoing: OutgoingDocument
    method: SigningMethod
    reserved: Sealing
    missing: tuple[signing.AskedPaper, ...]


def begin_asking(*, actor: Actor, outgoing_id: int, method_id: int, again: str, now: datetime) -> BegunSeal:
    """Reserve a document; sealed at once where the key has signed all of it before. Raises as `ask_for_seal`."""
    reserved = sealing.reserve_sealing(actor=actor, outgoing_id=outgoing_id, now=now)
    try:
        outgoing, capacity, file = sealing.sealable(outgoing_id)
        method = signing_queries.get_seal_method(unit_id=outgoing.registry_id, method_id=method_id)
        signing.require_own_method(actor, method)
        papers = _papers(outgoing, capacity, file, again, now)
        signed = _signed_before(method, papers)
        missing = tuple(each for each in papers if each.name not in signed)
        if not missing:
            sealing.confirm_sealing(actor=actor, sealing=reserved, made=_made_of(signed), now=now)
            _note_taken(signed.values(), None, now)
    except ExpectedError:
        sealing.let_go(reserved)
        raise
    return BegunSeal(outgoing, method, reserved, missing)


def ask_together(
    *,
    actor: Actor,
    begun: Sequence[BegunSeal],
    description: str,
    back: str,
    typed: Mapping[str, str] | None,
    now: datetime,
) -> int:
    """One request for all that is missing; from then on the open request keeps others off, not the reservations."""
    try:
        opened = signing.ask_for_signatures(
            actor=actor, method=begun[0].method, papers=[paper for each in begun for paper in each.missing],
            description=description, back=back, typed=typed, now=now,
        )  # fmt: skip
        if opened.request is None:
            raise PaperBeingSigned
        if opened.refused:
            signing.cancel_request(actor=actor, request_id=opened.request.pk, now=now)
            raise PaperBeingSigned
        return opened.request.pk
    finally:
        for each in begun:
            sealing.let_go(each.reserved)


def take_seal(*, paper_id: int, now: datetime) -> None:
    """Bind what a key has signed of a document, once the last of its files has ended; taken already, nothing happens.

    All or none: of a document of which a part failed nothing counts, and what was signed waits for the next request.
    Other documents of the same request stand or fall alone.
    Everything is asked again as the clerk stands today; what cannot be taken any more is said on the request.
    """
    page = signing_queries.request_of_paper(paper_id)
    outgoing_id = next(paper.subject["outgoing_id"] for paper in page.papers if paper.pk == paper_id)
    own = [paper for paper in page.papers if paper.subject.get("outgoing_id") == outgoing_id]
    signed = [paper for paper in own if paper.state == RequestState.SIGNED and paper.taken_at is None]
    if not signed or any(paper.is_open for paper in own):
        return
    try:
        unsigned = [
            paper.title for paper in own if paper.state != RequestState.SIGNED and not _goes_as_it_came(paper, now)
        ]
        if unsigned:
            raise SealNotWhole(unsigned)
        _take(page.request, int(outgoing_id), now)
    except ExpectedError as error:
        _note_taken(signed, error, now)


def _goes_as_it_came(paper: SignatureRequestPaper, now: datetime) -> bool:
    return paper.subject_kind == SEALED_ANNEX and leave_unsignable(paper.subject_id, now=now)


def _papers(
    outgoing: OutgoingDocument, capacity: SigningCapacity, file: FileVersion, again: str, now: datetime
) -> list[signing.AskedPaper]:
    """The numbered file, over a valid signature of the person in authority, and its annexes, as they are asked for."""
    try:
        signing.require_sealable(source_sha=file.file_id, authorised_person_id=capacity.person_id, now=now)
    except SealRefused as error:
        raise LeaderSignatureInvalid(error.message) from error
    annexes = ready_annexes(outgoing=outgoing, now=now)
    subject = {"outgoing_id": outgoing.pk}
    asked = [
        signing.AskedPaper(
            paper=sealing.paper_of(outgoing, file), title=f"{outgoing.shown_code} {outgoing.subject}",
            subject_kind=SEALED_FILE, subject_id=file.pk, subject=subject, again=again,
        )
    ]  # fmt: skip
    drawn = papers_of(annexes, code=outgoing.shown_code, now=now)
    asked += [
        signing.AskedPaper(
            paper=paper, title=f"Phụ lục {annex.attachment.name}", subject_kind=SEALED_ANNEX, subject_id=annex.pk,
            subject=subject,
        )
        for annex, paper in zip(annexes, drawn, strict=True)
    ]  # fmt: skip
    return asked


def _signed_before(
    method: SigningMethod, papers: Sequence[signing.AskedPaper]
) -> dict[tuple[str, int], SignatureRequestPaper]:
    found = signing_queries.signed_papers(method_id=method.pk, names=[each.name for each in papers])
    sources = {each.name: each.paper.source_sha for each in papers}
    return {name: row for name, row in found.items() if row.source_id == sources[name]}


def _take(asked: SignatureRequest, outgoing_id: int, now: datetime) -> None:
    actor = organization.actor_of(user_id=asked.person.user_id or 0, now=now, posting_id=asked.posting_id, source="job")
    reserved = sealing.reserve_sealing(actor=actor, outgoing_id=outgoing_id, now=now)
    try:
        names = _names(outgoing_id)
        found = signing_queries.signed_papers(method_id=asked.method_id or 0, names=names)
        missing = [words for name, words in names.items() if name not in found]
        if missing:
            raise SealNotWhole(missing)
        sealing.confirm_sealing(actor=actor, sealing=reserved, made=_made_of(found), now=now)
    except ExpectedError:
        sealing.let_go(reserved)
        raise
    _note_taken(found.values(), None, now)


def _names(outgoing_id: int) -> dict[tuple[str, int], str]:
    """Every file that must be signed, with what it is called."""
    outgoing, _, file = sealing.sealable(outgoing_id)
    annexes = sealed_with(outgoing)
    return {(SEALED_FILE, file.pk): outgoing.shown_code} | {
        (SEALED_ANNEX, each.pk): each.attachment.name for each in annexes
    }


def _made_of(signed: Mapping[tuple[str, int], SignatureRequestPaper]) -> SealedFiles:
    paper = next(row for (kind, _), row in signed.items() if kind == SEALED_FILE)
    annexes = {number: str(row.result_id) for (kind, number), row in signed.items() if kind == SEALED_ANNEX}
    return SealedFiles(str(paper.result_id), annexes)


def _note_taken(papers: Iterable[SignatureRequestPaper], error: ExpectedError | None, now: datetime) -> None:
    for paper in papers:
        signing.note_taken(paper_id=paper.pk, error=error, now=now)
