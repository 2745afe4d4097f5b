"""What a key elsewhere answers, and what the worker then does with it: as tests of signing and sealing need both."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.test import Client

from eoffice.core.models import OutboxEvent
from eoffice.core.subscriptions import subscribers_of
from eoffice.documents.tests.cast import NOW
from eoffice.organization.models import Person
from eoffice.signing import services as signing
from eoffice.signing.models import SignatureRequest
from eoffice.signing.tests.services_outside.smartca import SmartCaService

SOON: Final = NOW + timedelta(seconds=4)


def confirmed(request: SignatureRequest, phone: SmartCaService) -> None:
    """A finger on the phone; the request has its signatures, whoever asked has not taken them yet."""
    phone.confirm()
    signing.poll_due(now=SOON)
    signing.finish_request(request_id=request.pk, now=SOON)


def deliver() -> None:
    """What the worker does with events, each twice: a delivery may come again."""
    for event in OutboxEvent.objects.filter(name="signing.paper.finished").order_by("pk"):
        for subscriber in subscribers_of(event.name) * 2:
            subscriber(event.payload)


def browser(person: Person) -> Client:
    """Somebody who has signed in."""
    client = Client()
    assert person.user is not None
    client.force_login(person.user)
    return client
