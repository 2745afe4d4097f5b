"""Special powers that are on, and those of the past."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.db.models import QuerySet

from eoffice.organization.actor import Actor
from eoffice.organization.models import PowersSession
from eoffice.organization.permissions import changes as permissions


def with_powers(actor: Actor, *, powers_id: object, now: datetime) -> Actor:
    """The actor with the powers that his browser session was given, while they last.

    They end with the role: who is no administrator any more has none. One statement where a session was given.
    """
    if not isinstance(powers_id, int) or not permissions.can_switch_powers_on(actor):
        return actor
    session = PowersSession.objects.filter(pk=powers_id, person_id=actor.person_id).first()
    if session is None or not session.is_on(now):
        return actor
    return replace(actor, powers_id=session.pk, powers_until=session.ends_at)


def powers_sessions_of(actor: Actor) -> QuerySet[PowersSession]:
    """The actor's own sessions of special powers, newest first."""
    return PowersSession.objects.filter(person_id=actor.person_id).order_by("-pk")
