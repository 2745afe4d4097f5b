from __future__ import annotations

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eoffice.core import clock
from eoffice.core.actor_ref import ActorRef
from eoffice.organization import access, queries, services
from eoffice.organization.models import Access, AccessReason, Role, Unit, UnitKind

SYSTEM = ActorRef(person_id=None, source="cli")
pytestmark = pytest.mark.django_db


@pytest.fixture
def actors():
    """A head, an officer of the same unit, and an outsider of another."""
    root = services.create_unit(
        actor=SYSTEM,
        parent=None,
        kind=UnitKind.GROUP,
        name="Gốc",
        short_name="Gốc",
        symbol="G",
        has_registry=True,
        now=clock.now(),
    )
    made = {}
    for number, (name, role) in enumerate(
        [("Trưởng", Role.UNIT_HEAD), ("Viên", Role.OFFICER), ("Ngoài", Role.OFFICER)]
    ):
        if number != 1:
            unit = services.create_unit(
                actor=SYSTEM,
                parent=root,
                kind=UnitKind.BOARD,
                name=f"Ban {number}",
                short_name=f"B{number}",
                symbol=f"B{number}",
                now=clock.now(),
            )
        person = services.create_person(
            actor=SYSTEM, full_name=f"Ông {name}", email=f"{number}@x.example", password=None, now=clock.now()
        )
        services.appoint(
            actor=SYSTEM,
            person=person,
            unit=unit,
            position_name="Chức",
            rank=1,
            starts_on=date(2026, 1, 1),
            now=clock.now(),
        )
        services.grant_role(
            actor=SYSTEM, person=person, unit=unit, role=role, starts_on=date(2026, 1, 1), now=clock.now()
        )
        made[name] = queries.actor_of(user_id=person.user_id, now=clock.now())
    return made


def test_a_role_grant_is_seen_by_its_holder_only(actors):
    head = actors["Trưởng"]
    access.grant(
        object_kind="incoming",
        object_id=7,
        reason=AccessReason.ASSIGNED,
        source="assignment:1",
        principals=[access.principal_of_role(Role.UNIT_HEAD, head.unit_id)],
    )

    seen = {name: access.can_see(actor, object_kind="incoming", object_id=7) for name, actor in actors.items()}

    assert seen == {"Trưởng": True, "Viên": False, "Ngoài": False}


def test_withdrawing_one_source_leaves_the_other_reason(actors):
    person = access.principal_of_person(actors["Viên"].person_id)
    for source in ("assignment:1", "assignment:2"):
        access.grant(
            object_kind="incoming", object_id=7, reason=AccessReason.ASSIGNED, source=source, principals=[person]
        )

    access.withdraw(object_kind="incoming", object_id=7, source="assignment:1")

    assert access.can_see(actors["Viên"], object_kind="incoming", object_id=7)
    access.withdraw(object_kind="incoming", object_id=7, source="assignment:2")
    assert not access.can_see(actors["Viên"], object_kind="incoming", object_id=7)


def test_why_names_the_person_and_the_reason(actors):
    access.grant(
        object_kind="incoming",
        object_id=7,
        reason=AccessReason.DRAFTER,
        source="draft:1",
        principals=[access.principal_of_person(actors["Viên"].person_id)],
    )

    lines = access.who_can_see(object_kind="incoming", object_id=7)

    assert [(line.who, line.reason) for line in lines] == [("Ông Viên", "Người soạn thảo")]
    assert access.who_can_see(object_kind="incoming", object_id=7, of=actors["Ngoài"]) == []


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["Trưởng", "Viên", "Ngoài"]), st.integers(1, 4)), max_size=8))
def test_both_faces_of_the_rule_agree(actors, grants):
    """Units stand in for any object here: the rule knows only kind and id."""
    Access.objects.all().delete()
    units = list(Unit.objects.order_by("pk")[:4])
    for name, index in grants:
        access.grant(
            object_kind="unit",
            object_id=units[(index - 1) % len(units)].pk,
            reason=AccessReason.GRANTED,
            principals=[access.principal_of_person(actors[name].person_id)],
        )

    for actor in actors.values():
        listed = set(Unit.objects.filter(access.visible(actor, object_kind="unit")).values_list("pk", flat=True))
        single = {u.pk for u in units if access.can_see(actor, object_kind="unit", object_id=u.pk)}
        assert listed == single
