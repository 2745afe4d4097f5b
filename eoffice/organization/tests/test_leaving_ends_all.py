"""Whoever leaves, by hand or by a list, keeps nothing: mandates, delegations either way, tokens, devices, links."""

from __future__ import annotations

from datetime import timedelta

import pytest

from eoffice.accounts import services as accounts
from eoffice.accounts.errors import TokenRefused
from eoffice.accounts.models import OpenSession, PasswordLink, PersonalToken, TrustedDevice
from eoffice.accounts.services import account_lists
from eoffice.core.actor_ref import ActorRef
from eoffice.organization.models import (
    Delegation,
    Mandate,
    Person,
    RightChange,
    RightChangeKind,
    SigningCapacity,
)
from eoffice.organization.services.delegating import DelegationTerms, give_delegation
from eoffice.organization.services.leaving import end_holdings, end_what_hangs_on_posts
from eoffice.organization.services.mandates import give_mandate
from eoffice.organization.tests.office import NOW, SINCE, SYSTEM, TODAY, Office, actor, make_office

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Office:
    return make_office()


def delegate(giver: Person, receiver: Person) -> Delegation:
    terms = DelegationTerms(
        may_direct=True, may_prepare=False, registry_id=None, document_types=(), basis="Quyết định số 7",
        starts_on=TODAY, ends_on=TODAY + timedelta(days=30),
    )  # fmt: skip
    return give_delegation(actor=actor(giver), receiver_id=receiver.pk, terms=terms, now=NOW)


def audit_mandate(office: Office, person: Person) -> Mandate:
    return give_mandate(
        actor=SYSTEM, person=person, unit=office.group, basis="Kế hoạch 5", starts_on=SINCE, ends_on=None, now=NOW
    )


def test_delegations_given_and_received_mandates_and_waiting_gifts_end(office):
    given, received = delegate(office.leader, office.deputy), delegate(office.deputy, office.leader)
    between_others = delegate(office.head, office.officer)
    audit_mandate(office, office.leader)
    waiting = RightChange.objects.create(
        kind=RightChangeKind.ROLE_GIVEN, person=office.leader, unit=office.board, role="unit_head", starts_on=TODAY,
        reason="Kiêm nhiệm", proposed_by=office.chief, proposed_at=NOW,
    )  # fmt: skip

    end_holdings(
        actor=actor(office.administrator), person_id=office.leader.pk, first_day=TODAY, basis="QĐ nghỉ hưu 9", now=NOW
    )

    for row in (given, received):
        row.refresh_from_db()
        assert (row.ended_at, row.end_reason) == (NOW, "QĐ nghỉ hưu 9")
    between_others.refresh_from_db()
    assert between_others.ended_at is None
    assert Mandate.objects.get().ends_on == TODAY - timedelta(days=1)
    assert SigningCapacity.objects.get(person=office.leader).ends_on == TODAY - timedelta(days=1)
    waiting.refresh_from_db()
    assert waiting.state == "withdrawn"


def test_who_leaves_by_a_list_keeps_none_of_it_either(office):
    delegate(office.leader, office.deputy)
    audit_mandate(office, office.leader)

    ended = end_what_hangs_on_posts(
        actor=ActorRef(None, source="job"), person_ids=[office.leader.pk], reason="Theo danh sách", now=NOW
    )

    assert ended == {"capacities": 1, "mandates": 1, "delegations": 1, "secretaries": 0, "waiting_changes": 0}
    assert Delegation.objects.get().ended_by_id is None


@pytest.mark.parametrize("by_list", [True, False])
def test_a_closed_account_opened_again_has_no_old_key(office, by_list):
    user = office.officer.user
    assert user is not None
    secret = accounts.create_token(
        actor=SYSTEM,
        user_id=user.pk,
        name="máy",
        scopes=["documents:read"],
        expires_at=NOW + timedelta(days=9),
        now=NOW,
    )
    TrustedDevice.objects.create(user=user, digest="e" * 64, trusted_at=NOW, expires_at=NOW + timedelta(days=9))
    PasswordLink.objects.create(
        user=user, purpose="reset", digest="f" * 64, email=user.email, made_at=NOW, expires_at=NOW + timedelta(days=9)
    )
    OpenSession.objects.create(user=user, session_key="k" * 32, door_code="local", started_at=NOW, seen_at=NOW)

    if by_list:
        account_lists.close_accounts(actor=SYSTEM, user_ids=[user.pk], now=NOW)
    else:
        accounts.close_account(actor=SYSTEM, user_id=user.pk, reason="nghỉ việc", now=NOW)
    account_lists.open_accounts(actor=SYSTEM, user_ids=[user.pk], now=NOW)

    with pytest.raises(TokenRefused):
        accounts.user_of_token(secret=secret, scope="documents:read", now=NOW)
    assert PersonalToken.objects.get().revoked_at == NOW
    assert TrustedDevice.objects.get().revoked_at == NOW
    assert PasswordLink.objects.get().voided_at == NOW
    assert OpenSession.objects.get().ended_because == "closed"
