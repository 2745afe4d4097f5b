"""What auditors may read: their mandates."""

from __future__ import annotations

from datetime import date

from django.db.models import Q, QuerySet

from eoffice.core.errors import NotFound
from eoffice.organization.actor import Actor, Mandated
from eoffice.organization.models import Mandate, Principal, PrincipalKind, Role, Unit
from eoffice.organization.permissions import changes as permissions
from eoffice.organization.queries.validity import in_force


def mandates_in_force(person_id: int, *, on: date) -> tuple[Mandated, ...]:
    """What one auditor may read today; one statement, and two for each mandate."""
    rows = Mandate.objects.filter(in_force(on), person_id=person_id).select_related("unit").order_by("pk")
    return tuple(_mandated(row) for row in rows)


def _mandated(mandate: Mandate) -> Mandated:
    registries = list(
        Unit.objects.filter(path__startswith=mandate.unit.path, has_registry=True).values_list("pk", flat=True)
    )
    principals = Principal.objects.filter(kind=PrincipalKind.ROLE, role=Role.AUDITOR, unit_id__in=registries)
    return Mandated(
        mandate_id=mandate.pk,
        registry_ids=frozenset(registries),
        principals=tuple(principals.order_by("pk").values_list("pk", flat=True)),
        documents_from=mandate.documents_from,
        documents_to=mandate.documents_to,
    )


def mandates_kept_by(actor: Actor) -> QuerySet[Mandate]:
    """Mandates over the units whose rights the actor keeps, and his own; newest first."""
    condition = permissions.in_kept_units(actor) | Q(person_id=actor.person_id)
    return Mandate.objects.filter(condition).select_related("person", "unit").order_by("-pk")


def get_mandate(actor: Actor, mandate_id: int) -> Mandate:
    """One of these. Raises NotFound."""
    row = mandates_kept_by(actor).filter(pk=mandate_id).first()
    if row is None:
        raise NotFound("Không tìm thấy phạm vi kiểm tra này.")
    return row


def auditors_of(registry: Unit, *, day: date, on: date) -> list[Mandate]:
    """Mandates in force that cover a document of `day` in a registry."""
    rows = Mandate.objects.filter(
        in_force(on),
        Q(documents_from__isnull=True) | Q(documents_from__lte=day),
        Q(documents_to__isnull=True) | Q(documents_to__gte=day),
        unit_id__in=registry.ancestor_ids,
    )
    return list(rows.select_related("person").order_by("pk"))
