"""Delegations: the one in use on an actor, those of a person, all of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from django.db.models import Q, QuerySet

from eoffice.core.clock import local_date
from eoffice.core.deeds import Deed
from eoffice.core.errors import NotFound
from eoffice.organization.actor import Actor, Delegated
from eoffice.organization.errors import DelegationOver, NoPosting
from eoffice.organization.models import Delegation, Role, Unit
from eoffice.organization.permissions import delegations as permissions
from eoffice.organization.queries.actors import actor_of_person
from eoffice.organization.queries.fields_of_work import named_fields
from eoffice.organization.queries.validity import in_force

_DIRECTING_ROLES = frozenset({str(Role.LEADER), str(Role.CHIEF_OF_OFFICE), str(Role.UNIT_HEAD)})


def usable(on: date) -> Q:
    """Delegations that may be used on a day: within their days, not ended, given by somebody still in office."""
    return in_force(on) & Q(ended_at__isnull=True, giver__left_on__isnull=True)


def acting_under(actor: Actor, *, delegation_id: int, now: datetime) -> Actor:
    """The same person acting in the giver's name: the giver's roles, units and sight, so far as it was delegated.

    Four statements: the delegation, and the giver's standing in three; one more where it is bound to a registry, one
    where it is bound to fields of work.
    Roles are carried only to direct; special powers, mandates of audit and other delegations never are. Raises
    NotFound when it is not this person's, DelegationOver when it has ended, has not begun, or its giver left.
    """
    today = local_date(now)
    row = (
        Delegation.objects.filter(pk=delegation_id, receiver_id=actor.person_id)
        .select_related("giver", "registry")
        .first()
    )
    if row is None:
        raise NotFound("Không tìm thấy ủy quyền này.")
    if not row.holds_on(today) or row.giver.left_on is not None:
        raise DelegationOver
    try:
        giver = actor_of_person(person_id=row.giver_id, now=now)
    except NoPosting as gone:
        raise DelegationOver from gone
    return replace(
        actor,
        unit_id=giver.unit_id,
        roles=_carried_roles(row, giver),
        unit_ids=giver.unit_ids,
        principals=giver.principals,
        registry_id=giver.registry_id,
        on_behalf_of_id=row.giver_id,
        mandates=(),
        powers_id=None,
        powers_until=None,
        delegation=delegated(row),
        serves=(),
        in_all_posts=False,
        elsewhere=frozenset(),
    )


def delegated(row: Delegation) -> Delegated:
    """What an actor carries of a delegation; its giver must be loaded."""
    deeds = {Deed.READ}
    if row.may_direct:
        deeds.add(Deed.DIRECT)
    if row.may_prepare:
        deeds.add(Deed.PREPARE)
    return Delegated(
        delegation_id=row.pk,
        giver_id=row.giver_id,
        giver_name=row.giver.full_name,
        ends_on=row.ends_on,
        deeds=frozenset(deeds),
        registry_id=row.registry_id,
        document_types=frozenset(row.document_types),
        fields_of_work=tuple((each.pk, each.name) for each in named_fields(row.fields_of_work)),
    )


def _carried_roles(row: Delegation, giver: Actor) -> frozenset[tuple[str, int]]:
    if not row.may_direct:
        return frozenset()
    roles = frozenset(held for held in giver.roles if held[0] in _DIRECTING_ROLES)
    if row.registry is None:
        return roles
    within = set(Unit.objects.filter(path__startswith=row.registry.path).values_list("pk", flat=True))
    return frozenset(held for held in roles if held[1] in within)


def usable_by(actor: Actor, *, on: date) -> list[Delegation]:
    """What the person may use today, for the person box. One statement."""
    rows = Delegation.objects.filter(usable(on), receiver_id=actor.person_id).select_related("giver")
    return list(rows.order_by("ends_on", "pk"))


def given_by(actor: Actor) -> QuerySet[Delegation]:
    """Delegations the person gave, newest first."""
    return _told().filter(giver_id=actor.person_id).order_by("-pk")


def received_by(actor: Actor) -> QuerySet[Delegation]:
    """Delegations the person received, newest first."""
    return _told().filter(receiver_id=actor.person_id).order_by("-pk")


def all_delegations(*, running_on: date | None = None) -> QuerySet[Delegation]:
    """Every delegation, newest first; `running_on` narrows it to those of one day. The caller asks `can_oversee`."""
    rows = _told()
    if running_on is not None:
        rows = rows.filter(in_force(running_on), ended_at__isnull=True)
    return rows.order_by("-pk")


def overlapping(*, giver_id: int, starts_on: date, ends_on: date, besides: int = 0) -> list[Delegation]:
    """Delegations of one giver that hold on some of the same days: allowed, but both sides should know."""
    rows = _told().filter(giver_id=giver_id, ended_at__isnull=True, starts_on__lte=ends_on, ends_on__gte=starts_on)
    return list(rows.exclude(pk=besides).order_by("pk")[:20])


def get_delegation(actor: Actor, delegation_id: int) -> Delegation:
    """One delegation the actor may see. Raises NotFound."""
    row = _told().filter(permissions.visible_to(actor), pk=delegation_id).first()
    if row is None:
        raise NotFound("Không tìm thấy ủy quyền này.")
    return row


def _told() -> QuerySet[Delegation]:
    return Delegation.objects.select_related(
        "giver", "receiver", "posting__position", "posting__unit", "registry", "ended_by"
    )
