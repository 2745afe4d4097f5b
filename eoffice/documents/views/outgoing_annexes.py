"""Pages of separate annexes: where the mark will stand, what its signatures are worth, its files once issued."""

from __future__ import annotations

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from eoffice.documents.queries import annexes as queries
from eoffice.documents.services import handing_out
from eoffice.documents.views import files
from eoffice.organization.gate import signed_in
from eoffice.organization.middleware import ActorRequest


@never_cache
@require_GET
@signed_in
def outgoing_annex(request: ActorRequest, outgoing_id: int, attachment_id: int) -> HttpResponse:
    """One separate annex of a document."""
    page = queries.annex_page(request.actor, outgoing_id, attachment_id, now=request.now)
    return render(request, "documents/outgoing/annex.html", {"page": page, "outgoing": page.outgoing})


@require_GET
@signed_in
def outgoing_annex_file(request: ActorRequest, outgoing_id: int, attachment_id: int) -> HttpResponseBase:
    """The issued file: signed where it was signed; `?original=1` as it was attached, `?download=1` to keep."""
    handed = handing_out.hand_out_annex(
        actor=request.actor,
        outgoing_id=outgoing_id,
        attachment_id=attachment_id,
        original=bool(request.GET.get("original")),
        now=request.now,
    )
    return files.stored_file(
        handed.stored.sha256,
        name=handed.name,
        media_type=handed.stored.media_type,
        inline=not request.GET.get("download"),
    )


@require_GET
@signed_in
def outgoing_annex_on_paper(request: ActorRequest, outgoing_id: int, attachment_id: int) -> HttpResponse:
    """The signed annex to print, with the conversion footer."""
    handed = handing_out.hand_out_annex_on_paper(
        actor=request.actor, outgoing_id=outgoing_id, attachment_id=attachment_id, now=request.now
    )
    return files.made_pdf(handed.content, name=handed.name)


@require_GET
@signed_in
def outgoing_annex_picture(request: ActorRequest, outgoing_id: int, attachment_id: int, page: int) -> HttpResponse:
    """A page as a watermarked picture, before issue."""
    picture = handing_out.annex_screen_page(
        actor=request.actor, outgoing_id=outgoing_id, attachment_id=attachment_id, page=page, now=request.now
    )
    return HttpResponse(picture, content_type="image/webp", headers={"Cache-Control": "private, no-store"})
