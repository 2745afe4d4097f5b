"""Four eyes: a right given by hand waits until a second keeper of rights confirms it."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from eoffice.audit.models import AuditEntry
from eoffice.core.errors import Invalid, NotFound, NotPermitted
from eoffice.core.models import OutboxEvent
from eoffice.organization import access
from eoffice.organization.errors import OwnProposal, PowersNeeded, RightChangeDecided, RightChangeWaiting
from eoffice.organization.models import (
    Access,
    Mandate,
    RightChange,
    RightChangeState,
    RightsSetting,
    Role,
    RoleGrant,
)
from eoffice.organization.queries import changes as change_queries
from eoffice.organization.services.deciding_rights import (
    confirm_change,
    end_sights_that_are_over,
    open_sights_that_begin,
    refuse_change,
    require_two_people,
)
from eoffice.organization.services.proposing_rights import (
    SeenObject,
    Terms,
    propose_end_of_mandate,
    propose_end_of_role,
    propose_end_of_sight,
    propose_mandate,
    propose_role,
    propose_sight,
    withdraw_change,
)
from eoffice.organization.tests.office import NOW, TODAY, actor, hire, make_office, powered

pytestmark = pytest.mark.django_db
WHY = Terms(starts_on=TODAY, reason="Thay người nghỉ hưu")


@pytest.fixture
def office():
    return make_office()


def propose(office, by, **changed):
    asked = {"person_id": office.officer.pk, "unit_id": office.board.pk, "role": Role.SECRETARY, "terms": WHY} | changed
    return propose_role(actor=by, now=NOW, **asked)


def roles_of(person):
    return {(grant.role, grant.unit_id) for grant in RoleGrant.objects.filter(person=person)}


def told():
    return [tuple(event.payload["person_ids"]) for event in OutboxEvent.objects.order_by("pk")]


def test_proposed_role_does_nothing_before_it_is_confirmed(office):
    change = propose(office, powered(office.administrator))

    assert change.state == RightChangeState.WAITING
    assert (str(Role.SECRETARY), office.board.pk) not in roles_of(office.officer)
    assert told() == [tuple(sorted([office.chief.pk, office.second_administrator.pk]))]


def test_confirmed_role_holds_and_the_person_and_the_proposer_are_told(office):
    change = propose(office, powered(office.administrator))

    confirm_change(actor=actor(office.chief), change_id=change.pk, now=NOW)

    assert actor(office.officer).has_role(Role.SECRETARY, office.board.pk)
    assert told()[-1] == tuple(sorted([office.officer.pk, office.administrator.pk]))
    actions = set(AuditEntry.objects.values_list("action", flat=True))
    assert {"organization.right_change.proposed", "organization.right_change.confirmed"} <= actions


def test_role_of_a_later_day_holds_from_that_day(office):
    later = Terms(starts_on=TODAY + timedelta(days=3), reason="Từ tuần sau")
    change = propose(office, actor(office.chief), terms=later)
    confirm_change(actor=powered(office.administrator), change_id=change.pk, now=NOW)

    assert not actor(office.officer).plays(Role.SECRETARY)
    assert actor(office.officer, now=NOW + timedelta(days=3)).plays(Role.SECRETARY)


def test_proposal_confirmed_late_is_never_retroactive(office):
    change = propose(office, actor(office.chief))
    confirm_change(actor=powered(office.administrator), change_id=change.pk, now=NOW + timedelta(days=5))

    assert RoleGrant.objects.get(person=office.officer, role=Role.SECRETARY).starts_on == TODAY + timedelta(days=5)


@pytest.mark.parametrize("who", ["administrator", "officer"])
def test_neither_proposer_nor_person_concerned_confirms(office, who):
    if who == "officer":
        hirer = actor(office.second_administrator)
        assert hirer.plays(Role.ADMINISTRATOR)
        change = propose(office, powered(office.second_administrator), person_id=office.administrator.pk)
    else:
        change = propose(office, powered(office.administrator))

    with pytest.raises(OwnProposal):
        confirm_change(actor=powered(office.administrator), change_id=change.pk, now=NOW)

    change.refresh_from_db()
    assert change.state == RightChangeState.WAITING
    assert not RoleGrant.objects.filter(role=Role.SECRETARY).exists()


def test_database_itself_refuses_one_pair_of_eyes(office):
    change = propose(office, actor(office.chief))

    with pytest.raises(IntegrityError), transaction.atomic():
        RightChange.objects.filter(pk=change.pk).update(state="confirmed", decided_by=office.chief, decided_at=NOW)


def test_administrator_without_powers_changes_nothing(office):
    with pytest.raises(PowersNeeded):
        propose(office, actor(office.administrator))
    change = propose(office, actor(office.chief))
    with pytest.raises(PowersNeeded):
        confirm_change(actor=actor(office.administrator), change_id=change.pk, now=NOW)

    assert RightChange.objects.get().state == RightChangeState.WAITING


def test_outsider_neither_proposes_nor_sees_nor_confirms(office):
    stranger = actor(hire(office.company, "Lý Thị Út", "Chuyên viên", 9, Role.OFFICER))
    with pytest.raises(NotPermitted):
        propose(office, stranger)
    change = propose(office, actor(office.chief))
    for decide in (
        lambda: confirm_change(actor=stranger, change_id=change.pk, now=NOW),
        lambda: refuse_change(actor=stranger, change_id=change.pk, note="Không", now=NOW),
        lambda: withdraw_change(actor=stranger, change_id=change.pk, now=NOW),
    ):
        with pytest.raises(NotFound):
            decide()

    assert list(change_queries.changes_of(stranger, waiting=True)) == []
    assert RightChange.objects.get().state == RightChangeState.WAITING


def test_keeper_of_the_company_has_no_say_in_the_group(office):
    change = propose(office, actor(office.chief))

    with pytest.raises(NotFound):
        confirm_change(actor=actor(office.company_chief), change_id=change.pk, now=NOW)


def test_chief_of_the_group_confirms_for_the_company_below(office):
    change = propose(office, actor(office.company_chief), unit_id=office.company.pk)

    confirm_change(actor=actor(office.chief), change_id=change.pk, now=NOW)

    assert (str(Role.SECRETARY), office.company.pk) in roles_of(office.officer)


def test_same_proposal_twice_waits_once(office):
    propose(office, actor(office.chief))

    with pytest.raises(RightChangeWaiting):
        propose(office, powered(office.administrator))

    assert RightChange.objects.count() == 1


def test_decided_proposal_is_decided_once(office):
    change = propose(office, actor(office.chief))
    refuse_change(actor=powered(office.administrator), change_id=change.pk, note="Chưa có quyết định", now=NOW)

    with pytest.raises(RightChangeDecided):
        confirm_change(actor=powered(office.second_administrator), change_id=change.pk, now=NOW)

    assert not RoleGrant.objects.filter(role=Role.SECRETARY).exists()
    assert told()[-1] == (office.chief.pk,)


def test_refusal_needs_its_reason(office):
    change = propose(office, actor(office.chief))

    with pytest.raises(Invalid):
        refuse_change(actor=powered(office.administrator), change_id=change.pk, note=" ", now=NOW)


def test_proposer_withdraws_while_it_waits(office):
    change = propose(office, actor(office.chief))

    with pytest.raises(NotPermitted):
        withdraw_change(actor=powered(office.administrator), change_id=change.pk, now=NOW)
    assert withdraw_change(actor=actor(office.chief), change_id=change.pk, now=NOW).state == RightChangeState.WITHDRAWN


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        (Terms(starts_on=TODAY - timedelta(days=1), reason="x"), "starts_on"),
        (Terms(starts_on=TODAY, reason="  "), "reason"),
        (Terms(starts_on=TODAY, ends_on=TODAY - timedelta(days=1), reason="x"), "ends_on"),
        (Terms(starts_on=TODAY, reason="x" * 501), "reason"),
    ],
)
def test_faulty_terms_are_told_by_field(office, terms, field):
    with pytest.raises(Invalid) as refused:
        propose(office, actor(office.chief), terms=terms)

    assert field in refused.value.fields


def test_ended_role_no_longer_holds_from_the_named_day(office):
    grant = RoleGrant.objects.get(person=office.officer, role=Role.OFFICER)
    terms = Terms(starts_on=TODAY + timedelta(days=2), reason="Chuyển công tác")
    change = propose_end_of_role(actor=actor(office.chief), grant_id=grant.pk, terms=terms, now=NOW)
    assert actor(office.officer).plays(Role.OFFICER)
    confirm_change(actor=powered(office.administrator), change_id=change.pk, now=NOW)

    assert actor(office.officer, now=NOW + timedelta(days=1)).plays(Role.OFFICER)
    assert not actor(office.officer, now=NOW + timedelta(days=2)).plays(Role.OFFICER)


def test_mandate_is_given_to_auditors_alone_and_ends(office):
    asked = {"unit_id": office.company.pk, "documents_from": date(2026, 1, 1), "documents_to": date(2026, 6, 30)}
    terms = Terms(starts_on=TODAY, reason="Kiểm tra định kỳ", basis="Kế hoạch số 12/KH-TXG")
    with pytest.raises(Invalid):
        propose_mandate(actor=actor(office.chief), person_id=office.officer.pk, terms=terms, now=NOW, **asked)

    change = propose_mandate(actor=actor(office.chief), person_id=office.auditor.pk, terms=terms, now=NOW, **asked)
    assert actor(office.auditor).mandates == ()
    confirm_change(actor=powered(office.administrator), change_id=change.pk, now=NOW)
    (mandate,) = actor(office.auditor).mandates
    assert mandate.registry_ids == {office.company.pk}

    ending = propose_end_of_mandate(actor=actor(office.chief), mandate_id=Mandate.objects.get().pk, terms=WHY, now=NOW)
    confirm_change(actor=powered(office.administrator), change_id=ending.pk, now=NOW)
    assert actor(office.auditor).mandates == ()


def test_mandate_over_units_without_registry_is_refused(office):
    terms = Terms(starts_on=TODAY, reason="Kiểm tra", basis="Kế hoạch")
    with pytest.raises(Invalid) as refused:
        propose_mandate(
            actor=actor(office.chief), person_id=office.auditor.pk, unit_id=office.board.pk, documents_from=None,
            documents_to=None, terms=terms, now=NOW,
        )  # fmt: skip

    assert "unit" in refused.value.fields


def sight(office, **changed):
    terms = Terms(starts_on=TODAY, ends_on=TODAY + timedelta(days=7), reason="Phối hợp kiểm tra số liệu")
    return propose_sight(
        actor=actor(office.chief), seen=SeenObject("incoming", 7, office.group.pk, "Văn bản đến 12/CV"),
        person_id=office.officer.pk, terms=changed.get("terms", terms), now=NOW,
    )  # fmt: skip


def sees(office):
    return access.can_see(actor(office.officer), object_kind="incoming", object_id=7)


def test_given_sight_begins_when_confirmed_and_ends_after_its_last_day(office):
    change = sight(office)
    assert not sees(office)
    confirm_change(actor=powered(office.administrator), change_id=change.pk, now=NOW)
    assert sees(office)

    assert end_sights_that_are_over(now=NOW + timedelta(days=7)) == 0
    assert sees(office)
    assert end_sights_that_are_over(now=NOW + timedelta(days=8)) == 1
    assert not sees(office)
    assert end_sights_that_are_over(now=NOW + timedelta(days=8)) == 0


def test_sight_of_a_later_day_is_opened_by_the_clock(office):
    terms = Terms(starts_on=TODAY + timedelta(days=1), ends_on=TODAY + timedelta(days=7), reason="Tuần sau")
    change = sight(office, terms=terms)
    confirm_change(actor=powered(office.administrator), change_id=change.pk, now=NOW)

    assert not sees(office)
    for _ in range(2):
        open_sights_that_begin(now=NOW + timedelta(days=1))
    assert sees(office)
    assert Access.objects.filter(object_kind="incoming", object_id=7).count() == 1


def test_sight_without_end_is_refused(office):
    with pytest.raises(Invalid):
        sight(office, terms=WHY)


def test_sight_is_taken_back_early_by_a_second_pair_of_eyes_too(office):
    change = sight(office)
    confirm_change(actor=powered(office.administrator), change_id=change.pk, now=NOW)
    ending = propose_end_of_sight(actor=actor(office.chief), change_id=change.pk, terms=WHY, now=NOW)
    assert sees(office)

    confirm_change(actor=powered(office.administrator), change_id=ending.pk, now=NOW)

    assert not sees(office)


def test_lone_administrator_confirms_only_while_nobody_else_could(office):
    RightsSetting.objects.create(lone_administrator=True)
    lone = powered(office.administrator)
    change = propose(office, lone)
    with pytest.raises(OwnProposal):
        confirm_change(actor=lone, change_id=change.pk, now=NOW)

    RoleGrant.objects.filter(person__in=[office.chief, office.second_administrator]).delete()
    confirmed = confirm_change(actor=lone, change_id=change.pk, now=NOW)

    assert confirmed.is_alone
    assert actor(office.officer).plays(Role.SECRETARY)


def test_lone_administrator_without_the_setting_waits(office):
    RoleGrant.objects.filter(person__in=[office.chief, office.second_administrator]).delete()
    RightsSetting.objects.create(lone_administrator=True)
    lone = powered(office.administrator)
    change = propose(office, lone)
    require_two_people(actor=lone, now=NOW)

    with pytest.raises(OwnProposal):
        confirm_change(actor=lone, change_id=change.pk, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_two_who_confirm_at_once_confirm_once():
    office = make_office()
    change = propose(office, actor(office.chief))
    keepers = [powered(office.administrator), powered(office.second_administrator)]
    outcomes, gate = [], threading.Barrier(2)

    def confirm(keeper):
        gate.wait()
        try:
            confirm_change(actor=keeper, change_id=change.pk, now=NOW)
            outcomes.append("confirmed")
        except RightChangeDecided:
            outcomes.append("decided")
        finally:
            connection.close()

    threads = [threading.Thread(target=confirm, args=(keeper,)) for keeper in keepers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["confirmed", "decided"]
    assert RoleGrant.objects.filter(person=office.officer, role=Role.SECRETARY).count() == 1
