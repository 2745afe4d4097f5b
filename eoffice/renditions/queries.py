"""Reading what there is of a stored file. Who may see the file has been asked before."""

from __future__ import annotations

from collections.abc import Iterable

from eoffice.renditions.errors import PageNotFound
from eoffice.renditions.models import Rendition, RenditionKind, RenditionState
from eoffice.renditions.services import PAGE_BREAK


def rendition_of(sha256: str, kind: str = RenditionKind.PDF) -> Rendition | None:
    """The rendition of a file in one kind, without its text; None where none was asked for."""
    return Rendition.objects.defer("text").filter(source_id=sha256, kind=kind).first()


def pdf_of(sha256: str) -> str | None:
    """SHA-256 of the PDF to show for a stored file; None while there is none."""
    return (
        Rendition.objects.filter(source_id=sha256, kind=RenditionKind.PDF, state=RenditionState.DONE)
        .values_list("result_id", flat=True)
        .first()
    )


def pdfs_of(sha256s: Iterable[str]) -> dict[str, str]:
    """SHA-256 of the PDF for each of several stored files that has one; one query."""
    rows = Rendition.objects.filter(
        source_id__in=list(sha256s), kind=RenditionKind.PDF, state=RenditionState.DONE, result__isnull=False
    ).values_list("source_id", "result_id")
    return dict(rows)


def text_of(sha256: str) -> str:
    """The whole text, pages parted by form feeds; empty while there is none or for a scan."""
    found = (
        Rendition.objects.filter(source_id=sha256, kind=RenditionKind.TEXT, state=RenditionState.DONE)
        .values_list("text", flat=True)
        .first()
    )
    return found or ""


def page_text(sha256: str, page: int) -> str:
    """The text of page `page` (from 0). Raises PageNotFound, also while the text is not there yet."""
    row = Rendition.objects.filter(source_id=sha256, kind=RenditionKind.TEXT, state=RenditionState.DONE).first()
    texts = row.text.split(PAGE_BREAK) if row is not None else []
    if not 0 <= page < len(texts):
        raise PageNotFound
    return texts[page]


def states_of(sha256s: Iterable[str]) -> dict[str, RenditionState]:
    """The state of the PDF of each file that was asked for; one query."""
    return {source: state for source, (state, _) in states_and_pages_of(sha256s).items()}


def states_and_pages_of(sha256s: Iterable[str]) -> dict[str, tuple[RenditionState, int]]:
    """The state of the PDF of each file that was asked for and its number of pages (0: not known yet); one query."""
    rows = Rendition.objects.filter(source_id__in=list(sha256s), kind=RenditionKind.PDF)
    found = rows.values_list("source_id", "state", "page_count")
    return {source: (RenditionState(state), pages or 0) for source, state, pages in found}
