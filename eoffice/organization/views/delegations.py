"""Ủy quyền xử lý: giving, using, laying down and ending delegations."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from eoffice.audit import queries as audit_queries
from eoffice.core.clock import local_date
from eoffice.core.errors import Invalid
from eoffice.core.paging import newest_first, whole_number
from eoffice.organization import queries
from eoffice.organization.forms.capacities import offer_fields
from eoffice.organization.forms.delegations import DelegationForm
from eoffice.organization.gate import signed_in
from eoffice.organization.middleware import SESSION_DELEGATION, ActorRequest
from eoffice.organization.models import Delegation
from eoffice.organization.permissions import delegations as permissions
from eoffice.organization.queries import delegations as delegation_queries
from eoffice.organization.services import delegating
from eoffice.organization.views.carrying import add_errors, to

_DEEDS_SHOWN = 100


@require_GET
@signed_in
def delegation_list(request: ActorRequest) -> HttpResponse:
    """Given by me, received by me, and for administrators all of them."""
    actor, today = request.actor, local_date(request.now)
    oversees = permissions.can_oversee(actor)
    asked = request.GET.get("box", "")
    box = asked if asked in {"received", "given"} or (asked in {"all", "running"} and oversees) else _first_box(request)
    context = {
        "box": box,
        "page": newest_first(_rows(request, box), after=whole_number(request.GET.get("after", ""))),
        "today": today,
        "may_delegate": permissions.can_delegate(actor),
        "oversees": oversees,
        "is_himself": actor.is_himself,
        "me": actor.person_id,
    }
    return render(request, "organization/delegations/list.html", context)


def _rows(request: ActorRequest, box: str) -> QuerySet[Delegation]:
    if box == "given":
        return delegation_queries.given_by(request.actor)
    if box == "received":
        return delegation_queries.received_by(request.actor)
    return delegation_queries.all_delegations(running_on=local_date(request.now) if box == "running" else None)


def _first_box(request: ActorRequest) -> str:
    if permissions.can_oversee(request.actor):
        return "running"
    return "given" if permissions.can_delegate(request.actor) else "received"


@require_GET
@signed_in
def delegation(request: ActorRequest, delegation_id: int) -> HttpResponse:
    """One delegation, and what was done under it."""
    return _shown(request, delegation_queries.get_delegation(request.actor, delegation_id))


def _shown(request: ActorRequest, row: Delegation, *, fault: str = "") -> HttpResponse:
    today = local_date(request.now)
    done = audit_queries.entries_of_person(row.receiver_id).filter(on_behalf_of_id=row.giver_id, at__gte=row.given_at)
    if row.ended_at is not None:
        done = done.filter(at__lte=row.ended_at)
    context = {
        "row": row,
        "today": today,
        "done": done.order_by("-pk")[:_DEEDS_SHOWN],
        "may_end": permissions.can_end(request.actor, row) and row.ended_at is None and row.ends_on >= today,
        "may_use": request.actor.is_himself and row.receiver_id == request.actor.person_id and row.holds_on(today),
        "fields": ", ".join(each.name for each in queries.named_fields(row.fields_of_work)),
        "fault": fault,
        "reason": request.POST.get("reason", ""),
    }
    return render(request, "organization/delegations/one.html", context, status=422 if fault else 200)


@require_http_methods(["GET", "POST"])
@signed_in
def delegation_give(request: ActorRequest) -> HttpResponse:
    """Ủy quyền cho một người."""
    actor, today = request.actor, local_date(request.now)
    permissions.require(actor.is_himself, permissions.NEVER_ON)
    permissions.require(permissions.can_delegate(actor), permissions.ONLY_LEADERS)
    form = DelegationForm(request.POST or None, initial={"starts_on": today, "posting": actor.posting_id})
    form.offer(
        posts=actor.posts, registries=[(unit.pk, unit.name) for unit in queries.active_units() if unit.has_registry]
    )
    offer_fields(form, queries.fields_of_work())
    if request.method == "POST" and form.is_valid():
        try:
            made = delegating.give_delegation(
                actor=actor,
                receiver_id=form.cleaned_data["receiver"],
                posting_id=form.cleaned_data["posting"],
                terms=form.terms(),
                now=request.now,
            )
        except Invalid as error:
            add_errors(form, error)
        else:
            _say_given(request, made)
            return to("organization:delegation", made.pk)
    picked = whole_number(str(form.data.get("receiver", "")))
    person = queries.persons_by_id([picked]).get(picked) if picked else None
    form.show_picked(person.full_name if person else "")
    return render(request, "organization/delegations/give.html", {"form": form}, status=422 if form.is_bound else 200)


def _say_given(request: ActorRequest, made: Delegation) -> None:
    messages.success(request, f"Đã ủy quyền cho {made.receiver.full_name}. Hai bên đều nhận thông báo.")
    beside = delegation_queries.overlapping(
        giver_id=made.giver_id, starts_on=made.starts_on, ends_on=made.ends_on, besides=made.pk
    )
    if beside:
        names = ", ".join(sorted({each.receiver.full_name for each in beside}))
        messages.warning(request, f"Trùng ngày với ủy quyền đang có cho {names}. Xem lại nếu không chủ ý.")


@require_POST
@signed_in
def delegation_end(request: ActorRequest, delegation_id: int) -> HttpResponse:
    """End it early."""
    try:
        delegating.end_delegation(
            actor=request.actor, delegation_id=delegation_id, reason=request.POST.get("reason", ""), now=request.now
        )
    except Invalid as error:
        row = delegation_queries.get_delegation(request.actor, delegation_id)
        return _shown(request, row, fault=error.fields.get("reason", error.message))
    messages.success(request, "Đã kết thúc ủy quyền. Hai bên đều nhận thông báo.")
    return to("organization:delegation", delegation_id)


@require_GET
@signed_in
def delegation_choices(request: ActorRequest) -> HttpResponse:
    """The part of the person box that offers what may be used today; asked for when the box is opened."""
    actor = request.actor
    rows = delegation_queries.usable_by(actor, on=local_date(request.now))
    using = actor.delegation.delegation_id if actor.delegation else None
    return render(request, "organization/delegations/_choices.html", {"rows": rows, "using": using})


@require_POST
@signed_in
def use_delegation(request: ActorRequest, delegation_id: int) -> HttpResponse:
    """Work in the giver's name from now on, until laid down, the end of the day or of the delegation."""
    own = queries.actor_of(user_id=request.actor.user_id, now=request.now, posting_id=request.actor.posting_id)
    under = queries.acting_under(own, delegation_id=delegation_id, now=request.now)
    request.session[SESSION_DELEGATION] = [delegation_id, local_date(request.now).isoformat()]
    giver = under.delegation.giver_name if under.delegation else ""
    messages.success(request, f"Đang xử lý theo ủy quyền của {giver}.")
    return HttpResponseRedirect("/", status=303)


@require_POST
@signed_in
def leave_delegation(request: ActorRequest) -> HttpResponse:
    """Work in one's own name again."""
    request.session.pop(SESSION_DELEGATION, None)
    messages.success(request, "Đã thôi xử lý theo ủy quyền.")
    onward = request.POST.get("next", "")
    allowed = url_has_allowed_host_and_scheme(onward, allowed_hosts={request.get_host()}) and onward.startswith("/")
    return HttpResponseRedirect(onward if allowed else "/", status=303)
