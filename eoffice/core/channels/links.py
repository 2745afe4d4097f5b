"""Sessions that stay open between messages: one for each SMPP gateway and process."""

from __future__ import annotations

import atexit
import logging
import threading
from collections.abc import Callable
from typing import Final

from django.db import Error, connection

from eoffice.core.channels import gateways, receipts
from eoffice.core.channels.smpp_gateway import Receipt, SmppLink, SmppSettings
from eoffice.core.channels.transport import Accepted, Content
from eoffice.core.models import Gateway

logger = logging.getLogger(__name__)
_lock: Final = threading.Lock()
_open: Final[dict[int, tuple[SmppSettings, str, SmppLink]]] = {}


def send_over(gateway: Gateway, content: Content) -> Accepted:
    """Send through a gateway, over its open session where its kind has one. Raises NotAccepted."""
    settings = gateways.settings_of(gateway)
    if isinstance(settings, SmppSettings):
        return _link_of(gateway, settings).submit(content)
    return gateways.send_once(gateway, content)


def close_all() -> None:
    """Unbind every session of this process."""
    with _lock:
        links = [link for _, _, link in _open.values()]
        _open.clear()
    for link in links:
        link.close()


atexit.register(close_all)


def _link_of(gateway: Gateway, settings: SmppSettings) -> SmppLink:
    """The open session, or a new one where there is none or the settings have changed."""
    secret = gateways.secret_of(gateway)
    with _lock:
        known = _open.get(gateway.pk)
        if known is not None and known[:2] == (settings, secret):
            return known[2]
        link = SmppLink(settings, password=secret, on_receipt=_noting(gateway.pk))
        _open[gateway.pk] = (settings, secret, link)
    if known is not None:
        known[2].close()
    return link


def _noting(gateway_id: int) -> Callable[[Receipt], None]:
    """What the session's thread does with a receipt: one row for a job, on a connection closed at once."""

    def note(receipt: Receipt) -> None:
        try:
            receipts.note_later(gateway_id=gateway_id, provider_id=receipt.provider_id, delivered=receipt.delivered)
        except Error:
            # The session must live on; the message then stays "handed over", which is true.
            logger.exception("smpp.receipt_lost gateway=%s", gateway_id)
        finally:
            connection.close()

    return note
