"""Who sees a letter because of where it arrived, was sent or was assigned: rows of `organization.access`."""

from __future__ import annotations

from typing import Final

from eoffice.core.clock import local_date
from eoffice.documents.models import Assignment, AssignmentRole, IncomingDocument
from eoffice.documents.permissions.incoming import KIND
from eoffice.organization import access
from eoffice.organization.models import AccessReason, Role

_REASONS: Final = {
    AssignmentRole.LEAD: AccessReason.ASSIGNED,
    AssignmentRole.SUPPORT: AccessReason.SUPPORT,
    AssignmentRole.INFORMED: AccessReason.INFORMED,
}


def grant_registry(incoming: IncomingDocument) -> None:
    """The office of the registry and its auditors see every letter that arrives there."""
    roles = (Role.CLERK, Role.CHIEF_OF_OFFICE, Role.AUDITOR)
    access.grant(
        object_kind=KIND,
        object_id=incoming.pk,
        principals=[access.principal_of_role(role, incoming.registry_id) for role in roles],
        reason=AccessReason.REGISTRY,
        source="registry",
        dated_on=local_date(incoming.received_at),
    )


def grant_leader(incoming: IncomingDocument, leader_id: int) -> None:
    """The leader a letter is submitted to."""
    access.grant(
        object_kind=KIND,
        object_id=incoming.pk,
        principals=[access.principal_of_person(leader_id)],
        reason=AccessReason.FORWARDED,
        source=f"leader:{leader_id}",
    )
    grant_secretaries(incoming, leader_id)


def grant_secretaries(incoming: IncomingDocument, leader_id: int) -> None:
    """Whoever prepares for the leader it waits for, as long as the service lasts; most leaders have nobody."""
    principals = access.secretaries_of(leader_id)
    if principals:
        access.grant(
            object_kind=KIND,
            object_id=incoming.pk,
            principals=principals,
            reason=AccessReason.PREPARES,
            source=f"secretaries:{leader_id}",
        )


def grant_author(incoming: IncomingDocument, person_id: int, directive_id: int) -> None:
    """Who gave a directive goes on seeing the letter."""
    access.grant(
        object_kind=KIND,
        object_id=incoming.pk,
        principals=[access.principal_of_person(person_id)],
        reason=AccessReason.DIRECTED,
        source=f"directive:{directive_id}",
    )


def grant_assignment(assignment: Assignment) -> None:
    """The holder of a line; an informed unit is everyone in and below it."""
    access.grant(
        object_kind=KIND,
        object_id=assignment.incoming_id,
        principals=_principals(assignment),
        reason=_REASONS[AssignmentRole(assignment.role)],
        source=f"assignment:{assignment.pk}",
    )


def withdraw_assignment(assignment: Assignment) -> None:
    """Take back what a line gave."""
    access.withdraw(object_kind=KIND, object_id=assignment.incoming_id, source=f"assignment:{assignment.pk}")


def _principals(assignment: Assignment) -> list[int]:
    if assignment.person_id is not None:
        return [access.principal_of_person(assignment.person_id)]
    if assignment.unit_id is None:  # pragma: no cover - the table allows exactly one holder
        return []
    if assignment.role == AssignmentRole.INFORMED:
        return [access.principal_of_unit(assignment.unit_id)]
    return [access.principal_of_role(role, assignment.unit_id) for role in (Role.UNIT_HEAD, Role.CLERK)]
