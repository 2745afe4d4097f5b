"""Pages of the filters a person keeps: save the one in use, rename, delete."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from eoffice.documents.forms.saved_filters import FilterNameForm
from eoffice.documents.queries import saved_filters as queries
from eoffice.documents.queries.incoming_boxes import BOX_WORDS, Box
from eoffice.documents.services import saving_filters
from eoffice.documents.views.carrying import DIALOG, carried, dialog, posted
from eoffice.documents.views.incoming_lists import box_of, filters_in, filters_words, list_href
from eoffice.organization.gate import signed_in
from eoffice.organization.middleware import ActorRequest


@require_http_methods(["GET", "POST"])
@signed_in
def filter_save(request: ActorRequest) -> HttpResponse:
    """Keep the box and the filters of the address under a name."""
    box, filters = box_of(request), filters_in(request.GET)
    form = FilterNameForm(posted(request), initial={"name": filters_words(filters)})

    def carry_out() -> str:
        saved = saving_filters.save_filter(
            actor=request.actor, name=form.cleaned_data["name"], box=box, filters=filters, now=request.now
        )
        return f"Đã lưu bộ lọc {saved.name}."

    context = dialog("Lưu bộ lọc", "Lưu bộ lọc", f"{BOX_WORDS[box]} · {filters_words(filters)}")
    return carried(request, form, DIALOG, context, carry_out, list_href(box, filters))


@require_GET
@signed_in
def filter_apply(request: ActorRequest, filter_id: int) -> HttpResponse:
    """Go to the list as it was saved."""
    saved = queries.get_filter(request.actor, filter_id)
    return HttpResponseRedirect(list_href(Box(saved.box), filters_in(saved.filters)))


@require_http_methods(["GET", "POST"])
@signed_in
def filter_rename(request: ActorRequest, filter_id: int) -> HttpResponse:
    """Give a saved filter another name."""
    saved = queries.get_filter(request.actor, filter_id)
    form = FilterNameForm(posted(request), initial={"name": saved.name})

    def carry_out() -> str:
        renamed = saving_filters.rename_filter(
            actor=request.actor, filter_id=filter_id, name=form.cleaned_data["name"], now=request.now
        )
        return f"Đã đổi tên bộ lọc thành {renamed.name}."

    context = dialog("Đổi tên bộ lọc", "Đổi tên", saved.name)
    href = list_href(Box(saved.box), filters_in(saved.filters))
    return carried(request, form, DIALOG, context, carry_out, href)


@require_POST
@signed_in
def filter_delete(request: ActorRequest, filter_id: int) -> HttpResponse:
    """Forget a saved filter."""
    saved = queries.get_filter(request.actor, filter_id)
    saving_filters.delete_filter(actor=request.actor, filter_id=filter_id, now=request.now)
    messages.success(request, f"Đã xóa bộ lọc {saved.name}.")
    return HttpResponseRedirect(list_href(Box(saved.box), filters_in(saved.filters)), status=303)
