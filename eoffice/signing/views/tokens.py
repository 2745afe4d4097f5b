"""Pages' own calls: between a request for signatures and the agent on a person's computer."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from eoffice.core.errors import ExpectedError, Invalid
from eoffice.organization.gate import signed_in
from eoffice.organization.middleware import ActorRequest
from eoffice.signing import services
from eoffice.signing.views.adding_methods import unit_of
from eoffice.signing.views.methods import back_to_ways

_MOST_BYTES = 256 * 1024


@require_POST
@signed_in
def method_token_add(request: ActorRequest) -> HttpResponse:
    """Take a certificate the agent showed as a way of signing."""
    try:
        der = base64.b64decode(request.POST.get("certificate", "")[:16_000], validate=True)
        services.add_token_method(actor=request.actor, certificate=der, unit_id=unit_of(request), now=request.now)
    except binascii.Error:
        messages.error(request, "Chứng thư không đọc được. Chưa thêm cách ký.")
    except ExpectedError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, "Đã thêm cách ký bằng USB token.")
    return back_to_ways(unit_of(request))


@never_cache
@require_GET
@signed_in
def token_order(request: ActorRequest, request_id: int) -> HttpResponse:
    """What the agent is asked to sign."""
    return JsonResponse(services.order_for_token(actor=request.actor, request_id=request_id))


@require_POST
@signed_in
def token_values(request: ActorRequest, request_id: int) -> HttpResponse:
    """What the agent answered: values by document id, or that the person refused."""
    try:
        told = _told(request)
        if told.get("fault") == "refused":
            services.refuse_on_token(actor=request.actor, request_id=request_id, now=request.now)
        else:
            values = {str(doc_id): str(value) for doc_id, value in dict(told.get("values") or {}).items()}
            services.take_token_values(actor=request.actor, request_id=request_id, values=values, now=request.now)
    except ExpectedError as error:
        return JsonResponse({"words": error.message}, status=error.status)
    return JsonResponse({})


def _told(request: ActorRequest) -> dict[str, Any]:
    try:
        told = json.loads(request.read(_MOST_BYTES))
    except ValueError as error:
        raise Invalid("Kết quả ký từ token không đọc được. Chưa có gì được ký; ký lại.") from error
    if not isinstance(told, dict) or not isinstance(told.get("values") or {}, dict):
        raise Invalid("Kết quả ký từ token không đọc được. Chưa có gì được ký; ký lại.")
    return told
