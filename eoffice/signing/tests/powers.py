"""An administrator at a desk with the timed special powers switched on."""

from __future__ import annotations

from django.test import Client

from eoffice.core import clock
from eoffice.organization import queries as organization
from eoffice.organization.actor import Actor
from eoffice.organization.middleware import SESSION_POWERS
from eoffice.organization.models import PowersSession
from eoffice.organization.services.powers import POWERS_SPAN


def with_powers(actor: Actor) -> Client:
    """A client signed in as an administrator, powers on."""
    user, now, client = organization.get_person(actor.person_id).user, clock.now(), Client()
    assert user is not None
    client.force_login(user)
    row = PowersSession.objects.create(
        person_id=actor.person_id, reason="Kết nối dịch vụ ký số", started_at=now, ends_at=now + POWERS_SPAN
    )
    session = client.session
    session[SESSION_POWERS] = row.pk
    session.save()
    return client
