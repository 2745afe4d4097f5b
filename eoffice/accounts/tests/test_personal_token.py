from __future__ import annotations

from datetime import timedelta

import pytest

from eoffice.accounts import services
from eoffice.accounts.errors import TokenRefused
from eoffice.accounts.holders import Holder
from eoffice.accounts.models import EntryPolicy, PersonalToken
from eoffice.accounts.services.tokens import warn_of_ending_tokens
from eoffice.core import clock
from eoffice.core.actor_ref import ActorRef
from eoffice.core.errors import ExpectedError, Invalid
from eoffice.core.models import OutboxEvent

NOBODY = ActorRef(person_id=None, source="cli")
pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return services.create_user(actor=NOBODY, email="a@truongxuan.example", password=None, now=clock.now())


def make(user, scopes=("documents:read",), days=30):
    now = clock.now()
    return services.create_token(
        actor=NOBODY,
        user_id=user.pk,
        name="kết nối",
        scopes=list(scopes),
        expires_at=now + timedelta(days=days),
        now=now,
    )


def test_a_token_speaks_for_its_owner_within_its_scope(user):
    secret = make(user)

    assert services.user_of_token(secret=secret, scope="documents:read", now=clock.now()) == user
    with pytest.raises(TokenRefused):
        services.user_of_token(secret=secret, scope="documents:write", now=clock.now())


def test_the_secret_is_not_kept(user):
    secret = make(user)

    assert secret not in PersonalToken.objects.get().digest


def test_an_ended_or_revoked_token_is_refused(user):
    secret = make(user)

    with pytest.raises(TokenRefused):
        services.user_of_token(secret=secret, scope="documents:read", now=clock.now() + timedelta(days=31))
    services.revoke_token(actor=NOBODY, user_id=user.pk, token_id=PersonalToken.objects.get().pk, now=clock.now())
    with pytest.raises(TokenRefused):
        services.user_of_token(secret=secret, scope="documents:read", now=clock.now())


def test_someone_else_cannot_revoke_it(user):
    secret = make(user)
    other = services.create_user(actor=NOBODY, email="b@truongxuan.example", password=None, now=clock.now())

    services.revoke_token(actor=NOBODY, user_id=other.pk, token_id=PersonalToken.objects.get().pk, now=clock.now())

    assert services.user_of_token(secret=secret, scope="documents:read", now=clock.now()) == user


def test_unknown_scopes_and_endless_tokens_are_refused(user):
    with pytest.raises(Invalid):
        make(user, scopes=("everything",))
    with pytest.raises(Invalid):
        make(user, days=400)


def test_the_page_names_the_scopes_of_a_token_in_words(user, client):
    make(user, scopes=("documents:read", "organization:read"))
    client.force_login(user)
    page = client.get("/tai-khoan/").content.decode()
    assert "<td>Đọc văn bản, Đọc đơn vị, người dùng, đề nghị về quyền</td>" in page


def test_a_person_has_no_more_tokens_than_the_rules_allow(user):
    EntryPolicy.objects.create(tokens_each=2)
    make(user)
    make(user)
    with pytest.raises(Invalid):
        make(user)
    assert PersonalToken.objects.count() == 2

    PersonalToken.objects.filter(pk=PersonalToken.objects.earliest("pk").pk).update(expires_at=clock.now())
    make(user)


def test_a_token_lives_no_longer_than_the_rules_allow(user):
    EntryPolicy.objects.create(token_days=30)
    with pytest.raises(Invalid):
        make(user, days=31)
    assert not PersonalToken.objects.exists()
    make(user, days=30)


def test_the_owner_is_warned_once_a_week_before_the_end(user):
    make(user, days=30)
    now = clock.now()

    assert warn_of_ending_tokens(now=now + timedelta(days=22)) == 0
    assert warn_of_ending_tokens(now=now + timedelta(days=24)) == 1
    assert warn_of_ending_tokens(now=now + timedelta(days=25)) == 0

    told = OutboxEvent.objects.get(name="accounts.token_ending")
    assert told.payload["name"] == "kết nối"


def test_an_administrator_ends_anothers_token_with_a_reason(user):
    secret = make(user)
    token = PersonalToken.objects.get()
    administrator = Holder(roles=frozenset({"administrator"}))
    for actor, reason in ((Holder(roles=frozenset({"clerk"})), "Nghi lộ khóa này"), (administrator, "lộ")):
        with pytest.raises(ExpectedError):
            services.revoke_token_of_another(actor=actor, token_id=token.pk, reason=reason, now=clock.now())
    assert services.user_of_token(secret=secret, scope="documents:read", now=clock.now()) == user

    services.revoke_token_of_another(actor=administrator, token_id=token.pk, reason="Nghi lộ khóa này", now=clock.now())

    with pytest.raises(TokenRefused):
        services.user_of_token(secret=secret, scope="documents:read", now=clock.now())
    assert OutboxEvent.objects.filter(name="accounts.token_revoked").count() == 1
