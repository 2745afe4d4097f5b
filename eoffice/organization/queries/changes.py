"""Changes of rights that wait or were decided, and who may decide them."""

from __future__ import annotations

from datetime import date

from django.db.models import QuerySet

from eoffice.core.errors import NotFound
from eoffice.organization.actor import Actor
from eoffice.organization.models import RightChange, RightChangeKind, RightChangeState, RightsSetting, RoleGrant
from eoffice.organization.permissions import changes as permissions
from eoffice.organization.queries.validity import in_force

_WITH: tuple[str, ...] = ("person", "unit", "proposed_by", "decided_by")


def changes_of(actor: Actor, *, waiting: bool) -> QuerySet[RightChange]:
    """Changes the actor may see: those that wait, or those decided; take them in keyset pages."""
    rows = RightChange.objects.filter(permissions.changes_visible_to(actor)).select_related(*_WITH)
    return rows.filter(state=RightChangeState.WAITING) if waiting else rows.exclude(state=RightChangeState.WAITING)


def waiting_count(actor: Actor) -> int:
    """How many wait for this person's confirmation."""
    if not permissions.keeps_any_rights(actor):
        return 0
    rows = RightChange.objects.filter(permissions.in_kept_units(actor), state=RightChangeState.WAITING)
    return rows.exclude(proposed_by_id=actor.person_id).exclude(person_id=actor.person_id).count()


def get_change(actor: Actor, change_id: int) -> RightChange:
    """One change the actor may see. Raises NotFound."""
    row = RightChange.objects.filter(permissions.changes_visible_to(actor), pk=change_id).select_related(*_WITH).first()
    if row is None:
        raise NotFound("Không tìm thấy đề nghị này.")
    return row


def lock_change(actor: Actor, change_id: int) -> RightChange:
    """The same, locked until commit. Raises NotFound."""
    row = (
        RightChange.objects.select_for_update(of=("self",), no_key=True)
        .filter(permissions.changes_visible_to(actor), pk=change_id)
        .select_related("person", "unit", "proposed_by")
        .first()
    )
    if row is None:
        raise NotFound("Không tìm thấy đề nghị này.")
    return row


def confirmer_ids(change: RightChange, *, on: date) -> list[int]:
    """Who may confirm a change: keepers of the unit's rights but the proposer and the person concerned."""
    rows = RoleGrant.objects.filter(
        in_force(on),
        role__in=[str(role) for role in permissions.KEEPERS],
        unit_id__in=change.unit.ancestor_ids,
        person__left_on__isnull=True,
        person__user__is_active=True,
    )
    people = rows.exclude(person_id__in=[change.proposed_by_id, change.person_id])
    return sorted(set(people.values_list("person_id", flat=True)))


def lone_administrator_allowed() -> bool:
    """Whether a proposer may confirm while nobody else could."""
    return RightsSetting.objects.filter(lone_administrator=True).exists()


def may_confirm_alone(actor: Actor, change: RightChange, *, on: date) -> bool:
    """The proposer keeps the unit's rights, the setting allows it, and there is really nobody else today."""
    return (
        change.state == RightChangeState.WAITING
        and actor.person_id == change.proposed_by_id
        and permissions.can_keep_rights(actor, change.unit)
        and lone_administrator_allowed()
        and not confirmer_ids(change, on=on)
    )


def sights_given(*, object_kind: str, object_id: int) -> list[RightChange]:
    """Hand-made grants of sight of one document that hold or wait, newest first."""
    rows = RightChange.objects.filter(
        kind=RightChangeKind.SIGHT_GIVEN,
        state__in=[RightChangeState.WAITING, RightChangeState.CONFIRMED],
        object_kind=object_kind,
        object_id=object_id,
        closed_at__isnull=True,
    )
    return list(rows.select_related("person", "proposed_by", "unit").order_by("-pk")[:100])
