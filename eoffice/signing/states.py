"""The life of a request for signatures and of each of its papers, as one table."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from django.db import models


class RequestState(models.TextChoices):
    """Where a request, or one of its papers, stands."""

    WAITING = "waiting", "Đang chuẩn bị"
    SENT = "sent", "Chờ xác nhận"
    SIGNED = "signed", "Đã ký"
    REFUSED = "refused", "Đã từ chối"
    EXPIRED = "expired", "Hết hạn"
    FAILED = "failed", "Không ký được"
    CANCELLED = "cancelled", "Đã hủy"


class RequestAction(StrEnum):
    SEND = "send"
    SIGN = "sign"
    REFUSE = "refuse"
    EXPIRE = "expire"
    FAIL = "fail"
    CANCEL = "cancel"


_S = RequestState
_ENDINGS: Final = {
    RequestAction.REFUSE: _S.REFUSED,
    RequestAction.EXPIRE: _S.EXPIRED,
    RequestAction.FAIL: _S.FAILED,
    RequestAction.CANCEL: _S.CANCELLED,
}

REQUEST_TRANSITIONS: Final[dict[tuple[str, RequestAction], RequestState]] = {
    (_S.WAITING, RequestAction.SEND): _S.SENT,
    (_S.SENT, RequestAction.SIGN): _S.SIGNED,  # of a request: at least one of its papers is
    **{(state, action): target for state in (_S.WAITING, _S.SENT) for action, target in _ENDINGS.items()},
}
"""Both a request and a paper of it; nothing leaves an ending: what failed is asked again as a new request."""

OPEN_STATES: Final = (_S.WAITING, _S.SENT)
