"""Requests for signatures: one with its papers, a person's own, and what callers ask about their files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q

from eoffice.core.errors import NotFound
from eoffice.organization.actor import Actor
from eoffice.signing.models import SignatureRequest, SignatureRequestPaper
from eoffice.signing.states import OPEN_STATES, RequestState


@dataclass(frozen=True, slots=True)
class RequestPage:
    """A request with its papers, for its page."""

    request: SignatureRequest
    papers: list[SignatureRequestPaper]

    @property
    def signed(self) -> list[SignatureRequestPaper]:
        return [paper for paper in self.papers if paper.state == RequestState.SIGNED]

    @property
    def unsigned(self) -> list[SignatureRequestPaper]:
        """Those that ended without a signature."""
        return [paper for paper in self.papers if not paper.is_open and paper.state != RequestState.SIGNED]

    @property
    def is_settled(self) -> bool:
        """Nothing more will change: also whoever asked has taken what was signed, or said why not."""
        return not self.request.is_open and all(paper.taken_at or paper.untaken_words for paper in self.signed)

    @property
    def again(self) -> str:
        """The page that offers the unsigned papers again; empty where there is none."""
        asked = [paper.again for paper in self.unsigned if paper.again]
        return f"{self.request.back}?{'&'.join(asked)}" if self.request.back and asked else ""


def request_page(actor: Actor, request_id: int) -> RequestPage:
    """One of the actor's own requests. Raises NotFound."""
    rows = SignatureRequest.objects.select_related("method__provider", "key")
    request = rows.filter(pk=request_id, person_id=actor.own_id).first()
    if request is None:
        raise NotFound
    return RequestPage(request, list(request.papers.order_by("position")))


def requests_of(actor: Actor) -> list[SignatureRequest]:
    """The actor's newest requests to keys elsewhere, fifty at most."""
    rows = SignatureRequest.objects.filter(person_id=actor.own_id, method__isnull=False)
    return list(rows.select_related("method__provider").order_by("-created_at", "-pk")[:50])


def open_papers(*, subject_kind: str, subject_ids: Iterable[int]) -> dict[int, SignatureRequestPaper]:
    """Which of these versions wait for a signature now, by their id."""
    rows = SignatureRequestPaper.objects.filter(
        subject_kind=subject_kind, subject_id__in=list(subject_ids), state__in=OPEN_STATES
    )
    return {row.subject_id: row for row in rows.select_related("request__person")}


def signed_paper(paper_id: int) -> SignatureRequestPaper | None:
    """A paper of a request whose signed file waits to be taken, with its request; None once it is taken."""
    rows = SignatureRequestPaper.objects.select_related("request__person", "result")
    return rows.filter(pk=paper_id, result__isnull=False, taken_at__isnull=True).first()


def request_of_paper(paper_id: int) -> RequestPage:
    """The request of a paper with all its papers, open or ended, for whoever asked."""
    paper = SignatureRequestPaper.objects.select_related("request__person", "request__method").get(pk=paper_id)
    return RequestPage(paper.request, list(paper.request.papers.order_by("position")))


def signed_papers(*, method_id: int, names: Iterable[tuple[str, int]]) -> dict[tuple[str, int], SignatureRequestPaper]:
    """The newest signed paper of one way of signing for each version asked about by kind and id, taken or not."""
    named = Q(pk__in=[])
    for kind, number in names:
        named |= Q(subject_kind=kind, subject_id=number)
    rows = SignatureRequestPaper.objects.filter(named, request__method_id=method_id, state=RequestState.SIGNED)
    return {(row.subject_kind, row.subject_id): row for row in rows.order_by("pk")}
