"""Secretaries: who serves whom, and how it is looked up."""

from __future__ import annotations

from datetime import date

from django.db.models import Q, QuerySet

from eoffice.core.errors import NotFound
from eoffice.organization.actor import Actor
from eoffice.organization.models import Person, Role, RoleGrant, SecretaryService
from eoffice.organization.permissions import secretaries as permissions
from eoffice.organization.queries.validity import in_force


def serving(on: date) -> Q:
    """Services in force on a day: within their days, not ended, of a leader still in office."""
    return in_force(on) & Q(ended_at__isnull=True, leader__left_on__isnull=True)


def secretary_ids_of(leader_id: int, *, on: date) -> list[int]:
    """Who prepares for a leader on a day."""
    rows = SecretaryService.objects.filter(serving(on), leader_id=leader_id).order_by("pk")
    return list(rows.values_list("secretary_id", flat=True))


def services_seen(actor: Actor) -> QuerySet[SecretaryService]:
    """Services the actor may see, newest first."""
    rows = SecretaryService.objects.filter(permissions.visible_to(actor))
    return rows.select_related("leader", "secretary", "named_by", "ended_by").order_by("-pk")


def get_service(actor: Actor, service_id: int) -> SecretaryService:
    """One service the actor may see. Raises NotFound."""
    row = services_seen(actor).filter(pk=service_id).first()
    if row is None:
        raise NotFound("Không tìm thấy phân công thư ký này.")
    return row


def leaders_on(on: date) -> QuerySet[Person]:
    """Everyone who holds the role of leader on a day, by name."""
    held = RoleGrant.objects.filter(in_force(on), role=Role.LEADER).values("person_id")
    return Person.objects.filter(pk__in=held, left_on__isnull=True).order_by("full_name", "pk")
