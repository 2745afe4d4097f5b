"""Pages of the books, and the same as PDF and XLSX."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from eoffice.core import tables
from eoffice.core.errors import Invalid, NotFound
from eoffice.core.tables import XLSX_MEDIA_TYPE
from eoffice.documents.queries import registers
from eoffice.documents.queries.books import BookFilter
from eoffice.organization.gate import signed_in
from eoffice.organization.middleware import ActorRequest
from eoffice.reports import queries
from eoffice.reports.books import FORMS, BookKind
from eoffice.reports.forms import BookFilterForm


@require_GET
@signed_in
def registers_home(request: ActorRequest) -> HttpResponse:
    """The book that is asked for most: sổ đăng ký văn bản đi."""
    return HttpResponseRedirect(reverse("reports:book", args=[BookKind.OUTGOING]))


@require_GET
@signed_in
def book(request: ActorRequest, kind: str) -> HttpResponse:
    """One page of a book."""
    which, form = _kind(kind), _form(request, kind)
    if not request.GET and not queries.readable_registries(request.actor):
        may_open = registers.manageable_registry(request.actor) is not None
        return render(request, "reports/no_book.html", {"may_open": may_open})
    if not form.is_valid():
        return render(request, "reports/unusable.html", {"form": form, "kind": which, "forms": FORMS}, status=422)
    view = queries.book_view(
        request.actor, which, _wanted(request, form), now=request.now, after=request.GET.get("after", "")
    )
    query = request.GET.copy()
    query.pop("after", None)
    context = {"view": view, "form": form, "forms": FORMS, "address": query.urlencode()}
    return render(request, "reports/book.html", context)


@require_GET
@signed_in
def book_pdf(request: ActorRequest, kind: str) -> HttpResponse:
    """The book as PDF: A4 landscape, pages numbered, cover and signing block."""
    content = tables.to_pdf(_table(request, kind))
    return _file(content, "application/pdf", f"{FORMS[_kind(kind)].title}.pdf")


@require_GET
@signed_in
def book_xlsx(request: ActorRequest, kind: str) -> HttpResponse:
    """The book as a spreadsheet."""
    content = tables.to_xlsx(_table(request, kind))
    return _file(content, XLSX_MEDIA_TYPE, f"{FORMS[_kind(kind)].title}.xlsx", download=True)


def _table(request: ActorRequest, kind: str) -> tables.Table:
    form = _form(request, kind)
    if not form.is_valid():
        raise Invalid(fields={name: str(errors[0]) for name, errors in form.errors.items()})
    return queries.book_table(request.actor, _kind(kind), _wanted(request, form), now=request.now)


def _kind(kind: str) -> BookKind:
    try:
        return BookKind(kind)
    except ValueError:
        raise NotFound from None


def _form(request: ActorRequest, kind: str) -> BookFilterForm:
    wanted_kind = queries.REGISTER_KINDS[_kind(kind)]
    books = tuple((row.pk, str(row)) for row in registers.registers_of(request.actor) if row.kind == wanted_kind)
    return BookFilterForm(request.GET, registries=queries.readable_registries(request.actor), books=books)


def _wanted(request: ActorRequest, form: BookFilterForm) -> BookFilter:
    readable = queries.readable_registries(request.actor)
    if not readable:
        raise NotFound("Chưa có sổ nào trong phạm vi được xem.")
    first_on, last_on = queries.this_month(request.now)
    return form.wanted(registry_id=readable[0][0], first_on=first_on, last_on=last_on)


def _file(content: bytes, media_type: str, name: str, *, download: bool = False) -> HttpResponse:
    response = HttpResponse(content, content_type=media_type)
    response.headers["Content-Disposition"] = content_disposition_header(download, name) or "attachment"
    response.headers["Cache-Control"] = "private, no-store"
    return response
