"""Who holds which role in the units whose rights somebody keeps."""

from __future__ import annotations

from datetime import date

from django.db.models import Q, QuerySet

from eoffice.core.errors import NotFound
from eoffice.core.vietnamese import fold
from eoffice.organization.actor import Actor
from eoffice.organization.models import Role, RoleGrant
from eoffice.organization.permissions import changes as permissions


def roles_kept_by(actor: Actor, *, on: date, role: Role | None = None, text: str = "") -> QuerySet[RoleGrant]:
    """Roles in force or coming, in kept units; `text` finds people and units by words without tone marks."""
    rows = RoleGrant.objects.filter(permissions.in_kept_units(actor)).exclude(ends_on__lt=on)
    if role is not None:
        rows = rows.filter(role=role)
    for word in fold(text).split():
        rows = rows.filter(Q(person__name_fold__contains=word) | Q(unit__name_fold__contains=word))
    return rows.select_related("person", "unit")


def get_role(actor: Actor, grant_id: int) -> RoleGrant:
    """One role in a kept unit. Raises NotFound."""
    row = (
        RoleGrant.objects.filter(permissions.in_kept_units(actor), pk=grant_id).select_related("person", "unit").first()
    )
    if row is None:
        raise NotFound("Không tìm thấy vai trò này.")
    return row
