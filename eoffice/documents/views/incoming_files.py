"""Files of an incoming document, and the papers made of it."""

from __future__ import annotations

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_GET

from eoffice.documents.queries import arrival_papers
from eoffice.documents.queries import incoming as queries
from eoffice.documents.views import files
from eoffice.organization.gate import signed_in
from eoffice.organization.middleware import ActorRequest
from eoffice.renditions import pages
from eoffice.renditions import queries as renditions
from eoffice.signing import queries as signing


@require_GET
@signed_in
def incoming_file(request: ActorRequest, incoming_id: int, file_id: int) -> HttpResponseBase:
    """The file as it came, for download; one of our own with what was added so that its signatures last."""
    version = queries.get_file(request.actor, incoming_id, file_id)
    return files.stored_file(signing.newest_of(version.file_id), name=version.name, media_type=version.file.media_type)


@require_GET
@signed_in
def incoming_file_pdf(request: ActorRequest, incoming_id: int, file_id: int) -> HttpResponseBase:
    """The PDF to look at."""
    version = queries.get_file(request.actor, incoming_id, file_id)
    pdf = renditions.pdf_of(version.file_id)
    if pdf is None:
        raise arrival_papers.PdfNotReady
    name = version.name if version.name.lower().endswith(".pdf") else f"{version.name}.pdf"
    return files.stored_file(pdf, name=name, media_type="application/pdf", inline=True)


@require_GET
@signed_in
def incoming_file_page(request: ActorRequest, incoming_id: int, file_id: int, page: int) -> HttpResponseBase:
    """One page as a picture, for readers whose browser draws no PDF."""
    version = queries.get_file(request.actor, incoming_id, file_id)
    pdf = renditions.pdf_of(version.file_id)
    if pdf is None:
        raise arrival_papers.PdfNotReady
    return files.picture(pages.page_image(pdf, page, 1240))


@require_GET
@signed_in
def incoming_stamped(request: ActorRequest, incoming_id: int) -> HttpResponse:
    """A copy with the arrival stamp; the original is never touched."""
    content = arrival_papers.stamped_copy(request.actor, incoming_id)
    return files.made_pdf(content, name=f"van-ban-den-{incoming_id}-dau-den.pdf")


@require_GET
@signed_in
def incoming_slip(request: ActorRequest, incoming_id: int) -> HttpResponse:
    """Phiếu giải quyết văn bản đến, to print."""
    content = arrival_papers.handling_slip(request.actor, incoming_id, now=request.now)
    return files.made_pdf(content, name=f"phieu-giai-quyet-{incoming_id}.pdf")
