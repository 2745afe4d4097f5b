"""The cast stands where its names say: the other tests rely on it."""

from __future__ import annotations

from eoffice.documents.tests.cast import Cast, actor_of
from eoffice.organization.models import Role


def test_technology_board_is_numbered_by_the_group(cast: Cast) -> None:
    head = actor_of(cast.head)

    assert head.registry_id == cast.group.pk
    assert head.has_role(Role.UNIT_HEAD, cast.technology.pk)


def test_outsider_holds_no_role_in_the_group(cast: Cast) -> None:
    outsider = actor_of(cast.outsider)

    assert outsider.registry_id == cast.company.pk
    assert outsider.units_with(Role.CLERK, Role.LEADER, Role.CHIEF_OF_OFFICE, Role.UNIT_HEAD) == frozenset()


def test_registers_of_the_year_are_open(cast: Cast) -> None:
    assert cast.incoming_register.year == 2026
    assert cast.incoming_register.next_number == 1
    assert cast.company_outgoing_register.registry_id == cast.company.pk
