"""Pages: pictures of signatures and seals, and who confirms them."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from eoffice.core.errors import NotFound
from eoffice.organization.gate import require_powers_of_request, signed_in, with_powers
from eoffice.organization.middleware import ActorRequest
from eoffice.signing import permissions, queries, services
from eoffice.signing.forms import ImageRulesForm, RefuseImageForm, SealImageForm, SignatureImageForm
from eoffice.signing.models import ImageRules
from eoffice.signing.views.keys import change_key, change_seal, succeeds


@require_POST
@signed_in
def signature_image(request: ActorRequest) -> HttpResponse:
    """Put up a new picture of one's own signature."""
    form = SignatureImageForm(request.POST, request.FILES)
    return change_key(
        request,
        form,
        "image_form",
        lambda: services.set_signature_image(
            actor=request.actor,
            content=form.cleaned_data["image"].read(),
            from_paper=form.cleaned_data["from_paper"],
            now=request.now,
        ),
    )


@require_POST
@signed_in
def seal_image(request: ActorRequest, unit_id: int) -> HttpResponse:
    """Propose a new picture of a unit's seal."""
    form = SealImageForm(request.POST, request.FILES)
    return change_seal(
        request,
        unit_id,
        form,
        "seal_image_form",
        lambda: services.propose_seal_image(
            actor=request.actor,
            unit_id=unit_id,
            content=form.cleaned_data["seal"].read(),
            diameter_mm=form.cleaned_data["diameter_mm"],
            now=request.now,
        ),
    )


@require_GET
@signed_in
def mark_image(request: ActorRequest, image_id: int) -> HttpResponse:
    """The picture itself, for those it concerns."""
    image = queries.get_mark_image(request.actor, image_id)
    return HttpResponse(
        bytes(image.png), content_type="image/png", headers={"Cache-Control": "private, max-age=3600, immutable"}
    )


@never_cache
@require_GET
@signed_in
def mark_images(request: ActorRequest) -> HttpResponse:
    """Pictures that wait for the reader's word, and the rules of pictures for administrators."""
    if not permissions.can_decide_images(request.actor):
        raise NotFound
    return _list(request)


@require_POST
@signed_in
@with_powers
def confirm_mark_image(request: ActorRequest, image_id: int) -> HttpResponse:
    _require_powers_to_decide(request, image_id)
    services.confirm_mark_image(actor=request.actor, image_id=image_id, now=request.now)
    return HttpResponseRedirect(f"{reverse('signing:mark_images')}?saved=confirmed", status=303)


@require_POST
@signed_in
@with_powers
def refuse_mark_image(request: ActorRequest, image_id: int) -> HttpResponse:
    _require_powers_to_decide(request, image_id)
    form = RefuseImageForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    services.refuse_mark_image(actor=request.actor, image_id=image_id, reason=reason, now=request.now)
    return HttpResponseRedirect(f"{reverse('signing:mark_images')}?saved=refused", status=303)


@require_POST
@signed_in
@with_powers
def set_image_rules(request: ActorRequest) -> HttpResponse:
    permissions.require_images_managed(request.actor)
    require_powers_of_request(request)
    form = ImageRulesForm(request.POST)
    if not succeeds(form, lambda: services.set_image_rules(actor=request.actor, now=request.now, **form.cleaned_data)):
        return _list(request, form)
    return HttpResponseRedirect(f"{reverse('signing:mark_images')}?saved=rules", status=303)


def _require_powers_to_decide(request: ActorRequest, image_id: int) -> None:
    """An administrator needs the timed powers; who answers for the seal does not. Raises PowersNeeded."""
    image = queries.get_mark_image(request.actor, image_id)
    if permissions.decides_as_administrator(request.actor, image):
        require_powers_of_request(request)


def _list(request: ActorRequest, form: ImageRulesForm | None = None) -> HttpResponse:
    actor = request.actor
    context = {
        "images": [
            (image, not actor.has_powers and permissions.decides_as_administrator(actor, image))
            for image in queries.images_to_decide(actor)
        ],
        "manages": permissions.can_manage_images(actor),
        "rules_form": form or ImageRulesForm(initial=_values(queries.image_rules())),
        "saved": request.GET.get("saved", ""),
    }
    return render(request, "signing/mark_images.html", context, status=422 if form else 200)


def _values(rules: ImageRules) -> dict[str, object]:
    return {
        "signatures_wait": rules.signatures_wait,
        "smallest_seal_mm": rules.smallest_seal_mm,
        "largest_seal_mm": rules.largest_seal_mm,
    }
