"""What a page needs to offer new ways of signing, a person's or a seal's."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpResponse

from eoffice.core.middleware import content_policy
from eoffice.core.paging import whole_number
from eoffice.organization.middleware import ActorRequest
from eoffice.signing import queries
from eoffice.signing.forms import AddMethodForm
from eoffice.signing.models import SigningProvider
from eoffice.signing.providers.kinds import KINDS


def adding(method_form: AddMethodForm | None) -> dict[str, Any]:
    """For `signing/_add_methods.html`: services by how they are connected, and the form for those asked by account."""
    providers = queries.providers(only_on=True)
    return {
        "agent": settings.DESK_AGENT,
        "method_form": method_form or AddMethodForm(providers=asked_by_account(providers)),
        "by_browser": [each for each in providers if KINDS[each.kind].logs_in_by_browser],
        "programs": [each for each in providers if KINDS[each.kind].is_on_desk],
    }


def asked_by_account(providers: list[SigningProvider]) -> list[SigningProvider]:
    """Those that are asked for certificates with what the person types here."""
    return [each for each in providers if not KINDS[each.kind].logs_in_by_browser and not KINDS[each.kind].is_on_desk]


def let_programs(request: ActorRequest, answer: HttpResponse, programs: list[SigningProvider]) -> HttpResponse:
    """Let a page speak to the signing programs on the person's computer, and to nothing else."""
    if programs:
        addresses = " ".join(sorted({each.base_url for each in programs}))
        answer.headers["Content-Security-Policy"] = content_policy(request, also=addresses)
    return answer


def unit_of(request: ActorRequest) -> int | None:
    """Whose seal a form of a way of signing is about; None: the person's own signature."""
    return whole_number(request.POST.get("unit", ""))
