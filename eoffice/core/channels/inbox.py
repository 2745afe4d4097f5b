"""Hộp thư thử nghiệm: the phones and mailboxes of a demo, on a page instead of in pockets."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction

from eoffice.core import clock
from eoffice.core.channels.errors import NotAccepted
from eoffice.core.channels.transport import Accepted, Content
from eoffice.core.models import InboxMessage

NEWEST: Final = 50
_KEPT: Final = timedelta(days=1)


def is_open() -> bool:
    """Only a demo has an inbox that everyone can read."""
    return bool(settings.ENVIRONMENT.demo)


@transaction.atomic
def keep_in_inbox(channel: str, content: Content) -> Accepted:
    """Put a message into the inbox and throw away those of more than a day. Raises NotAccepted outside a demo."""
    if not is_open():
        raise NotAccepted("Hộp thư thử nghiệm chỉ có ở bản dùng thử.", is_final=True)
    now: datetime = clock.now()
    InboxMessage.objects.filter(at__lt=now - _KEPT).delete()
    InboxMessage.objects.create(
        channel=channel, recipient=content.recipient, subject=content.subject, body=content.text, at=now
    )
    return Accepted()


def newest_in_inbox() -> list[InboxMessage]:
    """The newest messages of every phone and mailbox, newest first."""
    return list(InboxMessage.objects.order_by("-pk")[:NEWEST])
