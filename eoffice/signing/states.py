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


class CertificateRequestState(models.TextChoices):
    """Where a request for a new certificate stands."""

    WAITING = "waiting", "Chờ xác nhận"
    CONFIRMED = "confirmed", "Đã xác nhận, chờ gửi nơi cấp"
    LISTED = "listed", "Đã gửi nơi cấp"
    FULFILLED = "fulfilled", "Đã có chứng thư mới"
    REFUSED = "refused", "Không xác nhận"
    WITHDRAWN = "withdrawn", "Đã rút"


class CertificateRequestAction(StrEnum):
    CONFIRM = "confirm"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    LIST = "list"
    FULFIL = "fulfil"


_C = CertificateRequestState
CERTIFICATE_REQUEST_TRANSITIONS: Final[dict[tuple[str, CertificateRequestAction], CertificateRequestState]] = {
    (_C.WAITING, CertificateRequestAction.CONFIRM): _C.CONFIRMED,
    (_C.WAITING, CertificateRequestAction.REFUSE): _C.REFUSED,
    (_C.WAITING, CertificateRequestAction.WITHDRAW): _C.WITHDRAWN,
    (_C.CONFIRMED, CertificateRequestAction.WITHDRAW): _C.WITHDRAWN,
    (_C.CONFIRMED, CertificateRequestAction.LIST): _C.LISTED,
    **{(state, CertificateRequestAction.FULFIL): _C.FULFILLED for state in (_C.WAITING, _C.CONFIRMED, _C.LISTED)},
}
"""A new certificate that is taken into use fulfils the request wherever it stands."""


class HandOverState(models.TextChoices):
    """Where the minutes of a seal's hand-over stand."""

    WAITING = "waiting", "Chờ hai bên xác nhận"
    DONE = "done", "Đã bàn giao"
    REFUSED = "refused", "Không nhận"
    WITHDRAWN = "withdrawn", "Đã rút"


class HandOverAction(StrEnum):
    FINISH = "finish"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"


HAND_OVER_TRANSITIONS: Final[dict[tuple[str, HandOverAction], HandOverState]] = {
    (HandOverState.WAITING, HandOverAction.FINISH): HandOverState.DONE,
    (HandOverState.WAITING, HandOverAction.REFUSE): HandOverState.REFUSED,
    (HandOverState.WAITING, HandOverAction.WITHDRAW): HandOverState.WITHDRAWN,
}
