"""What a person's page needs for the agent on his computer, and what it brings back."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime

from eoffice.core.errors import Invalid, NotFound
from eoffice.organization.actor import Actor
from eoffice.signing import permissions
from eoffice.signing.models import MethodKind, SignatureRequest, SigningMethod
from eoffice.signing.providers.signer import Answer, AnswerState
from eoffice.signing.services.answering import take_answer
from eoffice.signing.services.orders import state_of
from eoffice.signing.states import RequestState


def order_for_token(*, actor: Actor, request_id: int) -> dict[str, object]:
    """Hashes, titles and certificate of one's own request, as the agent takes them; empty papers while it is prepared.

    Raises NotFound.
    """
    request, method = _own(actor, request_id)
    papers = request.papers.filter(state=RequestState.SENT, value__isnull=True).order_by("position")
    return {
        "state": request.state,
        "description": request.description,
        "certificate": base64.b64encode(bytes(method.certificate)).decode(),
        "papers": [
            {
                "doc_id": paper.doc_id,
                "title": paper.title,
                "digest": base64.b64encode(state_of(paper).hash_to_sign).decode(),
            }
            for paper in papers
        ],
    }


def take_token_values(*, actor: Actor, request_id: int, values: Mapping[str, str], now: datetime) -> None:
    """Take the values the agent made for one's own request; each is verified with the certificate before it counts.

    Raises NotFound, NotPermitted, Invalid.
    """
    permissions.require_own_hand(actor)
    request, _ = _own(actor, request_id)
    try:
        signed = {doc_id: base64.b64decode(text, validate=True) for doc_id, text in values.items()}
    except (binascii.Error, ValueError) as error:
        raise Invalid("Kết quả ký từ token không đọc được. Chưa có gì được ký; ký lại.") from error
    if not signed:
        raise Invalid("Token không trả chữ ký nào. Chưa có gì được ký; ký lại.")
    take_answer(request_id=request.pk, answer=Answer(state=AnswerState.SIGNED, values=signed), now=now)


def refuse_on_token(*, actor: Actor, request_id: int, now: datetime) -> None:
    """The person refused in the agent's window. Raises NotFound."""
    request, _ = _own(actor, request_id)
    words = "Người ký đã từ chối trên máy tính. Chưa có gì được ký."
    take_answer(request_id=request.pk, answer=Answer(state=AnswerState.REFUSED, words=words), now=now)


def _own(actor: Actor, request_id: int) -> tuple[SignatureRequest, SigningMethod]:
    rows = SignatureRequest.objects.select_related("method")
    request = rows.filter(pk=request_id, person_id=actor.own_id, method__kind=MethodKind.TOKEN).first()
    if request is None or request.method is None:
        raise NotFound
    return request, request.method
