"""Bật quyền quản trị: for a reason, with the password, for half an hour, one at a time, every use noted."""

from __future__ import annotations

from datetime import timedelta

import pytest

from eoffice.audit.models import AuditEntry
from eoffice.core.errors import Invalid, NotPermitted
from eoffice.organization import queries
from eoffice.organization.errors import PowersNeeded, PowersRefused, PowersWrongPassword, ProofNeeded
from eoffice.organization.models import PowersSession, Role, RoleGrant
from eoffice.organization.services.powers import end_powers, start_powers, use_powers
from eoffice.organization.tests.office import NOW, PASSWORD, actor, make_office, powered

pytestmark = pytest.mark.django_db
REASON = "Giao vai trò theo tờ trình số 5"


@pytest.fixture
def office():
    return make_office()


def start(office, *, now=NOW, password=PASSWORD, reason=REASON):
    return start_powers(actor=actor(office.administrator), reason=reason, password=password, now=now)


def powers_at(office, session, now):
    return queries.with_powers(actor(office.administrator), powers_id=session.pk, now=now).has_powers


def test_powers_last_half_an_hour(office):
    session = start(office)

    assert powers_at(office, session, NOW + timedelta(minutes=29, seconds=59))
    assert not powers_at(office, session, NOW + timedelta(minutes=30))


def test_powers_of_another_person_are_nobodys(office):
    session = start(office)

    other = queries.with_powers(actor(office.second_administrator), powers_id=session.pk, now=NOW)
    assert not other.has_powers


def test_powers_end_with_the_role(office):
    session = start(office)
    RoleGrant.objects.filter(person=office.administrator, role=Role.ADMINISTRATOR).delete()

    assert not powers_at(office, session, NOW)


def by_proof(office, proved_at):
    return start_powers(
        actor=actor(office.administrator), reason=REASON, password=PASSWORD, now=NOW, proved_at=proved_at
    )


def test_who_has_no_password_here_proves_himself_again_instead(office):
    office.administrator.user.set_unusable_password()
    office.administrator.user.save()

    for late in (None, NOW - timedelta(minutes=10), NOW + timedelta(minutes=1)):
        with pytest.raises(ProofNeeded):
            by_proof(office, late)
    assert not PowersSession.objects.exists()

    assert powers_at(office, by_proof(office, NOW - timedelta(minutes=9)), NOW)


def test_a_proof_takes_no_passwords_place_where_there_is_one(office):
    with pytest.raises(PowersWrongPassword):
        start_powers(actor=actor(office.administrator), reason=REASON, password="", now=NOW, proved_at=NOW)
    assert not PowersSession.objects.exists()


@pytest.mark.parametrize("marker", ["1", None, "x", 0, -1, 1.5])
def test_foreign_marker_in_the_session_opens_nothing(office, marker):
    assert not queries.with_powers(actor(office.administrator), powers_id=marker, now=NOW).has_powers


def test_wrong_password_opens_nothing_and_is_noted(office):
    with pytest.raises(PowersWrongPassword):
        start(office, password="sai")

    assert not PowersSession.objects.exists()
    assert AuditEntry.objects.filter(action="organization.powers.refused").count() == 1


def test_sixth_wrong_try_in_a_quarter_of_an_hour_is_not_even_checked(office):
    for _ in range(5):
        with pytest.raises(PowersWrongPassword):
            start(office, password="sai")
    with pytest.raises(PowersRefused):
        start(office)

    assert start(office, now=NOW + timedelta(minutes=16)).pk


@pytest.mark.parametrize("reason", ["", "   ", "ngắn", "x" * 501])
def test_reason_must_say_something(office, reason):
    with pytest.raises(Invalid):
        start(office, reason=reason)

    assert not PowersSession.objects.exists()


@pytest.mark.parametrize("who", ["chief", "leader", "officer", "auditor"])
def test_nobody_but_an_administrator_has_powers(office, who):
    with pytest.raises(NotPermitted):
        start_powers(actor=actor(getattr(office, who)), reason=REASON, password=PASSWORD, now=NOW)


def test_second_start_ends_the_first(office):
    first = start(office)
    second = start(office, now=NOW + timedelta(minutes=5))

    assert not powers_at(office, first, NOW + timedelta(minutes=6))
    assert powers_at(office, second, NOW + timedelta(minutes=6))


def test_end_is_at_once(office):
    now = NOW + timedelta(minutes=1)
    session = start(office)
    running = queries.with_powers(actor(office.administrator), powers_id=session.pk, now=now)
    end_powers(actor=running, now=now)

    assert not powers_at(office, session, now)


def test_each_use_is_counted_and_noted(office):
    holder = powered(office.administrator)
    use_powers(actor=holder, for_what="web.audit", now=NOW)
    use_powers(actor=holder, for_what="web.audit", now=NOW)

    assert PowersSession.objects.get(pk=holder.powers_id).uses == 2
    assert AuditEntry.objects.filter(action="organization.powers.used", detail={"for": "web.audit"}).count() == 2
    with pytest.raises(PowersNeeded):
        use_powers(actor=actor(office.administrator), for_what="web.audit", now=NOW)
