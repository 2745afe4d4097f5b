"""Founding a real installation: the organisation, its root unit and the first administrator, in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from eoffice.core.actor_ref import ActorRef
from eoffice.core.clock import local_date
from eoffice.organization import services
from eoffice.organization.models import Person, RightsSetting, Role, Unit, UnitKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Founding:
    """What the operator says at the first start. `symbol` is the abbreviation in document symbols (`TXG`)."""

    name: str
    symbol: str
    place: str
    administrator_name: str
    administrator_email: str
    administrator_password: str


@transaction.atomic
def found_installation(*, actor: ActorRef, founding: Founding, now: datetime) -> tuple[Unit, Person]:
    """Write the installation, its root unit (with a registry) and the first administrator.

    Nothing fictional and no certificate authority comes with it. Raises AlreadyInstalled on a database that has an
    installation, Invalid for a missing name or a weak password; then nothing is written.
    """
    services.install(actor=actor, name=founding.name, is_demo=False, now=now)
    unit = services.create_unit(
        actor=actor,
        parent=None,
        kind=UnitKind.GROUP,
        name=founding.name,
        short_name=founding.name,
        symbol=founding.symbol,
        place=founding.place,
        has_registry=True,
        now=now,
    )
    person = services.create_person(
        actor=actor,
        full_name=founding.administrator_name,
        email=founding.administrator_email,
        password=founding.administrator_password,
        now=now,
    )
    today = local_date(now)
    services.appoint(
        actor=actor, person=person, unit=unit, position_name="Quản trị hệ thống", rank=9, starts_on=today, now=now
    )
    services.grant_role(actor=actor, person=person, unit=unit, role=Role.ADMINISTRATOR, starts_on=today, now=now)
    # There is nobody yet who could confirm: said clearly on the page, over as soon as a second keeper of rights exists.
    RightsSetting.objects.create(lone_administrator=True)
    return unit, person
